"""In which encoding did an archive write its names? Bytes of names → names.

The names of one archive are judged together: one alone is too short.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from indexer.documents.readers.encoding import clean, decode
from indexer.errors import ReadError

_KANA = re.compile("[\\u3041-\\u30fe]")
_OTHER = re.compile("[^\\x00-\\x7f]")
_KANA_SHARE = 0.1


def decode_names(names: Sequence[bytes]) -> list[str]:
    """Names as text: in UTF-8, else in GB18030, Big5 or Shift-JIS, whichever reads as the likelier.

    >>> decode_names(["會議/紀錄.txt".encode("big5"), "會議/名單.txt".encode("big5")])
    ['會議/紀錄.txt', '會議/名單.txt']
    """
    lines = b"\n".join(names)
    text = _japanese(lines) or _decoded(lines)
    return [shown(name) for name in text.split("\n")] if names else []


def shown(name: str) -> str:
    """A member's name as part of a path: slashes forward, none at the beginning, on one line."""
    return clean(name).replace("\\", "/").replace("\n", " ").lstrip("/")


def _decoded(lines: bytes) -> str:
    try:
        return decode(lines)[0]
    except ReadError:
        return lines.decode("utf-8", "backslashreplace")


def _japanese(lines: bytes) -> str | None:
    """The names in Shift-JIS where they have kana in it; GBK and Big5 read as Shift-JIS hardly give any."""
    try:
        lines.decode("utf-8")
        return None
    except UnicodeDecodeError:
        pass
    try:
        text = lines.decode("cp932")
    except UnicodeDecodeError:
        return None
    return text if len(_KANA.findall(text)) > _KANA_SHARE * len(_OTHER.findall(text)) else None


def is_hidden(name: str) -> bool:
    """Whether a name or a folder of it begins with a dot, as in a folder of a source.

    >>> is_hidden("__MACOSX/._letter.txt"), is_hidden("a/letter.txt")
    (True, False)
    """
    return any(piece.startswith(".") and piece.strip(".") for piece in name.split("/"))
