"""How does marked-up text read, as lines? A tree of elements → its text, one line a block.

Nothing that a reader sees is left out. Of ruby the base stays and the reading goes: readings are set small
beside the words they belong to, and would stand in the middle of them. A gloss in Han characters is no
reading and stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

_INLINE = frozenset(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark q rb rp rt rtc ruby s "
    "samp small span strike strong sub sup time tt u var wbr".split()
)
_DROPPED = frozenset("script style template noscript rp".split())
_CELLS = frozenset("td th".split())
_LINES = frozenset("br hr".split())
_BOUNDARY, _BREAK, _CELL = "\x00", "\x01", "\x02"
_SPACE = re.compile(r"[ \t\r\n\f]+")
_AROUND = re.compile(r"[ \x00\x01\x02]*([\x00\x01\x02])[ \x00\x01\x02]*")
_HAN = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]")
_BETWEEN_HAN = re.compile("(?<=[\u2e80-\u9fff\uff00-\uff60]) (?=[\u2e80-\u9fff\uff00-\uff60])")


def flowed(tree: Any, inline: frozenset[str] = _INLINE) -> str:
    """The text of an lxml tree, blocks on lines of their own, cells of a row apart by a tab.

    >>> import lxml.html
    >>> flowed(lxml.html.fromstring("<div><p><ruby>無<rt>ㄨˊ</rt></ruby>錫</p><p>軟件<b>園</b></p></div>"))
    '無錫\\n軟件園'
    """
    marked = _SPACE.sub(" ", "".join(_pieces(tree, inline)))
    marked = _AROUND.sub(_strongest, marked)
    text = marked.replace(_BOUNDARY, "\n").replace(_BREAK, "\n").replace(_CELL, "\t")
    return "\n".join(line for line in (line.strip() for line in text.split("\n")) if line)


def _strongest(match: re.Match[str]) -> str:
    return _CELL if set(match[0]) <= {_CELL, " "} else _BREAK


def _pieces(tree: Any, inline: frozenset[str]) -> Iterator[str]:
    """Text and the marks of blocks, in the order of the document; no recursion: trees may be of any depth."""
    stack: list[tuple[Any, bool]] = [(tree, False)]
    while stack:
        element, closing = stack.pop()
        if closing:
            yield _mark(element, inline)
            if element is not tree:
                yield element.tail or ""
            continue
        name = local_name(element)
        if name is None or name in _DROPPED or _is_unseen(element, name):
            if element is not tree:
                yield element.tail or ""
            continue
        yield _mark(element, inline)
        yield element.text or ""
        stack.append((element, True))
        stack.extend((child, False) for child in reversed(element))


def _is_unseen(element: Any, name: str) -> bool:
    """Whether it is the reading of ruby, or the head of a web page (a head of TEI is a heading)."""
    if name == "rt":
        return not _HAN.search("".join(element.itertext()))
    parent = element.getparent() if name == "head" else None
    return parent is not None and local_name(parent) == "html"


def _mark(element: Any, inline: frozenset[str]) -> str:
    name = local_name(element)
    if name in _LINES:
        return _BREAK
    if name in _CELLS:
        return _CELL
    if name == "rt":
        return ""
    return "" if name in inline else _BOUNDARY


def local_name(element: Any) -> str | None:
    """The name of an element without its namespace; None for a comment or an instruction."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else None


def joined(left: str, right: str) -> str:
    """Two pieces of a line that was broken: without a space where Han characters or their punctuation meet.

    >>> joined("國家軟件", "園區"), joined("open", "source")
    ('國家軟件園區', 'open source')
    """
    return _BETWEEN_HAN.sub("", f"{left.rstrip()} {right.lstrip()}")
