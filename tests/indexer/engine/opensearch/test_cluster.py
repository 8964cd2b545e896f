"""Requests are repeated while that may help, within their deadline; what comes of it is an error of ours."""

from __future__ import annotations

import base64
import json
import shutil
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from indexer.config import EngineSettings
from indexer.engine.opensearch.cluster import Cluster
from indexer.errors import ConfigError, DeadlineExceeded, HansouError, IndexUnreachable


class Node(ThreadingHTTPServer):
    """A node that answers with `statuses` in turn, the last one ever after."""

    daemon_threads = True
    statuses: list[int]
    asked: int
    body: dict[str, object]
    authorization: str | None
    reason: str
    pause: float

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.statuses, self.asked, self.body, self.authorization, self.pause = [200], 0, {"a": 1}, None, 0.0
        self.reason = "so it is"

    @property
    def settings(self) -> EngineSettings:
        """How it is reached."""
        return EngineSettings("opensearch", (f"http://127.0.0.1:{self.server_address[1]}",))


class Answers(BaseHTTPRequestHandler):
    """What the node says."""

    server: Node

    def do_GET(self) -> None:
        """One answer."""
        node = self.server
        status = node.statuses[min(node.asked, len(node.statuses) - 1)]
        node.asked += 1
        node.authorization = self.headers.get("Authorization")
        time.sleep(node.pause)
        content = json.dumps(
            node.body if status == 200 else {"error": {"reason": node.reason}, "status": status}
        )
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content.encode())

    def log_message(self, format: str, *arguments: object) -> None:
        """Nothing."""


@pytest.fixture
def node() -> Iterator[Node]:
    """A node on a port of its own."""
    server = Node()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def certified(node: Node, tmp_path: Path) -> EngineSettings:
    """The node behind TLS, with a certificate of its own for a user with a password."""
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl to make a certificate")
    certificate, key, password = (tmp_path / name for name in ("ca.pem", "key.pem", "password"))
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    made += ["-subj", "/CN=node", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "1"]
    subprocess.run([*made, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    password.write_text("山高月小\n", encoding="utf-8")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    node.socket = context.wrap_socket(node.socket, server_side=True)
    hosts = (node.settings.hosts[0].replace("http:", "https:"),)
    return EngineSettings("opensearch", hosts, ca=certificate, user="漢", password_file=password)


def test_a_cluster_behind_tls(node: Node, certified: EngineSettings) -> None:
    """It is asked, as the user, where the configured authority vouches for it."""
    assert Cluster(certified).ask("GET", "/x", seconds=5) == {"a": 1}
    assert node.authorization == "Basic " + base64.b64encode("漢:山高月小".encode()).decode()


def test_a_certificate_that_nobody_vouches_for(node: Node, certified: EngineSettings) -> None:
    """It is told at once, with what to do; the password is sent to nobody."""
    with pytest.raises(ConfigError, match=r"127\.0\.0\.1.*vouches.*\[engine\] ca"):
        Cluster(replace(certified, ca=None)).ask("GET", "/x", seconds=5)
    assert not node.asked


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_what_may_pass_is_asked_again(node: Node, status: int) -> None:
    """A busy or dying node costs time and no answer."""
    node.statuses = [status, status, 200]
    assert Cluster(node.settings).ask("GET", "/x", seconds=5) == {"a": 1}
    assert node.asked == 3


def test_again_until_the_deadline_and_no_longer(node: Node) -> None:
    """Then the index cannot be reached, and the message names the cluster."""
    node.statuses, started = [503], time.monotonic()
    with pytest.raises(IndexUnreachable, match=r"127\.0\.0\.1.*so it is"):
        Cluster(node.settings).ask("GET", "/x", seconds=0.4)
    assert node.asked > 1 and time.monotonic() - started < 5


def test_a_fault_of_the_request_is_not_repeated(node: Node) -> None:
    """What is refused is refused, with the cluster's reason; what is not there is an answer."""
    node.statuses = [400]
    with pytest.raises(HansouError, match="so it is"):
        Cluster(node.settings).ask("GET", "/x", seconds=5)
    assert node.asked == 1
    node.statuses = [404]
    assert Cluster(node.settings).ask("GET", "/x")["status"] == 404
    # 500 may be either: it is tried some times.
    node.statuses, node.asked = [500], 0
    with pytest.raises(IndexUnreachable, match="cannot answer now"):
        Cluster(node.settings).ask("GET", "/x", seconds=30)
    assert node.asked == 4


def test_a_node_that_is_gone(node: Node) -> None:
    """Another one answers in its place; without another the index cannot be reached."""
    gone = EngineSettings("opensearch", ("http://127.0.0.1:9", *node.settings.hosts))
    cluster = Cluster(gone)
    assert [cluster.ask("GET", "/x", seconds=5) for _ in range(3)] == [{"a": 1}] * 3
    with pytest.raises(IndexUnreachable):
        Cluster(EngineSettings("opensearch", ("http://127.0.0.1:9",))).ask("GET", "/x", seconds=0.2)


def test_a_search_that_takes_too_long(node: Node) -> None:
    """Where the question may be what takes the time, its deadline is exceeded; the cluster is not gone."""
    node.pause = 1.0
    with pytest.raises(DeadlineExceeded):
        Cluster(node.settings).ask("GET", "/x", seconds=0.2, late=True)


@pytest.mark.parametrize("status", [401, 403])
def test_logins(node: Node, tmp_path: Path, status: int) -> None:
    """The password comes from a file; one that is refused is a fault of the configuration."""
    secret = tmp_path / "password"
    secret.write_text("漢搜\n", encoding="utf-8")
    host = node.settings.hosts
    settings = EngineSettings("opensearch", host, user="reader", password_file=secret)
    Cluster(settings).ask("GET", "/x")
    assert node.authorization is not None and node.authorization.startswith("Basic ")
    assert "漢搜" not in repr(settings) and "secret" not in repr(EngineSettings(password="secret"))
    node.statuses = [status]
    with pytest.raises(ConfigError, match="login"):
        Cluster(settings).ask("GET", "/x")
    with pytest.raises(ConfigError, match="cannot be read"):
        Cluster(EngineSettings("opensearch", host, user="reader", password_file=tmp_path / "none"))


@pytest.mark.parametrize(
    ("status", "reason", "said"),
    [
        (429, "disk usage exceeded flood-stage watermark", "a disk of the cluster is full"),
        (403, "cluster create-index blocked", "a disk of the cluster is full"),
        (429, "busy", "cannot answer now"),
    ],
)
def test_what_is_wrong_with_a_cluster(node: Node, status: int, reason: str, said: str) -> None:
    """One that has no room, or is busy for too long, is told from one that is not there."""
    node.statuses, node.reason = [status], reason
    with pytest.raises(IndexUnreachable, match=f"{said}.*{reason}"):
        Cluster(node.settings).ask("GET", "/x", seconds=0.2)
