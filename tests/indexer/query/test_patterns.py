"""Distances and wildcards: what the index finds and what is marked, held against regular expressions."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer import DeadlineExceeded, Searcher, native, normalize
from indexer.query.patterns import row, whole_words
from indexer.query.syntax import MAX_GAP, MAX_SLOP, Gapped, Phrase, Words, parse, wildcards
from indexer.text.units import UNITS

HAN = "無錫高新軟件園"
LATIN = ("micro", "microsoft", "MicroSoft", "colour", "color", "iPhone", "iphones", "2019", "2024", "20")
PARTS = st.text(st.sampled_from(HAN), min_size=1, max_size=2)
PIECES = st.lists(PARTS, min_size=2, max_size=3)
# A character or a Latin word or number, and what stands around it, no end of a sentence: the distance.
UNIT = r"(?:[0-9]++|[a-z]++|[^\W\da-z])"
REST = r"(?:[^\w。！？!?；;]|_)*"


@pytest.fixture(scope="module")
def corpus() -> Sequence[str]:
    """Two hundred seeded texts of few characters and words."""
    rng = random.Random(20260102)

    def text() -> str:
        kinds = (lambda: rng.choice(HAN), lambda: f" {rng.choice(LATIN)} ", lambda: rng.choice("，。、"))
        return "".join(rng.choices(kinds, (8, 2, 1))[0]() for _ in range(24))

    return [text() for _ in range(200)]


@pytest.fixture(scope="module")
def searcher(open_index: Any, corpus: Sequence[str]) -> Searcher:
    """An index of them."""
    opened: Searcher = open_index(corpus)
    return opened


@given(st.lists(st.sampled_from(["c", "+", "#", "1", "12", "234", *".,，_-中 "]), max_size=9).map("".join))
def test_whole_words_are_the_units_of_an_index(text: str) -> None:
    """A Latin word or number stands where the index has it, not in C++ for C nor in 1,234 for 234."""
    folded = normalize(text)
    units = [(unit.group(), unit.span()) for unit in UNITS.finditer(folded) if not unit[1]]
    for word in {"c", "c++", "c#", "1", "12", "234", "1,234", "1.12", *(word for word, _ in units)}:
        places = [span for other, span in units if other == word]
        assert whole_words(folded, [word]) == places


def found(searcher: Searcher, query: str) -> set[int]:
    """The numbers of all documents that a query finds."""
    page = searcher.search(query, size=1000, collapse=False)
    assert page.total.value == len(page.hits)
    return {int(hit.id) for hit in page.hits}


def holding(corpus: Sequence[str], pattern: str) -> set[int]:
    """The numbers of the texts in which a pattern stands, which is about folded text."""
    return {number for number, text in enumerate(corpus) if re.search(pattern, normalize(text))}


def spread(pieces: Sequence[str], least: int, most: int) -> str:
    """A pattern for pieces with so many units between each two."""
    between = f"{REST}(?:{UNIT}{REST}){{{least},{most}}}"
    return between.join(pieces)


@pytest.mark.parametrize("extensions", [False, True])
@settings(max_examples=60, deadline=None, derandomize=True)
@given(pieces=PIECES, slop=st.integers(0, 8))
def test_slop_is_a_regular_expression(
    searcher: Searcher, corpus: Sequence[str], extensions: bool, pieces: list[str], slop: int
) -> None:
    """`"甲 乙"~3` finds the texts in which at most 3 units stand between the strings, in this order."""
    with native.using(extensions):
        hits = found(searcher, f'"{" ".join(pieces)}"~{slop}')
    assert hits == holding(corpus, spread([normalize(piece) for piece in pieces], 0, slop))


@pytest.mark.parametrize("extensions", [False, True])
@settings(max_examples=60, deadline=None, derandomize=True)
@given(pieces=PIECES, gap=st.sampled_from(["?", "??", "*"]))
def test_gaps_are_a_regular_expression(
    searcher: Searcher, corpus: Sequence[str], extensions: bool, pieces: list[str], gap: str
) -> None:
    """`無?園` has one unit in between, `無*園` up to five."""
    least, most = (0, MAX_GAP) if gap == "*" else (len(gap), len(gap))
    with native.using(extensions):
        hits = found(searcher, gap.join(pieces))
    assert hits == holding(corpus, spread([normalize(piece) for piece in pieces], least, most))


PATTERNS = (
    "micro*", "MICRO*", "micro*soft", "co*r", "colo?r", "iphone*", "ip*s", "20*", "20?4", "xx*",
    "micro*園", "軟件micro*", "高?micro*", "高*iphone*園",
)  # fmt: skip


@pytest.mark.parametrize("extensions", [False, True])
@pytest.mark.parametrize("query", PATTERNS)
def test_patterns_are_regular_expressions(
    searcher: Searcher, corpus: Sequence[str], extensions: bool, query: str
) -> None:
    """* and ? in a Latin word or number are any signs, and one, of that word; beside Han they are gaps."""
    node = parse(query)
    assert isinstance(node, Gapped)
    between = [f"{REST}(?:{UNIT}{REST}){{{piece.least},{piece.most}}}" for piece in node.pieces]
    words = [
        r"\b" + normalize(piece.text).replace("*", r"[^\W_]*").replace("?", r"[^\W_]") + r"\b"
        if piece.pattern
        else normalize(piece.text)
        for piece in node.pieces
    ]
    # Where a Han character meets a Latin one there is no word boundary for a regular expression.
    apart = [re.sub(r"([^\x00-\x7f])", r" \1 ", normalize(text)) for text in corpus]
    spaced = [re.sub(r"([^\x00-\x7f])", lambda han: REST + han[1] + REST, word) for word in words]
    pattern = "".join(gap + word for gap, word in zip(["", *between[1:]], spaced, strict=True))
    expected = {number for number, text in enumerate(apart) if re.search(pattern, text)}
    with native.using(extensions):
        assert found(searcher, query) == expected


@settings(max_examples=80, deadline=None, derandomize=True)
@given(
    query=st.one_of(
        st.sampled_from(PATTERNS),
        st.builds('"{}"~{}'.format, PIECES.map(" ".join), st.integers(0, 6)),
        PIECES.map("*".join),
    )
)
def test_what_is_found_is_marked_and_nothing_else(
    searcher: Searcher, corpus: Sequence[str], query: str
) -> None:
    """A text has marks of a row exactly where the index finds it."""
    node = parse(query)
    assert isinstance(node, Gapped)
    marked = {number for number, text in enumerate(corpus) if row(node).find(normalize(text))}
    assert marked == found(searcher, query)


@pytest.mark.parametrize(
    ("query", "text", "marked"),
    [
        ('"無錫 高新區"~3', "無錫市的高新區，無錫", ["無錫", "高新區"]),
        ('"無錫 高新區"~3', "無錫，無錫高新區", ["無錫", "高新區"]),
        ('"無錫 高新區"~1', "無錫市的高新區", []),
        ('"無錫 高新區"~3', "到了無錫。高新區在無錫，那高新區", ["無錫", "高新區"]),
        ("无*园", "到了無錫！軟件園", []),
        ('"高新區 無錫"~9', "無錫高新區", []),
        ("无?园", "無錫園，無錫軟件園", ["無錫園"]),
        ("无*园", "無錫園，無錫軟件園", ["無錫園", "無錫軟件園"]),
        ("iphone*", "iPhone15和iPhones", ["iPhone", "iPhones"]),
        ("micro*soft", "MicroSoft microsofts Micro soft", ["MicroSoft"]),
        ("12*", "12,345元 112 12", ["12,345", "12"]),
        ("title:无*园", "無錫園", []),
    ],
)
def test_marks(searcher: Searcher, open_index: Any, query: str, text: str, marked: list[str]) -> None:
    """Parts of a phrase in the windows that hold it; of a word with wildcards the whole."""
    document = open_index([text]).document("0", query)
    assert [document.document.text[start:end] for start, end in document.marks] == marked


@pytest.mark.parametrize(
    "text",
    [
        "*", "**", "?", "C*", "C?x", "3*5", "*重點*", "**重點**", "無錫*", "無錫在哪?", "what?", "a*b",
        "iphone-*", "他說?你好。", "这是一个很长的句子?它不是通配符查询", '"甲 乙"~', '"甲 乙"~x', "甲~3",
        "無*?園", "無***園",
    ],
)  # fmt: skip
def test_what_is_no_wildcard_is_text(text: str) -> None:
    """Punctuation, emphasis, short stems: plain words, or a phrase where quotes say so."""
    assert isinstance(parse(text), Words | Phrase)


def test_numbers_are_limited() -> None:
    """A distance beyond the greatest counts as the greatest; one string alone is a phrase."""
    node = parse('"甲 乙"~999')
    assert isinstance(node, Gapped) and node.pieces[1].most == MAX_SLOP
    assert parse('"甲乙"~3') == Phrase("甲乙")
    assert wildcards("甲??乙")[1].least == 2


def test_expansions_are_limited(open_index: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A prefix stands for the terms in most documents, and the count says that there may be more."""
    monkeypatch.setattr("indexer.engine.embedded.search.expansion.MAX_EXPANSIONS", 2)
    documents = ["abc abd abe", "abc abd", "abc", "abe", "abf"]
    page = open_index(documents).search("ab*", collapse=False)
    assert {hit.id for hit in page.hits} == {"0", "1", "2"}
    assert (page.total.value, page.total.relation) == (3, "gte")


@pytest.mark.parametrize("query", ["micro*", "co?or", '"無 錫 高 新"~20', "無*高*園"])
def test_time_is_limited(searcher: Searcher, query: str) -> None:
    """Distances and patterns heed the deadline like everything else."""
    plan = searcher._live.planner.plan(parse(query))
    with pytest.raises(DeadlineExceeded):
        searcher._live.snapshot.search(plan.query, limit=10, seconds=-1)


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("title:软*园", {"titled"}),
        ("author:欧?雨", {"titled"}),
        ("-micro* 軟件", {"titled"}),
        ('title:"軟件 新區"~2', {"titled"}),
        ("(micro* OR 軟件園) -湖", {"latin"}),
        ("source:日*报", {"latin"}),
    ],
)
def test_fields_and_operators(open_index: Any, query: str, ids: set[str]) -> None:
    """Distances and wildcards stand wherever a term can."""
    searcher = open_index(
        [
            {"id": "titled", "title": "軟件園在新區", "text": "湖邊軟件", "author": "歐陽雨"},
            {"id": "latin", "text": "Microsoft軟件", "source": "日晚報"},
        ]
    )
    assert {hit.id for hit in searcher.search(query).hits} == ids


def test_many_wildcards_and_long_words_are_bounded_work() -> None:
    """A pattern of stars against a very long word, and distances over a long text, come to an end."""
    node, apart = parse("aa" + "*a" * 100 + "*b"), parse('"甲 甲 甲 甲 乙"~20')
    assert isinstance(node, Gapped) and isinstance(apart, Gapped)
    assert row(node).find("a" * 50_000) == []
    assert row(apart).find("甲" * 20_000) == []
