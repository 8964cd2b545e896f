"""A real nginx for a test: an example of `deploy/nginx`, with this test's ports and files.

Whoever needs one without nginx being there is skipped, and says why; `.ci/run` installs it.
"""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.conftest import ROOT, until

EXAMPLES = ROOT / "deploy" / "nginx"
_MAIN = """daemon off;
{user}worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/example.conf;
}}
"""


def nginx_program() -> str:
    """The path of nginx; without one the test is skipped."""
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    if found is None:
        pytest.skip("nginx is not installed")
    return found


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@dataclass(frozen=True)
class Nginx:
    """A running nginx: the port of each `listen`, by the port that the example names."""

    process: subprocess.Popen[bytes]
    ports: dict[int, int]


def localized(text: str, upstreams: dict[int, int], ports: dict[int, int]) -> str:
    """An example with other ports: of those that it listens on, and of servers behind it."""
    text = re.sub(r"listen (\d+)", lambda found: f"listen 127.0.0.1:{ports[int(found[1])]}", text)
    return re.sub(
        r"127\.0\.0\.1:(\d+)(?=[;/])", lambda found: f"127.0.0.1:{_other(found[1], upstreams)}", text
    )


def _other(port: str, ports: dict[int, int]) -> int:
    return ports.get(int(port), int(port))


@contextmanager
def nginx(example: str, folder: Path, upstreams: dict[int, int]) -> Iterator[Nginx]:
    """Run an example's text, with the ports of servers behind it replaced, until the context ends."""
    program = nginx_program()
    ports = {int(port): free_port() for port in set(re.findall(r"listen (\d+)", example))}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "example.conf").write_text(localized(example, upstreams, ports), encoding="utf-8")
    is_root = Path("/etc/shadow").exists() and _may_change_user()
    main = _MAIN.format(folder=folder, user="user root;\n" if is_root else "")
    (folder / "nginx.conf").write_text(main, encoding="utf-8")
    command = [program, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]
    process = subprocess.Popen(command)
    try:
        assert until(lambda: all(_listens(port) for port in ports.values())), _said(folder)
        yield Nginx(process, ports)
    finally:
        process.terminate()
        process.wait(10)


def _may_change_user() -> bool:
    import os

    return hasattr(os, "geteuid") and os.geteuid() == 0


def _said(folder: Path) -> str:
    log = folder / "error.log"
    return log.read_text(encoding="utf-8", errors="replace") if log.exists() else "nginx said nothing"


def _listens(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        connection.connect()
    except OSError:
        return False
    finally:
        connection.close()
    return True
