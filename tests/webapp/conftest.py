"""Two indexes to test on: a stand-in that finds by substring, and a small real one."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from indexer import (
    Bin,
    Config,
    Document,
    DocumentNotFound,
    DocumentView,
    Facets,
    Hit,
    IndexMissing,
    ResultPage,
    Snippet,
    Timeline,
    Total,
    load_config,
    rebuild,
)
from indexer.documents.document import PartStart
from webapp import create_app, live

STEP = {
    "kind": "pinyin", "start": 1, "end": 9, "before": "(chuàng)", "after": "",
    "evidence": "chuàng is a reading of 創",
}  # fmt: skip

DOCUMENTS = (
    Document(
        "園區/2016.txt", "無錫軟件園的創新。\n這裡有 <script>alert(1)</script>。", title="無錫<軟件園>",
        url="https://example.org/a", date="2016-11-25", source="新華社", author="李明", lang="zh-Hant",
    ),
    Document("b", "创新(不是注音)。软件园的第二篇。", url="javascript:alert(1)", lang="zh-Hans"),
    Document("a//../b", "一篇編號古怪的軟件園文檔。", lang="zh-Hant"),
)  # fmt: skip


@dataclass
class FakeSearcher:
    """Finds a document by substring; counts what it is asked."""

    documents: tuple[Document, ...] = DOCUMENTS
    generation: str = "g1"
    built_at: str = "2026-11-22T08:00:00Z"
    suggestion: str | None = None
    failure: Exception | None = None
    synonyms: str = ""
    unusable: Exception | None = None
    searches: list[str] = field(default_factory=list)
    part: PartStart | None = None

    @property
    def state(self) -> str:
        """What answers depend on."""
        return f"{self.generation} {self.synonyms}"

    def refresh(self) -> bool:
        """Nothing ever changes, unless to what cannot be used."""
        if self.unusable:
            raise self.unusable
        return False

    def close(self) -> None:
        """Nothing to close."""

    def search(self, text: str, *, page: int = 1, size: int = 10, **options: Any) -> ResultPage:
        """Every document that holds the text, in order."""
        self.searches.append(text)
        if self.failure:
            raise self.failure
        found = [doc for doc in self.documents if text in doc.text or text in (doc.title or "")]
        if options.get("collection"):
            found = [doc for doc in found if doc.collection == options["collection"]]
        if options.get("source"):
            found = [doc for doc in found if doc.source == options["source"]]
        hits = tuple(self.hit(doc, text) for doc in found)
        return ResultPage(
            text, text, page, size, Total(len(hits)), 1.5, hits[(page - 1) * size : page * size],
            self.generation, self.built_at, self.suggestion, {"lang": {"zh-Hant": 2, "zh-Hans": 1}},
        )  # fmt: skip

    def count(self, text: str, mode: str = "smart", **narrowing: Any) -> int:
        """How many a search finds."""
        return self.search(text, **narrowing).total.value

    def timeline(self, text: str, mode: str = "smart", **narrowing: Any) -> Timeline:
        """Everything is of one year."""
        return Timeline("year", (Bin("2016-01-01", "2016-12-31", 1),), 2)

    def facets(self, text: str, mode: str = "smart", *, apart: str = "", **narrowing: Any) -> Facets:
        """Two sources."""
        sources = {"新華社": 2, "街坊報": 1}
        none: dict[str, dict[str, int]] = {
            name: {} for name in ("collection", "author", "year", "lang", "kind")
        }
        return Facets({"source": sources, **none}, {"source": 2})

    def initial(self, name: str) -> str:
        """Filed under its first letter, if it has one."""
        return name[:1].upper() if name[:1].isascii() else "#"

    def typical(self, size: int, script: str = "orig") -> list[str]:
        """Words that are found, and one that is not."""
        return ["軟件園", "颱風", "創新"]

    def hit(self, document: Document, query: str) -> Hit:
        """A hit with the query marked in its text."""
        text = document.text.replace("\n", "")
        heading = Snippet(document.title, ()) if document.title else Snippet(text[:8], ())
        return Hit(
            document.id, document.title, heading, document.url, 1.0, document.date, document.source,
            document.author, document.lang, (Snippet(text, self.marks(text, query)),), part=self.part,
        )  # fmt: skip

    def marks(self, text: str, query: str) -> tuple[tuple[int, int], ...]:
        """Where the query occurs."""
        starts = [at for at in range(len(text)) if query and text.startswith(query, at)]
        return tuple((at, at + len(query)) for at in starts)

    def document(self, id: str, query: str = "", mode: str = "smart") -> DocumentView:
        """One document; the first was repaired."""
        for number, document in enumerate(self.documents):
            if document.id == id:
                view = DocumentView(document, self.marks(document.text, query))
                return view if number else replace(view, original="創(chuàng)" + document.text, steps=(STEP,))
        raise DocumentNotFound(f"no document has the id {id!r}")

    def suggest(self, prefix: str, size: int = 8, script: str = "orig") -> list[str]:
        """Completions of a prefix."""
        return [prefix + rest for rest in ("園", "園區")][:size] if prefix else []

    def similar(self, id: str, size: int = 5) -> tuple[Hit, ...]:
        """The other documents."""
        return tuple(self.hit(doc, "") for doc in self.documents if doc.id != id)[:size]

    def convert(
        self, text: str, marks: Sequence[tuple[int, int]], script: str
    ) -> tuple[str, Sequence[tuple[int, int]]]:
        """Three characters are enough to see that it was called."""
        table = str.maketrans("無軟創", "无软创") if script == "hans" else {}
        return text.translate(table), marks

    def analyze(self, text: str) -> dict[str, Any]:
        """One word, one gram."""
        token = {"text": text[:2], "term": text[:2], "start": 0, "end": 2, "position": 0}
        return {
            "text": text,
            "repaired": text,
            "steps": [STEP],
            "folded": text,
            "words": [token],
            "grams": [token],
        }

    def stats(self) -> dict[str, Any]:
        """Counts of a small index."""
        return {
            "documents": len(self.documents), "generation": self.generation, "built_at": self.built_at,
            "fingerprint": "f00d", "sources": {"新華社": 1}, "langs": {"zh-Hant": 2}, "repaired": 1,
            "repairs": {"pinyin": 3}, "skipped": 0, "bytes": 12345, "seconds": 1.0,
            "collections": {"報紙": 1, "信件": 2},
            "ledger": {
                "outcomes": {"indexed": 3, "skipped": 1, "ignored": 2, "unchanged": 0},
                "ignored": {".doc": 2},
                "skipped": [{"path": "a.zip!/<b>.pdf", "reason": "encrypted"}],
            },
        }  # fmt: skip


@pytest.fixture
def searcher() -> FakeSearcher:
    """The searcher behind `app`; a test may change it."""
    return FakeSearcher()


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """The defaults, in a directory without an index."""
    return Config(base=tmp_path)


@pytest.fixture
def make_app(searcher: FakeSearcher) -> Callable[[Config], Flask]:
    """Make an application on the stand-in."""
    return lambda config: create_app(config, lambda _: searcher)  # type: ignore[arg-type,return-value]


@pytest.fixture(scope="session")
def shared_app() -> Flask:
    """One application for all tests, since each compiles its templates anew."""
    return create_app(Config())


@pytest.fixture
def client(shared_app: Flask, config: Config, searcher: FakeSearcher) -> FlaskClient:
    """A client of an application with the stand-in for its index."""
    for kept in ("hansou-examples-orig", "hansou-examples-hant", "hansou-holdings", "hansou-syntax"):
        shared_app.extensions.pop(kept, None)
    live.register(shared_app, live.LiveIndex(config, lambda _: searcher))  # type: ignore[arg-type,return-value]
    return shared_app.test_client()


@pytest.fixture
def unbuilt(shared_app: Flask, config: Config) -> FlaskClient:
    """A client of an application whose index has not been built."""

    def missing(config: Config) -> Any:
        raise IndexMissing("no index yet; run `hansou rebuild`")

    live.register(shared_app, live.LiveIndex(config, missing))
    return shared_app.test_client()


TAIWAN = (
    "太湖邊的軟件園\n2016-11-25\n\n無錫的軟件園離太湖只有一條馬路。清晨的園區很安靜，只有送早餐的車聲。\n"
    + "軟件園的工程師多半騎車上班，午後在湖邊散步，談的還是程式。\n" * 12
    + "入夜以後，軟件園的燈一盞一盞熄滅。<script>document.title='broken'</script>"
)
DAMAGED = (
    "園區的創(chuàng)新\n\n園區的創(chuàng)新不靠口號。無(wú)錫的軟(ruǎn)件園(yuán)今年來了三個(gè)團(tuán)隊(duì)，"
    "他們開(kāi)發(fā)的軟(ruǎn)件讓機(jī)器聽(tīng)得懂方言。\n當(dāng)?shù)貢r(shí)間二月一日，團(tuán)隊(duì)在軟件園開會。"
)


def write_documents(folder: Path) -> None:
    """Fourteen documents: a Traditional one, a damaged one, and a series in Simplified."""
    folder.mkdir()
    (folder / "taiwan.txt").write_text(TAIWAN, encoding="utf-8")
    (folder / "damaged.txt").write_text(DAMAGED, encoding="utf-8")
    series = [
        {
            "id": f"园区日记/{number}",
            "title": f"软件园日记之{number}" if number % 2 else None,
            "text": f"第{number}天，我在软件园的食堂遇到了老同学。他说园区的数据中心要搬了。",
            "date": f"20{10 + number}-03-0{number % 9 + 1}",
            "source": "园区日记",
            "author": "周小雨",
            "url": "https://example.org/diary",
        }
        for number in range(1, 13)
    ]
    lines = [json.dumps(entry, ensure_ascii=False) for entry in series]
    (folder / "diary.jsonl").write_text("\n".join(lines), encoding="utf-8")


@pytest.fixture(scope="session")
def site_config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    """The configuration of an index of a few documents, built."""
    base = tmp_path_factory.mktemp("site")
    write_documents(base / "documents")
    (base / "config.toml").write_text(
        '[index]\ndirectory = "index"\n[[source]]\npath = "documents"\n[server]\nport = 0\n', encoding="utf-8"
    )
    config = load_config(base / "config.toml", {})
    rebuild(config)
    return config


@pytest.fixture
def own_config(tmp_path: Path) -> Config:
    """The configuration of an index of one document, not yet built."""
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents/a.txt").write_text("軟件園的第一篇。", encoding="utf-8")
    (tmp_path / "config.toml").write_text(
        '[index]\ndirectory = "index"\n[[source]]\npath = "documents"\n[server]\nport = 0\n', encoding="utf-8"
    )
    return load_config(tmp_path / "config.toml", {})


@pytest.fixture(scope="session")
def fetch() -> Callable[..., tuple[int, str]]:
    """Get status and text of a path of an address, over a connection of its own or a given one."""

    def get(address: str, path: str, connection: HTTPConnection | None = None) -> tuple[int, str]:
        parts = urlsplit(address)
        own = connection or HTTPConnection(parts.hostname or "", parts.port, timeout=10)
        own.request("GET", path)
        response = own.getresponse()
        text = response.read().decode()
        if connection is None:
            own.close()
        return response.status, text

    return get


@dataclass
class Served:
    """A running `hansou serve`: its process and the address that it told."""

    process: subprocess.Popen[str]
    told: str

    @property
    def address(self) -> str:
        """Where it answers."""
        return re.findall(r"http://\S+", self.told)[0]

    @property
    def port(self) -> int:
        """The port of the address."""
        return urlsplit(self.address).port or 0

    def end(self, number: int = signal.SIGTERM) -> str:
        """End it, with all processes of its group; what it has said since it told its address."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)
        try:
            return self.process.communicate(timeout=20)[1]
        finally:
            self.process.kill()


MAIN = "from indexer.cli import main; main()"


@pytest.fixture(scope="session")
def start() -> Iterator[Callable[..., Served]]:
    """Start `hansou serve` on a configuration, with options, after some Python; it is ended afterwards."""
    started: list[Served] = []

    def serve(config: Config, *options: str, processes: int = 1, before: str = "") -> Served:
        program = "\n".join((before, MAIN))
        arguments = ["--config", str(config.base / "config.toml"), "serve", *options]
        process = subprocess.Popen(
            [sys.executable, "-c", program, *arguments],
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "HANSOU_SERVER_PROCESSES": str(processes)},
            start_new_session=True,
        )
        assert process.stderr
        told = ""
        # Without an index it says so first; one that cannot serve says why and ends.
        while line := process.stderr.readline():
            told = line
            if "http://" in line:
                break
        started.append(Served(process, told))
        return started[-1]

    yield serve
    for served in started:
        served.process.kill()
        served.process.communicate(timeout=20)
