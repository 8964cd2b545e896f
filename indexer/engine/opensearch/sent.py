"""What was sent of each document of a state? A table in the order of ids, kept beside the state's spool.

**A document that is as the table says is not sent again**: its number, its group and the marks of what was
sent are all of it that the cluster has and the spool has not.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from indexer.arrays import Array, ArrayFile, SectionWriter

NAME = "sent"
ALONE = -1


@dataclass(frozen=True, slots=True)
class Sent:
    """Of each document its number, the number that leads its group (`ALONE`: none), its marks (two columns).

    Until it has been sent the marks of a document are 0.
    """

    numbers: Array
    groups: Array
    marks: Array

    @property
    def sums(self) -> tuple[int, int]:
        """The sums of all marks."""
        first, second = self.marks.sum(axis=0).tolist()
        return first, second

    def write(self, path: Path) -> None:
        """Write the table to a file."""
        writer = SectionWriter(path.open("wb"))
        writer.add("numbers", self.numbers.astype(np.int64))
        writer.add("groups", self.groups.astype(np.int64))
        writer.add("marks", self.marks.astype(np.int32).ravel())
        writer.close({})

    @classmethod
    def read(cls, path: Path) -> Sent:
        """The table in a file. Raises `IndexCorrupt` where it is not as it was written."""
        file = ArrayFile.open(path)
        marks = file.array("marks").astype(np.int64).reshape(-1, 2)
        return cls(file.array("numbers"), file.array("groups"), marks)
