"""Copies are one hit, different texts are not; groups, pages and counts hold together."""

from __future__ import annotations

import random
import tomllib
import tracemalloc
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer import Searcher, rebuild
from indexer.derived.duplicates import FILE, LEAST, Groups, grams, grouped, sketched, write_groups
from indexer.derived.duplicates.grouping import share
from indexer.derived.duplicates.sketches import SHORTEST, VALUES, agreement, sketches
from indexer.engine.embedded.generations import load
from indexer.text.analyzer import Analyzer
from indexer.text.display import convert
from indexer.text.units import STOP, Units, stopped_units
from indexer.text.units import units as units_of
from tests.conftest import MakeConfig, OpenIndex

CASES = tomllib.loads((Path(__file__).parents[2] / "cases/duplicates.toml").read_text(encoding="utf-8"))[
    "case"
]
SEED = 20261122
HAN = st.text("無錫软件園区天地a1", min_size=SHORTEST, max_size=SHORTEST + 4)


def units(*texts: str) -> list[Units]:
    """Each text as one run."""
    return [(text, array("I", [1, len(text)] if text else [])) for text in texts]


def texts(count: int, length: int) -> list[str]:
    """Different random texts."""
    source = random.Random(SEED)
    return ["".join(chr(source.randrange(0x4E00, 0x9000)) for _ in range(length)) for _ in range(count)]


def group(documents: list[Units]) -> list[int]:
    """The first of each document's group."""
    lengths = np.array([max(0, 2 * len(text) - 1) for text, _ in documents], np.int64)
    leaders, compared = grouped(sketches(documents), lengths, documents.__getitem__)
    again = grouped(sketches(documents), lengths, lambda document: ("", []), compared)
    assert again[0].tolist() == leaders.tolist() and again[1] == compared
    return [int(number) for number in leaders]


def changed(text: str, every: int) -> str:
    """A text with one in `every` characters replaced."""
    return "".join("々" if place % every == every - 1 else each for place, each in enumerate(text))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["label"])
def test_pairs(case: Mapping[str, Any], make_config: MakeConfig) -> None:
    """What a reader takes for one document is one group after the whole way through the pipeline."""
    config = make_config([case["one"], case["other"]])
    manifest = load(config.index.directory, rebuild(config).generation.name)
    assert Groups(manifest.path).members(0) == ([0, 1] if case["near"] else [0])


@pytest.fixture(scope="module")
def copies(make_config: MakeConfig) -> Iterator[Searcher]:
    """Twelve different documents, three copies of each in other scripts and sources, in mixed order."""
    documents = [
        {
            "id": f"{copy}-{number}",
            "source": f"{'甲乙丙'[copy]}報",
            "date": f"20{10 + copy}-03-{number + 1:02}",
            "text": convert(f"無錫的軟件園區。{text}", "hans" if copy == 1 else "hant"),
        }
        for number, text in enumerate(texts(12, 60))
        for copy in range(3)
    ]
    random.Random(SEED).shuffle(documents)
    config = make_config(documents)
    rebuild(config := replace(config, index=replace(config.index, workers=2)))
    with Searcher.open(config) as searcher:
        yield searcher


@pytest.mark.parametrize("sort", ["relevance", "date_desc", "date_asc"])
@pytest.mark.parametrize("query", ["軟件園", '"软件园"', "无锡 -不存在"])
def test_pages_do_not_repeat(copies: Searcher, query: str, sort: Any) -> None:
    """Over all pages each group is there once, whatever the page size and the order."""
    for size in (1, 5, 12, 40):
        pages = [copies.search(query, page=1 + at, size=size, sort=sort) for at in range(-(-12 // size))]
        shown = [hit.id.split("-")[1] for page in pages for hit in page.hits]
        assert sorted(shown, key=int) == [str(number) for number in range(12)]
        assert {(page.total.value, page.distinct) for page in pages} == {(36, 12)}
        assert {hit.copies for page in pages for hit in page.hits} == {2}
        assert not copies.search(query, page=1 + -(-12 // size), size=size, sort=sort).hits


def test_a_hit_is_the_best_of_its_group(copies: Searcher) -> None:
    """With the newest first, the newest of each group is shown."""
    assert {hit.id[0] for hit in copies.search("軟件園", sort="date_desc", size=20).hits} == {"2"}
    assert {hit.id[0] for hit in copies.search("軟件園", sort="date_asc", size=20).hits} == {"0"}


def test_only_matching_copies_are_counted(copies: Searcher) -> None:
    """A filter leaves the copies out that it excludes."""
    found = copies.search("軟件園", source="甲報", size=20)
    assert (found.total.value, found.distinct, len(found.hits)) == (12, 12, 12)
    assert {(hit.id[0], hit.copies) for hit in found.hits} == {("0", 0)}
    since = copies.search("軟件園", date_from="2011", size=20)
    assert (since.total.value, since.distinct) == (24, 12)
    assert {hit.copies for hit in since.hits} == {1}


def test_copies_can_be_seen(copies: Searcher) -> None:
    """`collapse=False` shows all; `near` shows one document and its copies; an unknown id shows nothing."""
    everything = copies.search("軟件園", size=40, collapse=False)
    assert (len(everything.hits), everything.distinct) == (36, 36)
    assert {hit.copies for hit in everything.hits} == {0}
    of_seven = copies.search("軟件園", near="1-7")
    assert {hit.id for hit in of_seven.hits} == {"0-7", "1-7", "2-7"}
    assert copies.search("軟件園", near="沒有").total.value == 0


def test_years_are_counted(copies: Searcher) -> None:
    """The facets count documents by source, year and script; the latest year comes first."""
    facets = copies.search("軟件園").facets
    assert list(facets["year"].items()) == [("2012", 12), ("2011", 12), ("2010", 12)]
    assert facets["lang"] == {"zh-Hans": 12, "zh-Hant": 24}
    assert facets["source"] == {"甲報": 12, "乙報": 12, "丙報": 12}


def test_undated_documents_are_in_no_year(open_index: OpenIndex) -> None:
    """A document without a date is not counted."""
    searcher = open_index(
        [{"id": "0", "text": "無錫"}, {"id": "1", "text": "無錫太湖", "date": "1949-10-01"}]
    )
    assert searcher.search("無錫").facets["year"] == {"1949": 1}


def test_many_copies(open_index: OpenIndex) -> None:
    """A page is filled even if more copies come before it than are fetched at first."""
    others = texts(5, 40)
    searcher = open_index(
        [*["無錫太湖的軟件園區，舊書與新茶，都在水邊的倉庫裡。"] * 300, *(f"太湖{text}" for text in others)]
    )
    for sort in ("relevance", "date_desc"):
        found = searcher.search("太湖", sort=sort, size=10)
        assert (found.total.value, found.distinct, len(found.hits)) == (305, 6, 6)
        assert max(hit.copies for hit in found.hits) == 299


def test_ranking_is_evaluated_over_all_documents(copies: Searcher) -> None:
    """Evaluation ranks every document: a judged one is not hidden behind its copy."""
    assert len(copies.rank("軟件園")) == 36


def test_one_event_in_three_regions_stays_apart(make_config: MakeConfig) -> None:
    """Reports of one event, each in its region's own words, are hits of their own."""
    seeds = Path(__file__).parents[3] / "seeds"
    config = make_config()
    rebuild(config := replace(config, sources=(replace(config.sources[0], path=seeds),)))
    with Searcher.open(config) as searcher:
        for query in ("颱風", "末班車", "軟件園 創新中心"):
            found = searcher.search(query)
            assert found.total.value == found.distinct and len(found.hits) > 2


def test_similar_documents(open_index: OpenIndex) -> None:
    """Documents on the same subject come first, never the document itself, its copy, or one twice."""
    subject = "太湖新城的軟件園區舉行揭牌儀式，創新中心正式成立，"
    documents = [
        {"id": "自己", "text": subject + "市長致詞，來賓參觀了機房與展廳，媒體採訪了工程師。"},
        {
            "id": "副本",
            "text": convert(subject + "市長致詞，來賓參觀了機房與展廳，媒體採訪了工程師。", "hans"),
        },
        {"id": "同題", "text": "軟件園區的創新中心成立兩年，太湖新城的企業在揭牌儀式後陸續進駐，園區已滿。"},
        {
            "id": "同題副本",
            "text": "软件园区的创新中心成立两年，太湖新城的企业在揭牌仪式后陆续进驻，园区已满。",
        },
        {"id": "茶", "text": "這家茶樓的點心師傅清晨四點就開始和麵，蝦餃與燒賣最受街坊歡迎。"},
        {"id": "車", "text": "末班車開出以後，月台上只剩下清潔工人，廣播也停了。"},
    ]
    searcher = open_index(documents)
    found = [hit.id for hit in searcher.similar("自己")]
    assert found[0] in ("同題", "同題副本")
    assert not {"自己", "副本"} & {*found}
    assert len({"同題", "同題副本"} & {*found}) == 1
    assert all(hit.heading.text and not hit.heading.marks for hit in searcher.similar("自己"))
    assert searcher.similar("沒有") == ()
    assert len(searcher.similar("自己", size=1)) == 1


def test_similar_where_no_word_leads_anywhere(open_index: OpenIndex) -> None:
    """A document that shares nothing has nothing similar, and an empty one neither."""
    searcher = open_index(["蝦餃燒賣", "末班列車", "…"])
    assert [searcher.similar(each) for each in "012"] == [(), (), ()]


def test_the_grouping_is_vouched_for(make_config: MakeConfig) -> None:
    """The manifest lists the file of groups, which has the container's checksums."""
    config = make_config(["無錫", "無錫", "太湖"])
    generation = rebuild(config).generation
    assert FILE in load(config.index.directory, generation.name).files


def test_fingerprints_of_a_batch_are_those_of_each() -> None:
    """What else is in a batch does not matter; empty and short texts have none."""
    batch = units("無錫軟件園區𠮷" * 3, "湖" * (SHORTEST - 1), "湖" * SHORTEST, "無錫軟件園區" * 4, "")
    alone = np.concatenate([sketches([each]) for each in batch])
    assert (sketches(batch) == alone).all()
    assert not alone[[1, 4]].any() and alone[[0, 2, 3]].any(axis=1).all()
    assert len(sketches([])) == 0


@settings(max_examples=200, deadline=None, derandomize=True)
@given(text=st.text("無錫软件園区天地a1 ，。\ud800𠀀", max_size=60))
def test_compiled_fingerprints_are_the_same(text: str) -> None:
    """The extension gives the numbers that numpy gives; short texts have none with either."""
    sketch = pytest.importorskip("indexer.native._text", reason="the extension was not built").sketch
    for own in (units_of(text), stopped_units(text)):
        assert [list(sketch(*own, SHORTEST, STOP))] == sketches([units_of(text)]).tolist()
    with pytest.raises(ValueError, match="spans of their text"):
        sketch(text, array("I", [0, len(text) + 1]), 0, STOP)


def test_sketched_adds_two_numbers(analyzer: Analyzer) -> None:
    """Fields stay as they are, and get the fingerprint; without documents there is nothing."""
    fields = {"id": "甲", "grams": analyzer.gram_units("無錫")}
    (found,) = sketched([fields])
    assert found.items() >= fields.items() and {*found} - {*fields} == {"sketch_a", "sketch_b"}
    assert all(isinstance(found[name], int) for name in ("sketch_a", "sketch_b"))
    assert sketched([]) == []


def test_agreement_estimates_the_share() -> None:
    """The fingerprints of texts that share much agree in much, those of others in hardly anything."""
    one = texts(200, 80)
    found = sketches(units(*one))
    copies = sketches(units(*(changed(text, 40) for text in one)))
    shares = [
        share(grams(a), grams(b))
        for a, b in zip(units(*one), units(*(changed(t, 40) for t in one)), strict=True)
    ]
    assert abs(agreement(found, copies).mean() / VALUES - np.mean(shares)) < 0.03
    assert agreement(found, found).min() == VALUES
    assert agreement(found, np.roll(found, 1, axis=0)).mean() < 0.1


def test_near_copies_are_found() -> None:
    """Of texts that share more than the least part, 98 of 100 at least are grouped; of others none."""
    one = texts(300, 100)
    near, far = [changed(text, 40) for text in one], [changed(text, 12) for text in one]
    found = group(units(*one, *near))
    assert sum(leader == place for place, leader in enumerate(found[300:])) >= 294
    assert group(units(*one, *far)) == list(range(600))


def test_every_member_is_near_its_first() -> None:
    """Documents that drift apart step by step form no chain."""
    text = texts(1, 200)[0]
    steps = [text]
    for place in range(3, 200, 3):
        steps.append(steps[-1][:place] + "々" + steps[-1][place + 1 :])
    documents = units(*steps)
    leaders = group(documents)
    assert len({*leaders}) > 5
    assert all(share(grams(documents[a]), grams(documents[b])) >= LEAST for a, b in enumerate(leaders))


@given(st.lists(HAN, max_size=12))
def test_groups_are_sound(batch: list[str]) -> None:
    """The first of a group is the first of its own group and near all of it; equal texts are together."""
    documents = units(*batch)
    leaders = group(documents)
    for place, leader in enumerate(leaders):
        assert leader <= place and leaders[leader] == leader
        assert share(grams(documents[place]), grams(documents[leader])) >= LEAST
        assert leader == leaders[batch.index(batch[place])]


@given(
    st.lists(st.integers(0, 20), max_size=30).map(sorted),
    st.sets(st.integers(0, 29)),
    st.dictionaries(st.binary(min_size=16, max_size=16), st.booleans()),
)
def test_groups_come_back_as_written(drawn: list[int], found: set[int], compared: dict[bytes, bool]) -> None:
    """Leaders, members and counts are those of the grouping that was written, and what was compared."""
    leaders = np.array([min(leader, place) for place, leader in enumerate(drawn)], np.int64)
    leaders = leaders[leaders[leaders]] if len(leaders) else leaders
    while len(leaders) and (leaders[leaders] != leaders).any():
        leaders = leaders[leaders]
    with TemporaryDirectory() as path:
        write_groups(Path(path), leaders, compared)
        groups = Groups(Path(path))
    assert groups.compared() == compared
    places = list(range(len(leaders)))
    assert groups.leaders(places) == leaders.tolist()
    for place in places:
        assert groups.members(place) == np.flatnonzero(leaders == leaders[place]).tolist()
    matching = np.array(sorted(found & {*places}), np.int64)
    counts = groups.counts(matching)
    for leader in {*leaders.tolist()}:
        members = (leaders[matching] == leader).sum()
        assert counts.get(leader, 0) == (members if members > 1 else 0)


def test_an_index_without_groups(tmp_path: Path) -> None:
    """Where there is no file of groups, every document is alone."""
    groups = Groups(tmp_path)
    assert (len(groups), groups.leaders([3, 1]), groups.members(4)) == (0, [3, 1], [4])
    assert groups.counts(np.array([1, 2])) == groups.compared() == {}


@settings(deadline=None, derandomize=True)
@given(st.lists(st.sampled_from(texts(6, 40)), min_size=2, max_size=12), st.randoms())
def test_groups_do_not_depend_on_the_order_of_building(
    open_index: OpenIndex, batch: list[str], shuffled: random.Random
) -> None:
    """Whichever way documents come, the same belong together, and the first by id leads them."""
    documents = [{"id": f"{number:02}", "text": text} for number, text in enumerate(batch)]
    other = documents[:]
    shuffled.shuffle(other)
    shown = [
        [(hit.id, hit.copies) for hit in open_index(each).search("，".join(batch)[:200], size=20).hits]
        for each in (documents, other)
    ]
    assert shown[0] == shown[1]


def test_memory_is_not_for_all_pairs_at_once() -> None:
    """Where hundreds of thousands of pairs agree in a quarter of the fingerprint, few are in memory."""
    chance = np.random.default_rng(SEED)
    lanes = chance.integers(1 << 31, size=(4, 300))[np.arange(4), chance.integers(300, size=(20_000, 4))]
    fingerprints = lanes[:, :2] << 32 | lanes[:, 2:]
    tracemalloc.start()
    try:
        leaders, _ = grouped(fingerprints, np.full(len(lanes), 40), lambda place: units(str(place))[0])
        assert tracemalloc.get_traced_memory()[1] < 20 << 20
    finally:
        tracemalloc.stop()
    assert len(leaders) == len(lanes)
