"""What the store promises the searcher: stored records, exact totals, filters, order, counts."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer import Document
from indexer.config import IndexSettings
from indexer.derived.duplicates import sketched
from indexer.engine.embedded import store
from indexer.engine.embedded.whoosh.schema import index_fields
from indexer.query.plan import Planner
from indexer.query.syntax import parse
from indexer.text.analyzer import Analyzer

DOCUMENTS = tuple(
    Document(
        f"{number}", "無錫的園區。" * (number + 1), f"第{number}篇", date=f"20{10 + number}-01-01",
        source="甲報" if number % 3 else None, lang="zh-Hant" if number % 2 else "zh-Hans",
    )
    for number in range(20)
)  # fmt: skip


@pytest.fixture(scope="module")
def reader(analyzer: Analyzer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[store.Reader]:
    """A reader of an index of twenty documents."""
    path = tmp_path_factory.mktemp("index")
    batches = [DOCUMENTS[:7], DOCUMENTS[7:]]
    written = store.write(
        path,
        IndexSettings(directory=path),
        batches,
        lambda batch: (index_fields(document._asdict(), analyzer) for document in batch),
    )
    assert written == len(DOCUMENTS)
    opened = store.Reader(path)
    yield opened
    opened.close()


def test_total_is_exact_whatever_the_limit(reader: store.Reader, analyzer: Analyzer) -> None:
    """The limit cuts the list, not the count."""
    query = Planner(analyzer).plan(parse("無錫"))
    for limit in (1, 5, 100):
        found = reader.search(query, limit=limit)
        assert (len(found.best), found.total, found.exact) == (min(limit, 20), 20, True)


def test_limit_cuts_the_same_order(reader: store.Reader, analyzer: Analyzer) -> None:
    """The first five of twenty are the first five of five, with the same scores, best first."""
    query = Planner(analyzer).plan(parse("無錫 園區"))
    whole, five = reader.search(query, limit=100).best, reader.search(query, limit=5).best
    assert whole[:5] == five
    assert [match.score for match in whole] == sorted((m.score for m in whole), reverse=True)


def test_records_come_back_as_they_were_stored(reader: store.Reader) -> None:
    """A record is found by its id, whole; another id is None."""
    assert reader.record("7") == DOCUMENTS[7]._asdict()
    assert reader.record("無") is None


def test_filters_narrow_and_do_not_reorder(reader: store.Reader, analyzer: Analyzer) -> None:
    """Filters of source, script and date cut the matches and leave their order."""
    query = Planner(analyzer).plan(parse("無錫"))
    order = [match.record["id"] for match in reader.search(query, limit=100).best]
    only = store.all_of([reader.source_is("甲報"), store.lang_is("zh-Hant"), store.dated("2015", "2019-01")])
    found = [match.record["id"] for match in reader.search(query, limit=100, only=only).best]
    assert found == [number for number in order if number in {"5", "7"}]
    assert store.all_of([]) is None


def test_sorted_by_date(reader: store.Reader, analyzer: Analyzer) -> None:
    """Newest or oldest first, whatever the score."""
    query = Planner(analyzer).plan(parse("無錫"))
    ids = [match.record["id"] for match in reader.search(query, limit=3, sort="date_desc").best]
    assert ids == ["19", "18", "17"]
    assert reader.search(query, limit=1, sort="date_asc").best[0].record["id"] == "0"


def test_counts(reader: store.Reader) -> None:
    """How many documents there are, and how many of each source and script."""
    assert reader.count() == 20
    assert reader.values("source") == {"甲報": 13}
    assert reader.values("lang") == {"zh-Hans": 10, "zh-Hant": 10}


def test_nothing_matches_nothing(reader: store.Reader, analyzer: Analyzer) -> None:
    """An empty query finds no document."""
    assert reader.search(Planner(analyzer).plan(None), limit=10).total == 0


def test_files_to_verify_before_opening(tmp_path: Path, analyzer: Analyzer) -> None:
    """Whatever Whoosh unpickles is named, so that its sum is compared first."""
    store.write(tmp_path, IndexSettings(directory=tmp_path), [], lambda batch: ())
    files = [path.name for path in tmp_path.iterdir()]
    assert [name for name in files if name.endswith(".toc")] == store.unpickled(files) != []


def test_a_sample_depends_on_the_texts_alone(analyzer: Analyzer, tmp_path: Path) -> None:
    """The same texts in another order give the same sample, no longer than asked; enough room takes all."""
    rng = random.Random(7)
    texts = ["".join(rng.choices("無錫的園區在太湖東岸軟件產業人才政策", k=40)) for _ in range(8)]
    found = []
    for name, documents in (("one", texts), ("two", texts[::-1])):
        (tmp_path / name).mkdir()
        rows = [Document(str(number), text)._asdict() for number, text in enumerate(documents)]
        store.write(
            tmp_path / name,
            IndexSettings(directory=tmp_path / name),
            [rows],
            lambda batch: sketched(index_fields(row, analyzer) for row in batch),
        )
        opened = store.Reader(tmp_path / name)
        found.append([sorted(opened.sample(size)) for size in (0, 170, 10_000)])
        opened.close()
    assert found[0] == found[1]
    nothing, some, everything = found[0]
    assert not nothing and everything == sorted(texts)
    assert 0 < len(some) < len(texts) and sum(map(len, some)) <= 170
