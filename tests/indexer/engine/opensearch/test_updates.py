"""An update on a cluster sends what differs, and gives what a rebuild gives. Needs a cluster."""

from __future__ import annotations

import errno
import json
import os
import random
import secrets
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from indexer import Config, Searcher, load_config, rebuild
from indexer.config import EngineSettings
from indexer.engine import open_engine
from indexer.engine.embedded.whoosh.index import segments_of
from indexer.engine.opensearch import attachments, building, generations, loading, lock, numbering
from indexer.engine.opensearch.cluster import Cluster
from indexer.engine.opensearch.generations import Indices
from indexer.engine.opensearch.sent import Sent
from indexer.engine.opensearch.spools import Spools
from indexer.pipeline import merge, update
from indexer.shares import Share, finish, write_share
from tests.indexer.test_updating import QUERIES, change, content

NODES = os.environ.get("HANSOU_CLUSTER", "")
pytestmark = pytest.mark.skipif(not NODES, reason="needs a cluster: `make cluster`")
TEXT = "天地玄黃宇宙洪荒日月盈昃辰宿列張寒來暑往秋收冬藏"


@pytest.fixture
def config(tmp_path: Path) -> Iterator[Config]:
    """An index of two shards on the cluster, with an empty source; it goes when the test is over."""
    (tmp_path / "seeds").mkdir()
    prefix = f"hansou-test-updates-{secrets.token_hex(4)}"
    (tmp_path / "config.toml").write_text(
        f'[documents]\nreaders = 0\n[engine]\nkind = "opensearch"\nhosts = {json.dumps(NODES.split(","))}\n'
        f'index = "{prefix}"\nshards = 2\nreplicas = 0\n[index]\nworkers = 1\n',
        encoding="utf-8",
    )
    yield load_config(tmp_path / "config.toml", {})
    Cluster(EngineSettings("opensearch", tuple(NODES.split(",")))).ask("DELETE", f"/{prefix}*", seconds=120)


def write(config: Config, rows: dict[str, str]) -> None:
    """One file of rows, by id."""
    lines = (json.dumps({"id": id, "text": text}, ensure_ascii=False) for id, text in rows.items())
    (config.sources[0].path / "rows.jsonl").write_text("\n".join(lines), encoding="utf-8")


def texts(count: int) -> dict[str, str]:
    """Documents, no two of which are near-identical."""
    chance = random.Random(1)
    return {f"d{number:03}": "".join(chance.choices(TEXT, k=60)) for number in range(count)}


def beside(config: Config, **more: str) -> Config:
    """The same sources, in an index of their own that is made anew: an embedded one, unless `more` says."""
    shutil.rmtree(config.base / "fresh", ignore_errors=True)
    named = {"HANSOU_INDEX_DIRECTORY": str(config.base / "fresh"), "HANSOU_ENGINE_KIND": "embedded"}
    found = load_config(config.base / "config.toml", {**named, **more})
    rebuild(found, allow_shrink=True)
    return found


def same(one: Config, other: Config) -> bool:
    """Whether two indexes say the same of everything, with scores as exact as they are on a cluster."""
    scores: list[list[float]] = []
    told = []
    for found in map(content, (one, other)):
        pages = {query: page for query, page in found.items() if query in QUERIES}
        scores.append([score for hits, *_ in pages.values() for _, score in hits])
        told.append(found | {query: ([id for id, _ in page[0]], *page[1:]) for query, page in pages.items()})
    assert told[0] == told[1]
    return scores[0] == pytest.approx(scores[1], 1e-6)


def left(config: Config) -> tuple[set[str], set[str]]:
    """The states that there is anything of on the cluster, and in the folder of the builder."""
    engine = open_engine(config)
    prefix = config.engine.index
    found = Cluster(config.engine).ask("GET", f"/{prefix}-*/_settings")
    indices = {name.removeprefix(f"{prefix}-").removesuffix("-files") for name in found} - {"lock"}
    spools = {path.name for path in (config.index.directory / "spool" / prefix / "generations").iterdir()}
    assert indices == {*engine.names()}
    return indices, spools


@pytest.mark.parametrize("seed", [1, 2])
def test_an_update_gives_what_a_rebuild_gives(config: Config, seed: int) -> None:
    """Over random changes: each record, group, word, suggestion and score; and readers keep what they had."""
    chance = random.Random(seed)
    for _ in range(12):
        change(config.sources[0].path, chance)
    rebuild(config)
    for number in range(4):
        with Searcher.open(config) as reader:
            was = reader.search("無錫 OR 码头 OR 夜市", size=50)
            for _ in range(chance.randint(1, 6)):
                change(config.sources[0].path, chance)
            report = update(config, allow_shrink=True, merge=number % 2 == 1)
            assert report.anew is None
            assert reader.search("無錫 OR 码头 OR 夜市", size=50).hits == was.hits
        assert same(config, beside(config))
    engine = open_engine(config)
    engine.check(engine.live())
    assert left(config)[1] == {*engine.names()}
    merge(config)
    assert same(config, beside(config)) and update(config).changes.unchanged == report.counts.documents
    prefix = f"{config.engine.index}-anew"
    anew = beside(config, HANSOU_ENGINE_KIND="opensearch", HANSOU_ENGINE_INDEX=prefix)
    assert content(config) == content(anew)


def test_only_what_differs_is_sent(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is new, changed or gone, and those whose group is another one; nobody gets another number."""
    rows = texts(60)
    write(config, rows)
    rebuild(config)
    sent: list[loading.Entry] = []
    send = loading._send
    monkeypatch.setattr(loading, "_send", lambda *given: (sent.extend(given[2]), send(*given))[1])

    def updated() -> tuple[int, int]:
        """How many documents an update sends, and how many it deletes."""
        sent.clear()
        write(config, rows)
        assert update(config).anew is None
        return sum(bool(each.body) for each in sent), sum(not each.body for each in sent)

    rows |= {"d003": TEXT * 2, "d0035": TEXT[::-1] * 2}
    del rows["d009"]
    assert updated() == (2, 1)
    rows["d004"] = rows["d040"]
    # The changed one, and the other one that it leads now.
    assert updated() == (2, 0)
    del rows["d004"]
    assert updated() == (1, 1)
    with Searcher.open(config) as searcher:
        assert searcher.search(rows["d040"]).hits[0].id == "d040"


def test_merging_leaves_nothing_of_what_is_deleted(config: Config) -> None:
    """Neither on the cluster nor in the spool; nothing is done where there is nothing to do."""

    def pieces() -> tuple[int, int]:
        """How many deleted documents the live index has still, and how many segments the spool."""
        live, prefix = open_engine(config).live(), config.engine.index
        found = Cluster(config.engine).ask("GET", f"/{prefix}-{live}/_stats/docs")
        spool = config.index.directory / "spool" / prefix / "generations" / live
        return found["_all"]["primaries"]["docs"]["deleted"], len(segments_of(spool))

    rows = texts(60)
    write(config, rows)
    rebuild(config)
    write(config, rows | {f"d0{number}": f"{TEXT}{number}" for number in range(10, 22)})
    update(config)
    assert pieces()[0] and pieces()[1] == 2
    merge(config)
    assert pieces() == (0, 1) and same(config, beside(config))
    live = open_engine(config).live()
    assert merge(config).generation.name == live


def test_no_more_room(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two ids that many came between: everything is built anew, and the report says why."""
    monkeypatch.setattr(numbering, "SPAN", 200)
    rows = texts(20)
    write(config, rows)
    rebuild(config)
    write(config, rows | {f"d005{number}": text for number, text in enumerate(texts(9).values())})
    report = update(config)
    assert report.anew is not None and "room" in report.anew and report.counts.documents == 29
    assert left(config)[1] == left(config)[0]


def test_a_builder_that_has_no_spool(config: Config) -> None:
    """On another machine, or in an empty folder: built anew once, then updated."""
    rows = texts(20)
    write(config, rows)
    rebuild(config)
    shutil.rmtree(config.index.directory)
    write(config, rows | {"e": TEXT})
    report = update(config)
    assert report.anew is not None and "another machine" in report.anew
    write(config, rows)
    assert update(config).anew is None


def test_other_shards(config: Config) -> None:
    """Another number of shards is a matter of building anew."""
    write(config, texts(20))
    rebuild(config)
    other = load_config(config.base / "config.toml", {"HANSOU_ENGINE_SHARDS": "3"})
    write(config, texts(21))
    report = update(other)
    assert report.anew is not None and "2 shards" in report.anew


def test_going_back_and_on(config: Config) -> None:
    """After a rollback an update begins with the state that is live."""
    write(config, texts(20))
    rebuild(config)
    write(config, texts(25))
    update(config)
    open_engine(config).rollback()
    write(config, texts(23))
    report = update(config)
    assert (report.anew, report.changes.added, report.counts.documents) == (None, 3, 23)
    assert same(config, beside(config))


def test_what_was_built_in_shares_is_updated(config: Config) -> None:
    """Who put the shares together has the spool."""
    rows = texts(20)
    write(config, rows)
    for number in (1, 2):
        write_share(config, Share(number, 2))
    finish(config)
    write(config, rows | {"d0055": TEXT})
    report = update(config)
    assert (report.anew, report.changes.added) == (None, 1)
    assert same(config, beside(config))


def killed(config: Config, where: type | Any, name: str, after: bool) -> None:
    """Update in a process that is killed as it comes to a function, or leaves it."""
    pid = os.fork()
    if pid:
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL
        return
    function: Callable[..., Any] = getattr(where, name)

    def kills(*given: Any, **more: Any) -> None:
        if after:
            function(*given, **more)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(where, name, kills)
    try:
        update(config)
    finally:
        os._exit(0)


STAGES = {
    "before anything": (Spools, "begin", False, False),
    "the clone says what its original said": (building.OpenSearchBuild, "_make", True, False),
    "the index is cloned": (building.OpenSearchBuild, "_begin", True, False),
    "all is sent": (building, "load", True, False),
    "before the spool is kept": (Spools, "complete", False, False),
    "the spool is kept": (Spools, "complete", True, False),
    "before the alias moves": (Indices, "point_to", False, False),
    "the alias has moved": (Indices, "point_to", True, True),
    "old states are gone": (Indices, "prune", True, True),
}


def test_killed_anywhere(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    """The old state is live or the new one, whole, and the next update goes on from it and cleans up."""
    monkeypatch.setattr(lock, "STALE_S", 1.5)
    rows = texts(30)
    write(config, rows)
    rebuild(config)
    engine = open_engine(config)
    for number, (where, name, after, moved) in enumerate(STAGES.values()):
        before = engine.live()
        rows |= {f"d005{number}": f"{TEXT}{number}", "d007": f"{number}{TEXT}"}
        del rows[f"d0{10 + number}"]
        write(config, rows)
        killed(config, where, name, after)
        live = open_engine(config).live()
        assert (live != before) == moved
        open_engine(config).check(live)
        report = update(config)
        # Where the new state was live already there was nothing left to do.
        assert report.anew is None and (report.generation.name == live) == moved
        assert same(config, beside(config))
    write(config, rows | {"z": TEXT})
    update(config)
    indices, spools = left(config)
    assert spools == indices == {engine.open(name=name).generation.name for name in indices}


def test_a_disk_of_the_builder_that_is_full(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    """The old state stays live, nothing is left of the new one, and the next update is one again."""
    rows = texts(20)
    write(config, rows)
    live = rebuild(config).generation.name
    write(config, rows | {"e": TEXT})
    with monkeypatch.context() as full:
        full.setattr(Sent, "write", raising(OSError(errno.ENOSPC, "no space left")))
        with pytest.raises(OSError, match="no space"):
            update(config)
    assert open_engine(config).live() == live and left(config) == ({live}, {live})
    assert update(config).anew is None and same(config, beside(config))


def raising(error: Exception) -> Callable[..., None]:
    """A function that fails."""

    def fails(*given: Any) -> None:
        raise error

    return fails


def test_states_stay_for_those_who_read_them(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    """For a time, and no more of them than a cluster has room for; each with its spool."""
    monkeypatch.setattr(generations, "MOST_READ", 2)
    rows = texts(20)
    write(config, rows)
    built = [rebuild(config).generation.name]
    for number in range(5):
        write(config, rows | {"e": f"{TEXT}{number}"})
        built.append(update(config).generation.name)
    # The live one, that before for going back, and two that somebody may be reading.
    assert [*open_engine(config).names()] == built[-4:]
    assert left(config)[1] == {*built[-4:]}


def test_files_of_states_that_are_gone_are_not_kept(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a while what was fetched of them goes; what a state on the cluster has stays."""
    monkeypatch.setattr(generations, "MOST_READ", 1)
    folder = config.index.directory / "cache" / "files"
    rows = texts(20)
    for number in range(4):
        write(config, rows | {"e": f"{TEXT}{number}"})
        update(config)
        open_engine(config).open().close()
    engine = open_engine(config)
    told = engine._indices.digests()  # type: ignore[attr-defined]
    assert {path.name for path in folder.iterdir()} - told
    monkeypatch.setattr(attachments, "_FRESH_S", -1.0)
    engine.open().close()
    assert not {path.name for path in folder.iterdir()} - told
    for name in engine.names():
        engine.check(name)


def test_from_the_command_line(config: Config, hansou: Callable[..., Any]) -> None:
    """`update` counts what changed, `merge` puts pieces together; the exit codes are those of any index."""
    rows = texts(20)
    write(config, rows)
    assert "anew" in hansou(config, "update", "--quiet").err
    write(config, rows | {"d000": TEXT, "e": TEXT[::-1]})
    done = hansou(config, "update", "--quiet", "--json")
    told = json.loads(done.out)
    assert (done.code, told["added"], told["changed"], told["unchanged"]) == (0, 1, 1, 19)
    assert told["anew"] is None
    assert hansou(config, "merge").code == 0
    assert hansou(config, "check").code == 0
    assert json.loads(hansou(config, "search", TEXT, "--json").out)["hits"][0]["id"] == "d000"
