"""Does anybody notice that a service reloads its configuration, or is started anew? Requests are counted.

    python -m benchmarks.bench_service [--clients 16] [--seconds 30] [--every 5]

An index of `seeds/` is served on a socket that this program holds as a service manager does (deploy/systemd).
Clients ask without pause, half of them on connections that they keep: first straight to the server, which is
told to reload every few seconds, then to an nginx with `deploy/nginx/sub-path.conf` in front of a server that
is ended and started anew every few seconds. Whatever is no 200 is a failure. Printed is a line of JSON each:
answers, failures, what happened how often, and the longest and the 99th percentile of the waits (ms).
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from statistics import quantiles
from urllib.parse import quote

from indexer import load_config, rebuild
from tests.nginx import EXAMPLES, nginx

ROOT = Path(__file__).resolve().parent.parent
QUERIES = [quote(query) for query in ("软件园", "計程車", "无锡", '"我们必须把话说清楚"', "渡口")]
HANDING_OVER = """
import os, sys
os.dup2(int(sys.argv.pop(1)), 3)
os.environ |= {"LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid())}
from indexer.cli import main
main()
"""


class Load:
    """Clients that ask until they are told to stop. State: what they got, and how long it took (s)."""

    def __init__(self, port: int, prefix: str, clients: int) -> None:
        self._port, self._prefix = port, prefix
        self._over = threading.Event()
        self.statuses: Counter[str] = Counter()
        self.waits: list[float] = []
        self._threads = [threading.Thread(target=self._ask, args=(number,)) for number in range(clients)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End all clients."""
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _ask(self, number: int) -> None:
        is_kept = number % 2 == 0
        connection = HTTPConnection("127.0.0.1", self._port, timeout=30)
        asked = number
        while not self._over.is_set():
            asked += 1
            path = f"{self._prefix}/api/v1/search?q={QUERIES[asked % len(QUERIES)]}"
            started = time.monotonic()
            self.statuses[self._answer(connection, path)] += 1
            self.waits.append(time.monotonic() - started)
            if not is_kept:
                connection.close()
        connection.close()

    def _answer(self, connection: HTTPConnection, path: str) -> str:
        try:
            connection.request("GET", path, headers={"Host": "localhost"})
            response = connection.getresponse()
            response.read()
        except (OSError, HTTPException) as error:
            connection.close()
            return type(error).__name__
        return str(response.status)


class Server:
    """`hansou serve` on a socket that is held here. State: the process that runs."""

    def __init__(self, config: Path, listener: socket.socket) -> None:
        self._config, self._listener = config, listener
        self.process = self._start()

    def _start(self) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", HANDING_OVER, str(self._listener.fileno())]
        return subprocess.Popen(
            [*command, "--config", str(self._config), "serve"],
            pass_fds=[self._listener.fileno()],
            start_new_session=True,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def reload(self) -> None:
        """Tell it that its configuration has changed."""
        os.kill(self.process.pid, signal.SIGHUP)

    def restart(self) -> None:
        """End it, and start another."""
        self.end()
        self.process = self._start()

    def end(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait(30)


def measured(
    name: str, port: int, prefix: str, act: Callable[[], None], options: argparse.Namespace
) -> dict[str, object]:
    """What clients got while something was done every few seconds."""
    load = Load(port, prefix, options.clients)
    done = 0
    ends = time.monotonic() + options.seconds
    while time.monotonic() < ends:
        time.sleep(options.every)
        act()
        done += 1
    time.sleep(options.every)
    load.stop()
    failures = {status: count for status, count in load.statuses.items() if status != "200"}
    waits = sorted(load.waits)
    return {
        "what": name,
        "times": done,
        "answers": load.statuses["200"],
        "failures": sum(failures.values()),
        "of_kind": failures,
        "p99_ms": round(quantiles(waits, n=100)[98] * 1000, 1),
        "longest_ms": round(waits[-1] * 1000, 1),
    }


def wait_for(port: int) -> None:
    """Until there is an answer."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", "/healthz")
    connection.getresponse().read()
    connection.close()


def settings(folder: Path) -> Path:
    """A configuration over an index of the seeds, under the example's prefix."""
    config = folder / "config.toml"
    config.write_text(
        f'[index]\ndirectory = "index"\n[[source]]\npath = "{ROOT / "seeds"}"\n'
        '[server]\nprefix = "/search"\ntrusted_proxies = 1\nallowed_hosts = ["www.example"]\n',
        encoding="utf-8",
    )
    return config


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--every", type=float, default=5)
    options = parser.parse_args()
    with ExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory()))
        config = settings(folder)
        rebuild(load_config(config))
        listener = opened.enter_context(socket.create_server(("127.0.0.1", 0), backlog=1024))
        port = listener.getsockname()[1]
        server = Server(config, listener)
        opened.callback(server.end)
        wait_for(port)
        front = opened.enter_context(
            nginx((EXAMPLES / "sub-path.conf").read_text(encoding="utf-8"), folder / "nginx", {8137: port})
        )
        print(json.dumps(measured("reload", port, "/search", server.reload, options)), flush=True)
        behind = front.ports[80]
        print(json.dumps(measured("restart", behind, "/search", server.restart, options)), flush=True)


if __name__ == "__main__":
    main()
