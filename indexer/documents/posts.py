"""What does the head of a post on a bulletin board (PTT, 水木) or in a newsgroup say?

A head is lines of labels and values at the top, one of which names the board, the newsgroup or the station:
that sets it apart from the head of an article. The board is the source. **A line that is no line of a head
ends it, and nothing behind that is touched.**
"""

from __future__ import annotations

import re

from indexer.documents.readers.dates import iso_date
from indexer.text.normalize import normalize

_LABELS = {
    "author": "作者|发信人|发帖人|寄信人|from",
    "source": "看板|信区|讨论区|版面|newsgroups?",
    "title": r"标\s*题|主\s*[题旨]|subject",
    "date": r"时间|发信时间|日\s*期|date",
    "station": "发信站|转信站|organization",
    "other": "path|message-id|references|lines|xref|x-[a-z-]+|nntp-[a-z-]+|mime-version|content-[a-z-]+"
    "|reply-to|sender|distribution|user-agent|in-reply-to|followup-to|keywords|summary|approved",
}
_LABEL = "|".join(f"(?P<{name}>{words})" for name, words in _LABELS.items())
# After a label in Chinese spaces do; from and date are words too.
_LINE = re.compile(rf"\s*(?:{_LABEL})(?:\s*[:：]\s*|(?<=[^a-z])\s+)")
# Where a second label stands in the line of the first.
_SECOND = re.compile(r"[,，]?\s+(?=(?:看板|信区|站内)[:：\s])")
_IN_BRACKETS = re.compile(r"\((?P<date>[^()]*\d\d:\d\d[^()]*)\)")
_RULE = re.compile(r"[\s─━—=*-]*")
_MOST_LINES = 40
_LONGEST_VALUE = 200


def read_post_head(text: str) -> tuple[dict[str, str], str] | None:
    """The fields that the head of a post states, and the text without it; None for any other text.

    >>> read_post_head("發信人: lin (小林), 信區: Tea\\n標  題: 泡茶\\n\\n水溫該多少？")
    ({'author': 'lin (小林)', 'source': 'Tea', 'title': '泡茶'}, '水溫該多少？')
    """
    fields: dict[str, str] = {}
    labels: set[str] = set()
    at = 0
    for line in text.split("\n", _MOST_LINES)[:_MOST_LINES]:
        told = _told(line)
        if not told and (line.strip() or not labels):
            break
        for label, value in told:
            labels.add(label)
            _take(fields, label, value)
        at += len(line) + 1
        if labels and not line.strip():
            break
    body = text[min(at, len(text)) :]
    rule = body.partition("\n")
    body = rule[2] if len(rule[0]) > 2 and _RULE.fullmatch(rule[0]) else body
    is_post = "author" in labels and labels & {"title", "date"} and labels & {"source", "station", "other"}
    return (fields, body.strip("\n")) if is_post and body.strip() else None


def _told(line: str) -> list[tuple[str, str]]:
    """The labels of a line, each with its value as it is written."""
    if len(line) > _LONGEST_VALUE:
        return []
    second = _SECOND.search(normalize(line))
    parts = [line] if second is None else [line[: second.start()], line[second.end() :]]
    found = [(_LINE.match(normalize(part)), part) for part in parts]
    return [(match.lastgroup or "", part[match.end() :].strip()) for match, part in found if match]


def _take(fields: dict[str, str], label: str, value: str) -> None:
    if label == "station":
        match = _IN_BRACKETS.search(normalize(value))
        label, value = "date", value[slice(*match.span("date"))] if match else ""
    if label == "date":
        value = iso_date(value) or ""
    if value and label != "other":
        fields.setdefault(label, value)
