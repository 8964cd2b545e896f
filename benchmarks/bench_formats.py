"""How fast is each format read, beside the bare library? `python benchmarks/bench_formats.py`.

For each kind a folder of copies is read by the library alone, in the process itself, and with one and two
processes; printed are documents and MB a second, and at the end the share of a rebuild that reading takes.
Files are small, as most are: what is measured is mostly the cost of a file.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from benchmarks.producers import LETTERS, PRODUCERS  # noqa: E402
from indexer import load_config, rebuild  # noqa: E402
from indexer.config import DocumentSettings, SourceSettings  # noqa: E402
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
    import lxml.html

    lxml.html.document_fromstring(content).text_content()


def _eml(content: bytes) -> None:
    import email

    for part in email.message_from_bytes(content).walk():
        part.get_payload(decode=True)


def _pptx(content: bytes) -> None:
    import pptx

    for slide in pptx.Presentation(io.BytesIO(content)).slides:
        [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]


def _pages_of_zip(content: bytes) -> None:
    import lxml.etree

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            if name.endswith((".xhtml", ".xml", ".html")):
                "".join(lxml.etree.fromstring(archive.read(name)).itertext())


def _rtf(content: bytes) -> None:
    from striprtf.striprtf import rtf_to_text

    rtf_to_text(content.decode("latin-1"), errors="ignore")


def _csv(content: bytes) -> None:
    list(csv.DictReader(io.StringIO(content.decode("utf-8", "ignore"))))


def _jsonl(content: bytes) -> None:
    [json.loads(line) for line in content.splitlines() if line.strip()]


def _parquet(content: bytes) -> None:
    from pyarrow import parquet

    parquet.read_table(io.BytesIO(content)).to_pylist()


BARE: dict[tuple[str, str], Callable[[bytes], None]] = {
    ("pdf", "reportlab"): _pdf,
    ("docx", "python-docx"): _docx,
    ("xlsx", "openpyxl"): _xlsx,
    ("zip", "python"): _zip,
    ("warc.gz", "warcio"): _warc,
    ("html", "page"): _html,
    ("eml", "old"): _eml,
    ("pptx", "python-pptx"): _pptx,
    ("epub", "epub 3"): _pages_of_zip,
    ("odt", "odfpy"): _pages_of_zip,
    ("rtf", "word"): _rtf,
    ("csv", "python"): _csv,
    ("jsonl", "python"): _jsonl,
    ("parquet", "pyarrow"): _parquet,
}


def _read(folder: Path, readers: int) -> float:
    """The seconds that reading a folder takes."""
    started = time.perf_counter()
    for _ in read_files(SourceSettings(folder), DocumentSettings(readers=readers)):
        pass
    return time.perf_counter() - started


def _row(kind: str, program: str, count: int) -> str:
    """Documents a second and MB a second: the library alone, in the process itself, one and two readers."""
    content = PRODUCERS[kind][program](LETTERS["hant"])
    with tempfile.TemporaryDirectory() as name:
        for number in range(count):
            (Path(name) / f"{number}.{kind}").write_bytes(content)
        bare = BARE[kind, program]
        bare(content)
        started = time.perf_counter()
        for _ in range(count):
            bare(content)
        seconds = [time.perf_counter() - started, *(_read(Path(name), readers) for readers in (0, 1, 2))]
    size = count * len(content) / 1e6
    return f"{kind:8}" + "".join(f" {count / spent:8.0f} {size / spent:7.2f}" for spent in seconds)


def _share(count: int) -> str:
    """How much of a rebuild is reading, of a folder with files of every kind in equal numbers."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "share").mkdir()
        for kind, program in BARE:
            content = PRODUCERS[kind][program](LETTERS["hans"])
            for number in range(count):
                (folder / "share" / f"{number}.{kind}").write_bytes(content)
        (folder / "config.toml").write_text('[[source]]\npath = "share"\n')
        reading = _read(folder / "share", 2)
        started = time.perf_counter()
        rebuild(load_config(folder / "config.toml", {}))
        whole = time.perf_counter() - started
    return f"reading takes {reading:.1f} s of a rebuild of {whole:.1f} s ({reading / whole:.0%})"


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--files", type=int, default=300)
    count = parser.parse_args().files
    print(f"{'kind':8}" + "".join(f" {who:>8} {'MB/s':>7}" for who in ("bare/s", "here/s", "1 reader", "2")))
    for kind, program in BARE:
        print(_row(kind, program, count), flush=True)
    print(_share(count))


if __name__ == "__main__":
    main()
