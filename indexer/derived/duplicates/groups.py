"""Which group is a document of, and what of a result belongs to it? The grouping file and its reader.

The file is a container of sections: the documents that are in groups, ascending, and for each the first
document of its group, numbered as in the generation the file belongs to; and what was found out when texts
were compared, so that whoever groups much the same documents again need not read them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from functools import cached_property
from pathlib import Path

import numpy as np

from indexer.arrays import Array, ArrayFile, SectionWriter, damaged
from indexer.derived.duplicates.grouping import Compared

FILE = "groups"
# To seek a document costs so many times what it does to mark one.
_MARKED = 16
KEY = 16
"""The bytes of a key of `Compared`."""


def write_groups(path: Path, leaders: Array, compared: Compared) -> None:
    """Write the groups of a generation: what `grouped` gives."""
    sizes = np.bincount(leaders, minlength=len(leaders))
    documents = np.flatnonzero(sizes[leaders] > 1) if len(leaders) else np.zeros(0, np.int64)
    with (path / FILE).open("wb") as stream:
        writer = SectionWriter(stream)
        writer.add("documents", documents.astype(np.uint32))
        writer.add("leaders", leaders[documents].astype(np.uint32))
        writer.add("compared", np.frombuffer(b"".join(compared), np.uint8))
        writer.add("alike", np.fromiter(compared.values(), np.uint8, len(compared)))
        writer.close({})


class Groups:
    """The groups of a generation; without a file in `path`, every document is alone."""

    def __init__(self, path: Path) -> None:
        self._file = file = ArrayFile.open(path / FILE) if (path / FILE).is_file() else None
        none: Array = np.zeros(0, np.uint32)
        self._documents: Array = none if file is None else file.array("documents")
        self._leaders: Array = none if file is None else file.array("leaders")
        ascending = (self._documents[1:] > self._documents[:-1]).all()
        if len(self._documents) != len(self._leaders) or not ascending:
            raise damaged("the groups")

    def within(self, marks: Array, ranks: Array) -> Groups:
        """The groups as far as their documents are marked, each led by the first of those that are.

        `marks` has a 1 for every document that is, `ranks` the place of its id among all ids.
        """
        kept = marks[self._documents] != 0
        documents, groups = self._documents[kept], self._leaders[kept]
        order = np.lexsort([ranks[documents], groups])
        _, firsts, numbers, sizes = np.unique(
            groups[order], return_index=True, return_inverse=True, return_counts=True
        )
        leaders = np.empty_like(documents)
        leaders[order] = documents[order][firsts][numbers]
        several = np.empty(len(documents), np.bool_)
        several[order] = sizes[numbers] > 1
        found = copy(self)
        found.__dict__.pop("_numbered", None)
        found._documents, found._leaders = documents[several], leaders[several]
        return found

    def compared(self) -> Compared:
        """What was found out when texts were compared."""
        if self._file is None or "compared" not in self._file.names():
            return {}
        keys, alike = self._file.array("compared").tobytes(), self._file.array("alike").tolist()
        if len(keys) != KEY * len(alike):
            raise damaged("the groups")
        return {keys[KEY * at : KEY * at + KEY]: bool(each) for at, each in enumerate(alike)}

    @cached_property
    def _numbered(self) -> tuple[Array, Array]:
        """The first document of each group, and for each document in a group the number of its group."""
        firsts, numbers = np.unique(self._leaders, return_inverse=True)
        return firsts, numbers

    def __len__(self) -> int:
        """How many documents are in groups."""
        return len(self._documents)

    def leaders(self, documents: Sequence[int]) -> list[int]:
        """For each document the one that leads its group, itself where it is alone."""
        if not len(self):
            return list(documents)
        wanted = np.array(documents, np.int64)
        inside, places = self._places(wanted)
        wanted[inside] = self._leaders[places]
        found: list[int] = wanted.tolist()
        return found

    def members(self, document: int) -> list[int]:
        """All documents of a document's group, itself among them, ascending."""
        (leader,) = self.leaders([document])
        members: list[int] = self._documents[self._leaders == leader].tolist()
        return members or [document]

    def counts(self, found: Array | None) -> Mapping[int, int]:
        """Leader → how many of the ascending documents `found` are in its group, where more than one is."""
        if found is None or not len(self) or not len(found):
            return {}
        if len(found) * _MARKED < len(self):
            leaders, counts = np.unique(self._leaders[self._places(found)[1]], return_counts=True)
        else:
            marks = np.zeros(1 + max(int(found[-1]), int(self._documents[-1])), np.bool_)
            marks[found] = True
            leaders, numbers = self._numbered
            counts = np.bincount(numbers[marks[self._documents]], minlength=len(leaders))
        several = np.flatnonzero(counts > 1)
        return dict(zip(leaders[several].tolist(), counts[several].tolist(), strict=True))

    def _places(self, documents: Array) -> tuple[Array, Array]:
        """Which of documents are in groups, and their places among all that are."""
        places = np.minimum(np.searchsorted(self._documents, documents), len(self) - 1)
        inside = self._documents[places] == documents
        return inside, places[inside]
