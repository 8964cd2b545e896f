"""What do kills cost an index on a cluster? Nodes, builders and the whole cluster end while it is asked.

    python benchmarks/cluster_trial.py --dir DIR [--port 9200] [--documents 2000] [--queries 2000]

Starts three nodes (`deploy/opensearch/cluster.py`), builds an index with a copy of each shard, notes the
answers to some queries over two versions of the documents, and asks them again and again from several threads
while things happen, builds and updates to the other version among them; nothing that a search found is kept
for the next. An answer that is of neither version is **wrong**, one that is refused **failed**, which only
the trial without any cluster may have. The disk of the third node is one of its own
where who runs this may mount one (root), and is filled to its last byte. The exit code is 1 where a promise
was broken.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from indexer import Config, HansouError, IndexCorrupt, IndexUnreachable, ResultPage, Searcher, rebuild, update
from indexer.config import EngineSettings, IndexSettings, SearchSettings, SourceSettings
from indexer.engine import open_engine
from indexer.recent import Recent
from indexer.states import State

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "deploy" / "opensearch"))

from cluster import VERSION, Nodes, assembled  # noqa: E402

LETTERS = "天地玄黃宇宙洪荒日月盈昃辰宿列張寒來暑往秋收冬藏"
THREADS = 4
SWITCHES = 100
UPDATES = 10
OUT_S, FULL_S = 60.0, 90.0
"""So long a node is out; so long it takes at most until a cluster knows of its disks."""
WINDOW_S = 10.0
"""After the cluster is back, so long may questions still be refused (`Retry-After` says 5 s)."""
DISK_MB = 400
"""The disk of the third node."""
PROGRAM = "import sys; from indexer.cli import main; sys.exit(main())"


def write_documents(path: Path, count: int, version: int = 0) -> None:
    """A file of made-up documents, one in fifty of which says something else in the other version."""
    beside = path.with_suffix(".new")
    with beside.open("w", encoding="utf-8") as lines:
        for number in range(count):
            chance = random.Random(2 * number + (version if number % 50 == 0 else 0))
            text = "".join(chance.choices(LETTERS, k=chance.randint(40, 400)))
            row = {"id": f"{number:06}", "text": text, "source": chance.choice("甲乙丙")}
            lines.write(json.dumps(row, ensure_ascii=False) + "\n")
    beside.replace(path)


def answer(page: ResultPage) -> object:
    """What of a page must not change."""
    return [(hit.id, hit.score) for hit in page.hits], page.total, page.facets


@dataclass
class Load:
    """Threads that ask as long as the context is open; what came of it is counted."""

    searcher: Searcher
    truth: dict[str, list[object]]
    asked: int = 0
    wrong: int = 0
    failed: list[str] = field(default_factory=list)
    slowest: float = 0.0
    _ended: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def _ask(self, seed: int) -> None:
        chance, queries = random.Random(seed), [*self.truth]
        while not self._ended.is_set():
            query, started = chance.choice(queries), time.monotonic()
            failure, right = "", True
            try:
                # A server that cannot ask for the live state answers from the one it has.
                with suppress(IndexUnreachable):
                    self.searcher.refresh()
                right = answer(self.searcher.search(query)) in self.truth[query]
            except HansouError as error:
                failure = f"{type(error).__name__}: {error}"
            with self._lock:
                self.asked += 1
                self.wrong += not right
                self.failed += [failure] if failure else []
                self.slowest = max(self.slowest, time.monotonic() - started)

    def line(self, name: str) -> str:
        """What came of it."""
        told = f"; {sorted(set(self.failed))[0][:150]}" if self.failed else ""
        return (
            f"{name:34} {self.asked:6} asked, {self.wrong} wrong, {len(self.failed)} failed,"
            f" slowest {self.slowest:.1f} s{told}"
        )


@contextmanager
def asking(searcher: Searcher, truth: dict[str, list[object]]) -> Iterator[Load]:
    """Ask from several threads."""
    load = Load(searcher, truth)
    threads = [threading.Thread(target=load._ask, args=(seed,)) for seed in range(THREADS)]
    for thread in threads:
        thread.start()
    try:
        yield load
    finally:
        load._ended.set()
        for thread in threads:
            thread.join()


def until_asked(load: Load, count: int) -> None:
    """Wait for so many more questions."""
    wanted = load.asked + count
    while load.asked < wanted:
        time.sleep(0.05)


@dataclass
class Trial:
    """The trials of one cluster; `broken` names what was not as promised."""

    nodes: Nodes
    config: Config
    documents: int
    queries: int
    truth: dict[str, list[object]] = field(default_factory=dict)
    _version: int = 0
    broken: list[str] = field(default_factory=list)

    def prepare(self) -> Searcher:
        """An index, and the answers to be given."""
        rebuild(self.config, allow_shrink=True)
        searcher = Searcher.open(self.config)
        chance = random.Random(3)
        queries = ["".join(chance.choices(LETTERS, k=chance.randint(2, 6))) for _ in range(200)]
        for _ in range(2):
            searcher.refresh()
            for query in queries:
                self.truth.setdefault(query, []).append(answer(searcher.search(query)))
            self.change()
        self.expect("the versions differ", any(one != other for one, other in self.truth.values()))
        return searcher

    def change(self) -> None:
        """Let the documents be of the other version, and update."""
        self._turn()
        update(self.config)

    def _turn(self) -> None:
        self._version ^= 1
        write_documents(self.config.sources[0].path, self.documents, self._version)

    def kill_updates(self, load: Load) -> None:
        """The versions come in turn, each by an update after one that is killed; every state is whole."""
        chance, anew = random.Random(4), list[str]()
        for _ in range(UPDATES):
            self._turn()
            self._killed("update", chance.uniform(0.8, 4.0))
            anew += filter(None, [update(self.config).anew])
            until_asked(load, 20)
        self.expect("updates begin with the live state", not anew)
        engine = open_engine(self.config)
        for name in engine.names():
            engine.check(name)

    def under_load(self, name: str, searcher: Searcher, happen: Callable[[Load], None]) -> Load:
        """Let something happen while questions are asked."""
        with asking(searcher, self.truth) as load:
            until_asked(load, self.queries // 10)
            happen(load)
            until_asked(load, self.queries // 10)
        print(load.line(name), flush=True)
        if load.wrong:
            self.broken.append(f"{name}: {load.wrong} wrong answers")
        return load

    def expect(self, name: str, holds: bool) -> None:
        """Note what does not hold."""
        print(f"{name:34} {'holds' if holds else 'BROKEN'}", flush=True)
        if not holds:
            self.broken.append(name)

    def kill_a_node(self, load: Load) -> None:
        """End a node as a power cut does, ask on for a minute, start it again and ask on.

        All the while indices are built: documents are on their way when the node ends, and without it.
        """
        with self.building() as built:
            time.sleep(3)
            self.nodes.end(2, signal.SIGKILL)
            time.sleep(OUT_S)
            until_asked(load, self.queries)
            self.nodes.start(2)
            self.nodes.wait()
        self.built("beside it", built)

    @contextmanager
    def building(self) -> Iterator[list[str]]:
        """Update and build again and again as long as the context is open; what each came to, "" if whole."""
        came: list[str] = []
        ended = threading.Event()

        def build() -> None:
            while not ended.is_set():
                try:
                    if len(came) % 4:
                        self.change()
                    else:
                        rebuild(self.config)
                    came.append("")
                    ended.wait(5)
                except HansouError as error:
                    came.append(f"{type(error).__name__}: {error}")
                    ended.wait(1)

        thread = threading.Thread(target=build)
        thread.start()
        try:
            yield came
        finally:
            ended.set()
            thread.join()

    def built(self, when: str, came: list[str]) -> None:
        """Tell of builds: each is whole, or says that the cluster is not there for it."""
        refused = [each for each in came if each]
        whole = len(came) - len(refused)
        print(f"  {whole} builds and updates {when}, {len(refused)} refused", *refused[:2], flush=True)
        why = tuple(each.__name__ for each in (IndexUnreachable, IndexCorrupt))
        self.expect("builds end, or say why", all(each.startswith(why) for each in refused))

    def switch(self, load: Load) -> None:
        """Move the alias to and fro between two equal states."""
        engine = open_engine(self.config)
        indices = engine._indices  # type: ignore[attr-defined]
        for number in range(SWITCHES):
            indices.point_to(engine.names()[number % 2])
            until_asked(load, 20)

    def build_while_a_node_is_killed(self, load: Load) -> None:
        """A build loses a node on its way and is whole all the same."""
        killer = threading.Timer(3.0, self.nodes.end, (3, signal.SIGKILL))
        killer.start()
        rebuild(self.config)
        killer.join()
        self.nodes.start(3)
        self.nodes.wait()

    def fill_disks(self, load: Load) -> None:
        """Questions are answered, a build says what is wrong, the next one finds room. All nodes are full."""
        full = {"low": "99999gb", "high": "99998gb", "flood_stage": "99997gb"}
        self._disk({**{f"watermark.{name}": size for name, size in full.items()}, "threshold_enabled": True})
        self.expect("disks are full", self._until_blocked(True))
        said = ""
        try:
            rebuild(self.config)
        except IndexUnreachable as error:
            said = str(error)
        self.expect("a build says so", "disk" in said)
        until_asked(load, self.queries // 10)
        # A cluster that does not look at its disks would not notice.
        self._disk({f"watermark.{name}": f"{at}mb" for at, name in zip((3, 2, 1), full, strict=True)})
        self.expect("and may be begun again", self._until_blocked(False))
        rebuild(self.config)

    def fill_one_disk(self, load: Load) -> None:
        """The disk of one node is full, and nobody looked at it before; then there is room again."""
        junk = self.nodes.directory / "node3" / "data" / "junk"
        with self.building() as built:
            with suppress(OSError), junk.open("wb", buffering=0) as stream:
                while stream.write(bytes(1 << 16)):
                    pass
            until_asked(load, self.queries // 2)
        self.built("with a full disk", built)
        junk.unlink()
        # A node that could not write may have left, and need a start.
        self.nodes.end(3, signal.SIGKILL)
        self.nodes.start(3)
        self.nodes.wait()
        rebuild(self.config)

    def _until_blocked(self, wanted: bool) -> bool:
        """Wait until indices may be written or not, as is wanted; whether they were."""
        deadline = time.monotonic() + FULL_S
        while time.monotonic() < deadline:
            if ("read_only_allow_delete" in str(self._ask("GET", "/trial-lock/_settings"))) == wanted:
                return True
            time.sleep(1)
        return False

    def _disk(self, settings: dict[str, object]) -> None:
        routing = {f"cluster.routing.allocation.disk.{name}": value for name, value in settings.items()}
        self._ask(
            "PUT", "/_cluster/settings", {"persistent": {**routing, "cluster.info.update.interval": "10s"}}
        )

    def _ask(self, method: str, path: str, body: dict[str, object] | None = None) -> dict[str, object]:
        found: dict[str, object] = open_engine(self.config)._indices.cluster.ask(method, path, body)  # type: ignore[attr-defined]
        return found

    def _killed(self, command: str, seconds: float) -> None:
        """Run a command of `hansou` for so long, then kill it."""
        file = write_config(self.nodes.directory / "config.toml", self.config)
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, "--config", str(file), command, "--quiet"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(seconds)
        process.kill()
        process.wait()

    def kill_a_builder(self) -> None:
        """A build that is killed changes nothing and leaves nothing behind the next."""
        live = open_engine(self.config).live()
        for seconds in (4.0, 8.0):
            self._killed("rebuild", seconds)
        self.expect("a killed build leaves what was live", open_engine(self.config).live() in (live,))
        rebuild(self.config)
        engine = open_engine(self.config)
        indices = engine._indices  # type: ignore[attr-defined]
        found = indices.cluster.ask("GET", f"/{indices.prefix}-*/_settings")
        left = {name.removesuffix("-files") for name in found} - {f"{indices.prefix}-lock"}
        self.expect("and is swept by the next", left == {indices.index(name) for name in engine.names()})

    def restart(self, searcher: Searcher) -> None:
        """Without any node questions are refused, not answered wrongly; after a restart they are answered."""
        with asking(searcher, self.truth) as load:
            for number in (1, 2, 3):
                self.nodes.end(number, signal.SIGTERM)
            until_asked(load, 8)
            refused = [each for each in load.failed if not each.startswith(IndexUnreachable.__name__)]
            for number in (1, 2, 3):
                self.nodes.start(number)
            self.nodes.wait()
            # Nodes have found one another before they have their shards.
            healthy = {"wait_for_status": "yellow", "timeout": "120s"}
            open_engine(self.config)._indices.cluster.ask(  # type: ignore[attr-defined]
                "GET", "/_cluster/health", parameters=healthy, seconds=150
            )
            time.sleep(WINDOW_S)
            before = len(load.failed)
            until_asked(load, self.queries // 10)
            late = len(load.failed) - before
        print(load.line("the cluster restarts"), flush=True)
        self.expect("nothing wrong, refused as unreachable", not load.wrong and not refused)
        self.expect(f"nothing fails {WINDOW_S:.0f} s after", not late)


def write_config(path: Path, config: Config) -> Path:
    """The same configuration as a file."""
    engine, (source,) = config.engine, config.sources
    path.write_text(
        f'[index]\ndirectory = "{config.index.directory}"\n[engine]\nkind = "opensearch"\n'
        f"hosts = {json.dumps(engine.hosts)}\nindex = {json.dumps(engine.index)}\nshards = {engine.shards}\n"
        f"replicas = {engine.replicas}\n[[source]]\npath = {json.dumps(str(source.path))}\n",
        encoding="utf-8",
    )
    return path


def run(given: argparse.Namespace) -> list[str]:
    """All trials; what was broken."""
    nodes = Nodes(given.dir, assembled(VERSION, given.server or given.dir), 3, given.port, "512m")
    documents = given.dir / "docs.jsonl"
    write_documents(documents, given.documents)
    engine = EngineSettings("opensearch", tuple(nodes.addresses.split(",")), "trial", shards=3, replicas=1)
    config = replace(
        Config(index=IndexSettings(directory=given.dir / "index"), sources=(SourceSettings(path=documents),)),
        engine=engine,
        search=SearchSettings(deadline_s=20.0),
    )
    trial = Trial(nodes, config, given.documents, given.queries)
    # What a search found is kept for who turns the page; here every question is to go to the cluster.
    setattr(State, "searches", property(lambda state: Recent(1)))  # noqa: B010
    with own_disk(given.dir / "node3" / "data") as mounted:
        try:
            for number in (1, 2, 3):
                nodes.start(number)
            nodes.wait()
            happen(trial, mounted)
        finally:
            for number in (1, 2, 3):
                nodes.end(number, signal.SIGTERM)
    return trial.broken


def happen(trial: Trial, mounted: bool) -> None:
    """All that happens, one after the other."""
    searcher = trial.prepare()
    each: list[tuple[str, Callable[[Load], None]]] = [
        ("a node is killed and comes back", trial.kill_a_node),
        ("a build loses a node", trial.build_while_a_node_is_killed),
        (f"{SWITCHES} switches", trial.switch),
        (f"{UPDATES} updates, and as many killed", trial.kill_updates),
        ("all disks are full, as told", trial.fill_disks),
    ]
    if mounted:
        each.append(("one disk is full, untold", trial.fill_one_disk))
    else:
        print("NOT RUN: one full disk (a file system may not be mounted here)")
    for name, happens in each:
        load = trial.under_load(name, searcher, happens)
        trial.expect("no question fails", not load.failed)
    trial.kill_a_builder()
    searcher.refresh()
    trial.restart(searcher)


@contextmanager
def own_disk(path: Path) -> Iterator[bool]:
    """A small file system of its own for a folder, where one may be mounted; whether it is."""
    path.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", str(path)]
    mounted = subprocess.run(command, stderr=subprocess.DEVNULL, check=False).returncode == 0
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", str(path)], check=True)


def main() -> int:
    """Run the trials."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--dir", type=Path, default=Path("/tmp/hansou-trial"))
    parser.add_argument("--server", type=Path, help="where a server was put together before")
    parser.add_argument("--port", type=int, default=9200)
    parser.add_argument("--documents", type=int, default=2_000)
    parser.add_argument("--queries", type=int, default=2_000)
    given = parser.parse_args()
    given.dir.mkdir(parents=True, exist_ok=True)
    broken = run(given)
    print("\n".join(f"BROKEN: {each}" for each in broken) or "all promises hold")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
