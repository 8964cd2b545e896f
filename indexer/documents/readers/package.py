"""What is in an office file or an EPUB? A zip whose entries are parts that point at one another.

Parts are unpacked one at a time within the budget of the file; a part that is not there is None.
"""

from __future__ import annotations

import posixpath
import struct
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, NamedTuple
from urllib.parse import unquote

from indexer.documents.containers.zip import opened_zip
from indexer.documents.limits import Budget, metered, seekable
from indexer.documents.readers.dates import iso_date
from indexer.documents.readers.litter import author_of, title_of
from indexer.documents.readers.xmltree import attribute, name_of, parse_xml, text_of
from indexer.errors import ReadError


class Stated(NamedTuple):
    """What a file's properties state of it."""

    title: str | None = None
    author: str | None = None
    date: str | None = None
    source: str | None = None


class Package:
    """An open package. State: what its parts may still unpack to."""

    def __init__(self, archive: zipfile.ZipFile, budget: Budget) -> None:
        self._archive = archive
        self._budget = budget
        # Some writers differ in case between a part and what points at it.
        self._names = {name.lower(): name for name in archive.namelist()}

    def names(self) -> list[str]:
        """The names of all parts."""
        return list(self._names.values())

    def bytes(self, name: str) -> bytes | None:
        """A part's content; None where there is none; raises `ReadError` for damage and bombs."""
        found = self._names.get(name.lstrip("/").lower())
        if found is None:
            return None
        try:
            with self._archive.open(found) as content:
                return metered(content, self._budget, "part").read()
        except (RuntimeError, NotImplementedError, zipfile.BadZipFile) as error:
            raise ReadError(f"its part {found} cannot be unpacked: {error}") from error
        except (OSError, ValueError, struct.error) as error:  # it is said to lie where no byte can
            raise ReadError(f"its part {found} is damaged") from error

    def tree(self, name: str) -> Any:
        """A part's root element; None where there is no such part."""
        content = self.bytes(name)
        return None if content is None else parse_xml(content)

    def needed(self, name: str) -> Any:
        """The root element of a part that has to be there; raises `ReadError` where it is not."""
        tree = self.tree(name)
        if tree is None:
            raise ReadError(f"its part {name} is missing")
        return tree

    def targets(self, name: str) -> dict[str, tuple[str, str]]:
        """What the part `name` of an Office Open XML file points at: id → kind and name of the other part."""
        folder, _, file = name.rpartition("/")
        tree = self.tree(f"{folder}/_rels/{file}.rels" if folder else f"_rels/{file}.rels")
        found: dict[str, tuple[str, str]] = {}
        for relation in tree if tree is not None else ():
            target = attribute(relation, "Target") or ""
            if attribute(relation, "TargetMode") != "External":
                kind = (attribute(relation, "Type") or "").rpartition("/")[2]
                found[attribute(relation, "Id") or ""] = kind, resolved(folder, target)
        return found


def resolved(folder: str, target: str) -> str:
    """The name of the part that `target` means in a part of `folder`.

    >>> resolved("ppt/slides", "../media/a.png"), resolved("word", "/word/styles.xml")
    ('ppt/media/a.png', 'word/styles.xml')
    """
    target = unquote(target.partition("#")[0])
    return posixpath.normpath(target if target.startswith("/") else posixpath.join(folder, target)).lstrip(
        "/"
    )


@contextmanager
def opened_package(stream: BinaryIO) -> Iterator[Package]:
    """A package opened for reading; raises `ReadError` for one that is damaged."""
    with seekable(stream) as file:
        file.seek(0, 2)
        budget = Budget.of(file.tell())
        with opened_zip(file) as archive:
            yield Package(archive, budget)


def stated_in(tree: Any, name: str) -> Stated:
    """What the elements of Dublin Core in a tree state; what a program filled in is left out."""
    found: dict[str, str] = {}
    for element in tree.iter() if tree is not None else ():
        if text := text_of(element):
            found.setdefault(name_of(element), text)
    written = found.get("created") or found.get("creation-date") or found.get("date")
    return Stated(
        title_of(found.get("title"), name),
        author_of(found.get("initial-creator") or found.get("creator")),
        iso_date(written) if written else None,
        found.get("publisher"),
    )
