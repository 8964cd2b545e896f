"""What did the page's markup leave behind? Entities, tags whose `<` was swallowed, NBSP as `?`, tone marks.

Each fixer looks for one kind of remains and answers with edits, or with none where the remains are
too few to tell damage from a text that speaks of them.
**A fixer needs `ENOUGH` places of its kind in the document, or a document damaged otherwise.**
"""

from __future__ import annotations

import html
import re

from indexer.repair.pinyin import HAN
from indexer.repair.steps import Edit

ENOUGH = 3
_CJK = f"{HAN}\u3000-\u303f\uff01-\uff5e“”‘’—…·"
_ENTITY = re.compile(r"&(?:amp;)*(#\d{2,6}|#[xX][0-9a-fA-F]{2,5}|[A-Za-z][A-Za-z0-9]{1,9});")
_ENTITY_BESIDE_HAN = re.compile(rf"(?<=[{_CJK}]){_ENTITY.pattern}|{_ENTITY.pattern}(?=[{_CJK}])")
_QUOTES = " \u3000“”‘’「」『』'\"`（()）:："
_ENDS = re.compile(r"\Z|[\s，。、；：！？,;:!?“”‘’「」『』'\"`（()）]")
_MARKUP_WORDS = re.compile(
    "实体|實體|转义|轉義|HTML|XML|标签|標籤|標記|标记|源码|代码|原始碼|語法|语法", re.IGNORECASE
)
_BLOCK = "p|div|li|ul|ol|tr|td|table|h[1-6]|section|article|blockquote"
_INLINE = "span|strong|b|em|i|u|a|font|center"
_TAG = re.compile(rf"/(?:({_BLOCK})|{_INLINE})\s?>(\n?)")
_NO_TAG_AFTER = re.compile(r"[<\w/.:]", re.ASCII)  # </p> is whole, a/b> a path
_TAG_EVIDENCE = "a tag whose < was swallowed"
_INDENT = re.compile(rf"^(?:[?]{{1,8}}\u3000*|\u3000+[?]{{1,8}})(?=[{HAN}“「《])", re.MULTILINE)
_LINE = re.compile(".*")
_SENTENCE_ENDS = re.compile("[。！？…”」：；][”」）)\\s]*\\Z")
_PARAGRAPH = 7  # characters of a line, on average, from which it may be a paragraph
# What is searched for comes first, and what has to stand before it is looked at there.
_STAMP = re.compile(r"[?](?<=\d{4}[-/.]\d\d[-/.]\d\d[?])[?]{0,3}(?=\d\d:\d\d)")
_LABELS = "(?:来|來)源|作者|(?:编|編)(?:辑|輯)|(?:记|記)者"
_LABEL = re.compile(f"[?](?<=(?:{_LABELS})[:：][?])[?]{{0,3}}(?=[{HAN}])")
_TONES = "\u0300\u0301\u0304\u030c"
SIGNS = f"&/?{_TONES}"
"""The characters without one of which no fixer here finds anything."""
_ANY_TONE = re.compile(f"[{_TONES}]")
_TONE = re.compile(rf"(?<=[{HAN}]){_ANY_TONE.pattern}+")


def unescape_entities(text: str, damaged: bool) -> list[Edit]:
    """Entities left in running Chinese become the characters they name; a non-breaking space a space.

    >>> [e.after for e in unescape_entities("他&ldquo;說&rdquo;&hellip;好", False)]
    ['“', '”', '…']
    """
    if "&" not in text or (not damaged and (_fewer(_ENTITY_BESIDE_HAN, text) or _spoken_of(text))):
        return []
    edits: list[Edit] = []
    for match in _ENTITY.finditer(text):
        named = html.unescape(f"&{match[1]};").replace("\xa0", " ")
        if not named.startswith("&") and named.isprintable():
            edits.append(Edit(*match.span(), named, "entity", f"an HTML entity, {match[1]}"))
    return edits


def _spoken_of(text: str) -> bool:
    """Whether a text speaks of entities, naming each once or twice and setting it apart."""
    found = list(_ENTITY.finditer(text))
    apart = sum(
        not text[max(0, m.start() - 1) : m.start()].strip(_QUOTES)
        for m in found
        if _ENDS.match(text, m.end())
    )
    named = len({match[1] for match in found})
    return 2 * apart >= len(found) or (_MARKUP_WORDS.search(text) is not None and len(found) < 3 * named)


def drop_broken_tags(text: str, damaged: bool) -> list[Edit]:
    """`/p>` without its `<` goes; where it ended a block inside a line, a line break takes its place.

    >>> [e.after for e in drop_broken_tags("第一段。/p>第二段。/p>第三段。/p>", False)]
    ['\\n', '\\n', '']
    """
    if "/" not in text:
        return []
    found = [m for m in _TAG.finditer(text) if not _NO_TAG_AFTER.match(text, max(0, m.start() - 1))]
    if not damaged and len(found) < ENOUGH:
        return []
    edits: list[Edit] = []
    for match in found:
        ends_line = bool(match[2]) or match.end() == len(text) or not match[1]
        edits.append(Edit(match.start(), match.start(2), "" if ends_line else "\n", "markup", _TAG_EVIDENCE))
    return edits


def restore_spaces(text: str, damaged: bool) -> list[Edit]:
    """`?` in the place of a non-breaking space: before an indented line, in a time stamp, after a label.

    >>> [e.after for e in restore_spaces("2023-03-11?16:31:37 來源:?新華網", False)]
    [' ', ' ']
    """
    if "?" not in text:
        return []
    found = [(*match.span(), " ", "inside a time stamp") for match in _STAMP.finditer(text)]
    found += [(*match.span(), " ", "after a label") for match in _LABEL.finditer(text)]
    found += [(*match.span(), "", "the indent of a line") for match in _indents(text, damaged)]
    return [
        Edit(start, end, after, "nbsp", f"a non-breaking space shown as ?, {where}")
        for start, end, after, where in sorted(found)
    ]


def _indents(text: str, damaged: bool) -> list[re.Match[str]]:
    """Indents shown as ?, of paragraphs: few could be lost bytes, and short lines are typed in a chat."""
    found = list(_INDENT.finditer(text))
    if len(found) < ENOUGH:
        return []
    lines = [match for indent in found if (match := _LINE.match(text, indent.end()))]
    sentences = sum(_SENTENCE_ENDS.search(line[0]) is not None for line in lines)
    long = sum(len(line[0]) for line in lines) >= _PARAGRAPH * len(lines)
    return found if damaged or (2 * sentences >= len(lines) and long) else []


def drop_tone_marks(text: str, damaged: bool) -> list[Edit]:
    """Combining tone marks after Han characters go.

    >>> [(e.start, e.end) for e in drop_tone_marks("无\u0301锡\u0304", True)]
    [(1, 2), (3, 4)]
    """
    if not any(tone in text for tone in _TONES) or (not damaged and _fewer(_TONE, text)):
        return []
    return [
        Edit(*match.span(), "", "tone", f"a tone mark on {text[match.start() - 1]}")
        for match in _TONE.finditer(text)
    ]


def _fewer(pattern: re.Pattern[str], text: str) -> bool:
    """Whether the pattern is found fewer than `ENOUGH` times; stops counting there."""
    at = 0
    for _ in range(ENOUGH):
        match = pattern.search(text, at)
        if match is None:
            return True
        at = match.end()
    return False
