"""How fast is each format read, beside the bare library? `python benchmarks/bench_formats.py`.

For each kind a folder of copies is read with one and with two processes, and by the library alone; the ratios
are of documents a second. Files are small, as most are: what is measured is mostly the cost of a file.
"""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from benchmarks.producers import LETTERS, PRODUCERS  # noqa: E402
from indexer.config import DocumentSettings, SourceSettings  # noqa: E402
from indexer.documents import Document  # noqa: E402
from indexer.documents.sources import read_files  # noqa: E402


def _pdf(content: bytes) -> None:
    import pypdfium2

    document = pypdfium2.PdfDocument(content)
    for page in document:
        page.get_textpage().get_text_range()


def _docx(content: bytes) -> None:
    import docx

    [paragraph.text for paragraph in docx.Document(io.BytesIO(content)).paragraphs]


def _xlsx(content: bytes) -> None:
    import openpyxl

    for sheet in openpyxl.load_workbook(io.BytesIO(content), read_only=True):
        list(sheet.values)


def _zip(content: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        [archive.read(name).decode() for name in archive.namelist()]


def _warc(content: bytes) -> None:
    from warcio.archiveiterator import ArchiveIterator

    for record in ArchiveIterator(io.BytesIO(content)):
        record.content_stream().read()


def _html(content: bytes) -> None:
    import trafilatura

    trafilatura.extract(content.decode())


def _eml(content: bytes) -> None:
    import email

    for part in email.message_from_bytes(content).walk():
        part.get_payload(decode=True)


BARE: dict[tuple[str, str], Callable[[bytes], None]] = {
    ("pdf", "reportlab"): _pdf,
    ("docx", "python-docx"): _docx,
    ("xlsx", "openpyxl"): _xlsx,
    ("zip", "python"): _zip,
    ("warc.gz", "warcio"): _warc,
    ("html", "page"): _html,
    ("eml", "old"): _eml,
}


def _read(folder: Path, readers: int) -> float:
    started = time.perf_counter()
    found = read_files(SourceSettings(folder), DocumentSettings(readers=readers))
    count = sum(isinstance(item, Document) for item in found)
    return count / (time.perf_counter() - started)


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--files", type=int, default=300)
    count = parser.parse_args().files
    print(f"{'kind':8} {'MB':>6} {'bare/s':>8} {'here/s':>8} {'1 reader':>9} {'2 readers':>9}")
    for (kind, program), bare in BARE.items():
        content = PRODUCERS[kind][program](LETTERS["hant"])
        with tempfile.TemporaryDirectory() as name:
            for number in range(count):
                (Path(name) / f"{number}.{kind}").write_bytes(content)
            bare(content)
            started = time.perf_counter()
            for _ in range(count):
                bare(content)
            alone = count / (time.perf_counter() - started)
            rates = [_read(Path(name), readers) for readers in (0, 1, 2)]
        size = count * len(content) / 1e6
        print(f"{kind:8} {size:6.1f} {alone:8.0f} " + " ".join(f"{rate:9.0f}" for rate in rates))


if __name__ == "__main__":
    main()
