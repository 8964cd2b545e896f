"""Which files of the sources are as a catalog knows them? Both in one order, side by side, with nothing held.

A catalog numbers files as they are first read, in the order of the sources: mostly the next that it has is
the next that is listed. One that is not is looked up, and what follows it in the catalog comes next.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from itertools import islice

from indexer.documents.catalog import Catalog, KnownFile
from indexer.documents.content import content_of
from indexer.documents.listing import Listing
from indexer.documents.numbers import FileNumbers
from indexer.documents.sources import SourceFile

_AT_ONCE = 1 << 10
"""Files that are compared together: what is called for each of millions takes its time."""


def kept_files(
    catalog: Catalog, files: Iterable[SourceFile], verify: bool = False
) -> tuple[Listing, FileNumbers]:
    """The files as they are listed, and the numbers in the catalog of those that have not changed.

    That is told from size and time, and from the content where the time is another, or always with `verify`.
    """
    listing, kept = Listing(), FileNumbers()
    pairs = _side_by_side(catalog, files)
    while several := [*islice(pairs, _AT_ONCE)]:
        listing.extend((file, known.number if known else 0) for file, known in several)
        kept.update([known.number for file, known in several if known and _is_same(file, known, verify)])
    changed = {*catalog.others(kept)} if len(kept) < catalog.count() else set()
    # A document that could not have its id can have it where that may become free: its file is read too.
    while changed:
        changed = {number for each in changed for number in catalog.waiting(each) if number in kept}
        kept -= changed
    # So is one that comes before the file that has it, as when sources are listed in another order.
    kept -= _overtaking(catalog, listing)
    return listing, kept


def _overtaking(catalog: Catalog, listing: Listing) -> set[int]:
    """Files with a document whose id a file has that is now listed behind them."""
    pairs = catalog.disputes()
    disputing = {number for pair in pairs for number in pair}
    if not disputing:
        return set()
    order = {file.known: place for place, file in enumerate(listing) if file.known in disputing}
    behind = len(listing)
    return {waits for waits, has in pairs if order.get(waits, behind) < order.get(has, behind)}


def _side_by_side(
    catalog: Catalog, files: Iterable[SourceFile]
) -> Iterator[tuple[SourceFile, KnownFile | None]]:
    """Each file with what is known of it; None for one that is not known."""
    following = catalog.files()
    known = next(following, None)
    for file in files:
        if known is None or file.name != known.path or file.of.read_as != known.source:
            found = catalog.file(*file.key)
            if found is None:
                yield file, None
                continue
            known, following = found, catalog.files(after=found.number)
        yield file, known
        known = next(following, None)


def _is_same(file: SourceFile, known: KnownFile, verify: bool) -> bool:
    try:
        found = os.stat(file.place)
    except OSError:
        return False
    if found.st_size != known.size or not known.content:
        return False
    if found.st_mtime_ns == known.modified and not verify:
        return True
    return content_of(file.path, file.of.root) == known.content
