"""The examples of deploy/nginx that say who asks, on a real nginx: a password, oauth2-proxy, Authelia.

The services that sign people in are played by a few lines; nginx and Hansou are real.
"""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from indexer import Config, load_config, rebuild
from indexer.access import add_token
from tests.nginx import nginx, nginx_program
from tests.test_nginx import example, get, stated
from tests.webapp.conftest import fetch, start

__all__ = ["fetch", "start"]
RULES = """
tokens = "tokens.json"
[access.names]
lin = ["信件"]
[access.groups]
keepers = ["密檔"]
[index]
directory = "{index}"
"""
SOURCES = """
[[source]]
path = "letters.txt"
name = "信件"
[[source]]
path = "secret.txt"
name = "密檔"
"""
HOST = "archive.example"


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The index of two collections."""
    nginx_program()
    base = tmp_path_factory.mktemp("archive")
    (base / "letters.txt").write_text("運河上的信件。", encoding="utf-8")
    (base / "secret.txt").write_text("運河上的密檔。", encoding="utf-8")
    (base / "config.toml").write_text(SOURCES, encoding="utf-8")
    config = load_config(base / "config.toml", {})
    rebuild(config)
    return config.index.directory


def archive(base: Path, name: str, index: Path) -> Config:
    """The settings that an example asks for, where each reader sees one collection."""
    text = stated(example(name)) + RULES.format(index=index)
    (base / "config.toml").write_text(text, encoding="utf-8")
    return load_config(base / "config.toml", {})


@contextmanager
def signing(headers: dict[str, str]) -> Iterator[tuple[int, list[str]]]:
    """A service that lets in whoever has a cookie, with these headers: its port, and what it was asked."""
    asked: list[str] = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            known = self.headers.get("Cookie") == "session=1"
            self.send_response(202 if known else 401)
            for name, value in headers.items() if known else [("Location", "https://sign.example/")]:
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port, asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def seen(connection: HTTPConnection, path: str = "/api/v1/stats", **headers: str) -> tuple[int, list[str]]:
    """The status, and the collections that are seen."""
    answer, text = get(connection, HOST, path, **headers)
    return answer.status, [*json.loads(text)["collections"]] if answer.status == 200 else []


def test_with_a_password(start: Callable[..., Any], tmp_path: Path, index: Path) -> None:
    """The name of a password sees its collection, whatever a visitor says; programs need a token."""
    config = archive(tmp_path, "basic-auth", index)
    token = add_token(tmp_path / "tokens.json", "crawler", ["密檔"])
    made = subprocess.run(["openssl", "passwd", "-apr1", "山"], capture_output=True, text=True, check=True)
    (tmp_path / "htpasswd").write_text(f"lin:{made.stdout.strip()}\n", encoding="utf-8")
    text = example("basic-auth").replace("/etc/nginx/archive.htpasswd", str(tmp_path / "htpasswd"))
    lin = {"Authorization": f"Basic {base64.b64encode('lin:山'.encode()).decode()}"}
    with nginx(text, tmp_path / "nginx", {8137: start(config, "--port", "0").port}) as server:
        connection = HTTPConnection("127.0.0.1", server.ports[80], timeout=10)
        assert get(connection, HOST, "/search?q=x")[0].status == 401
        for claimed in ({}, {"X-Forwarded-User": "wang"}, {"X_Forwarded_User": "wang"}):
            _, page = get(connection, HOST, "/status", **lin, **claimed)
            assert "信件" in page and "密檔" not in page
        assert seen(connection, **{"X-Forwarded-User": "lin"}) == (401, [])
        assert seen(connection, Authorization=f"Basic {base64.b64encode(b'lin:wrong').decode()}") == (401, [])
        assert seen(connection, Authorization=f"Bearer {token}") == (200, ["密檔"])
        connection.close()


@pytest.mark.parametrize(
    ("name", "port", "stating"),
    [
        ("oauth2-proxy", 4180, {"X-Auth-Request-User": "u17", "X-Auth-Request-Groups": "all,keepers"}),
        ("authelia", 9091, {"Remote-User": "u17", "Remote-Groups": "all,keepers"}),
    ],
)
def test_with_a_service(
    start: Callable[..., Any], tmp_path: Path, index: Path, name: str, port: int, stating: dict[str, str]
) -> None:
    """Who is signed in sees what its groups see, who is not is sent there, and claims count nothing."""
    config = archive(tmp_path, name, index)
    claims = dict.fromkeys(config.access.headers, "lin")
    with signing(stating) as (service, asked):
        ports = {8137: start(config, "--port", "0").port, port: service}
        with nginx(example(name), tmp_path / "nginx", ports) as server:
            connection = HTTPConnection("127.0.0.1", server.ports[80], timeout=10)
            assert seen(connection, **claims)[0] in (302, 401)
            assert seen(connection, Cookie="session=1", **claims) == (200, ["密檔"])
            assert asked
            connection.close()
