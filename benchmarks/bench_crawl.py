"""How large does a process become that reads a large crawl? `python benchmarks/bench_crawl.py`.

Writes a WARC of so many pages, each twentieth of them captured twice, and reads it in the process itself and
through a reader; prints pages a second and the memory of this process after a tenth and after all of it.
"""

from __future__ import annotations

import argparse
import gzip
import resource
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from benchmarks.producers import LETTERS  # noqa: E402
from benchmarks.producers.crawls import response  # noqa: E402
from benchmarks.producers.letter import page  # noqa: E402
from indexer.config import DocumentSettings, SourceSettings  # noqa: E402
from indexer.documents import Document  # noqa: E402
from indexer.documents.sources import read_files  # noqa: E402


def write(path: Path, count: int) -> None:
    """A WARC whose records are compressed one by one."""
    pages = [page(letter) for letter in LETTERS.values()]
    with path.open("wb") as file:
        for number in range(count):
            text = pages[number % len(pages)].replace("</body>", f"<p>這是第{number}頁。</p></body>")
            for _ in range(2 if number % 20 == 0 else 1):
                record = response(f"https://news.example.org/{number}", text.encode())
                file.write(gzip.compress(record, 1))


def memory_mb() -> int:
    """The most that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--pages", type=int, default=100_000)
    count = parser.parse_args().pages
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "crawl.warc.gz"
        write(path, count)
        print(f"{path.stat().st_size / 1e6:.0f} MB, {memory_mb()} MB of memory when it is written")
        for readers in (1, 0):
            started, number = time.monotonic(), 0
            for item in read_files(SourceSettings(path), DocumentSettings(readers=readers)):
                if isinstance(item, Document):
                    number += 1
                    if number == count // 10:
                        print(f"readers = {readers}: {memory_mb()} MB after {number:,} pages")
            rate = number / (time.monotonic() - started)
            print(f"readers = {readers}: {memory_mb()} MB after {number:,} pages, {rate:,.0f} pages a second")


if __name__ == "__main__":
    main()
