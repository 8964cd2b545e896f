"""Judged sets: three forms of judgments are read, and what contradicts itself is said where it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.errors import HansouError, QueryTooLong, ReadError
from indexer.measure.judgments import qrels_lines, read_judged_set, read_judgments, read_topics


@pytest.fixture
def judged(tmp_path: Path) -> Path:
    """A judged set without documents: two queries, one of them with two judged documents."""
    (tmp_path / "queries.tsv").write_text("1\t無錫\n2\t太湖\n", encoding="utf-8")
    (tmp_path / "qrels.tsv").write_text("1\ta\n1\tb\t2\n2\tc\t0\n", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("text", "grades"),
    [
        ("1\ta\n1\tb c\n", {"a": 1, "b c": 1}),
        ("1\ta\t3\n1\tb\t0\n", {"a": 3, "b": 0}),
        ("1 0 a 3\n1 Q0 b -1\n", {"a": 3, "b": -1}),
        ("1\t0\ta\t2\n", {"a": 2}),
        ("query-id\tcorpus-id\tscore\n1\ta\t1\n", {"a": 1}),
        ("1\ta\n1\t0\ta\t1\n1\ta\t1\n", {"a": 1}),
    ],
)
def test_forms_of_judgments(judged: Path, text: str, grades: dict[str, int]) -> None:
    """Two columns, three and TREC's four; a heading is passed over, and a judgment may be repeated."""
    (judged / "qrels.tsv").write_text(text, encoding="utf-8")
    assert read_judged_set(judged).grades() == {"1": grades}


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("queries.tsv", "1\t胡同\n無錫\n", r"queries\.tsv:2: two columns"),
        ("queries.tsv", "1\t胡同\n\n\t無錫\n", r"queries\.tsv:3: the query '無錫' has no id"),
        ("queries.tsv", "1\t\n", r"queries\.tsv:1: query '1' has no text"),
        ("queries.tsv", "1\t胡同\n1\t無錫\n", r"queries\.tsv:2: query '1' is at .*queries\.tsv:1 already"),
        ("queries.tsv", "\n \n", r"queries\.tsv: holds no query"),
        ("queries.tsv", "9\t無錫\n", r"qrels\.tsv: judges none .* it names '1', and asked is '9'"),
        ("qrels.tsv", "1\n", r"qrels\.tsv:1: has 1 columns"),
        ("qrels.tsv", "1\ta\n1 b\n", r"qrels\.tsv:2: has 2 columns"),
        ("qrels.tsv", "1\t0\ta\t1\tx\n", r"qrels\.tsv:1: has 5 columns"),
        ("qrels.tsv", "1\ta\tgood\n", r"qrels\.tsv:1: a grade is a whole number, not 'good'"),
        ("qrels.tsv", "1 0 a 0.5\n", r"qrels\.tsv:1: a grade is a whole number, not '0.5'"),
        ("qrels.tsv", "1\t\n", r"qrels\.tsv:1: has no id of a document"),
        ("qrels.tsv", "\ta\n", r"qrels\.tsv:1: has no id of a query"),
        ("qrels.tsv", "1\ta\t1\n1\ta\t2\n", r"qrels\.tsv:2: .*'a' has grade 2 .* and 1 at .*qrels\.tsv:1;"),
        ("qrels.tsv", "", r"qrels\.tsv: holds no judgment"),
    ],
)
def test_bad_input_is_said_where_it_stands(judged: Path, file: str, text: str, message: str) -> None:
    """File, line and what is wrong."""
    (judged / file).write_text(text, encoding="utf-8")
    with pytest.raises(ReadError, match=message):
        read_judged_set(judged)


def test_a_query_that_no_search_takes(judged: Path) -> None:
    """Longer than any query may be: refused before anything is indexed."""
    (judged / "queries.tsv").write_text(f"1\t{'湖' * 257}\n", encoding="utf-8")
    with pytest.raises(QueryTooLong, match=r"queries\.tsv:1: has 257 characters"):
        read_judged_set(judged)


def test_missing_files(judged: Path) -> None:
    """Without queries or judgments the missing file is named."""
    (judged / "qrels.tsv").unlink()
    with pytest.raises(HansouError, match=r"qrels\.tsv: no such file"):
        read_judged_set(judged)
    (judged / "queries.tsv").unlink()
    with pytest.raises(HansouError, match=r"has no queries\.tsv"):
        read_judged_set(judged)


def test_files_elsewhere(judged: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Queries and judgments can be named."""
    other = tmp_path_factory.mktemp("trec")
    (other / "topics.tsv").write_text("301\t湖\tnarrative\n", encoding="utf-8")
    (other / "qrels.txt").write_text("301 0 x 1\n", encoding="utf-8")
    found = read_judged_set(judged, other / "topics.tsv", other / "qrels.txt")
    assert [(topic.id, topic.text) for topic in found.topics] == [("301", "湖")]
    assert found.grades() == {"301": {"x": 1}}


def test_several_query_files(judged: Path) -> None:
    """Queries are named after their files, and judgments hold for each; so they are in TREC files too."""
    (judged / "queries.tsv").rename(judged / "queries.same.tsv")
    (judged / "queries.cross.tsv").write_text("1\t无锡\n", encoding="utf-8")
    found = read_judged_set(judged)
    assert [topic.id for topic in found.topics] == ["cross:1", "same:1", "same:2"]
    grades = {"cross:1": {"a": 1, "b": 2}, "same:1": {"a": 1, "b": 2}, "same:2": {"c": 0}}
    assert found.grades() == grades
    (judged / "qrels.tsv").write_text("".join(qrels_lines(grades)), encoding="utf-8")
    assert read_judged_set(judged).grades() == grades


def test_fingerprint(judged: Path) -> None:
    """The same queries and judgments have one, in whatever order and form; others have another."""
    before = read_judged_set(judged).fingerprint()
    (judged / "qrels.tsv").write_text("2 0 c 0\n1 0 b 2\n1 0 a 1\n9 0 a 1\n", encoding="utf-8")
    assert read_judged_set(judged).fingerprint() == before
    (judged / "qrels.tsv").write_text("2 0 c 1\n1 0 b 2\n1 0 a 1\n", encoding="utf-8")
    assert read_judged_set(judged).fingerprint() != before


def test_white_space_in_ids(judged: Path) -> None:
    """An id with a space would be two columns of a TREC file, so it is written otherwise, and read back."""
    lines = "".join(qrels_lines({"1": {"a b": 1}}))
    assert lines == "1 0 a%20b 1\n"
    (judged / "qrels.tsv").write_text(lines, encoding="utf-8")
    assert read_judged_set(judged).grades() == {"1": {"a b": 1}}


def test_positions_in_topics_and_judgments(judged: Path) -> None:
    """Every query and judgment knows its line."""
    assert [topic.place for topic in read_topics(judged / "queries.tsv")] == [
        f"{judged / 'queries.tsv'}:{line}" for line in (1, 2)
    ]
    assert read_judgments(judged / "qrels.tsv")[2].place == f"{judged / 'qrels.tsv'}:3"
