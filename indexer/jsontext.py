"""How is a value written as JSON and read again, whatever stands in its texts?

msgspec does it, but for half a pair of surrogates: that is no UTF-8, but may stand in what was found, and
then the standard library does it, several times slower.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec

_UNPAIRED = "surrogatepass"
_decode = msgspec.json.Decoder().decode


def _plain(value: object) -> str:
    """A text of a library's own type as one of Python's. Raises TypeError for what is no text."""
    if not isinstance(value, str):
        raise TypeError(f"{type(value).__name__}: unsupported, for JSON has none")
    return str(value)


_encode = msgspec.json.Encoder(enc_hook=_plain).encode


def encoded(value: Any) -> bytes:
    """A value as one line of JSON, without its newline. Raises TypeError for what JSON has not.

    >>> encoded({"title": "西遊記"}).decode()
    '{"title":"西遊記"}'
    """
    try:
        return _encode(value)
    except UnicodeEncodeError:
        plain = msgspec.to_builtins(value, enc_hook=_plain)
        return json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode("utf-8", _UNPAIRED)


def decoded(line: bytes | bytearray) -> Any:
    """The value of a line. Raises ValueError where it is none.

    >>> decoded(encoded(["夜\\ud800"])) == ["夜\\ud800"]
    True
    """
    try:
        return _decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return json.loads(line.decode("utf-8", _UNPAIRED))
