"""The searcher: pages of marked hits, documents with marks, and a clean move to the next generation."""

from __future__ import annotations

import gc
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from indexer import (
    Config,
    DocumentNotFound,
    HansouError,
    IndexCorrupt,
    IndexMissing,
    IndexOutdated,
    QueryTooLong,
    Searcher,
    load_config,
    normalize,
    rebuild,
)
from indexer.config import SearchSettings
from indexer.engine.embedded import generations

DAMAGED = "無(wú)錫(xī)軟(ruǎn)件園(yuán)的創(chuàng)新中心在太湖邊。"
DOCUMENTS = (
    {
        "id": "甲/1", "title": "無錫軟件園", "text": "無錫的軟件園離太湖不遠。", "url": "https://a.example/1",
        "date": "2023-03-11", "source": "新華社", "author": "李明",
    },
    {"id": "乙", "text": "无锡的创新。\n第二行写软件园。"},
    {"id": "丙", "text": DAMAGED},
    *({"id": f"丁{number}", "text": f"渡輪第{number}班準時。", "source": "渡輪社"} for number in range(25)),
)  # fmt: skip


@pytest.fixture(scope="module")
def config(make_config: Any) -> Config:
    """A configuration whose index is built."""
    made: Config = make_config(DOCUMENTS)
    rebuild(made)
    return made


@pytest.fixture(scope="module")
def searcher(config: Config) -> Iterator[Searcher]:
    """A searcher of it."""
    with Searcher.open(config) as opened:
        yield opened


def test_hit_says_what_the_document_states(searcher: Searcher) -> None:
    """Fields as stated, the title with marks, the generation on the page."""
    page = searcher.search("無錫軟件園")
    hit = page.hits[0]
    assert (hit.id, hit.title, hit.url) == ("甲/1", "無錫軟件園", "https://a.example/1")
    assert (hit.date, hit.source, hit.author, hit.lang) == ("2023-03-11", "新華社", "李明", "zh-Hant")
    assert hit.heading.text == "無錫軟件園" and hit.heading.marks
    assert (page.query, page.normalized_query) == ("無錫軟件園", normalize("無錫軟件園"))
    assert (page.generation, page.built_at) == (searcher.generation, searcher.built_at)
    assert page.took_ms > 0


def test_nothing_is_invented(searcher: Searcher) -> None:
    """A document that states nothing has nothing; its heading is the opening of its text."""
    hit = next(hit for hit in searcher.search("创新").hits if hit.id == "乙")
    assert (hit.title, hit.url, hit.date, hit.source, hit.author) == (None,) * 5
    assert hit.heading.text == "无锡的创新。"


@pytest.mark.parametrize("query", ["无锡", "無錫", "軟件園", "软件园"])
def test_either_script_finds_and_marks_the_other(searcher: Searcher, query: str) -> None:
    """A query in one script marks documents of both, each in its own."""
    hits = {hit.id: hit for hit in searcher.search(query).hits}
    assert {"甲/1", "乙", "丙"} <= {*hits}
    for hit in hits.values():
        marked = [s.text[start:end] for s in hit.snippets for start, end in s.marks]
        assert marked and {normalize(piece) for piece in marked} == {normalize(query)}


def test_repaired_documents_show_the_repaired_text(searcher: Searcher) -> None:
    """The annotations are gone from what is shown, and kept in what can be looked up."""
    hit = next(hit for hit in searcher.search("創新中心").hits if hit.id == "丙")
    assert "(" not in hit.snippets[0].text and hit.repairs > 0
    view = searcher.document("丙", "創新中心")
    assert view.original == DAMAGED and view.steps
    assert "".join(view.document.text[start:end] for start, end in view.marks) == "創新中心"


def test_pages_cut_one_list(searcher: Searcher) -> None:
    """Pages follow one another without gap or overlap, past the end they are empty, the total stays."""
    whole = [hit.id for hit in searcher.search("渡輪", size=100).hits]
    pages = [searcher.search("渡輪", page=page, size=10) for page in (1, 2, 3, 4)]
    assert [hit.id for page in pages for hit in page.hits] == whole
    assert {page.total.value for page in pages} == {25} and pages[3].hits == ()


def test_pages_end_with_the_thousandth_hit(searcher: Searcher) -> None:
    """A page beyond is an error, not an empty page."""
    assert searcher.search("渡輪", page=10, size=100).hits == ()
    with pytest.raises(ValueError, match="1,000"):
        searcher.search("渡輪", page=11, size=100)


def test_facets_count_all_matches(searcher: Searcher) -> None:
    """Counts by source are of all matches, not of the page."""
    assert searcher.search("渡輪", size=1).facets["source"] == {"渡輪社": 25}


def test_filters(searcher: Searcher) -> None:
    """Source and script narrow the matches."""
    assert searcher.search("無錫", source="新華社").total.value == 1
    assert [hit.id for hit in searcher.search("無錫", lang="zh-Hans").hits] == ["乙"]


def collections(tmp_path: Path) -> Config:
    """A configuration of three sources, two with names, built."""
    for folder, text in (("甲", "無錫的報紙。"), ("乙", "无锡的信件。"), ("丙", "無錫的雜物。")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / f"{folder}.txt").write_text(text, encoding="utf-8")
    (tmp_path / "config.toml").write_text(
        '[[source]]\npath = "甲"\nname = "舊報紙"\n[[source]]\npath = "乙"\nname = "往来信件"\n'
        '[[source]]\npath = "丙"\n',
        encoding="utf-8",
    )
    config = load_config(tmp_path / "config.toml", {})
    rebuild(config)
    return config


def test_collections(tmp_path: Path) -> None:
    """The name of a source is a facet, a filter by its whole name and a field, in either script."""
    with Searcher.open(collections(tmp_path)) as searcher:
        page = searcher.search("無錫")
        assert page.facets["collection"] == {"舊報紙": 1, "往来信件": 1} and page.total.value == 3
        assert {hit.id: hit.collection for hit in page.hits} == {
            "甲.txt": "舊報紙", "乙.txt": "往来信件", "丙.txt": None
        }  # fmt: skip
        found = {
            name: [hit.id for hit in searcher.search("無錫", collection=name).hits]
            for name in ("旧报纸", "往來信件", "報紙")
        }
        assert found == {"旧报纸": ["甲.txt"], "往來信件": ["乙.txt"], "報紙": []}
        for query, ids in (("collection:报纸", ["甲.txt"]), ("無錫 -collection:信件", ["丙.txt", "甲.txt"])):
            assert sorted(hit.id for hit in searcher.search(query).hits) == ids
        assert searcher.stats()["collections"] == {"舊報紙": 1, "往来信件": 1}


@pytest.mark.parametrize("query", ["", "   ", "\0"])
def test_empty_query_lists(searcher: Searcher, query: str) -> None:
    """Nothing asked lists every document."""
    assert searcher.search(query).total.value == len(DOCUMENTS)


def test_query_too_long(searcher: Searcher) -> None:
    """More than 256 characters are refused in either mode."""
    with pytest.raises(QueryTooLong):
        searcher.search("無" * 257)
    with pytest.raises(QueryTooLong):
        searcher.search("無" * 257, mode="exact")


def test_rank_is_the_order_of_search(searcher: Searcher) -> None:
    """Evaluation measures what users see."""
    for query in ("渡輪", "無錫 創新", '"軟件園"', "不存在的詞"):
        assert searcher.rank(query, 10) == [hit.id for hit in searcher.search(query).hits]


def test_document_by_id(searcher: Searcher) -> None:
    """A document is found by its id, slashes included, with marks of a query or without."""
    assert searcher.document("甲/1").marks == ()
    view = searcher.document("甲/1", "無錫")
    assert view.marks == ((0, 2),) and view.title_marks == ((0, 2),)
    with pytest.raises(DocumentNotFound, match="'無'"):
        searcher.document("無")


def test_analyze_shows_every_stage(searcher: Searcher) -> None:
    """Repaired text, folded text, words and grams, with offsets into the repaired text."""
    shown = searcher.analyze(DAMAGED)
    assert shown["repaired"] == "無錫軟件園的創新中心在太湖邊。"
    assert shown["folded"] == normalize(shown["repaired"])
    assert len(shown["steps"]) >= 3
    for token in (*shown["words"], *shown["grams"]):
        assert shown["repaired"][token["start"] : token["end"]] == token["text"]


def test_stats_count_what_was_indexed(searcher: Searcher) -> None:
    """Documents, repaired ones, scripts and sources."""
    stats = searcher.stats()
    assert (stats["documents"], stats["repaired"], stats["skipped"]) == (len(DOCUMENTS), 1, 0)
    assert stats["sources"] == {"渡輪社": 25, "新華社": 1}
    assert stats["langs"]["zh-Hans"] == 1
    assert stats["repairs"]["pinyin"] >= 3 and stats["bytes"] > 0


def test_searcher_is_shared_between_threads(searcher: Searcher) -> None:
    """The same answers from eight threads at once."""
    expected = searcher.search("無錫 渡輪 創新").hits
    different: list[Any] = []

    def ask() -> None:
        for _ in range(10):
            if (hits := searcher.search("無錫 渡輪 創新").hits) != expected:
                different.append(hits)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert different == []


def test_refresh_moves_to_the_new_generation(make_config: Any) -> None:
    """Until refreshed a searcher answers from the generation it opened; then from the live one."""
    config = make_config(["無錫的第一版。"])
    rebuild(config)
    with Searcher.open(config) as searcher:
        first = searcher.generation
        assert searcher.refresh() is False
        (config.base / "documents" / "new.txt").write_text("北京的第二版。", encoding="utf-8")
        rebuild(config)
        assert searcher.search("北京").total.value == 0 and searcher.generation == first
        assert searcher.refresh() is True and searcher.generation != first
        assert searcher.search("北京").total.value == searcher.search("無錫").total.value == 1


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="what is mapped is not told here")
def test_an_old_generation_is_let_go(make_config: Any) -> None:
    """After a refresh no file of the generation before stays mapped, however much was asked of it."""
    config = make_config(["無錫的軟件園，無錫的湖。", "北京的胡同。"])
    rebuild(config)
    with Searcher.open(config) as searcher:
        first = searcher.generation
        assert searcher.search("無錫的湖").total.value == 1 and searcher.suggest("無") is not None
        assert first in Path("/proc/self/maps").read_text()
        rebuild(config)
        assert searcher.refresh()
        gc.collect()
        assert first not in Path("/proc/self/maps").read_text()


@pytest.mark.parametrize(("typed", "offered"), [("無西", "無錫"), ("无西", "无锡")])
def test_a_correction_is_in_the_script_that_was_typed(open_index: Any, typed: str, offered: str) -> None:
    """What is offered instead is written as the query is."""
    searcher = open_index(["無錫的軟件園。", "无锡的园区。", "無錫與太湖。"])
    assert searcher.search(typed).suggestion == offered


def test_changed_synonyms_need_no_rebuild(make_config: Any) -> None:
    """The user's synonyms are read anew when their file changes."""
    config = make_config(["小籠包很好吃。"], '[search]\nsynonyms = "synonyms.txt"\n')
    synonyms = config.base / "synonyms.txt"
    synonyms.write_text("", encoding="utf-8")
    rebuild(config)
    with Searcher.open(config) as searcher:
        assert searcher.search("灌湯點心").total.value == 0
        synonyms.write_text("灌湯點心, 小籠包\n", encoding="utf-8")
        os.utime(synonyms, ns=(1, 1))
        assert searcher.refresh() is True and searcher.refresh() is False
        (hit,) = searcher.search("灌湯點心").hits
        assert hit.snippets[0].html.startswith("<mark>小籠包</mark>")


def test_the_state_tells_apart_what_answers_differently(make_config: Any) -> None:
    """Other synonyms, settings and generations are other states; the same words, written anew, are not."""
    config = make_config(["小籠包很好吃。"], '[search]\nsynonyms = "synonyms.txt"\n')
    synonyms = config.base / "synonyms.txt"
    synonyms.write_text("", encoding="utf-8")
    rebuild(config)
    with Searcher.open(config) as searcher:
        states = [searcher.state]
        synonyms.write_text("灌湯點心, 小籠包\n", encoding="utf-8")
        assert searcher.refresh()
        states.append(searcher.state)
        synonyms.write_text("# a comment\n灌湯點心,小籠包\n", encoding="utf-8")
        assert searcher.refresh() and searcher.state == states[-1]
        rebuild(config)
        assert searcher.refresh()
        states.append(searcher.state)
        with Searcher.open(config) as other:
            assert other.state == searcher.state
    for change in ({"page_size": 7}, {"deadline_s": 1.5}):
        with Searcher.open(replace(config, search=replace(config.search, **change))) as other:
            states.append(other.state)
    assert len({*states}) == 5


def test_every_setting_of_the_search_is_part_of_the_state_or_decides_nothing() -> None:
    """Who adds a setting decides whether it determines answers: then it goes into `Searcher.state`."""
    in_the_state = {"page_size", "deadline_s", "synonyms"}
    assert {field.name for field in fields(SearchSettings)} == in_the_state | {"query_log"}


def damage_synonyms(config: Config) -> None:
    """A second line that is no group."""
    (config.base / "synonyms.txt").write_text("灌湯點心, 小籠包\n小籠包\n", encoding="utf-8")


def remove_synonyms(config: Config) -> None:
    """The configured file is gone."""
    (config.base / "synonyms.txt").unlink()


def copy_half(config: Config) -> None:
    """A generation as it is while it is being copied, named already."""
    old = generations.load(config.index.directory, generations.current_name(config.index.directory))
    (new := old.path.with_name("99990101T000000000000-abcdef")).mkdir()
    shutil.copy(old.path / "manifest.json", new)
    generations.point_to(config.index.directory, new.name)


def damage_new(config: Config) -> None:
    """A new generation with a file cut short."""
    directory = config.index.directory
    groups = generations.load(directory, rebuild(config).generation.name).path / "groups"
    os.truncate(groups, groups.stat().st_size - 1)


def remove_pointer(config: Config) -> None:
    """No generation is named."""
    (config.index.directory / "CURRENT").unlink()


@pytest.mark.parametrize(
    ("fail", "message"),
    [
        (damage_synonyms, r"synonyms\.txt:2: "),
        (remove_synonyms, r"synonyms\.txt: .*cannot be read"),
        (copy_half, "99990101"),
        (damage_new, "groups: "),
        (remove_pointer, "no index yet"),
    ],
)
def test_a_refresh_that_fails_changes_nothing(
    make_config: Any, fail: Callable[[Config], None], message: str
) -> None:
    """It says what is wrong and where; answers and state stay, and the next sound state is taken over."""
    config = make_config(["小籠包很好吃。"], '[search]\nsynonyms = "synonyms.txt"\n')
    synonyms = config.base / "synonyms.txt"
    synonyms.write_text("灌湯點心, 小籠包\n", encoding="utf-8")
    rebuild(config)
    with Searcher.open(config) as searcher:
        state = searcher.state
        fail(config)
        for _ in range(2):
            with pytest.raises(HansouError, match=message):
                searcher.refresh()
            assert searcher.state == state and searcher.search("灌湯點心").total.value == 1
        synonyms.write_text("灌湯點心, 小籠包, 湯包\n", encoding="utf-8")
        rebuild(config)
        assert searcher.refresh() and searcher.state != state


def test_stop_words_do_not_break_phrases(open_index: Any, tmp_path: Any) -> None:
    """A stop word inside a phrase is part of it (infinity#1308)."""
    (tmp_path / "stop.txt").write_text("的\n", encoding="utf-8")
    toml = f'[analysis]\nstop_words = "{tmp_path}/stop.txt"\n'
    searcher = open_index(["園區的燈", "園區與燈"], toml)
    assert [hit.id for hit in searcher.search('"園區的燈"').hits] == ["0"]
    assert searcher.search("的").total.value == 1


def test_no_index(make_config: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening before the first rebuild says to rebuild, before any dictionary is loaded."""
    loaded: dict[object, object] = {}
    monkeypatch.setattr("indexer.text.segmenter._loaded", loaded)
    with pytest.raises(IndexMissing, match="hansou rebuild"):
        Searcher.open(make_config())
    assert loaded == {}


def test_analysis_of_another_release(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    """An index that this release would analyze otherwise is refused, saying to rebuild."""
    monkeypatch.setattr("indexer.text.analyzer.ANALYSIS_VERSION", 10_000)
    with pytest.raises(IndexOutdated, match="hansou rebuild"):
        Searcher.open(config)


def test_an_index_is_searched_as_it_was_analyzed(make_config: Any) -> None:
    """Settings and word lists that changed since count from the next build on; then a searcher moves on."""
    config = make_config(
        ["晉瑋經來了。"], '[analysis]\nuser_dictionary = "words.txt"\nstop_words = "stop.txt"\n'
    )
    words, stop = config.analysis.user_dictionary, config.analysis.stop_words
    words.write_text("晉瑋經\n", encoding="utf-8")
    stop.write_text("來\n", encoding="utf-8")
    rebuild(config)
    words.write_text("瑋經來\n", encoding="utf-8")
    stop.unlink()
    with Searcher.open(config) as searcher:
        fingerprint = searcher.stats()["fingerprint"]
        assert [word["term"] for word in searcher.analyze("晉瑋經來")["words"]] == [normalize("晉瑋經")]
        assert searcher.search("晉瑋經").total.value == 1
        stop.write_text("", encoding="utf-8")
        changed = replace(config, analysis=replace(config.analysis, hmm=True))
        rebuild(changed)
        assert searcher.refresh() and searcher.stats()["fingerprint"] != fingerprint
        assert len(searcher.analyze("晉瑋經來")["words"]) == 2
        assert searcher.search("瑋經來").total.value == 1


def test_removed_generation(make_config: Any) -> None:
    """A pointer to a generation that is gone is damage, not a missing file."""
    config = make_config(["無錫"])
    name = rebuild(config).generation.name
    shutil.rmtree(config.index.directory / "generations" / name)
    with pytest.raises(IndexCorrupt):
        Searcher.open(config)
    assert generations.names(config.index.directory) == []


def test_turning_the_page_asks_the_index_nothing(searcher: Searcher, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the first page found is kept for the next ones; what narrows otherwise is another search."""
    first = searcher.search("渡輪 準時", size=5)
    snapshot, asked = type(searcher._live.snapshot), list[int]()
    search = snapshot.search

    def counted(*given: Any, **named: Any) -> Any:
        asked.append(1)
        return search(*given, **named)

    monkeypatch.setattr(snapshot, "search", counted)
    second = searcher.search("渡輪 準時", size=5, page=2)
    assert not asked and second.total == first.total
    assert not {hit.id for hit in first.hits} & {hit.id for hit in second.hits}
    searcher.search("渡輪 準時", size=5, source="渡輪社")
    assert asked
