"""How do bytes that no encoding explains travel through a text? As private characters, one for a byte.

A file with a few bad bytes is worth reading, and a text that was read wrongly has bytes that did not
survive. Decoding with `errors=KEEP` writes each such byte as a character of the last private plane, so that
it passes through every reader; `say_lost` then shows what was lost as 〓, as steps of their own.
**A byte is lost in one place and named in that place: nothing is replaced unnoticed.**
"""

from __future__ import annotations

import codecs
import re

from indexer.repair.steps import Edit

KEEP = "hansou.keep"
"""The error handler that keeps undecodable bytes."""
GETA = "〓"
"""What stands for a character that was lost: printers' turned type."""
HOLE = 0xFF
"""The byte that stands for one of which nothing is known; no encoding of ours has it."""
_FIRST = 0x10F700
MARK = chr(_FIRST - 1)
"""What stands before bytes that were kept: one character to search for."""
KEPT = f"{MARK}-{chr(_FIRST + 0xFF)}"
"""The mark and the bytes, for a regular expression's brackets."""
_RUN = re.compile(f"{MARK}[{KEPT}]+")


def kept(raw: bytes) -> str:
    """Bytes as the characters that keep them."""
    return MARK + "".join(chr(_FIRST + byte) for byte in raw)


def bytes_kept(text: str) -> bytes:
    """The bytes that a run of such characters keeps.

    >>> bytes_kept(b"\\xe5\\xbc".decode("utf-8", KEEP)).hex()
    'e5bc'
    """
    return bytes(ord(character) - _FIRST for character in text if character != MARK)


def lost_bytes(text: str) -> int:
    """How many bytes of a decoded text could not be decoded."""
    return sum(len(run) - run.count(MARK) for run in _RUN.findall(text)) if MARK in text else 0


def legible(text: str) -> str:
    """A text to look at: bytes that were kept as U+FFFD, one for those that were lost together.

    >>> legible(b"\\xe4\\xbb\\x8a\\xff\\xa9".decode("utf-8", KEEP))
    '今�'
    """
    return _RUN.sub("\ufffd", text)


def say_lost(text: str) -> list[Edit]:
    """What a reader could not decode becomes 〓, one for each character that the bytes were.

    >>> say_lost(b"\\xe4\\xbb\\x8a\\xff\\xa9\\xe5\\xb8\\x82".decode("utf-8", KEEP))[0][:3]
    (1, 5, '〓')
    """
    if MARK not in text:
        return []
    edits: list[Edit] = []
    for match in _RUN.finditer(text):
        raw = bytes_kept(match[0])
        evidence = f"bytes that are no character in the file's encoding: {raw[:8].hex(' ').upper()}"
        edits.append(Edit(*match.span(), GETA * -(-len(raw) // 3), "lost", evidence))
    return edits


def _keep(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return kept(error.object[error.start : error.end]), error.end


codecs.register_error(KEEP, _keep)
