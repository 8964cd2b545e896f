"""What does a .md file say? Its text with the markup taken off, and what its front matter states.

Markup is removed where it stands between a reader and the words: heading marks and ids, link targets,
emphasis, images, rules, scripts and styles of components. Code and the rows of tables stay as they are.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import BinaryIO

from indexer.documents import Document
from indexer.documents.readers.dates import iso_date
from indexer.documents.readers.encoding import clean, decode
from indexer.documents.readers.files import read_whole
from indexer.errors import ReadError

_FRONT_MATTER = re.compile(r"---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|$)", re.S)
_TOML_FRONT_MATTER = re.compile(r"\+\+\+[ \t]*\n(.*?)\n\+\+\+[ \t]*(?:\n|$)", re.S)
_KEYS = ("title", "date", "author", "source", "url")
_FENCE = re.compile(r" {0,3}(?:```[^`]*|~~~.*)$")
_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.+?)[ \t]*#*[ \t]*$")
_HEADING_ID = re.compile(r"[ \t]*\{[ \t]*[#.:][^{}\n]*\}[ \t]*$")
# Elements of a page that is a component, and comments: each begins a line.
_UNSEEN = re.compile(r" {0,3}<(?:(script|style|template)\b[^>]*>|!--)", re.I)
_CLOSING = ("</script", "</style", "</template", "-->")
_UNDERLINED = re.compile(r"^(\S.*)\n=+[ \t]*$", re.M)
_QUOTE = re.compile(r"^ {0,3}(?:> ?)+")
# Rules, and the line under the head of a table.
_RULE = re.compile(r"\s*(?:(?:[-*_]\s*){3,}|\|?(?:\s*:?-{2,}:?\s*\|)+(?:\s*:?-{2,}:?)?\s*)$")
_INLINE = (
    (re.compile(r"!\[[^\[\]\n]*\]\([^()\n]*\)"), ""),
    (re.compile(r"\[([^\[\]\n]+)\](?:\([^()\n]*\)|\[[^\]\n]*\])"), r"\1"),
    (re.compile(r"<(https?://[^>\s]+)>"), r"\1"),
    (re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1"), r"\2"),
    (re.compile(r"(?<![A-Za-z0-9*])\*(?=[^\s*])(.+?)(?<=[^\s*])\*(?![A-Za-z0-9*])"), r"\1"),
    (re.compile(r"(?<!\w)_(?=[^\s_])([^_]+)(?<=[^\s_])_(?!\w)"), r"\1"),
    (re.compile(r"`([^`\n]+)`"), r"\1"),
)


def read_markdown(name: str, stream: BinaryIO) -> Iterator[Document]:
    """The one document of a .md file; raises `ReadError` for bytes that are no text."""
    stated, body = split_front_matter(clean(decode(read_whole(stream))[0]))
    heading, text = plain_text(body)
    title = stated.get("title") or heading
    if not text and not title:
        raise ReadError("the file holds no text")
    yield Document(
        id=name,
        text=text or title or "",  # a heading with nothing below it is all the page has to say
        title=title,
        url=stated.get("url"),
        date=iso_date(stated["date"]) if "date" in stated else None,
        source=stated.get("source"),
        author=stated.get("author"),
    )


def split_front_matter(page: str) -> tuple[dict[str, str], str]:
    """The known keys of the front matter at the top of a page, `---` (YAML) or `+++` (TOML), and the rest.

    >>> split_front_matter("---\\ntitle: 夜市\\ntags: [吃]\\n---\\n南門外")
    ({'title': '夜市'}, '南門外')
    >>> split_front_matter('+++\\ntitle = "夜市"\\ndate = 2021-03-05\\n+++\\n南門外')
    ({'title': '夜市', 'date': '2021-03-05'}, '南門外')
    """
    if match := _TOML_FRONT_MATTER.match(page):
        return _toml(match[1]), page[match.end() :]
    match = _FRONT_MATTER.match(page)
    if not match:
        return {}, page
    rows = (line.partition(":") for line in match[1].split("\n"))
    values = {key.strip().lower(): value.strip().strip("\"'") for key, _, value in rows}
    return {key: values[key] for key in _KEYS if values.get(key)}, page[match.end() :]


def _toml(text: str) -> dict[str, str]:
    try:
        values = {key.lower(): value for key, value in tomllib.loads(text).items()}
    except tomllib.TOMLDecodeError:
        return {}
    # Several authors are a list; dates and numbers are written as they are in ISO 8601.
    named = {
        key: ", ".join(map(str, value)) if isinstance(value, list) else value for key, value in values.items()
    }
    return {key: str(named[key]) for key in _KEYS if named.get(key) and not isinstance(named[key], dict)}


def plain_text(markdown: str) -> tuple[str | None, str]:
    """The first top heading, and the text without it and without markup.

    >>> plain_text("# 夜市 {#market}\\n\\n在**南門外**，見[地圖](map.html)。")
    ('夜市', '在南門外，見地圖。')
    """
    title: str | None = None
    lines: list[str] = []
    for line, is_code in _shown(_UNDERLINED.sub(r"# \1", markdown)):
        heading = None if is_code else _HEADING.match(line)
        text = without_markup(_HEADING_ID.sub("", heading[2])) if heading else line
        if heading and title is None and len(heading[1]) == 1:
            title = text
        else:
            lines.append(text if is_code or heading else without_markup(_QUOTE.sub("", line)))
    return title, re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _shown(markdown: str) -> Iterator[tuple[str, bool]]:
    """The lines that a reader sees, and whether each is code: no fences, rules, scripts, styles, comments."""
    lines = markdown.split("\n")
    # What is never closed is text.
    last = {end: at for at, line in enumerate(lines) for end in _CLOSING if end in line.lower()}
    fenced = False
    closing = ""
    for at, line in enumerate(lines):
        if closing:
            closing = "" if closing in line.lower() else closing
        elif _FENCE.match(line):
            fenced = not fenced
        elif not fenced and (end := _opened(line)) and at <= last.get(end, -1):
            closing = "" if end in line.lower() else end
        elif fenced or not _RULE.match(line):
            yield line, fenced


def _opened(line: str) -> str:
    """What closes the script, style, template or comment that a line begins; "" for any other line."""
    unseen = _UNSEEN.match(line)
    return "" if not unseen else f"</{unseen[1].lower()}" if unseen[1] else "-->"


def without_markup(line: str) -> str:
    """A line of Markdown without inline markup.

    >>> without_markup("![圖](a.png)**雙雲**與`代碼`")
    '雙雲與代碼'
    """
    for pattern, replacement in _INLINE:
        line = pattern.sub(replacement, line)
    return line
