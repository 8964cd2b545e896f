"""How long do the pages take, do they fail, and does the server's memory stay flat?

    python benchmarks/bench_pages.py --config config.toml [--queries queries.tsv] [--requests 2000]
        [--clients 4 64] [--processes 4] [--threads 2] [--pages results document]
    python benchmarks/bench_pages.py --config config.toml [--queries queries.tsv] --memory 1000 5000 20000

Starts `hansou serve` on a free port over an index that is already built, asks for each kind of page with
several clients at once, each anew as soon as it is answered until all is asked for, and prints one JSON line
per page and number of clients: the time a client waits, in milliseconds (client and server share this
machine), errors, the processor time per request of all the server's processes together, and `others`: the
share of the machine's processor time that neither server nor clients had. Where that is more than a tenth,
the times say little. Chance gives connections to processes, so `--draws 8` asks eight times over new ones,
a line for each. Every request differs, so that nothing is answered 304.

With `--memory` it asks for results, documents and suggestions in turn, and after so many requests prints
the memory of all processes together in MiB: what each has written to for itself (which is what could
leak), and all that is resident, pages that several processes share counted once.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from itertools import chain, cycle, islice
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
MIXED = ("results", "document", "suggest")
TICK = os.sysconf("SC_CLK_TCK")
Fetch = Callable[[str], tuple[int, bytes]]


def main() -> None:
    """Measure and print."""
    options = arguments()
    with server(options.config, options.processes, options.threads) as (port, pid):
        kinds = pages(port, read_queries(options.queries))
        if options.memory:
            paths = chain.from_iterable(zip(*(cycle(kinds[name]) for name in MIXED), strict=True))
            for line in memory(port, pid, paths, options.memory, options.clients[0]):
                print(json.dumps(line), flush=True)
            return
        for name in options.pages or kinds:
            paths = cycle(kinds[name])
            for clients in options.clients * options.draws:
                figures = measure(port, pid, list(islice(paths, options.requests)), clients)
                print(json.dumps({"page": name, "clients": clients, **figures}), flush=True)


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--queries", type=Path, help="id TAB query, one a line")
    parser.add_argument("--requests", type=int, default=2000, help="for each kind of page")
    parser.add_argument("--clients", type=int, nargs="+", default=[4])
    parser.add_argument("--draws", type=int, default=1, help="how often to ask")
    parser.add_argument("--processes", type=int, help="of the server; default: as configured")
    parser.add_argument("--threads", type=int, help="of each process; default: as configured")
    parser.add_argument("--pages", nargs="+", help="kinds of pages; default: all")
    parser.add_argument("--memory", type=int, nargs="+", metavar="N", help="memory after N requests")
    return parser.parse_args()


def read_queries(path: Path | None) -> list[str]:
    """The second column of a TSV file, or a few common words."""
    if path is None:
        return list(QUERIES)
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.split("\t")[1] for line in lines if "\t" in line]


def pages(port: int, queries: list[str]) -> dict[str, list[str]]:
    """The addresses to ask for, by kind of page."""
    asked = [quote(query) for query in queries]
    documents: list[str] = []
    for query in asked[-50:]:
        _, body = fetch(HTTPConnection("127.0.0.1", port), f"/api/v1/search?q={query}&size=20")
        documents += [f"{quote(hit['id'])}?q={query}" for hit in json.loads(body)["hits"]]
    return {
        "home": ["/"],
        "results": [f"/search?q={query}" for query in asked],
        "document": [f"/document/{document}" for document in documents],
        "api search": [f"/api/v1/search?q={query}" for query in asked],
        "suggest": [f"/api/v1/suggest?q={quote(query[:2])}" for query in queries],
        "analyze": [f"/analyze?text={query}" for query in asked],
        "status": ["/status"],
        "help": ["/help"],
    }


def measure(port: int, pid: int, paths: list[str], clients: int) -> dict[str, object]:
    """Ask for `paths` with several clients at once."""
    spent, busy, own = server_seconds(pid), machine_seconds(), time.process_time()
    started = time.perf_counter()
    answers = ask_all(port, paths, clients)
    elapsed = time.perf_counter() - started
    spent = server_seconds(pid) - spent
    others = machine_seconds() - busy - spent - (time.process_time() - own)
    cuts = quantiles((1000 * seconds for _, seconds in answers), n=100)
    return {
        "requests": len(answers),
        "errors": sum(status != 200 for status, _ in answers),
        "p50_ms": round(cuts[49], 2),
        "p90_ms": round(cuts[89], 2),
        "p99_ms": round(cuts[98], 2),
        "per_second": round(len(answers) / elapsed),
        "cpu_ms": round(1000 * spent / len(answers), 2),
        "others": round(max(0.0, others) / elapsed / (os.cpu_count() or 1), 2),
    }


def memory(
    port: int, pid: int, paths: Iterator[str], after: list[int], clients: int
) -> Iterator[dict[str, object]]:
    """The server's memory at the start and after so many requests."""
    asked = errors = 0
    for number in [0, *sorted(after)]:
        answers = ask_all(port, list(islice(paths, number - asked)), clients)
        asked, errors = number, errors + sum(status != 200 for status, _ in answers)
        own, resident = (sum(memory_mb(process, key) for process in processes(pid)) for key in SMAPS)
        yield {"requests": asked, "errors": errors, "own_mb": round(own), "resident_mb": round(resident)}


def ask_all(port: int, paths: list[str], clients: int) -> list[tuple[int, float]]:
    """Status and seconds of each request, by several clients at once, which are all busy until the end."""
    left = deque(paths)
    with ThreadPoolExecutor(clients) as pool:
        shares = pool.map(lambda _: ask(port, left), range(clients))
        return [answer for share in shares for answer in share]


def ask(port: int, left: deque[str]) -> list[tuple[int, float]]:
    """Status and seconds of requests that are taken from those left, over one connection."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    answers = []
    while left:
        with suppress(IndexError):  # another has taken the last one
            path = left.popleft()
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
def server(
    config: Path, processes: int | None = None, threads: int | None = None
) -> Iterator[tuple[int, int]]:
    """`hansou serve` on a free port: its port and process id; it is ended afterwards."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    hansou = Path(sys.executable).with_name("hansou")
    command = [hansou, "--config", config, "serve", "--port", str(port)]
    settings = {"HANSOU_SERVER_PROCESSES": processes, "HANSOU_SERVER_THREADS": threads}
    given = {name: str(value) for name, value in settings.items() if value is not None}
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=os.environ | given)
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


# The rest is as Linux states it.

SMAPS = ("Private_Dirty", "Pss")


def processes(pid: int) -> list[int]:
    """A server's process and those that it has started."""
    started = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return [pid, *map(int, started)]


def memory_mb(pid: int, key: str) -> float:
    """A sum over all that a process has mapped, in MiB."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith(f"{key}:"))) / 1024


def server_seconds(pid: int) -> float:
    """The processor time that a server's processes have had."""

    def seconds(process: int) -> float:
        fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    return sum(map(seconds, processes(pid)))


def machine_seconds() -> float:
    """The processor time that all processes of the machine have had."""
    with open("/proc/stat", encoding="ascii") as lines:
        user, nice, system, _, _, *interrupts = map(int, lines.readline().split()[1:9])
    return (user + nice + system + sum(interrupts)) / TICK


if __name__ == "__main__":
    main()
