"""One analyzer: words for ranking, grams for the guarantee, offsets into the text that was given."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer import Config, normalize
from indexer.config import AnalysisSettings
from indexer.text.analyzer import Analyzer, Tokens, grams, load_analyzer, phrase, visible


def slices(text: str, tokens: Tokens) -> list[str]:
    """What the offsets cut out."""
    return [text[start:end] for start, end in zip(tokens.starts, tokens.ends, strict=True)]


def folded(analyzer: Analyzer, text: str) -> list[str]:
    """The grams of a text, in order."""
    return sorted(analyzer.grams(text).terms)


def test_words_have_offsets_into_the_text(analyzer: Analyzer) -> None:
    """The slice of a word, folded, is its term; positions count on."""
    text = "無錫的軟件園，創新！"
    words = analyzer.words(text)
    assert [normalize(piece) for piece in slices(text, words)] == [*words.terms]
    assert [*words.positions] == [*range(len(words))]
    assert [*words.terms] == analyzer.word_terms(text)
    assert "，" not in words.terms


def test_grams_are_characters_and_adjacent_pairs(analyzer: Analyzer) -> None:
    """Pairs stay inside a run of CJK characters; positions count on across punctuation."""
    tokens = analyzer.grams("無錫，高")
    assert sorted(zip(tokens.positions, tokens.terms, strict=True)) == [
        (0, "无"), (0, "无锡"), (1, "锡"), (2, "高"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("C++", ["c++"]),
        ("C#與F#", ["c#", "f#", "与"]),
        ("1.5匹", ["1.5", "匹"]),
        ("10,000元", ["10,000", "元"]),
        ("iPhone15", ["15", "iphone"]),
        ("m123-test", ["123", "m", "test"]),
        ("gen-itgc", ["gen", "itgc"]),
        ("café", ["cafe"]),
        ("cafe\u0301", ["cafe"]),
        ("25㎡", ["2", "25", "m"]),
        ("第Ⅲ期", ["iii", "期", "第"]),
        ("①2023年", ["1", "2023", "年"]),
        ("2023.10.01", ["01", "10", "2023"]),
        ("1998,1999", ["1998", "1999"]),
        ("12,345.67與1,234,567", ["1,234,567", "12,345.67", "与"]),
        ("1,234,5", ["1", "234", "5"]),
        ("2.5,3.5", ["2.5", "3.5"]),
        ("10²", ["10", "2"]),
        ("😀★", []),
        ("Ｗｕｘｉ", ["wuxi"]),
        ("snake_case", ["case", "snake"]),
        ("한국어", ["국", "국어", "어", "한", "한국"]),
        ("𠮷野家", ["家", "野", "野家", "𠮷", "𠮷野"]),
        ("！？…——", []),
        ("", []),
    ],
)
def test_units(analyzer: Analyzer, text: str, terms: list[str]) -> None:
    """Latin words stay whole and numbers apart from them; punctuation has no grams."""
    assert folded(analyzer, text) == terms


@pytest.mark.parametrize(
    "text",
    [
        "無\u200b錫",
        "無\ufe0f錫",
        "無\U000e0100錫",
        "無\n錫",
        "無 　錫",
        "無\u00ad錫",
        "\ufeff無錫",
        "無\r\n  錫",
    ],
)
def test_what_no_reader_sees_does_not_separate(analyzer: Analyzer, text: str) -> None:
    """Zero-width characters, variation selectors and white space between Han characters are no boundary."""
    tokens = analyzer.grams(text)
    pair = tokens.terms.index("无锡")
    assert text[tokens.starts[pair] : tokens.ends[pair]].strip("\ufeff\ufe0f\U000e0100") == text.strip(
        "\ufeff"
    )
    assert analyzer.word_terms(text) == ["无锡"]


def test_spaces_separate_latin_words(analyzer: Analyzer) -> None:
    """White space next to Latin letters is a boundary."""
    assert folded(analyzer, "new york") == ["new", "york"]
    assert visible("無 new 錫")[0] == "無 new 錫"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("無", ["无"]),
        ("無錫", ["无锡"]),
        ("無錫高", ["无锡", "锡高"]),
        ("24口", ["24", "口"]),
        ("c++語言", ["c++", "语言"]),
        ("合作，無錫", ["合作", "作", "无锡"]),
        ("，。", []),
    ],
)
def test_phrase_takes_as_few_grams_as_do(text: str, expected: list[str]) -> None:
    """A phrase is the longest gram at each position, the last one left out where it is covered."""
    assert phrase(grams(normalize(text))) == expected


def load(base: Path, **settings: object) -> Analyzer:
    """The analyzer of these `[analysis]` settings."""
    return load_analyzer(replace(Config(base=base), analysis=AnalysisSettings(**settings)))  # type: ignore[arg-type]


def test_stop_words_leave_the_ranking_only(tmp_path: Path) -> None:
    """A stop word, in whichever script, is no word; its grams stay, so phrases stay whole (infinity#1308)."""
    (tmp_path / "stop.txt").write_text("# 虛詞\n這個\n\n的\n", encoding="utf-8")
    analyzer = load(tmp_path, stop_words=tmp_path / "stop.txt")
    assert analyzer.word_terms("这个園區的燈") == [
        word for word in load(tmp_path).word_terms("这个園區的燈") if word not in ("这个", "的")
    ]
    assert "这个" in analyzer.grams("这个園區").terms


def test_fingerprint_changes_with_the_analysis(tmp_path: Path) -> None:
    """Same settings, same fingerprint; stop words and HMM change it."""
    (tmp_path / "stop.txt").write_text("的\n", encoding="utf-8")
    plain = load(tmp_path).fingerprint
    assert plain == load(tmp_path).fingerprint
    others = {
        load(tmp_path, stop_words=tmp_path / "stop.txt").fingerprint,
        load(tmp_path, hmm=True).fingerprint,
    }
    assert len({plain, *others}) == 3


@pytest.mark.parametrize("version", [0, 99])
def test_fingerprint_knows_the_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: int) -> None:
    """A bumped version of the analysis makes old indexes outdated."""
    before = load(tmp_path).fingerprint
    monkeypatch.setattr("indexer.text.analyzer.ANALYSIS_VERSION", version)
    assert load(tmp_path).fingerprint != before


@pytest.mark.parametrize(
    "text", ["\0", "\ud800", "無錫\ud800軟件園\udfff", "👩‍👩‍👧", "\u202e無錫\u202c", "無" * 50_000]
)
def test_any_text_is_analyzed(analyzer: Analyzer, text: str) -> None:
    """Nothing that Python calls a string is refused."""
    tokens = analyzer.grams(text)
    assert len(tokens) == len(tokens.starts) == len(tokens.ends) == len(tokens.positions)
    assert all(0 <= start < end <= len(text) for start, end in zip(tokens.starts, tokens.ends, strict=True))
    assert [normalize(piece) for piece in slices(text, analyzer.words(text))] == analyzer.word_terms(text)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.text(st.sampled_from("無錫園a1 \n\u200bⅢ㎡①é\u0301ｶﾞ○一²"), max_size=30))
def test_what_is_matched_knows_where_it_stood(text: str) -> None:
    """Spans of characters ascend and leave out only what is unseen; longer ones are from first to last."""
    shown = visible(text)
    spans = [shown.span(at, at + 1) for at in range(len(shown.text))]
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(one[0] <= other[0] and one[1] <= other[1] for one, other in pairwise(spans))
    told = {place for span in spans for place in range(*span)}
    assert all(text[place] in " \n\u200b" for place in range(len(text)) if place not in told)
    assert all(
        shown.span(start, end) == (spans[start][0], spans[end - 1][1])
        for start in range(len(spans))
        for end in range(start + 1, len(spans) + 1)
    )
