"""Segments as they are written: spilled, merged, updated, refused, opened from several threads."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from whoosh import fields
from whoosh.query import Every, Or, Phrase, Term
from whoosh.reading import TermNotFound
from whoosh.searching import Searcher

from indexer.arrays import ArrayFile
from indexer.engine.embedded.building import inversion
from indexer.engine.embedded.building.writer import BulkWriter
from indexer.engine.embedded.search.selection import evaluate
from indexer.engine.embedded.whoosh.searcher import ArraySearcher
from indexer.engine.embedded.whoosh.segment import ArraySegment
from indexer.errors import IndexCorrupt


def rows_of(corpus: Any, count: int, seed: int = 1) -> list[dict[str, Any]]:
    """Random documents."""
    chance = random.Random(seed)
    return [corpus.make_row(chance, number) for number in range(count)]


def content(index: Any) -> tuple[list[Any], list[Any], list[Any]]:
    """Everything an index holds, whatever its segments: terms with postings, stored rows, columns."""
    reader = index.reader()
    names = {number: reader.stored_fields(number)["id"] for number in reader.all_doc_ids()}
    postings = []
    for name, text in reader.all_terms():
        matcher = reader.postings(name, text)
        while matcher.is_active():
            value = matcher.value_as("positions") if matcher.supports("positions") else matcher.weight()
            postings.append((name, text, names[matcher.id()], value))
            matcher.next()
    stored = [reader.stored_fields(number) for number in sorted(names)]
    readers = [reader.column_reader(name) for name in ("source", "year")]
    columns = [[column[number] for number in sorted(names)] for column in readers]
    reader.close()
    return sorted(postings, key=repr), stored, columns


def test_spilling_changes_nothing(corpus: Any, tmp_path: Path, any_kernel: str, monkeypatch: Any) -> None:
    """An index written in many sorted runs equals one written at once, byte for byte."""
    rows = rows_of(corpus, 400)
    whole, spilled = corpus.create(tmp_path / "whole"), corpus.create(tmp_path / "spilled")
    corpus.write_ours(whole, [(rows, [])])
    writer = BulkWriter(spilled)
    writer._budget = 3000
    for row in rows:
        writer.add_document(**row)
    assert len(writer._runs) > 3
    writer.commit()
    assert content(whole) == content(spilled)
    arrays = [ArrayFile.open(next((tmp_path / name).glob("*.arrays"))) for name in ("whole", "spilled")]
    for name in arrays[0].names():
        assert arrays[0].array(name).tolist() == arrays[1].array(name).tolist(), name


def test_merging_drops_what_was_deleted(corpus: Any, tmp_path: Path, any_kernel: str) -> None:
    """Optimizing three segments with deletions equals writing the documents that are left."""
    rows = rows_of(corpus, 120)
    index, fresh = corpus.create(tmp_path / "index"), corpus.create(tmp_path / "fresh")
    gone = ["d1", "d40", "d41", "d119"]
    corpus.write_ours(index, [(rows[:50], []), (rows[50:90], []), (rows[90:], gone[:3])])
    writer = BulkWriter(index)
    writer.delete_by_term("id", gone[3])
    writer.commit(optimize=True)
    corpus.write_ours(fresh, [([row for row in rows if row["id"] not in gone], [])])
    assert len(list(index.reader().leaf_readers())) == 1
    assert content(index) == content(fresh)
    assert index.reader().field_length("body_grams") == fresh.reader().field_length("body_grams")


def test_update_replaces_a_document(corpus: Any, tmp_path: Path) -> None:
    """`update_document` deletes what has the same unique id and adds the new version."""
    rows = rows_of(corpus, 20)
    index = corpus.create(tmp_path)
    corpus.write_ours(index, [(rows, [])])
    with BulkWriter(index) as writer:
        writer.update_document(**(rows[4] | {"body_words": "全新"}))
    with ArraySearcher(index.reader()) as searcher:
        assert searcher.doc_count() == 20
        assert evaluate(searcher, Term("id", "d4")).total == 1
        assert evaluate(searcher, Term("body_words", "全新")).total == 1


def test_many_merges_reach_the_default_policy(corpus: Any, tmp_path: Path) -> None:
    """Whoosh's own merge policy at commit works over our segments."""
    rows = rows_of(corpus, 40)
    index = corpus.create(tmp_path)
    for row in rows:
        writer = BulkWriter(index)
        writer.add_document(**row)
        writer.commit()
    assert len(list(index.reader().leaf_readers())) < 40
    with ArraySearcher(index.reader()) as searcher:
        assert evaluate(searcher, Every()).total == 40


def test_long_documents_and_frequent_terms(corpus: Any, tmp_path: Path, any_kernel: str) -> None:
    """Positions past 65,535 and frequencies past 255 are kept exactly; phrases reach that far."""
    body = "天" * 70_000 + "地玄"
    index = corpus.create(tmp_path)
    row = {"id": "long", "body_words": "", "title_grams": "", "body_grams": body}
    corpus.write_ours(index, [([row, row | {"id": "short", "body_grams": "地玄"}], [])])
    with ArraySearcher(index.reader()) as searcher:
        assert searcher.doc_field_length(0, "body_grams") == 2 * len(body) - 1
        assert searcher.reader().term_info("body_grams", "天").weight() == 70_000
        assert evaluate(searcher, Phrase("body_grams", ["天地", "地玄"])).total == 1
        assert evaluate(searcher, Phrase("body_grams", ["天", "地"])).docnums == [0]


def test_stored_values_come_back_as_they_went_in(tmp_path: Path, corpus: Any) -> None:
    """Text with line breaks and lone surrogates, tables, dates and bytes are stored exactly."""
    schema = fields.Schema(id=fields.ID(stored=True), any=fields.STORED())
    values = ["一\n二\r\u2028", "\ud800", {"步": [1, 2.5, None]}, datetime(2020, 1, 2, 3, 4), b"\x00\xff", ""]
    index = corpus.create(tmp_path, schema)
    with BulkWriter(index) as writer:
        for number, value in enumerate(values):
            writer.add_document(id=str(number), any=value)
    reader = index.reader()
    assert [reader.stored_fields(number)["any"] for number in range(len(values))] == values


@pytest.mark.parametrize("chunk", [7, 1 << 16])
def test_units_are_what_they_stand_for(
    corpus: Any, tmp_path: Path, any_kernel: str, chunk: int, monkeypatch: Any
) -> None:
    """A field that hands out units is indexed as one that hands out their terms and positions."""
    monkeypatch.setattr(inversion, "CHUNK_TERMS", chunk)
    monkeypatch.setattr(inversion, "CHUNK_POSITIONS", chunk * 10)
    chance = random.Random(3)
    texts = ["".join(chance.choices("天地玄黃𠀀 ab，", k=chance.randint(0, 30))) for _ in range(150)]
    schemas = []
    for units in (True, False):
        field = corpus.UnitsField()
        field = field if units else corpus.without_units(field)
        schemas.append(fields.Schema(id=fields.ID(stored=True), text=field))
    indexes = [corpus.create(tmp_path / name, schema) for name, schema in zip("ab", schemas, strict=True)]
    for index in indexes:
        writer = BulkWriter(index)
        writer._budget = 20_000
        for number, text in enumerate(texts):
            writer.add_document(id=str(number), text=text)
        writer.commit()
    files = [ArrayFile.open(next((tmp_path / name).glob("*.arrays"))) for name in "ab"]
    for name in files[0].names():
        assert files[0].array(name).tolist() == files[1].array(name).tolist(), name


def test_a_document_that_fails_leaves_no_trace(corpus: Any, tmp_path: Path) -> None:
    """After a document that raised, the writer goes on as if it had not been."""
    rows = rows_of(corpus, 10)
    index, clean = corpus.create(tmp_path / "index"), corpus.create(tmp_path / "clean")
    corpus.write_ours(clean, [(rows, [])])
    with BulkWriter(index) as writer:
        for row in rows:
            with pytest.raises(TypeError):
                writer.add_document(**(row | {"title_grams": 7}))
            with pytest.raises(TypeError):
                writer.add_document(**(row | {"title": object()}))
            writer.add_document(**row)
    assert content(index) == content(clean)


def test_what_cannot_be_kept_is_refused(corpus: Any, tmp_path: Path) -> None:
    """Boosts, character formats, objects: refused by name; a cancelled writer leaves no file."""
    schema = fields.Schema(id=fields.ID(stored=True), text=fields.TEXT(chars=True), any=fields.STORED())
    index = corpus.create(tmp_path, schema)
    for row, error in (
        ({"id": "a", "_id_boost": 2.0}, ValueError),
        ({"text": "天 地"}, TypeError),
        ({"any": object()}, TypeError),
    ):
        writer = BulkWriter(index)
        with pytest.raises(error):
            writer.add_document(**row)
        writer.cancel()
    assert not list(tmp_path.glob("*.arrays")) and not list(tmp_path.glob("*.tmp"))


def test_stock_formats_are_written_through_index(corpus: Any, tmp_path: Path) -> None:
    """A field without `bulk` goes through Whoosh's own `FieldType.index`."""
    schema = fields.Schema(id=fields.ID(stored=True), text=fields.TEXT(phrase=True), when=fields.DATETIME)
    index = corpus.create(tmp_path, schema)
    with BulkWriter(index) as writer:
        writer.add_document(id="a", text="alpha beta alpha", when=datetime(2020, 1, 1))
    with ArraySearcher(index.reader()) as searcher:
        assert searcher.reader().frequency("text", "alpha") == 2
        assert evaluate(searcher, Phrase("text", ["beta", "alpha"])).total == 1
        assert evaluate(searcher, Term("when", datetime(2020, 1, 1))).total == 1


def test_whoosh_reads_the_segments(corpus: Any, tmp_path: Path) -> None:
    """Whoosh's own reader methods work: cursors, prefixes, term infos, lexicon."""
    rows = rows_of(corpus, 60)
    index, stock = corpus.create(tmp_path), corpus.create(None)
    corpus.write_ours(index, [(rows[:30], []), (rows[30:], [])])
    corpus.write_stock(stock, [(rows[:30], []), (rows[30:], [])])
    ours, truth = index.reader(), stock.reader()
    assert list(ours.all_terms()) == list(truth.all_terms())
    for name in ("body_grams", "id"):
        assert list(ours.expand_prefix(name, "天")) == list(truth.expand_prefix(name, "天"))
        assert list(ours.terms_within(name, "天地", 1)) == list(truth.terms_within(name, "天地", 1))
        assert list(ours.lexicon(name)) == list(truth.lexicon(name))
    for name, text in truth.all_terms():
        one, other = ours.term_info(name, text), truth.term_info(name, text)
        assert (one.weight(), one.doc_frequency()) == (other.weight(), other.doc_frequency())
        assert (one.min_id(), one.max_id(), one.max_weight()) == (
            other.min_id(),
            other.max_id(),
            other.max_weight(),
        )
    with pytest.raises(TermNotFound):
        ours.term_info("id", "nobody")
    assert ours.doc_frequency("id", "nobody") == 0 and ours.frequency("id", "nobody") == 0


def test_damage_is_found(corpus: Any, tmp_path: Path) -> None:
    """A file cut short is refused at opening, a flipped byte by `verify`."""
    index = corpus.create(tmp_path)
    corpus.write_ours(index, [(rows_of(corpus, 30), [])])
    path = next(tmp_path.glob("*.arrays"))
    whole = path.read_bytes()
    ArrayFile.open(path).verify()
    middle = ArrayFile.open(path)
    place = whole.index(middle.array("body_grams/postings").tobytes())
    path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
    with pytest.raises(IndexCorrupt, match="body_grams/postings"):
        ArrayFile.open(path).verify()
    for damaged in (whole[:-1], whole[:40], b"", whole[:-40] + bytes(40)):
        path.write_bytes(damaged)
        with pytest.raises(IndexCorrupt):
            ArrayFile.open(path)


def test_several_threads_open_and_search(corpus: Any, tmp_path: Path, any_kernel: str) -> None:
    """Threads that open and search at once all find the same."""
    index = corpus.create(tmp_path)
    corpus.write_ours(index, [(rows_of(corpus, 200), [])])
    shared = ArraySearcher(index.reader())
    question = Or([Term("body_grams", "天"), Term("title_grams", "地")])

    def search(number: int) -> Any:
        searcher = shared if number % 2 else ArraySearcher(index.reader())
        found = evaluate(searcher, question)
        return found, [searcher.stored_fields(docnum)["id"] for docnum in found.docnums]

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(search, range(64)))
    assert all(result == results[0] for result in results)


def test_an_empty_index_can_be_searched(corpus: Any, tmp_path: Path) -> None:
    """Before the first document, and with documents without terms, nothing is found and nothing fails."""
    index = corpus.create(tmp_path)
    assert evaluate(ArraySearcher(index.reader()), Term("body_grams", "天")).total == 0
    corpus.write_ours(index, [([{"id": "a", "body_grams": ""}], [])])
    searcher = ArraySearcher(index.reader())
    assert evaluate(searcher, Term("body_grams", "天")).total == 0
    assert evaluate(searcher, Every()).total == 1
    assert len(searcher.search(Every())) == 1


def test_other_codecs_are_refused(corpus: Any) -> None:
    """The evaluator says so when it is given segments of another codec."""
    stock = corpus.create(None)
    corpus.write_stock(stock, [(rows_of(corpus, 3), [])])
    with pytest.raises(TypeError, match="flat arrays"):
        evaluate(Searcher(stock.reader()), Every())


def test_a_segment_counts_its_deletions() -> None:
    """Deletions are a set that grows and shrinks."""
    segment = ArraySegment("t")
    segment.set_doc_count(3)
    segment.delete_document(1)
    assert (segment.doc_count(), segment.is_deleted(1), list(segment.deleted_docs())) == (2, True, [1])
    segment.delete_document(1, delete=False)
    assert not segment.has_deletions()
