"""What can an index suggest? What is counted for its lexicon, and the lexicon of who sees a part of it."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from indexer.derived.suggest import Counted, Table, write_lexicon
from indexer.engine.protocol import Snapshot
from indexer.errors import IndexCorrupt
from indexer.query.nodes import Everything
from indexer.text.analyzer import Analyzer
from indexer.text.units import STOP

# Words and titles, and characters of texts: so the lexicon of any index takes some seconds and 300 MB.
_MOST_READ, _SAMPLED = 400_000, 1_000_000
_CHARACTER_BYTES = 4


def counted(snapshot: Snapshot, analyzer: Analyzer) -> Counted:
    """What an index can suggest: its titles, its words, and phrases of both."""
    words = snapshot.vocabulary("words", most=_MOST_READ)
    # A part of a number (the 476 of 3.476) is a word, but nothing that a search finds.
    numbers = [word for word in words if word.isdecimal()]
    found = zip(numbers, snapshot.frequencies("grams", numbers), strict=True)
    return Counted.of(
        snapshot.search(Everything(), limit=0).total,
        {**words, **dict(found)},
        {
            term: n
            for term, n in snapshot.vocabulary("grams", longest=_CHARACTER_BYTES).items()
            if term != STOP
        },
        snapshot.vocabulary("title", most=_MOST_READ),
        snapshot.sample(_SAMPLED),
        analyzer.pieces,
    )


def own_lexicon(snapshot: Snapshot, analyzer: Analyzer, path: Path) -> Table:
    """The lexicon of a view, kept at `path` for others that need it; where that is not possible, for nobody.

    It has what the documents of the view say, and nothing of the others.
    """
    with suppress(OSError, IndexCorrupt):
        return Table.open(path)
    found = counted(snapshot, analyzer)
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        os.close(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        write_lexicon(found, temporary)
        os.replace(temporary, path)
        return Table.open(path)
    except OSError:
        with suppress(OSError):
            temporary.unlink()
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        write_lexicon(found, Path(folder, path.name))
        return Table.open(Path(folder, path.name))
