"""What does an .xlsx file say? Sheet by sheet its rows, cells apart by a tab. Sheets are its parts.

A sheet begins with its name, where somebody gave it one, and ends with its comments and what is drawn on it.
Numbers are as they are stored, dates as ISO 8601. Readings that Excel keeps beside characters are left out,
and so are hidden sheets.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, BinaryIO

from indexer.documents.document import Document
from indexer.documents.readers.drawings import drawn
from indexer.documents.readers.encoding import clean
from indexer.documents.readers.package import Package, opened_package, stated_in
from indexer.documents.readers.parts import document_of
from indexer.documents.readers.xmltree import all_of, attribute, first, name_of
from indexer.errors import ReadError

_MAIN = "xl/workbook.xml"
_DATE_FORMATS = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
_QUOTED = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')
_DATE_CODE = re.compile(r"[ymdhs]|年|月|日", re.I)
_UNNAMED = re.compile(r"(?:sheet|tabelle|feuil|工作表|表|表格|シート)? ?\d*", re.I)
_EPOCH = datetime(1899, 12, 30)
_EPOCH_1904 = datetime(1904, 1, 1)
_LAST_SERIAL = 2_958_465


def read_xlsx(name: str, stream: BinaryIO) -> Iterator[Document]:
    """The one document of an .xlsx file; raises `ReadError` for one that is damaged or without text."""
    with opened_package(stream) as package:
        book = package.needed(_MAIN)
        targets = package.targets(_MAIN)
        strings = _strings(package)
        properties = first(book, "workbookPr")
        old = properties is not None and attribute(properties, "date1904") in ("1", "true")
        dates = _date_styles(package), _EPOCH_1904 if old else _EPOCH
        texts = []
        for sheet in all_of(book, "sheet"):
            part = targets.get(attribute(sheet, "id") or "", ("", ""))[1]
            content = package.bytes(part) if part and attribute(sheet, "state") in (None, "visible") else None
            if content is not None:
                label = attribute(sheet, "name") or ""
                lines = [*_rows(content, strings, *dates), *_beside(package, part)]
                texts.append((label, sheet_text(label, lines)))
        stated = stated_in(package.tree("docProps/core.xml"), name)
    yield document_of(name, "sheet", texts, stated)


def sheet_text(label: str, lines: Sequence[str]) -> str:
    """What a sheet says: its name, unless a program gave it, and its lines; "" where there is nothing.

    >>> sheet_text("船費", ["甲\\t12"]), sheet_text("Sheet1", ["甲\\t12"]), sheet_text("工作表2", [])
    ('船費\\n甲\\t12', '甲\\t12', '')
    """
    named = _UNNAMED.fullmatch(label) is None
    return "\n".join([label, *lines] if label and named else lines)


def _beside(package: Package, part: str) -> Iterator[str]:
    """The lines of comments on a sheet, and of what is drawn on it."""
    for kind, other in package.targets(part).values():
        if kind in ("comments", "threadedComment") and (tree := package.tree(other)) is not None:
            for comment in all_of(tree, "text"):
                if line := " ".join(clean("".join(comment.itertext())).split()):
                    yield line
    yield from drawn(package, part)


def _strings(package: Package) -> list[str]:
    tree = package.tree("xl/sharedStrings.xml")
    return [_rich(item) for item in tree if name_of(item) == "si"] if tree is not None else []


def _rich(item: Any) -> str:
    """The text of a cell in its pieces, without the readings (rPh)."""
    pieces = [item, *(child for child in item if name_of(child) == "r")]
    found = [child.text or "" for piece in pieces for child in piece if name_of(child) == "t"]
    return " ".join(clean("".join(found)).split())


def _date_styles(package: Package) -> frozenset[int]:
    """The numbers of the styles that show a number as a date."""
    tree = package.tree("xl/styles.xml")
    if tree is None:
        return frozenset()
    own = {
        int(attribute(entry, "numFmtId") or 0)
        for entry in all_of(tree, "numFmt")
        if _DATE_CODE.search(_QUOTED.sub("", attribute(entry, "formatCode") or ""))
    }
    styles = first(tree, "cellXfs")
    numbers = [int(attribute(style, "numFmtId") or 0) for style in (styles if styles is not None else ())]
    return frozenset(at for at, number in enumerate(numbers) if number in _DATE_FORMATS or number in own)


def _rows(content: bytes, strings: Sequence[str], dates: frozenset[int], epoch: datetime) -> Iterator[str]:
    """The rows of a sheet that say something, one at a time: a sheet may have a million."""
    from lxml import etree

    try:
        for _, row in etree.iterparse(
            io.BytesIO(content), events=("end",), tag="{*}row", resolve_entities=False, no_network=True
        ):
            cells = [_value(cell, strings, dates, epoch) for cell in row if name_of(cell) == "c"]
            if line := "\t".join(cells).rstrip("\t"):
                yield line
            row.clear()
            while row.getprevious() is not None:
                del row.getparent()[0]
    except etree.XMLSyntaxError as error:
        raise ReadError(f"not sound XML: {error}") from error


def _value(cell: Any, strings: Sequence[str], dates: frozenset[int], epoch: datetime) -> str:
    kind = attribute(cell, "t")
    if kind == "inlineStr":
        inline = first(cell, "is")
        return _rich(inline) if inline is not None else ""
    stored = first(cell, "v")
    value = (stored.text or "").strip() if stored is not None else ""
    if kind == "s":
        return strings[int(value)] if value.isdigit() and int(value) < len(strings) else ""
    if kind in (None, "n") and int(attribute(cell, "s") or 0) in dates:
        return _date(value, epoch)
    return " ".join(clean(value).split())


def _date(value: str, epoch: datetime) -> str:
    try:
        serial = float(value)
        if not 0 <= serial <= _LAST_SERIAL:
            return value
        moment = epoch + timedelta(seconds=round(serial * 86_400))
    except (ValueError, OverflowError):
        return value
    if serial < 1:
        return moment.time().isoformat()
    return moment.date().isoformat() if moment.time() == datetime.min.time() else moment.isoformat()
