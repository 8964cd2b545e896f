"""What became of every file? One row each, in the order of reading, beside the index that was made of them.

`ledger.jsonl.gz` is JSON lines, written and read one at a time: a source may have a million files. The
summary is counted while they pass, and kept in a file of its own, for pages that show it.

A rebuild reads every file, so that none is `unchanged`: that is the outcome of a file, or of a member of one,
which an update of an index does not read again, and which was indexed before.
"""

from __future__ import annotations

import gzip
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from indexer.documents.kinds import suffix_of
from indexer.documents.outcomes import Indexed, Outcome, Skipped
from indexer.errors import IndexCorrupt, WouldShrink

NAME = "ledger.jsonl.gz"
SUMMARY = "ledger.json"
OUTCOMES = ("indexed", "skipped", "ignored", "unchanged")
_LEVEL = 3
_LONGEST_SUFFIX = 5
_MOST_SUFFIXES = 40
_MOST_SKIPPED = 1000
_MOST_SHOWN = 20
_OTHER = "other"
_INDEXED, _UNCHANGED = '","indexed",', '","unchanged",'


class LedgerRow(NamedTuple):
    """One file, member, line or page. `path` is what it is called, with `!/` before a member.

    `outcome` is one of `OUTCOMES`, `documents` how many came of it itself, `reason` why it was skipped or
    ignored, else None.
    """

    path: str
    outcome: str
    documents: int = 0
    reason: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The row as `hansou ledger --json` prints it."""
        return self._asdict()

    @classmethod
    def of(cls, outcome: Outcome) -> LedgerRow:
        """The row of an outcome."""
        if isinstance(outcome, Indexed):
            return cls(outcome.path, "indexed", outcome.documents)
        if isinstance(outcome, Skipped):
            return cls(outcome.path, "skipped", outcome.documents, outcome.reason)
        return cls(outcome.path, "ignored", 0, outcome.reason)


def kept(row: LedgerRow) -> LedgerRow:
    """The row of something that was not read again."""
    return row._replace(outcome="unchanged") if row.outcome == "indexed" else row


class LedgerSummary:
    """What the rows of a ledger come to.

    State: how often each outcome came, which kinds were ignored, and the first thousand of what was skipped.
    """

    def __init__(
        self, outcomes: Mapping[str, int] | None = None, ignored: Mapping[str, int] | None = None
    ) -> None:
        self.outcomes = dict.fromkeys(OUTCOMES, 0) | dict(outcomes or {})
        self.ignored = dict(ignored or {})
        self.skipped: list[LedgerRow] = []

    @classmethod
    def read(cls, path: Path) -> Self:
        """What `write` wrote, with the first few rows of what was skipped. Raises `IndexCorrupt`."""
        said = read_summary(path)
        summary = cls(said["outcomes"], said["ignored"])
        summary.skipped += [LedgerRow(row["path"], "skipped", 0, row["reason"]) for row in said["skipped"]]
        return summary

    def count(self, row: LedgerRow) -> None:
        """Another row has passed."""
        self.outcomes[row.outcome] += 1
        if row.outcome == "ignored":
            kind = _kind(row.path)
            kind = kind if kind in self.ignored or len(self.ignored) < _MOST_SUFFIXES else _OTHER
            self.ignored[kind] = self.ignored.get(kind, 0) + 1
        elif row.outcome == "skipped" and len(self.skipped) < _MOST_SKIPPED:
            self.skipped.append(row)

    def to_json(self) -> dict[str, Any]:
        """`{"outcomes": …, "ignored": …, "skipped": […]}`, the last being the first few rows of those."""
        skipped = [{"path": row.path, "reason": row.reason} for row in self.skipped[:_MOST_SHOWN]]
        return {"outcomes": self.outcomes, "ignored": dict(self._by_number()), "skipped": skipped}

    def write(self, path: Path) -> None:
        """Keep it in a file, as `to_json` says it."""
        path.write_text(json.dumps(self.to_json(), ensure_ascii=False), encoding="utf-8")

    def line(self) -> str:
        """What was left out, on one line; "" for nothing.

        >>> LedgerSummary({"skipped": 2}, {".doc": 4, ".jpg": 3}).line()
        'ignored: 4 .doc, 3 .jpg; skipped: 2'
        """
        ignored = ", ".join(f"{number:,} {kind}" for kind, number in self._by_number())
        pieces = [f"ignored: {ignored}"] if ignored else []
        pieces += [f"skipped: {self.outcomes['skipped']:,}"] if self.outcomes["skipped"] else []
        return "; ".join(pieces)

    def _by_number(self) -> list[tuple[str, int]]:
        return sorted(self.ignored.items(), key=lambda item: (-item[1], item[0]))


def _kind(path: str) -> str:
    suffix = suffix_of(path.rpartition("!/")[2])
    return (
        f".{suffix}" if suffix.isascii() and suffix.isalnum() and len(suffix) <= _LONGEST_SUFFIX else _OTHER
    )


class LedgerWriter:
    """Collects a ledger in a file without a name, gone with the process. A context until it is saved."""

    def __init__(self) -> None:
        self.summary = LedgerSummary()
        self._content = tempfile.TemporaryFile()
        self._file = gzip.open(self._content, "wt", _LEVEL, encoding="utf-8", newline="\n")

    def __enter__(self) -> LedgerWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        self._content.close()

    def add(self, row: LedgerRow) -> None:
        """Write down what became of something."""
        self.summary.count(row)
        self._file.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")

    def keep(self, rows: str) -> None:
        """Write down again the rows, as JSON, of a file that is not read again.

        Most files have one, and there may be millions: it is written as it is. No quote stands in JSON but at
        the end of a text, so what is looked for is nowhere in a name.
        """
        one = rows.count(_INDEXED) == 1 and '"skipped"' not in rows and '"ignored"' not in rows
        if one:
            self.summary.outcomes["unchanged"] += 1
            self._file.write(f"{rows[1:-1].replace(_INDEXED, _UNCHANGED)}\n")
            return
        for row in json.loads(rows):
            self.add(kept(LedgerRow(*row)))

    def save(self, path: Path) -> None:
        """Write the ledger, which is whole now, to a file."""
        self._file.close()
        self._content.seek(0)
        with open(path, "wb") as file:
            shutil.copyfileobj(self._content, file)


def read_summary(path: Path) -> dict[str, Any]:
    """What `LedgerSummary.write` wrote. Raises `IndexCorrupt` for a file that is none."""
    try:
        summary: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise IndexCorrupt(f"{path}: is damaged; run `hansou rebuild`") from error
    return summary


def read_ledger(path: Path) -> Iterator[LedgerRow]:
    """The rows of a ledger; none where there is no such file, as in an index from before there were any."""
    if not path.exists():
        return
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield LedgerRow(*json.loads(line))


def loses_too_much(before: int, after: int) -> bool:
    """Whether so few documents were found that rather a disk is missing: none, or less than half of before.

    >>> loses_too_much(1000, 499), loses_too_much(1000, 500), loses_too_much(0, 0)
    (True, False, True)
    """
    return after == 0 or 2 * after < before


def require_enough(before: int, after: int, ledger: LedgerSummary) -> None:
    """Raise `WouldShrink` where an archive would be emptied, as by a disk that is not mounted."""
    if not loses_too_much(before, after):
        return
    left_out = f" ({ledger.line()})" if ledger.line() else ""
    found = f"{after:,} documents" if after else "no documents"
    instead = f" where {before:,} are searched now" if before else ""
    raise WouldShrink(
        f"found {found}{left_out}{instead}, so nothing was published; is a path wrong, or a disk missing?"
        " If this is meant, rebuild with --allow-shrink"
    )
