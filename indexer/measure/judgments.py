"""What is asked, and which documents are right? Files of queries and judgments → a judged set.

A judged set is a directory with `queries.tsv` (or several `queries.*.tsv`; id TAB text), `qrels.tsv`, and
`docs.jsonl` or `docs.jsonl.gz` where it is not the live index that is asked. A line of judgments is

    query TAB document              relevant: grade 1
    query TAB document TAB grade    0 not relevant, and the more the better
    query iteration document grade  as TREC has it, separated by tabs or spaces; a space in an id is %20

**A query has one text and a pair of query and document one grade**: what contradicts itself is refused.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from indexer.errors import QueryTooLong, ReadError
from indexer.measure.rows import Row, id_of_trec, rows_of, trec_id, whole_number
from indexer.query.syntax import MAX_LENGTH

Grades = Mapping[str, Mapping[str, int]]
"""Query id → id of a judged document → its grade; above 0 it is relevant."""

_DOCUMENTS = ("docs.jsonl", "docs.jsonl.gz")
_QUERIES, _QRELS = "queries.tsv", "qrels.tsv"
# Data sets for download write the names of their columns first.
_HEADINGS = ("query-id", "query_id", "qid")


@dataclass(frozen=True, slots=True)
class Topic:
    """A query of a judged set: its id, what is typed, the file and line it is from."""

    id: str
    text: str
    place: str


@dataclass(frozen=True, slots=True)
class Judgment:
    """How well a document answers a query, and the file and line that say so."""

    query: str
    document: str
    grade: int
    place: str


@dataclass(frozen=True, slots=True)
class JudgedSet:
    """Queries, judgments of them, and the file of documents; None where the live index is asked."""

    directory: Path
    topics: Sequence[Topic]
    judgments: Sequence[Judgment]
    documents: Path | None

    def grades(self) -> Grades:
        """The grades of the queries that are asked."""
        found: dict[str, dict[str, int]] = {topic.id: {} for topic in self.topics}
        for judgment in self.judgments:
            if judgment.query in found:
                found[judgment.query][judgment.document] = judgment.grade
        return {query: grades for query, grades in found.items() if grades}

    def fingerprint(self) -> str:
        """A token of the queries that are asked and their judgments: measures with equal ones compare."""
        grades = self.grades()
        asked = [(t.id, t.text, sorted(grades.get(t.id, {}).items())) for t in self.topics]
        return hashlib.sha256(repr(sorted(asked)).encode("utf-8", "replace")).hexdigest()[:16]


def read_judged_set(directory: Path, queries: Path | None = None, qrels: Path | None = None) -> JudgedSet:
    """The judged set in `directory`; `queries` and `qrels` are files instead of those that are in there.

    Where there are several files of queries, a query is named after its file too: `cross:17` for 17 in
    `queries.cross.tsv`. Raises `ReadError` for what is missing, malformed or contradicts itself.
    """
    files = [queries] if queries else query_files(directory)
    judgments = read_judgments(qrels or directory / _QRELS)
    topics = [topic for file in files for topic in read_topics(file, prefix_of(file) if files[1:] else "")]
    if not topics:
        raise ReadError(f"{files[0]}: holds no query; a line is an id, a tab and what is typed")
    if files[1:]:
        judgments = _renamed(judgments, topics)
    judged = JudgedSet(directory, topics, judgments, documents_file(directory))
    if not judged.grades():
        raise ReadError(
            f"{qrels or directory / _QRELS}: judges none of the queries that are asked: it names"
            f" {_one(judgment.query for judgment in judgments)}, and asked is {_one(t.id for t in topics)}"
        )
    return judged


def prefix_of(file: Path) -> str:
    """What queries of one file among several are named after.

    >>> prefix_of(Path("queries.cross.tsv"))
    'cross:'
    """
    return file.name.removeprefix("queries").partition(".tsv")[0].strip(".") + ":"


def _renamed(judgments: Iterable[Judgment], topics: Iterable[Topic]) -> list[Judgment]:
    """The judgments under the names that queries of several files have; new names may be written already."""
    names: dict[str, list[str]] = defaultdict(list)
    for topic in topics:
        names[topic.id].append(topic.id)
        names[topic.id.partition(":")[2]].append(topic.id)
    return [replace(each, query=name) for each in judgments for name in names.get(each.query, [each.query])]


def _one(ids: Iterable[str]) -> str:
    return repr(next(iter(ids), ""))


def documents_file(directory: Path) -> Path | None:
    """The documents of a judged set, None where it has none of its own."""
    return next((directory / name for name in _DOCUMENTS if (directory / name).is_file()), None)


def query_files(directory: Path) -> list[Path]:
    """The query files of a judged set, at least one. Raises `ReadError` where there is none."""
    if (directory / _QUERIES).is_file():
        return [directory / _QUERIES]
    if found := sorted(directory.glob("queries*.tsv")):
        return found
    raise ReadError(f"{directory}: has no {_QUERIES}; name a file with --queries")


def read_topics(path: Path, prefix: str = "") -> list[Topic]:
    """The queries of a file: id TAB text; further columns are left alone.

    Raises `ReadError`, and `QueryTooLong` for a text that no search would take.
    """
    found: dict[str, Topic] = {}
    for row in rows_of(path):
        id, tab, rest = row.text.partition("\t")
        text = rest.partition("\t")[0].strip()
        if not tab:
            raise ReadError(f"{row.place}: two columns separated by a tab are needed: an id and the query")
        topic = Topic(prefix + id.strip(), text, row.place)
        if not id.strip():
            raise ReadError(f"{row.place}: the query {text!r} has no id before the tab")
        if not text:
            raise ReadError(
                f"{row.place}: query {id!r} has no text; write it behind the tab, or delete the line"
            )
        if len(text) > MAX_LENGTH:
            raise QueryTooLong(f"{row.place}: has {len(text)} characters; at most {MAX_LENGTH} are allowed")
        if topic.id in found:
            raise ReadError(f"{row.place}: query {id!r} is at {found[topic.id].place} already; rename one")
        found[topic.id] = topic
    return list(found.values())


def read_judgments(path: Path) -> list[Judgment]:
    """The judgments of a file, in any of the three forms. Raises `ReadError`."""
    found: dict[tuple[str, str], Judgment] = {}
    for number, row in enumerate(rows_of(path)):
        if number == 0 and row.fields()[0].lower() in _HEADINGS:
            continue
        judgment = _judgment(row)
        known = found.setdefault((judgment.query, judgment.document), judgment)
        if known.grade != judgment.grade:
            raise ReadError(
                f"{row.place}: document {judgment.document!r} has grade {judgment.grade} for query"
                f" {judgment.query!r}, and {known.grade} at {known.place}; keep one of them"
            )
    if not found:
        raise ReadError(f"{path}: holds no judgment; a line is a query's id, a tab and a document's id")
    return list(found.values())


def _judgment(row: Row) -> Judgment:
    match row.fields():
        case [query, document] if "\t" in row.text:
            grade = "1"
        case [query, document, grade] if "\t" in row.text:
            pass
        case [written_query, _, written_document, grade]:
            query, document = id_of_trec(written_query), id_of_trec(written_document)
        case fields:
            raise ReadError(
                f"{row.place}: has {len(fields)} columns; needed are query and document, separated by a tab,"
                " a third with the grade if you like, or the four of TREC: query, 0, document, grade"
            )
    if not (query and document):
        raise ReadError(f"{row.place}: has no id of a {'document' if query else 'query'}")
    return Judgment(query, document, whole_number(grade, row, "a grade"), row.place)


def qrels_lines(grades: Grades) -> Iterable[str]:
    """Judgments as TREC has them, a line each."""
    for query, judged in grades.items():
        for document, grade in judged.items():
            yield f"{trec_id(query)} 0 {trec_id(document)} {grade}\n"
