"""Query syntax: what each form finds, and that nothing a user types is an error."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from indexer import QueryTooLong, Searcher
from indexer.query.syntax import MAX_LENGTH, MAX_NESTING, MAX_TERMS, parse, positive

CASES = tomllib.loads((Path(__file__).parents[2] / "cases/syntax.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def searcher(open_index: Any) -> Searcher:
    """An index of the documents of the cases."""
    opened: Searcher = open_index(CASES["document"])
    return opened


def label(case: dict[str, Any]) -> str:
    """A case's query with its filters."""
    return " ".join(str(case[key]) for key in ("query", "from", "to", "source") if key in case)


@pytest.mark.parametrize("case", CASES["case"], ids=label)
def test_syntax(searcher: Searcher, case: dict[str, Any]) -> None:
    """The query finds these documents and no other."""
    page = searcher.search(
        case["query"], date_from=case.get("from"), date_to=case.get("to"), source=case.get("source")
    )
    assert {hit.id for hit in page.hits} == {*case["hits"]}
    assert page.total.value == len(case["hits"])


@pytest.mark.parametrize("text", ["", " ", "\n\t　", "\0", " \0 ", "\u200b \ufeff"])
@pytest.mark.parametrize("exact", [False, True])
def test_nothing_asked(text: str, exact: bool) -> None:
    """White space, NUL and what is not seen ask for nothing."""
    assert parse(text, exact=exact) is None


def test_length_is_limited() -> None:
    """256 characters pass; one more is refused with the limit in the message."""
    assert parse("無" * MAX_LENGTH) is not None
    with pytest.raises(QueryTooLong, match="256"):
        parse("無" * (MAX_LENGTH + 1))


@pytest.mark.parametrize(
    "text",
    [
        "(" * (MAX_NESTING + 1) + "無錫" + ")" * (MAX_NESTING + 1),
        "(" * 127 + "無" + ")" * 127,
        " ".join(["甲 -乙"] * (MAX_TERMS // 2 + 1)),
        '"' * 256,
        "-" * 256,
        "( ( ( )",
        ")(",
        "-()",
        "() OR ()",
        'title:"" source:',
        '-title:-"',
        "OR OR OR",
        "NOT AND OR",
        "a:b:c",
        "\ud800",
        "無錫\u202e)錫無(",
    ],
)
def test_bad_syntax_degrades_to_plain_words(searcher: Searcher, text: str) -> None:
    """Whatever does not parse is searched for as words; nothing is an error, nothing recurses."""
    assert searcher.search(text).total.value >= 0


def test_plain_words_still_find_beyond_the_limits(searcher: Searcher) -> None:
    """Too deep and too many: the words in it are looked for all the same."""
    deep = "(" * (MAX_NESTING + 1) + "胡同" + ")" * (MAX_NESTING + 1)
    many = " ".join(["胡同"] * (MAX_TERMS + 1))
    for text in (deep, many):
        assert [hit.id for hit in searcher.search(text).hits] == ["hutong"]


def test_exact_mode_knows_no_operators(searcher: Searcher) -> None:
    """Quotes, minus and OR are characters like others where all of the query is one phrase."""
    assert [hit.id for hit in searcher.search("高新技術企業的創新", mode="exact").hits] == ["innovation"]
    assert searcher.search("胡同 OR 太湖", mode="exact").total.value == 0


def test_exclusion_is_by_words(open_index: Any) -> None:
    """What has it in longer words alone is not excluded; in quotes it is, and where words end otherwise."""
    searcher = open_index(["發展中國家的經濟", "中國的經濟，發展中國家", "世界經濟，iPhone15，中國家園"])
    found = {
        query: {hit.id for hit in searcher.search(query).hits}
        for query in (
            "經濟 -中国",
            "經濟 NOT 中国",
            '經濟 -"中国"',
            "經濟 -iphone",
            "經濟 -中國的",
            "經濟 -(中国 OR 世界)",
        )
    }
    assert [*found.values()] == [{"0"}, {"0"}, set(), {"0", "1"}, {"0", "2"}, {"0"}]


def test_what_is_excluded_is_not_marked() -> None:
    """The leaves to mark are those a match may contain."""
    leaves = str(positive(parse('無錫 "高新區" -廣告 -(甲 OR "乙丙")')))
    assert "無錫" in leaves and "高新區" in leaves
    assert not {*"廣甲乙"} & {*leaves}
    assert positive(None) == ()
