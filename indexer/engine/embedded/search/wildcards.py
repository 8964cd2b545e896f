"""Which of a range of terms match a pattern? One regular expression over the terms as they lie in the file.

Terms are UTF-8, which has no byte 0xff: that one goes between them, so a find begins and ends with a term.
**The time grows with the bytes of the terms and with the length of the pattern, whatever stands in either**:
a run of characters is looked for once behind a `*`, and where it is found is not gone back on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import numpy as np

from indexer.arrays import Array, damaged
from indexer.engine.embedded.arrays.postings import FieldPostings

_AT_ONCE = 1 << 18
_BETWEEN = 0xFF
_ANY, _ONE = rb"[^\xff]*", rb"(?:[\x00-\x7f]|[\xc0-\xfe][\x80-\xbf]*)"


def matching(field: FieldPostings, numbers: range, pattern: str, check: Callable[[], None]) -> Iterator[int]:
    """Those of the terms `numbers` that match, in which `*` is any characters and `?` is one.

    `check` is called now and then, and may raise.
    """
    find = re.compile(rb"(?<=\xff)%b(?=\xff)" % expression(pattern)).finditer
    offsets = field.offsets[numbers.start : numbers.stop + 1].astype(np.int64)
    at = 0
    while at < len(numbers):
        check()
        # At least one term, and as many as fit.
        end = max(at + 1, int(np.searchsorted(offsets, offsets[at] + _AT_ONCE, "right")) - 1)
        content, starts = _apart(field, offsets[at : end + 1])
        found = [match.start() for match in find(content)]
        yield from (np.searchsorted(starts, found) + numbers.start + at).tolist()
        at = end


def _apart(field: FieldPostings, offsets: Array) -> tuple[bytes, Array]:
    """The terms that stand at offsets, with a byte around each, and where each starts there."""
    lengths = np.diff(offsets)
    if len(lengths) and lengths.min() < 0:
        raise damaged(f"{field.name}/offsets")
    numbers = np.arange(1, len(offsets))
    low, high = int(offsets[0]), int(offsets[-1])
    content = np.full(high - low + len(offsets), _BETWEEN, np.uint8)
    content[np.arange(high - low) + np.repeat(numbers, lengths)] = field.blob[low:high]
    return content.tobytes(), offsets[:-1] - low + numbers


def expression(pattern: str) -> bytes:
    """A pattern as a regular expression over UTF-8.

    >>> [bool(re.fullmatch(expression("colo*r?"), text.encode())) for text in ("colours", "coloré", "color")]
    [True, True, False]
    """
    first, *runs = (_run(run) for run in re.split(r"\*+", pattern))
    if not runs:
        return first
    behind = b"".join(rb"(?>%b?%b)" % (_ANY, run) for run in runs[:-1])
    return first + behind + _ANY + runs[-1]


def _run(text: str) -> bytes:
    parts = (re.escape(part.encode("utf-8", "surrogatepass")) for part in text.split("?"))
    return _ONE.join(parts)
