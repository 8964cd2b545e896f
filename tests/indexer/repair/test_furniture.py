"""indexer.repair.rules and furniture: page furniture goes, prose stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.errors import ConfigError
from indexer.repair import load_rules, repair_text
from indexer.repair.furniture import drop_furniture
from indexer.repair.rules import Rule, folded
from indexer.repair.steps import apply_edits

RULES = load_rules()
OWN_RULE = """
[[rule]]
name = "our sponsor"
kind = "advertisement"
strength = "strong"
hints = ["赞助"]
pattern = '本栏目由.{2,20}赞助播出。?'
example = ["本欄目由某某公司贊助播出"]
counter_example = ["他贊助了這個欄目。"]
"""


def without(text: str, damaged: bool = False) -> str:
    """The text without its furniture."""
    return apply_edits(text, drop_furniture(text, RULES, damaged))


@pytest.mark.parametrize("rule", RULES.furniture, ids=lambda rule: rule.name)
def test_rules_know_their_examples(rule: Rule) -> None:
    """A rule matches each of its examples in either script and none of its counter-examples."""
    assert all(rule.matches(folded(line)) for line in rule.example)
    assert not any(rule.matches(folded(line)) for line in rule.counter_example)
    assert all(RULES.hint.search(line) for line in rule.example)


@pytest.mark.parametrize("rule", [r for r in RULES.furniture if r.strength == "strong"], ids=lambda r: r.name)
def test_a_strong_line_goes_from_clean_text(rule: Rule) -> None:
    """A strong rule needs no other damage in the document."""
    for line in rule.example:
        assert repair_text(f"會議昨日開幕。\n{line}\n會議今日閉幕。").text == "會議昨日開幕。\n會議今日閉幕。"


@pytest.mark.parametrize("rule", [r for r in RULES.furniture if r.strength == "weak"], ids=lambda r: r.name)
def test_a_weak_line_needs_company(rule: Rule) -> None:
    """A weak rule drops nothing by itself; in a damaged document it does."""
    line = rule.example[0]
    text = f"會議昨日開幕。\n{line}\n會議今日閉幕。"
    assert repair_text(text).text == text
    assert without(text, damaged=True) == "會議昨日開幕。\n會議今日閉幕。"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("甲。\n\n暫無評論\n\n乙。", "甲。\n\n乙。"),
        ("甲。\n暫無評論\n\n乙。", "甲。\n\n乙。"),
        ("甲。\n\n暫無評論\n乙。", "甲。\n\n乙。"),
        ("暫無評論\n\n甲。", "甲。"),
        ("甲。\n\n暫無評論", "甲。"),
        ("甲。\n\n暫無評論\n\n", "甲。\n"),
        ("甲。\r\n暫無評論\r\n乙。", "甲。\r\n乙。"),
    ],
)
def test_blank_lines_close_up(text: str, left: str) -> None:
    """A line goes with its break, and never leaves two blank lines where there was one."""
    assert without(text) == left


def test_a_long_line_is_prose() -> None:
    """However it begins, a line longer than a rule allows is kept."""
    line = "分享到:" + "微信" * 200
    assert without(f"甲。\n{line}\n乙。") == f"甲。\n{line}\n乙。"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_users_file_adds_rules(tmp_path: Path, encoding: str) -> None:
    """Rules of a file, also one with a byte order mark, come after the built-in ones; both scripts match."""
    file = tmp_path / "mine.toml"
    file.write_text(OWN_RULE, encoding=encoding)
    rules = load_rules(file)
    assert rules.furniture[-1].name == "our sponsor"
    text = "會議開幕。\n本欄目由某某公司贊助播出\n會議閉幕。"
    assert repair_text(text, rules=rules).text == "會議開幕。\n會議閉幕。"
    assert repair_text(text).text == text


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("[[rule]]", "[[rules]]"), "written as"),
        (("strength =", "strenght ="), "strenght"),
        (('"strong"', '"certain"'), "strong or weak"),
        (("'本栏目由", "'(本栏目由"), "bad pattern"),
        (('["本欄目由某某公司贊助播出"]', '["本欄目"]'), "its own example"),
        (('["他贊助了這個欄目。"]', '["本欄目由他們贊助播出"]'), "counter-example"),
        (('hints = ["赞助"]', 'hints = ["冠名"]'), "no hint"),
        (('hints = ["赞助"]', "hints = []"), "list of strings"),
        (("kind =", 'longest = "all"\nkind ='), "longest"),
        (("[[rule]]", "[[rule"), "cannot be read"),
    ],
)
def test_bad_rules_are_named(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    """A file that cannot be used is a ConfigError that names the file and what is wrong."""
    file = tmp_path / "mine.toml"
    file.write_text(OWN_RULE.replace(*change), encoding="utf-8")
    with pytest.raises(ConfigError, match=message) as caught:
        load_rules(file)
    assert "mine.toml" in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """So is a file that is not there."""
    with pytest.raises(ConfigError, match="no such file"):
        load_rules(tmp_path / "none.toml")
