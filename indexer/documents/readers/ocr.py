"""What does a picture of a text say? What tesseract reads in it; off unless `[documents] ocr = true`.

The script is the one that tesseract is surer of on the first page, and stays that of the document. The spaces
that it puts between characters are damage and go. Nothing is read where tesseract is not installed.
"""

from __future__ import annotations

import io
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, BinaryIO

from indexer.documents.document import Document, PartStart
from indexer.documents.readers.encoding import clean
from indexer.documents.readers.files import read_whole
from indexer.documents.readers.flow import joined
from indexer.documents.readers.hocr import without_gaps
from indexer.documents.reading import NoReader
from indexer.errors import ReadError

_SCRIPTS = ("chi_tra", "chi_sim")
_MAX_PIXELS = 60_000_000
_LOW, _HIGH = 1500, 3500
"""Pixels of the longer side that tesseract reads best between: a page at 150 to 300 dots an inch."""
_SECONDS = 120
_SURE = 60.0

Words = list[tuple[tuple[int, int, int], str, float]]
"""(block, paragraph, line), word, confidence in percent."""


def read_image(name: str, stream: BinaryIO) -> Iterator[Document]:
    """The one document of a picture, its frames pages; raises `ReadError` where no text is read in it."""
    text, parts = text_of_pictures(enumerate(_frames(read_whole(stream)), 1))
    if not text:
        raise ReadError("no text is read in this picture")
    yield Document(name, text, parts=parts if len(parts) > 1 else ())


def text_of_pictures(pictures: Iterable[tuple[int, Any]]) -> tuple[str, tuple[PartStart, ...]]:
    """The text of numbered pictures (Pillow images), and where each begins in it."""
    parts: list[PartStart] = []
    text = ""
    script: str | None = None
    for number, picture in pictures:
        script, page = page_text(picture, script)
        if page:
            text += "\n" if text else ""
            parts.append(PartStart(len(text), "page", str(number)))
            text += page
    return text, tuple(parts)


def page_text(picture: Any, script: str | None = None) -> tuple[str | None, str]:
    """The text of a picture and the script that it is in; the script is looked for where it is not given."""
    installed = [one for one in _SCRIPTS if one in languages()]
    if not installed:
        raise NoReader("a picture; reading it needs tesseract with chi_sim or chi_tra")
    content = _prepared(picture)
    candidates = [script] if script else installed
    found = {one: _recognized(content, one) for one in candidates}
    best = max(found, key=lambda one: _confidence(found[one]))
    text = _joined_lines(found[best])
    return (best if text else script), text


@cache
def languages() -> frozenset[str]:
    """The languages that the installed tesseract reads; none where it is not installed."""
    if shutil.which("tesseract") is None:
        return frozenset()
    listed = subprocess.run(["tesseract", "--list-langs"], capture_output=True, text=True, check=False)
    return frozenset(listed.stdout.split("\n")[1:])


def _frames(content: bytes) -> Iterator[Any]:
    try:
        from PIL import Image, ImageSequence  # an extra
    except ImportError:
        raise NoReader("a picture; pip install 'hansou[ocr]' reads it") from None
    Image.MAX_IMAGE_PIXELS = _MAX_PIXELS
    try:
        with Image.open(io.BytesIO(content)) as picture:
            for frame in ImageSequence.Iterator(picture):
                yield frame.convert("L")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise ReadError(f"not a sound picture: {error}") from error


def _prepared(picture: Any) -> bytes:
    """A picture in the size that tesseract reads best, as bytes."""
    longer = max(picture.size)
    scale = min(_HIGH / longer, max(1.0, min(3.0, _LOW / longer)))
    if scale != 1.0:
        picture = picture.resize([max(1, int(side * scale)) for side in picture.size])
    target = io.BytesIO()
    picture.save(target, "PPM")
    return target.getvalue()


def _recognized(content: bytes, language: str) -> Words:
    command = ["tesseract", "stdin", "stdout", "-l", language, "--dpi", "300", "tsv"]
    try:
        done = subprocess.run(command, input=content, capture_output=True, timeout=_SECONDS, check=True)
    except subprocess.TimeoutExpired:
        raise ReadError(f"tesseract took longer than {_SECONDS} s") from None
    except (OSError, subprocess.CalledProcessError) as error:
        raise ReadError(f"tesseract failed: {error}") from error
    rows = (line.split("\t") for line in done.stdout.decode("utf-8", "replace").split("\n")[1:])
    return [
        ((int(row[2]), int(row[3]), int(row[4])), row[11], float(row[10]))
        for row in rows
        if len(row) == 12 and row[11].strip() and float(row[10]) >= 0
    ]


def _confidence(words: Words) -> float:
    weights = sum(len(word) for _, word, _ in words)
    return sum(len(word) * sure for _, word, sure in words) / weights if weights else 0.0


def _joined_lines(words: Words) -> str:
    """The paragraphs of a page: lines joined, without gaps between characters."""
    if _confidence(words) < _SURE:
        return ""
    lines: dict[tuple[int, int, int], str] = {}
    for place, word, _ in words:
        lines[place] = f"{lines[place]} {word}" if place in lines else word
    paragraphs: dict[tuple[int, int], str] = {}
    for (block, paragraph, _), line in lines.items():
        text = without_gaps(line)
        before = paragraphs.get((block, paragraph), "")
        paragraphs[block, paragraph] = joined(before, text) if before else text
    return clean("\n".join(paragraphs.values())).strip()
