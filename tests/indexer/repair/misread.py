"""How does a text come to be garbled, spaced out or escaped? Kinds found in the wild, one function each."""

from __future__ import annotations

import re
from collections.abc import Callable

import indexer.repair.big5  # noqa: F401  # registers "big5-uao"

_UNDEFINED = (0x81, 0x8D, 0x8F, 0x90, 0x9D)


def latin_1(raw: bytes) -> str:
    """Bytes shown as Latin-1."""
    return raw.decode("latin-1")


def windows_1252(raw: bytes) -> str:
    """Bytes shown as browsers show Windows-1252: what it does not define, as Latin-1 does."""
    return "".join(chr(byte) if byte in _UNDEFINED else bytes((byte,)).decode("cp1252") for byte in raw)


def backslashed(text: str) -> str:
    """A backslash after each character whose Big5 ends in one."""
    return "".join(f"{c}\\" if c.encode("big5", "ignore")[1:] == b"\\" else c for c in text)


def spaced(text: str) -> str:
    """A space between all characters, words of Latin letters whole."""
    return " ".join(re.findall(r"[A-Za-z0-9]+|[^A-Za-z0-9]", text))


def spelled(text: str) -> str:
    """A space between all characters, letters and digits too."""
    return " ".join(text)


LOSSLESS: dict[str, tuple[str, Callable[[str], str]]] = {
    "Big5 read as Latin-1": ("big5hkscs", lambda t: latin_1(t.encode("big5hkscs"))),
    "Big5 read as Windows-1252": ("big5hkscs", lambda t: windows_1252(t.encode("big5hkscs"))),
    "Big5 of the boards read as Latin-1": ("big5-uao", lambda t: latin_1(t.encode("big5-uao"))),
    "GBK read as Latin-1": ("gbk", lambda t: latin_1(t.encode("gbk"))),
    "GBK read as Windows-1252": ("gbk", lambda t: windows_1252(t.encode("gbk"))),
    "UTF-8 read as Latin-1": ("utf-8", lambda t: latin_1(t.encode())),
    "UTF-8 read as Windows-1252": ("utf-8", lambda t: windows_1252(t.encode())),
    "UTF-8 read as Latin-1 twice": ("utf-8", lambda t: latin_1(latin_1(t.encode()).encode())),
    "UTF-8 read as Windows-1252 twice": ("utf-8", lambda t: windows_1252(windows_1252(t.encode()).encode())),
    "backslashes": ("big5", backslashed),
    "spaces": ("utf-8", spaced),
    "spaces between letters too": ("utf-8", spelled),
}
"""Kinds that lose nothing: what the text must be written in, and what happens to it."""

LOSSY: dict[str, Callable[[str], str]] = {
    "UTF-8 read as GBK, marked": lambda t: t.encode().decode("gbk", "replace"),
    "UTF-8 read as GBK, dropped": lambda t: t.encode().decode("gbk", "ignore"),
    "UTF-8 read as GB18030": lambda t: t.encode().decode("gb18030", "replace"),
    "UTF-8 read as Windows-1252, marked": lambda t: t.encode().decode("cp1252", "replace"),
}
"""Kinds that lose some bytes, of which most can be told."""

RUINOUS: dict[str, Callable[[str], str]] = {
    "GBK taken for UTF-8": lambda t: _taken_for_utf8(t, "gbk"),
    "Big5 taken for UTF-8": lambda t: _taken_for_utf8(t, "big5"),
    "UTF-8 read as Big5": lambda t: t.encode().decode("big5", "replace"),
    "UTF-8 read as HKSCS": lambda t: t.encode().decode("big5hkscs", "replace"),
}
"""Kinds that lose most of the text."""


def _taken_for_utf8(text: str, codec: str) -> str:
    return text.encode(codec, "ignore").decode("utf-8", "replace").encode().decode(codec, "replace")
