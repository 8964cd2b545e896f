"""What does a page in hOCR say? Its paragraphs, without the spaces that OCR puts in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from indexer.documents.document import Document
from indexer.documents.readers.encoding import clean, decode
from indexer.documents.readers.files import read_whole
from indexer.documents.readers.flow import joined
from indexer.documents.readers.html import declared_charset
from indexer.documents.readers.xmltree import html_parser
from indexer.errors import ReadError

_LINES = frozenset("ocr_line ocr_header ocr_caption ocr_textfloat ocrx_line".split())


def read_hocr(name: str, stream: BinaryIO) -> Iterator[Document]:
    """The one document of a page that an OCR program wrote; raises `ReadError` for one without text."""
    import lxml.html  # slow to import, and needed only where there is HTML

    page = read_whole(stream)
    markup = clean(decode(page, declared_charset(page))[0])
    try:
        tree = lxml.html.document_fromstring(
            markup.encode("utf-8"),
            parser=html_parser(encoding="utf-8"),
        )
    except (lxml.etree.ParserError, ValueError) as error:
        raise ReadError(f"not usable HTML: {error}") from error
    text = hocr_text(tree)
    if not text:
        raise ReadError("the page holds no text")
    yield Document(name, text)


def hocr_text(tree: Any) -> str:
    """The text of the pages, a line for each paragraph."""
    paragraphs: list[str] = []
    current = None
    for line in tree.iter():
        if not isinstance(line.tag, str) or not _LINES & set((line.get("class") or "").split()):
            continue
        text = without_gaps(" ".join("".join(line.itertext()).split()))
        parent = line.getparent()
        if paragraphs and parent is current:
            paragraphs[-1] = joined(paragraphs[-1], text)
        elif text:
            paragraphs.append(text)
        current = parent
    return "\n".join(filter(None, paragraphs))


def without_gaps(text: str) -> str:
    """Text without spaces between Han characters.

    >>> without_gaps("軟 件 園 2025 年 ABC 公 司")
    '軟件園 2025 年 ABC 公司'
    """
    return joined("", text).strip()
