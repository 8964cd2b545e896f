"""Which column is which field? A record with names of its own → a document.

A field is looked for under the names that data sets usually have for it, in either script, whatever the
case; what `[source.fields]` names goes before.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from indexer.documents.document import Document
from indexer.documents.readers.dates import iso_date, iso_number
from indexer.documents.readers.encoding import clean, decode
from indexer.documents.readers.row_ids import RowIds
from indexer.errors import ReadError

USUAL: Mapping[str, tuple[str, ...]] = {
    name: tuple(names.split())
    for name, names in {
        "id": "id _id _id.$oid docid doc_id 编号 編號 序号 序號",
        "text": (
            "text content body 正文 内容 內容 全文 文本 原文 内文 內文 本文 article "
            "paragraphs fulltext full_text"
        ),
        "title": "title 标题 標題 题目 題目 题名 題名 篇名 headline subject",
        "url": "url link uri 链接 鏈接 連結 网址 網址 href",
        "date": (
            "date 日期 发布日期 發布日期 发布时间 發布時間 时间 時間 published "
            "publish_time published_at pubdate datetime timestamp created_at date.$date"
        ),
        "source": "source 来源 來源 出处 出處 媒体 媒體 publisher site source.name",
        "author": "author 作者 authors 记者 記者 writer byline creator author.name",
    }.items()
}
_JOINED = {"text": "\n", "title": " ", "source": "、", "author": "、"}
"""The fields that may be lists, and what is put between their items."""
_NEEDED = ("text", "id")
"""The fields without which a row is no document, whatever else it has."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the fields of a document are looked for: `configured` names a column for some of them.

    What an object in a record holds is a column with a dot in its name. It is found by its whole name, and
    where no other column is the field by what stands behind the dot.
    """

    configured: Mapping[str, str] = field(default_factory=dict)

    def found(self, names: Iterable[str]) -> dict[str, str]:
        """Field → column, for the columns that there are.

        >>> Columns({"text": "摘要"}).found(["標題", "摘要", "Date"])
        {'text': '摘要', 'title': '標題', 'date': 'Date'}
        >>> Columns().found(["id", "content.body", "meta.title"])
        {'id': 'id', 'text': 'content.body', 'title': 'meta.title'}
        """
        whole = {name.strip().lower(): name for name in reversed(list(names))}
        known = {key.rpartition(".")[2]: name for key, name in whole.items()} | whole
        columns: dict[str, str] = {}
        for name, usual in USUAL.items():
            looked_for = (self.configured[name],) if name in self.configured else usual
            column = next((known[key] for one in looked_for if (key := one.strip().lower()) in known), None)
            if column is not None:
                columns[name] = column
        return columns


BY_NAME = Columns()
"""Columns under their usual names alone."""


def flat(record: Mapping[str, object]) -> Mapping[str, object]:
    """A record without objects in it: what they hold is named `outer.inner`.

    >>> flat({"id": "1", "content": {"body": "夜市", "by": {"name": "王芳"}}})
    {'id': '1', 'content.body': '夜市', 'content.by.name': '王芳'}
    """
    if dict not in map(type, record.values()):
        return record
    found: dict[str, object] = {}
    stack: list[tuple[str, object]] = [*record.items()][::-1]
    while stack:
        name, value = stack.pop()
        if isinstance(value, dict):
            stack.extend((f"{name}.{key}", inner) for key, inner in [*value.items()][::-1])
        else:
            found[name] = value
    return found


def document_of(record: Mapping[str, object], columns: Mapping[str, str], ids: RowIds) -> Document:
    """The document of a record; `ids` names it where it has no id.

    Raises `ReadError` where it has no text, or text or id is of a type that says nothing.
    """
    fields = {name: _string(record.get(column), name) for name, column in columns.items() if name != "date"}
    text = fields.get("text")
    if text is None:
        raise ReadError("no text")
    document = Document(
        fields.get("id") or "",
        text,
        title=fields.get("title"),
        url=fields.get("url"),
        date=_date(record.get(columns.get("date", ""))),
        source=fields.get("source"),
        author=fields.get("author"),
        named=bool(fields.get("id")),
    )
    return ids.named(document)


def require_text(columns: Mapping[str, str], names: Iterable[str]) -> None:
    """Raise `ReadError` where no column is the text."""
    if "text" not in columns:
        listed = ", ".join(list(names)[:12])
        raise ReadError(
            f"which column is the text? Name it in [source.fields], text = …; there are: {listed}"
        )


def _date(value: object) -> str | None:
    """A date: a text, a number (a year, or seconds since 1970), or what a typed column holds."""
    if isinstance(value, datetime):
        at_midnight = value.time().isoformat() == "00:00:00" and value.tzinfo is None
        return value.date().isoformat() if at_midnight else value.isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float) and not isinstance(value, bool):
        return iso_number(value)
    text = _string(value, "date")
    return iso_date(text) if text else None


def _string(value: object, name: str) -> str | None:
    """What a field says; None where its type says nothing. Raises `ReadError` where it is needed."""
    if isinstance(value, list) and name in _JOINED and all(isinstance(item, str) for item in value):
        value = _JOINED[name].join(value)
    if isinstance(value, int | float) and not isinstance(value, bool) and name != "text":
        value = str(value) if math.isfinite(value) else None
    if isinstance(value, bytes):
        value = decode(value)[0]
    if isinstance(value, str):
        return clean(value).strip() or None
    if value is not None and name in _NEEDED:
        raise ReadError(f"{name} must be a string, not {type(value).__name__}")
    return None
