"""What does a LaTeX file say? Its text as it would be set, and what its preamble states."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from indexer.documents.document import Document
from indexer.documents.readers.dates import iso_date
from indexer.documents.readers.encoding import clean, decode
from indexer.documents.readers.files import read_whole
from indexer.errors import ReadError

_BODY = re.compile(r"\\begin\{document\}(.*?)(?:\\end\{document\}|\Z)", re.S)
_STATED = re.compile(r"\\(title|author|date)\s*(?:\[[^\]]*\])?\{((?:[^{}]|\{[^{}]*\})*)\}")
_MADE_TITLE = re.compile(r"\\maketitle\b")
_BLANK = re.compile(r"\n[ \t]*\n\s*")
_WRAPPED = re.compile(r"(?<=[\u2e80-\u9fff\uff00-\uff60])\n[ \t]*(?=[\u2e80-\u9fff\uff00-\uff60])")


def read_tex(name: str, stream: BinaryIO) -> Iterator[Document]:
    """The one document of a .tex file; raises `ReadError` for one without text."""
    source = clean(decode(read_whole(stream))[0])
    stated = {key: _plain(value) for key, value in reversed(_STATED.findall(source))}
    body = _BODY.search(source)
    text = _plain(_MADE_TITLE.sub("", body[1] if body else source))
    if not text:
        raise ReadError("the file holds no text")
    date = stated.get("date")
    yield Document(
        name,
        text,
        title=stated.get("title") or None,
        author=stated.get("author") or None,
        date=iso_date(date) if date else None,
    )


def _plain(source: str) -> str:
    from pylatexenc.latex2text import LatexNodes2Text  # slow to import, and needed only where there is LaTeX

    try:
        text = LatexNodes2Text(math_mode="text", strict_latex_spaces=False).latex_to_text(source)
    except (ValueError, IndexError, RecursionError) as error:
        raise ReadError(f"not usable LaTeX: {error}") from error
    return "\n".join(
        " ".join(_WRAPPED.sub("", paragraph).split())
        for paragraph in _BLANK.split(text.strip())
        if paragraph.strip()
    )
