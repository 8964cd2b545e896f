"""How does a result look on a page? Hits and texts as escaped HTML with their language.

Invariant: text is escaped before it is marked, and nothing else in this package makes `Markup`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from markupsafe import Markup, escape

from indexer import MAX_WINDOW, DocumentView, Hit, Portion, ResultPage, Snippet, legible
from webapp.params import Script

Mark = tuple[int, int]
Convert = Callable[[str, Sequence[Mark], str], tuple[str, Sequence[Mark]]]
"""A text with its marks, and a script, to both in that script."""

SCRIPT_LANGS = {"hans": "zh-Hans", "hant": "zh-Hant-TW", "hant-hk": "zh-Hant-HK"}


def shown_lang(lang: str | None, script: Script) -> str:
    """The language tag of a text shown in `script`, where `lang` is the document's own.

    >>> shown_lang("zh-Hans", "hant"), shown_lang("zh-Hans", "orig"), shown_lang(None, "orig")
    ('zh-Hant-TW', 'zh-Hans', 'zh')
    """
    return SCRIPT_LANGS.get(script) or lang or "zh"


def hits_in_script(hits: Sequence[Hit], script: Script, convert: Convert) -> tuple[Hit, ...]:
    """Headings and snippets in the chosen script, "orig" as they are; `lang` stays the document's own."""
    if script == "orig":
        return tuple(hits)

    def snippet(old: Snippet) -> Snippet:
        text, marks = convert(old.text, old.marks, script)
        return Snippet(text, tuple(marks), old.start)

    def hit(old: Hit) -> Hit:
        return replace(old, heading=snippet(old.heading), snippets=tuple(map(snippet, old.snippets)))

    return tuple(map(hit, hits))


def document_in_script(view: DocumentView, script: Script, convert: Convert) -> DocumentView:
    """The document's text and title with their marks in the chosen script; `lang` stays its own."""
    if script == "orig":
        return view
    text, marks = convert(view.document.text, view.marks, script)
    title, title_marks = convert(view.document.title or "", view.title_marks, script)
    document = view.document._replace(text=text, title=title or None)
    return replace(view, document=document, marks=tuple(marks), title_marks=tuple(title_marks))


def marked(text: str, marks: Sequence[Mark]) -> Markup:
    """Escaped text with `<mark>`."""
    return marked_snippet(Snippet(text, tuple(marks)))


def marked_snippet(snippet: Snippet) -> Markup:
    """A snippet as escaped text with `<mark>`."""
    return Markup(snippet.html)


_GAP = Markup(' <span class="gap">…</span> ')


def marked_with_gaps(snippets: Sequence[Snippet]) -> Markup:
    """Snippets one after another; what lies between them is left out.

    >>> marked_with_gaps([Snippet("甲乙", ((0, 1),)), Snippet("<", ())])
    Markup('<mark>甲</mark>乙 <span class="gap">…</span> &lt;')
    """
    return _GAP.join(map(marked_snippet, snippets))


def paragraphs(
    text: str, marks: Sequence[Mark], portion: Portion | None = None, at: int | None = None
) -> list[Markup]:
    """The lines of a text as HTML; the n-th mark of the document has the id m<n>, from 1.

    `portion` says which portion of the document this is. The first mark that is not before the place `at` of
    the document can be gone to as #at. A mark that runs over a line end is shown on its first line only up
    to that end.

    >>> paragraphs("後臺軟件\\n軟件園 & 後臺", [(2, 4), (5, 7)])[1]
    Markup('<mark id="m2">軟件</mark>園 &amp; 後臺')
    """
    start, before = (portion.start, portion.marks_before) if portion else (0, 0)
    here = None if at is None else bisect_left(marks, (at - start,))
    lines: list[Markup] = []
    line_start, number = 0, 0
    for line in text.split("\n"):
        end, parts, done = line_start + len(line), [], line_start
        while number < len(marks) and marks[number][0] < end:
            first, last = max(marks[number][0], line_start), min(marks[number][1], end)
            parts += [escape(text[done:first]), _HERE if number == here else ""]
            number += 1
            parts.append(_mark(before + number, text[first:last]))
            done = max(done, last)
        if line.strip():
            lines.append(Markup("").join([*parts, escape(text[done:end])]))
        line_start = end + 1
    return lines


_HERE = Markup('<a id="at"></a>')


def _mark(number: int, text: str) -> Markup:
    return Markup('<mark id="m{}">{}</mark>').format(number, text)


Row = tuple[Markup, Markup]
"""A paragraph before and after repair, as HTML."""


def compared(
    original: str, steps: Sequence[Mapping[str, Any]], text: str = "", marks: Sequence[Mark] = ()
) -> list[Row]:
    """Both texts, paragraph by paragraph: what was removed in `<del>`, what was restored in `<ins>`.

    `steps` are `RepairStep`s as JSON: they ascend and speak of offsets in `original`. `marks` are offsets
    into `text`, which is all or a part of what is repaired. Each change is a button that opens the reason for
    its kind; what was removed stands in the repaired text too, to be shown where there is room for one
    column. Lost bytes are U+FFFD.
    """
    head = repaired(original, steps).find(text)
    marks = [(start + head, end + head) for start, end in marks] if head >= 0 else []
    rows: list[list[Markup]] = [[Markup(""), Markup("")]]
    at = place = 0

    def same(text: str) -> None:
        nonlocal place
        for number, line in enumerate(text.split("\n")):
            if number:
                rows.append([Markup(""), Markup("")])
                place += 1
            shown = _marked_piece(line, place, marks)
            rows[-1][0] += shown
            rows[-1][1] += shown
            place += len(line)

    for step in steps:
        same(original[at : step["start"]])
        before = legible(step["before"])
        rows[-1][0] += _explained(step["kind"], _DEL, before)
        rows[-1][1] += _lined(_INLINE, before) + _explained(step["kind"], _INS, step["after"])
        place += len(step["after"])
        at = step["end"]
    same(original[at:])
    return [(before, after) for before, after in rows if before.strip() or after.strip()]


def repaired(original: str, steps: Sequence[Mapping[str, Any]]) -> str:
    """What steps make of a text.

    >>> repaired("創(chuàng)新", [{"start": 1, "end": 9, "after": ""}])
    '創新'
    """
    parts: list[str] = []
    at = 0
    for step in steps:
        parts += original[at : step["start"]], step["after"]
        at = step["end"]
    return "".join([*parts, original[at:]])


_WHY = Markup('<button class="why" popovertarget="why-{}">{}</button>')
_INLINE = Markup("<del class=inline>{}</del>")
_DEL, _INS = Markup("<del>{}</del>"), Markup("<ins>{}</ins>")


def _explained(kind: str, frame: Markup, text: str) -> Markup:
    """A button on each line, for one of several lines is a box that what follows stands beside."""
    lines = (_WHY.format(kind, frame.format(line)) if line else "" for line in text.split("\n"))
    return Markup("<br>").join(lines)


def _lined(frame: Markup, text: str) -> Markup:
    return frame.format(Markup("<br>").join(text.split("\n"))) if text else Markup("")


def _marked_piece(text: str, place: int, marks: Sequence[Mark]) -> Markup:
    """A piece of the repaired text that begins at `place`, with what of its marks lies in it."""
    inside = [
        (max(start - place, 0), min(end - place, len(text)))
        for start, end in marks
        if start < place + len(text) and end > place
    ]
    return marked(text, inside)


def web_address(url: str | None) -> str | None:
    """The address if it may be linked: http or https with a host. Anything else is not linked.

    >>> web_address("javascript:alert(1)"), web_address("https://example.org/新闻")
    (None, 'https://example.org/新闻')
    """
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.netloc else None


def unquoted(query: str) -> str:
    """A query without its quotation marks.

    >>> unquoted('「高新技術」 "園區"')
    '高新技術 園區'
    """
    return query.translate(dict.fromkeys(map(ord, '"“”「」『』＂'))).strip()


@dataclass(frozen=True, slots=True)
class Pagination:
    """Which pages to offer; None in `numbers` is a gap."""

    page: int
    last: int

    @classmethod
    def of(cls, result: ResultPage) -> Pagination:
        """The pages of a result, none beyond the window of hits."""
        hits = result.total.value if result.distinct is None else result.distinct
        last = min(-(-hits // result.size), max(1, MAX_WINDOW // result.size))
        return cls(result.page, max(1, last))

    @property
    def numbers(self) -> Iterator[int | None]:
        """First, last, and those around the current page.

        >>> list(Pagination(7, 40).numbers)
        [1, None, 5, 6, 7, 8, 9, None, 40]
        """
        near = {1, self.last, *range(self.page - 2, self.page + 3)}
        shown = sorted(number for number in near if 1 <= number <= self.last)
        for number, previous in zip(shown, [0, *shown], strict=False):
            if number - previous > 1:
                yield None
            yield number
