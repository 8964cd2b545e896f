"""What does a page in hOCR say? Its paragraphs, without the spaces that OCR puts in."""

from __future__ import annotations

from typing import Any

from indexer.documents.readers.flow import joined

_LINES = frozenset("ocr_line ocr_header ocr_caption ocr_textfloat ocrx_line".split())


def is_hocr(markup: str) -> bool:
    """Whether a page is the output of an OCR program."""
    return "ocr_page" in markup and "ocr_line" in markup


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
