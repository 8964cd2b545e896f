"""Which lines has a text with markup as it is shown? lxml tree → blocks in order, with what is known of each.

Web pages, chapters of books, mail and XML are read so; a `Markup` says what their elements are. A block is
the text between two places where a browser begins a new line; a row of a table is one. Scripts, the controls
of forms and what is hidden are not shown. Readings above characters (`<rt>`) follow them in brackets where a
page is about readings, that is where one character has several; elsewhere they follow the block, or are left
out where they stand above most of it: the reading of its characters never cuts a word.
**No class and no id is looked at: what is text is in a block.**
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from indexer.documents.readers.xmltree import name_of

_INLINE = frozenset(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i img ins kbd label mark nobr q rb rp rt "
    "rtc ruby s samp small span strike strong sub sup time tt u var wbr tspan textPath textpath "
    # Formulas stand in their line.
    "math semantics mi mn mo ms mtext mrow mfrac msqrt mroot msub msup msubsup mover munder munderover "
    "mstyle mpadded mspace merror menclose mtable mtr mtd mmultiscripts mprescripts none".split()
)
_UNSEEN = frozenset(
    "script style noscript noframes template desc metadata defs symbol annotation annotation-xml mphantom "
    "head title select option button input textarea iframe "
    "object embed audio video canvas map area datalist rp".split()
)
_FRAMES = {
    "nav": "nav", "navigation": "nav", "menu": "nav", "menubar": "nav", "search": "nav",
    "aside": "aside", "complementary": "aside",
    "footer": "foot", "contentinfo": "foot", "header": "head", "banner": "head", "form": "form",
}  # fmt: skip
_ARTICLES = frozenset(("article", "main", "section"))
# What makes a row of a table one of layout, whose cells are read as if they stood one under the other.
_LAYOUT = frozenset("table p ul ol h1 h2 h3 h4 article section".split())
_LONGEST_ROW = 400
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
_SIGNS = re.compile(r"[\W_]+")
# More than this of a block's characters with a reading: it is set with readings throughout.
_ANNOTATED = 0.2


@dataclass(frozen=True, slots=True)
class Markup:
    """What elements mean, by local name: those that begin no new line, and those that are not shown."""

    inline: frozenset[str]
    unseen: frozenset[str] = frozenset()


HTML = Markup(_INLINE, _UNSEEN)
"""Web pages, and XHTML."""


class _Reading(str):
    """The reading of what stands before it."""


@dataclass(slots=True)
class Block:
    """A line of a page: its text, and where it stands.

    `kind` is the tag of the element that made it a line of its own, "tr" for a row; `frame` is "nav",
    "aside", "foot", "head" or "form" where it stands in an element made for that, else ""; `parents` are the
    numbers of the elements around it, outermost first. `length` counts letters and digits, `links` links,
    and `linked` the letters and digits of those.
    """

    kind: str
    frame: str
    parents: tuple[int, ...]
    text: str = ""
    parts: list[str] = field(default_factory=list)
    links: int = 0
    linked: int = 0
    length: int = 0


def flowed(tree: Any, markup: Markup = HTML) -> str:
    """The text of a tree, a line a block.

    >>> import lxml.html
    >>> flowed(lxml.html.fromstring("<div><p>無<i>錫</i></p><table><tr><td>面積<td>三公頃</table></div>"))
    '無錫\\n面積 | 三公頃'
    """
    return "\n".join(block.text for block in blocks(tree, markup) if block.text)


def blocks(tree: Any, markup: Markup = HTML) -> list[Block]:
    """The blocks of a tree, in order. The time grows with the tree, whatever is nested in what."""
    found = [block for block in _Walk(markup).through(tree) if any(part.strip() for part in block.parts)]
    several = _several_readings(found)
    for block in found:
        _spell(block, several)
    return found


@dataclass(slots=True)
class _Open:
    """An element whose end has not come: its tag, its frame, and for a row the number of blocks before it."""

    tag: str
    frame: str
    before: int = 0
    layout: bool = False


class _Walk:
    """A walk through a tree, which collects blocks."""

    def __init__(self, markup: Markup) -> None:
        self.markup = markup
        self.found: list[Block] = []
        self.open: list[_Open] = [_Open("body", "")]
        self.parents: list[int] = []
        self.numbers = self.anchors = self.articles = self.preformatted = 0
        self.block = Block("body", "", ())

    def through(self, tree: Any) -> list[Block]:
        """The blocks of a tree, their texts in parts."""
        from lxml import etree  # slow to import, and needed only where there is markup

        events = etree.iterwalk(tree, events=("start", "end", "comment", "pi"))
        for event, element in events:
            tag = name_of(element)
            if event == "start":
                if tag and self._is_unseen(element, tag):
                    events.skip_subtree()
                elif tag:
                    self._enter(element, tag)
                    self._take(element.text, tag == "rt")
                else:
                    self._take(_of_entity(element.text), False)
                continue
            if tag and not self._is_unseen(element, tag):
                self._leave(element, tag)
            if element is not tree:
                parent = element.getparent()
                self._take(element.tail, parent is not None and name_of(parent) == "rt")
        self._end()
        return self.found

    def _take(self, text: str | None, reading: bool) -> None:
        if not text:
            return
        for number, line in enumerate(text.split("\n") if self.preformatted else [text]):
            if number:
                self._end()
            self.block.parts.append(_Reading(" ".join(line.split())) if reading else line)
            if self.anchors and not reading:
                self.block.linked += len(_SIGNS.sub("", line))

    def _end(self) -> None:
        """Begin a new block."""
        if self.block.parts:
            self.found.append(self.block)
        here = self.open[-1]
        self.block = Block(here.tag, here.frame, tuple(self.parents[-_DEPTH:]))

    def _is_unseen(self, element: Any, tag: str) -> bool:
        if tag in self.markup.unseen or element.get("hidden") is not None:
            return True
        style = element.get("style")
        return bool(style and _HIDDEN.search(style))

    def _enter(self, element: Any, tag: str) -> None:
        if tag == "a":
            self.anchors += element.get("href") is not None
            self.block.links += element.get("href") is not None
        elif tag in ("br", "hr"):
            self._end()
        elif tag not in self.markup.inline:
            self.numbers += 1
            frame = _FRAMES.get(tag) or _FRAMES.get(element.get("role") or "", "")
            if frame in ("head", "foot") and self.articles:
                frame = ""
            self.articles += tag in _ARTICLES
            self.preformatted += tag == "pre"
            self.open[-1].layout |= tag in _LAYOUT
            self.parents.append(self.numbers)
            self.open.append(_Open(tag, self.open[-1].frame or frame))
            self._end()
            self.open[-1].before = len(self.found)

    def _leave(self, element: Any, tag: str) -> None:
        if tag == "a":
            self.anchors -= element.get("href") is not None
        elif tag not in self.markup.inline and tag not in ("br", "hr"):
            self._end()
            left = self.open.pop()
            self.parents.pop()
            self.articles -= tag in _ARTICLES
            self.preformatted -= tag == "pre"
            self.open[-1].layout |= left.layout
            if tag == "tr" and not left.layout:
                self._join_row(left)
            self._end()

    def _join_row(self, row: _Open) -> None:
        """Make the cells of a row one block."""
        cells = self.found[row.before :]
        if len(cells) < 2 or sum(len(part) for cell in cells for part in cell.parts) > _LONGEST_ROW:
            return
        whole = Block("tr", row.frame, cells[0].parents[:-1])
        for cell in cells:
            if any(part.strip() for part in cell.parts):
                whole.parts += [*([" | "] if whole.parts else []), *cell.parts]
                whole.links += cell.links
                whole.linked += cell.linked
        self.found[row.before :] = [whole]


_DEPTH = 64
"""So many of the elements around a block are remembered."""


def _of_entity(reference: str | None) -> str | None:
    """The character of an entity of XHTML, whose declarations are not read; None for any other."""
    text = unescape(reference or "")
    return text if text != reference else None


def _several_readings(found: Iterable[Block]) -> bool:
    """Whether the same characters have several readings in a page."""
    readings: dict[str, set[str]] = defaultdict(set)
    for block in found:
        for before, part in zip(block.parts, block.parts[1:], strict=False):
            if isinstance(part, _Reading) and not isinstance(before, _Reading):
                readings[before.strip()].add(part)
    return any(len(told) > 1 for base, told in readings.items() if base)


def _spell(block: Block, several: bool) -> None:
    """Give a block its text."""
    readings = [part for part in block.parts if isinstance(part, _Reading) and part]
    parts = [_shown(part, several) if isinstance(part, _Reading) else part for part in block.parts]
    text = " ".join("".join(parts).split())
    block.length = len(_SIGNS.sub("", text))
    if readings and not several and len(readings) <= block.length * _ANNOTATED:
        text = f"{text}({' '.join(readings)})"
    block.text, block.parts = text, []


def _shown(reading: str, several: bool) -> str:
    return f"({reading})" if several and reading else ""
