"""How do many machines build one index? Each a share of the documents, by a hash; one puts them together.

    <index directory>/shares/3-of-16/    an index of one share, its ledger, and what it was made by

Files of rows (.jsonl, .csv, .tsv) are read by all, and their rows are shared; any other file is read by one.
**What is put together is what one build would have made, document by document.** A share is there when it is
whole: made again it replaces what it was.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from hashlib import blake2b, sha256
from pathlib import Path

from indexer.config import Config
from indexer.documents import Document
from indexer.documents.catalog import NAME as CATALOG
from indexer.documents.catalog import Catalog
from indexer.documents.intake import Intake, Item, Progress
from indexer.documents.kinds import kind_named
from indexer.documents.ledger import NAME as LEDGER
from indexer.documents.ledger import LedgerRow, LedgerSummary, LedgerWriter, read_ledger
from indexer.documents.outcomes import Indexed, Skipped
from indexer.documents.sources import ROWS, SourceFile, list_sources, read_listed
from indexer.engine import open_engine
from indexer.errors import ConfigError, HansouError
from indexer.pipeline import Report, Stages, batches, begun, catalog_of, now, published
from indexer.text.analysis import NAME as ANALYSIS

_FOLDER, _INDEX, _DESCRIPTION = "shares", "index", "share.json"
_WRITTEN = re.compile(r"([0-9]+)/([0-9]+)")
_NAMED = re.compile(r"([0-9]+)-of-([0-9]+)")
_MOST = 10_000


@dataclass(frozen=True, slots=True)
class Share:
    """The share `number` of `of`, counted from 1."""

    number: int
    of: int

    @classmethod
    def parse(cls, text: str) -> Share:
        """A share as it is written on the command line. Raises `ConfigError`.

        >>> Share.parse("3/16")
        Share(number=3, of=16)
        """
        match = _WRITTEN.fullmatch(text)
        share = cls(int(match[1]), int(match[2])) if match else None
        if share is None or not 1 <= share.number <= share.of <= _MOST:
            raise ConfigError(
                f"--share {text}: write a share as 3/16, the number of it and how many there are"
            )
        return share

    def __str__(self) -> str:
        return f"{self.number}-of-{self.of}"

    def has(self, name: str) -> bool:
        """Whether what is called so is of this share."""
        digest = blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        return int.from_bytes(digest, "big") % self.of == self.number - 1

    def reads(self, file: SourceFile) -> bool:
        """Whether a file is read for this share: one of rows always is."""
        return kind_named(file.name) in ROWS or self.has(file.name)

    def owned(self, found: Iterable[Item]) -> Iterator[Item]:
        """What was found in files that are read, without the rows of other shares, which do not count."""
        others = 0
        for item in found:
            if isinstance(item, Document):
                file = item.origin.path.split("!/")[0] if item.origin else item.id
                if kind_named(file) in ROWS and not self.has(item.id):
                    others += 1
                    continue
            elif isinstance(item, Indexed | Skipped) and item.documents:
                item, others = replace(item, documents=item.documents - others), 0
            yield item


def write_share(
    config: Config, share: Share, progress: Progress = lambda indexed, skipped: None
) -> LedgerSummary:
    """Read the sources and index the documents of one share; nothing is published.

    Raises `ConfigError`. What a killed one left is removed by the next of the same share, and by `finish`.
    """
    stages, engine = begun(config)
    root = config.index.directory / _FOLDER
    root.mkdir(parents=True, exist_ok=True)
    for left in root.glob(f".{share}.*"):
        shutil.rmtree(left, ignore_errors=True)
    unfinished = root / f".{share}.{secrets.token_hex(4)}"
    (unfinished / _INDEX).mkdir(parents=True)
    try:
        with ExitStack() as stack:
            ledger, catalog = stack.enter_context(LedgerWriter()), stack.enter_context(Catalog())
            intake = Intake(catalog, ledger, progress, now(), catalog_of(engine, stack))
            files = filter(share.reads, list_sources(config.sources, config.documents))
            with closing(read_listed(files, config.documents)) as found:
                documents = intake.documents(share.owned(found))
                engine.collect(unfinished / _INDEX, batches(documents), stages)
            ledger.save(unfinished / LEDGER)
            catalog.save(unfinished / CATALOG)
        stages.analysis.write(unfinished / ANALYSIS)
        (unfinished / _DESCRIPTION).write_text(json.dumps({"made_by": _made_by(config, stages)}))
        shutil.rmtree(root / str(share), ignore_errors=True)
        os.replace(unfinished, root / str(share))
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return ledger.summary


def finish(config: Config, *, allow_shrink: bool = False) -> Report:
    """Put all shares together, find near-identical documents and what can be suggested, and make it live.

    Raises `HansouError` where a share is missing, or was made by other settings, and what `rebuild` raises;
    the shares stay then, and go when it is live.
    """
    started = time.monotonic()
    stages, engine = Stages(config), open_engine(config)
    root = config.index.directory / _FOLDER
    shares = _whole(root, _made_by(config, stages))
    with LedgerWriter() as ledger, Catalog() as catalog, engine.build() as build:
        build.adopt([share / _INDEX for share in shares])
        for row in _rows(shares):
            ledger.add(row)
        for share in shares:
            catalog.take(share / CATALOG)
        intake = Intake(catalog, ledger, lambda indexed, skipped: None, now())
        report = published(build, intake, stages, engine.documents(), allow_shrink, started)
    shutil.rmtree(root, ignore_errors=True)
    return report


def _made_by(config: Config, stages: Stages) -> str:
    """What decides what is made of a document: shares of different making are none of one index."""
    sources = [
        (source.name, source.prefix, source.include, source.exclude, dict(source.fields))
        for source in config.sources
    ]
    return sha256(repr((stages.made_by, config.engine.kind, sources)).encode()).hexdigest()


def _whole(root: Path, made_by: str) -> list[Path]:
    """The directories of all shares, in order. Raises `HansouError` for one missing or made otherwise."""
    named = sorted(
        (int(match[2]), int(match[1])) for path in root.glob("*") if (match := _NAMED.fullmatch(path.name))
    )
    if not named:
        raise HansouError(f"{root}: there are no shares yet; run `hansou rebuild --share 1/2` and so on")
    counts = sorted({of for of, _ in named})
    if len(counts) > 1:
        raise HansouError(
            f"{root}: there are shares of {counts[0]} and of {counts[-1]}; remove those not meant"
        )
    missing = sorted({*range(1, counts[0] + 1)} - {number for _, number in named})
    if missing:
        told = ", ".join(f"{number}/{counts[0]}" for number in missing[:10])
        raise HansouError(
            f"{root}: {len(missing)} of {counts[0]} shares are missing: {told}; make them first"
        )
    shares = [root / str(Share(number, of)) for of, number in named]
    for share in shares:
        if json.loads((share / _DESCRIPTION).read_text())["made_by"] != made_by:
            raise HansouError(f"{share}: was made with other settings or by another release; make it again")
    return shares


def _rows(shares: Iterable[Path]) -> Iterable[LedgerRow]:
    """The rows of all shares; what several say of a file of rows is one, with the documents of all."""
    found: dict[tuple[str, str, str | None, int], LedgerRow] = {}
    for share in shares:
        # Of several sources, files may be called the same.
        times: Counter[tuple[str, str, str | None]] = Counter()
        for row in read_ledger(share / LEDGER):
            what = row.path, row.outcome, row.reason
            key = *what, times[what]
            times[what] += 1
            before = found[key].documents if key in found else 0
            found[key] = row._replace(documents=before + row.documents)
    return found.values()
