"""What does an .rst file say? Its text with the markup taken off.

Markup is removed where it stands between a reader and the words: underlines of headings, roles, targets,
comments and options of directives. What a directive holds stays: it is text or code that a reader sees.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from indexer.documents.document import Document
from indexer.documents.readers.dates import iso_date
from indexer.documents.readers.encoding import clean, decode
from indexer.documents.readers.files import read_whole
from indexer.errors import ReadError

_RULE = re.compile(r"([=\-`:.'\"~^_*+#])\1{2,}\s*$")
_FIELD = re.compile(r":([\w-]+):\s+(.*)$")
_DIRECTIVE = re.compile(r"\s*\.\.\s+(?:[\w:-]+)::\s*(.*)$")
_TARGET = re.compile(r"\s*\.\.\s+(?:_[^:]+:|\|[^|]+\|).*$|\s*__\s+\S.*$")
_COMMENT = re.compile(r"(\s*)\.\.(?:\s+(?!\[).*)?$")
_OPTION = re.compile(r"\s+:[\w-]+:.*$")
_INLINE = (
    (re.compile(r":[\w.:+-]+:`([^`<]+?)(?:\s*<[^`]*>)?`"), r"\1"),
    (re.compile(r"`([^`<]+?)\s*<[^`]*>`__?"), r"\1"),
    (re.compile(r"``([^`]+)``"), r"\1"),
    (re.compile(r"`([^`]+)`__?"), r"\1"),
    (re.compile(r"`([^`]+)`"), r"\1"),
    (re.compile(r"(\*\*?)(?=\S)(.+?)(?<=\S)\1"), r"\2"),
)
_KEYS = {"date": "date", "author": "author", "authors": "author", "日期": "date", "作者": "author"}


def read_rst(name: str, stream: BinaryIO) -> Iterator[Document]:
    """The one document of an .rst file; its first heading is the title."""
    lines = clean(decode(read_whole(stream))[0]).split("\n")
    title, body, stated = None, [], {}
    comment: int | None = None
    for number, line in enumerate(lines):
        if comment is not None and line.strip() and _indent(line) > comment:
            continue
        comment = comment if not line.strip() else None
        following = lines[number + 1] if number + 1 < len(lines) else ""
        if _RULE.match(line) or _TARGET.match(line) or _OPTION.match(line):
            continue
        if directive := _DIRECTIVE.match(line):
            body.append(_without_markup(directive[1]))
        elif match := _COMMENT.match(line):
            comment = len(match[1])
        elif title is None and line.strip() and _RULE.match(following):
            title = _without_markup(line.strip())
        elif (field := _FIELD.match(line)) and (key := _KEYS.get(field[1].lower())):
            stated[key] = field[2].strip()
        else:
            body.append(_without_markup(line))
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(body)).strip()
    if not (text or title):
        raise ReadError("the file holds no text")
    date = stated.get("date")
    yield Document(
        name, text or title or "", title, date=iso_date(date) if date else None, author=stated.get("author")
    )


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _without_markup(line: str) -> str:
    for pattern, replacement in _INLINE:
        line = pattern.sub(replacement, line)
    return line
