"""How long do the pages take, do they fail, and does the server's memory stay flat?

    python benchmarks/bench_pages.py --config config.toml [--queries queries.tsv] [--requests 2000]

Starts `hansou serve` on a free port over an index that is already built, asks for each kind of page with
several clients at once, and prints one JSON line per page: the time a client waits, in milliseconds
(client and server share this machine), errors, the server's processor time per request (which other
work on the machine does not disturb), and its resident memory before and after.
Every request differs, so that nothing is answered 304.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from itertools import cycle, islice
from pathlib import Path
from statistics import quantiles
from urllib.parse import quote

QUERIES = (
    "软件园",
    "創新",
    "数据中心",
    "圖書館",
    "今天的天气",
    "明月几时有",
    "春風又綠江南岸",
    "長江",
    "学校",
    "公司",
)
Fetch = Callable[[str], tuple[int, bytes]]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--queries", type=Path, help="id TAB query, one a line")
    parser.add_argument("--requests", type=int, default=2000, help="for each kind of page")
    parser.add_argument("--clients", type=int, default=4)
    options = parser.parse_args()
    queries = read_queries(options.queries)
    with server(options.config) as (port, pid):
        for name, paths in pages(port, queries).items():
            paths = list(islice(cycle(paths), options.requests))
            print(json.dumps({"page": name, **measure(port, pid, paths, options.clients)}), flush=True)


def read_queries(path: Path | None) -> list[str]:
    """The second column of a TSV file, or a few common words."""
    if path is None:
        return list(QUERIES)
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.split("\t")[1] for line in lines if "\t" in line]


def pages(port: int, queries: list[str]) -> dict[str, list[str]]:
    """The addresses to ask for, by kind of page."""
    asked = [quote(query) for query in queries[:1000]]
    documents: list[str] = []
    for query in asked[:50]:
        _, body = fetch(HTTPConnection("127.0.0.1", port), f"/api/v1/search?q={query}&size=3")
        documents += [f"{quote(hit['id'])}?q={query}" for hit in json.loads(body)["hits"]]
    return {
        "home": ["/"],
        "results": [f"/search?q={query}" for query in asked],
        "document": [f"/document/{document}" for document in documents],
        "api search": [f"/api/v1/search?q={query}" for query in asked],
        "suggest": [f"/api/v1/suggest?q={quote(query[:2])}" for query in queries[:1000]],
        "analyze": [f"/analyze?text={query}" for query in asked],
        "status": ["/status"],
        "help": ["/help"],
    }


def measure(port: int, pid: int, paths: list[str], clients: int) -> dict[str, object]:
    """Ask for `paths` with several clients at once."""
    before, spent = resident_mb(pid), cpu_seconds(pid)
    shares = [paths[number::clients] for number in range(clients)]
    started = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        answers = [answer for share in pool.map(lambda share: ask(port, share), shares) for answer in share]
    elapsed = time.perf_counter() - started
    times = sorted(1000 * seconds for _, seconds in answers)
    cuts = quantiles(times, n=100)
    return {
        "requests": len(answers),
        "errors": sum(status != 200 for status, _ in answers),
        "p50_ms": round(cuts[49], 2),
        "p95_ms": round(cuts[94], 2),
        "p99_ms": round(cuts[98], 2),
        "per_second": round(len(answers) / elapsed),
        "cpu_ms": round(1000 * (cpu_seconds(pid) - spent) / len(answers), 2),
        "rss_mb": [before, resident_mb(pid)],
    }


def ask(port: int, paths: list[str]) -> list[tuple[int, float]]:
    """Status and seconds of each request, over one connection."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    answers = []
    for path in paths:
        started = time.perf_counter()
        status, _ = fetch(connection, path)
        answers.append((status, time.perf_counter() - started))
    connection.close()
    return answers


def fetch(connection: HTTPConnection, path: str) -> tuple[int, bytes]:
    """One request; the connection stays open."""
    connection.request("GET", path)
    response = connection.getresponse()
    return response.status, response.read()


@contextmanager
def server(config: Path) -> Iterator[tuple[int, int]]:
    """`hansou serve` on a free port: its port and process id; it is ended afterwards."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    hansou = Path(sys.executable).with_name("hansou")
    command = [hansou, "--config", config, "serve", "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        wait_until_ready(port, process)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(10)


def wait_until_ready(port: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until /readyz is 200; raises `SystemExit` where the server ends or takes a minute."""
    for _ in range(600):
        try:
            if fetch(HTTPConnection("127.0.0.1", port, timeout=60), "/readyz")[0] == 200:
                return
        except OSError:
            pass
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise SystemExit("the server is not ready: is the index built?")


def resident_mb(pid: int) -> float:
    """The resident memory of a process in MiB, as Linux states it."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))
    return round(int(kilobytes) / 1024, 1)


def cpu_seconds(pid: int) -> float:
    """The processor time of a process so far, as Linux states it."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
