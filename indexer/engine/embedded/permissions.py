"""Who may read the files of an index? Its owner, unless `[index] readable_by` says more.

The folder is closed before anything is in it, so what is written meanwhile is read by nobody else.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from itertools import chain

from indexer.config import IndexSettings

MODES: Mapping[str, tuple[int, int]] = {
    "owner": (0o700, 0o600),
    "group": (0o750, 0o640),
    "everybody": (0o755, 0o644),
}
"""What a folder and a file may be used for."""


def protect(settings: IndexSettings) -> None:
    """Let the folder of an index and all that lies in it be read by those only who are to read it.

    What belongs to somebody else stays as it is.
    """
    folder, file = MODES[settings.readable_by]
    for path in chain([settings.directory], settings.directory.rglob("*")):
        with suppress(PermissionError, FileNotFoundError):
            os.chmod(path, folder if path.is_dir() else file)
