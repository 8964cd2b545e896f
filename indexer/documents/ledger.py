"""What became of every file? One row each, in the order of reading, beside the index that was made of them.

`ledger.jsonl.gz` is JSON lines, written and read one at a time: a source may have a million files. The
summary is counted while they pass.
"""

from __future__ import annotations

import gzip
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

from indexer.documents.kinds import suffix_of
from indexer.documents.outcomes import Indexed, Outcome, Skipped

NAME = "ledger.jsonl.gz"
OUTCOMES = ("indexed", "skipped", "ignored", "unchanged")
_LEVEL = 3
_LONGEST_SUFFIX = 5
_MOST_SUFFIXES = 40
_OTHER = "other"


class LedgerRow(NamedTuple):
    """One file, member, line or page. `path` is relative to its source, with `!/` before a member.

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


class LedgerSummary:
    """What the rows of a ledger come to. State: how often each outcome came, and which kinds were ignored."""

    def __init__(
        self, outcomes: Mapping[str, int] | None = None, ignored: Mapping[str, int] | None = None
    ) -> None:
        self.outcomes = dict.fromkeys(OUTCOMES, 0) | dict(outcomes or {})
        self.ignored = dict(ignored or {})

    def count(self, row: LedgerRow) -> None:
        """Another row has passed."""
        self.outcomes[row.outcome] += 1
        if row.outcome == "ignored":
            kind = _kind(row.path)
            kind = kind if kind in self.ignored or len(self.ignored) < _MOST_SUFFIXES else _OTHER
            self.ignored[kind] = self.ignored.get(kind, 0) + 1

    def to_json(self) -> dict[str, Any]:
        """`{"outcomes": …, "ignored": …}`."""
        return {"outcomes": self.outcomes, "ignored": self.ignored}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> LedgerSummary:
        """The summary that `to_json` wrote."""
        return cls(value["outcomes"], value["ignored"])

    def line(self) -> str:
        """What was left out, on one line; "" for nothing.

        >>> LedgerSummary({"skipped": 2}, {".doc": 4, ".jpg": 3}).line()
        'ignored: 4 .doc, 3 .jpg; skipped: 2 (hansou ledger --skipped)'
        """
        by_number = sorted(self.ignored.items(), key=lambda item: (-item[1], item[0]))
        ignored = ", ".join(f"{number:,} {kind}" for kind, number in by_number)
        skipped = self.outcomes["skipped"]
        pieces = [f"ignored: {ignored}"] if ignored else []
        pieces += [f"skipped: {skipped:,} (hansou ledger --skipped)"] if skipped else []
        return "; ".join(pieces)


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

    def add(self, outcome: Outcome) -> None:
        """Write down what became of something."""
        row = LedgerRow.of(outcome)
        self.summary.count(row)
        self._file.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")

    def save(self, path: Path) -> None:
        """Write the ledger, which is whole now, to a file."""
        self._file.close()
        self._content.seek(0)
        with open(path, "wb") as file:
            shutil.copyfileobj(self._content, file)


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
