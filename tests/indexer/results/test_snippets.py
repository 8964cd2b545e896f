"""Snippets show what was asked, within their length, in whole sentences."""

from __future__ import annotations

import tomllib
from itertools import accumulate
from operator import itemgetter
from pathlib import Path
from typing import Any

import pytest

from indexer.query.syntax import parse, positive
from indexer.results.highlight import Highlight, make_marker
from indexer.results.results import Snippet
from indexer.results.snippets import SNIPPET_COUNT, SNIPPET_LENGTH, opening, snippets
from indexer.text.analyzer import Analyzer
from indexer.text.normalize import normalize
from indexer.text.units import Mark

CASES = tomllib.loads((Path(__file__).parents[2] / "cases/highlight.toml").read_text(encoding="utf-8"))
FILLER = "園區的清晨十分安靜只有送早餐的車聲和遠處湖面上的水鳥。"


def found(text: str, ranges: list[Mark]) -> list[Highlight]:
    """Ranges with what stands there."""
    return [Highlight(start, end, normalize(text[start:end])) for start, end in ranges]


@pytest.mark.parametrize("case", CASES["snippet"], ids=itemgetter("comment"))
def test_snippets(analyzer: Analyzer, case: dict[str, Any]) -> None:
    """The fragments that are shown."""
    text = case["text"].replace("{filler}", FILLER * case.get("filler", 0))
    worth = case.get("worth", {})
    marks = make_marker(positive(parse(case["query"])), analyzer).find(text)
    shown = [snippet.text for snippet in snippets(text, marks, lambda gram: worth.get(gram, 1.0))]
    if "expect" in case:
        assert shown == case["expect"]
    for piece in case.get("contains", ()):
        assert any(piece in snippet for snippet in shown)
    assert shown[0].startswith(case.get("starts", ""))


def check(text: str, ranges: list[Mark]) -> tuple[Snippet, ...]:
    """The snippets of a text, checked for what holds of all snippets."""
    shown = snippets(text, found(text, ranges))
    assert len(shown) <= SNIPPET_COUNT
    assert sum(len(snippet.text) for snippet in shown) <= 2 * SNIPPET_LENGTH
    end = -1
    for snippet in shown:
        assert text[snippet.start : snippet.start + len(snippet.text)] == snippet.text
        assert snippet.start > end
        end = snippet.start + len(snippet.text)
        for start, stop in snippet.marks:
            assert 0 <= start < stop <= len(snippet.text)
    return shown


@pytest.mark.parametrize("position", [0, 1, 100, 500, 997])
def test_mark_is_in_the_snippet_wherever_it_is(position: int) -> None:
    """A sentence without an end is cut so that its first mark is shown."""
    text = "湖" * position + "夜市" + "湖" * (1000 - position)
    shown = check(text, [(position, position + 2)])
    assert [snippet.text[start:end] for snippet in shown for start, end in snippet.marks] == ["夜市"]


def test_fragments_end_with_sentences() -> None:
    """A fragment of whole sentences begins and ends where they do."""
    text = FILLER * 10 + "這裡有夜市！" + FILLER * 10
    at = text.index("夜市")
    (snippet,) = check(text, [(at, at + 2)])
    assert snippet.text.endswith(("。", "！")) and snippet.text.startswith(("這裡", "園區"))


def test_fragments_are_few_and_short() -> None:
    """A text that is one great match shows three fragments, about 120 characters, not everything."""
    text = "夜市與燈籠。" * 1000
    ranges = [(at, at + 2) for at in range(0, len(text), 6)]
    assert sum(len(snippet.text) for snippet in check(text, ranges)) <= SNIPPET_LENGTH


def test_marks_that_run_on_are_not_cut() -> None:
    """A mark that runs into the next sentence is shown whole or not at all, unless nothing else is there."""
    text = f"軟件園到了。{FILLER}另有軟件公司。園區在湖邊。"
    word, across = text.index("軟件園"), text.index("軟件公司")
    both = found(text, [(word, word + 3), (across, across + 6)])
    (shown,) = snippets(text, both, length=12)
    assert [shown.text[slice(*mark)] for mark in shown.marks] == ["軟件園"]
    (alone,) = snippets(text, both[1:], length=8)
    assert [alone.text[slice(*mark)] for mark in alone.marks] == ["軟件公司。"]


def test_nothing_is_cut_inside_a_character() -> None:
    """Wherever the mark is, a fragment begins and ends between what a reader takes for one character each."""
    clusters = ["👨‍👩‍👧‍👦", "e\u0301", "🇹🇼", "👍🏽", "한", "か\u3099", "湖", "❤\ufe0f", "葛\U000e0100"]
    for before in range(0, 90, 7):
        around = [clusters[(before + at) % len(clusters)] for at in range(200)]
        around.insert(before, "夜市")
        edges = {0, *accumulate(map(len, around))}
        text = "".join(around)
        at = text.index("夜市")
        (shown,) = check(text, [(at, at + 2)])
        assert {shown.start, shown.start + len(shown.text)} <= edges
        assert [shown.text[slice(*mark)] for mark in shown.marks] == ["夜市"]
    assert opening(clusters[0] * 9)[:-1] == clusters[0] * 8


def test_a_fragment_that_adds_next_to_nothing_is_left_out(analyzer: Analyzer) -> None:
    """What is worth less than a tenth of the first fragment brings no second one."""
    text = f"{FILLER * 9}元宵的燈籠。{FILLER * 9}的確。{FILLER * 9}"
    found = make_marker(positive(parse("燈籠 的確")), analyzer).find(text)
    assert len(snippets(text, found)) == 2
    assert len(snippets(text, found, {"灯笼": 6.0, "的确": 0.5}.__getitem__)) == 1


@pytest.mark.parametrize("text", ["", " \n\t", "。", "\n\n\n"])
def test_texts_of_nothing(text: str) -> None:
    """White space has no snippet; a text of punctuation is shown as it is."""
    assert [snippet.text for snippet in check(text, [])] == ([text] if text.strip() else [])


def test_line_ends_and_spaces_at_the_edges_are_cut() -> None:
    """A snippet begins and ends with something to see, and its marks still fit."""
    text = "\n\n  夜市。  \n"
    (snippet,) = check(text, [(4, 6)])
    assert (snippet.text, snippet.marks, snippet.start) == ("夜市。", ((0, 2),), 4)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("無錫。北京。", "無錫。"),
        ("湖" * 100, "湖" * 59 + "…"),
        ("\n 「無錫」！北京", "「無錫」！"),
    ],
)
def test_opening(text: str, expected: str) -> None:
    """The first sentence stands for a title that is not stated; long ones are cut."""
    assert opening(text) == expected
