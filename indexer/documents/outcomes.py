"""What became of a file? Every file and member of a source has exactly one outcome.

Lines, rows and records that could not be used have an outcome of their own beside that of their file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Indexed:
    """A file that was read. `documents` is how many it gave itself; its members count for themselves."""

    path: str
    documents: int


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that could not be read.

    `path` is relative to the source root, or the file's name where the source is one file, behind the
    source's prefix; a member of a container is named `archive.zip!/letter.txt`, a line of a .jsonl file
    `file.jsonl:17`. `reason` is one clause for the user. `documents` is how many came before what went wrong.
    """

    path: str
    reason: str
    documents: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Ignored:
    """A file of a kind that no reader is for; `reason` says so, and what to do where something helps."""

    path: str
    reason: str


Outcome = Indexed | Skipped | Ignored


class Unchanged(NamedTuple):
    """Rows of a file that are known as they are, with the ids of their documents: they were not read."""

    path: str
    ids: Sequence[str]
