"""Text in pictures is found where tesseract is installed and asked for, in the script that it is in."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from indexer.config import DocumentSettings, SourceSettings
from indexer.documents import Document
from indexer.documents.outcomes import Ignored, Skipped
from indexer.documents.readers.hocr import without_gaps
from indexer.documents.readers.ocr import languages
from indexer.documents.sources import read_files

FONT = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
LINES = {
    "hant": ["無錫國家軟體園在歐洲落地，", "兩個創新中心同一天開幕。", "圖書館今天關門。"],
    "hans": ["无锡国家软件园在欧洲落地，", "两个创新中心同一天开幕。", "图书馆今天关门。"],
}
needs_tesseract = pytest.mark.skipif(
    not {"chi_sim", "chi_tra"} <= languages() or not FONT.exists(),
    reason="needs tesseract with chi_sim and chi_tra, and a font",
)
ON = DocumentSettings(readers=0, ocr=True)


def picture(lines: list[str], kind: str = "PNG") -> bytes:
    """A scan: dark text on gray."""
    from PIL import Image, ImageDraw, ImageFont

    image = Image.new("L", (1240, 700), 235)
    font = ImageFont.truetype(str(FONT), 44, index=2)
    for number, line in enumerate(lines):
        ImageDraw.Draw(image).text((90, 90 + number * 90), line, font=font, fill=30)
    target = io.BytesIO()
    image.save(target, kind)
    return target.getvalue()


def read(folder: Path, settings: DocumentSettings) -> list[object]:
    """What a source gives."""
    return list(read_files(SourceSettings(folder), settings))


@needs_tesseract
@pytest.mark.parametrize("script", LINES)
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "PDF"])
def test_phrases(tmp_path: Path, script: str, kind: str) -> None:
    """What is on the picture is found, without spaces between its characters."""
    (tmp_path / f"scan.{kind.lower()}").write_bytes(picture(LINES[script], kind))
    (document, _) = read(tmp_path, ON)
    assert isinstance(document, Document)
    text = document.text.replace("\n", "")
    for line in LINES[script]:
        assert line[:-1] in text


@needs_tesseract
def test_an_empty_picture(tmp_path: Path) -> None:
    """A picture without text is named."""
    (tmp_path / "a.png").write_bytes(picture([]))
    (skipped,) = read(tmp_path, ON)
    assert isinstance(skipped, Skipped) and "no text" in skipped.reason


def test_off_by_default(tmp_path: Path) -> None:
    """Without the setting pictures are ignored, and it is said what reads them."""
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (ignored,) = read(tmp_path, DocumentSettings(readers=0))
    assert isinstance(ignored, Ignored) and "ocr = true" in ignored.reason


def test_a_broken_picture(tmp_path: Path) -> None:
    """A picture that is cut off is named."""
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (skipped,) = read(tmp_path, ON)
    assert isinstance(skipped, Skipped) and "not a sound picture" in skipped.reason


def test_gaps() -> None:
    """Spaces between Latin words stay."""
    assert without_gaps("軟 件 園 open source 2 月") == "軟件園 open source 2 月"
