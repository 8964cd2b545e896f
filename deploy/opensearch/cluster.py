"""A cluster to try things on: real OpenSearch nodes on this machine, without Docker.

    cluster.py start [--nodes 3]        until `stop`; says when all nodes have found one another
    cluster.py stop
    cluster.py kill 2                   ends a node as a power cut does
    cluster.py node 2                   starts it again
    cluster.py run [--nodes 3] -- …     starts, runs a command with HANSOU_CLUSTER set, stops

Needs Java 17 (21 for OpenSearch 3) and Maven, which fetches the server once. Nodes listen on 127.0.0.1 only,
from the port --port on. It is no cluster to work with: no login, no TLS, little memory.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
VERSION = "2.19.6"
_PATIENCE_S = 180
# Modules that the server of Maven Central lacks in 2.x: name, jars, permissions.
_PERMISSION = 'grant {\n  permission java.lang.RuntimePermission "%s";\n};\n'
_MODULES = {
    "analysis-common": (("analysis-common",), ()),
    "lang-painless": (
        ("lang-painless", "opensearch-scripting-painless-spi", "antlr4-runtime", "asm"),
        ("createClassLoader", "getClassLoader"),
    ),
}


@dataclass(frozen=True, slots=True)
class Nodes:
    """So many nodes in a directory, of a server that was put together; `heap` is the memory of each."""

    directory: Path
    server: Path
    count: int
    port: int
    heap: str

    def address(self, number: int) -> str:
        """Where a node answers; nodes count from 1."""
        return f"http://127.0.0.1:{self.port + number - 1}"

    @property
    def addresses(self) -> str:
        """Where all answer, as HANSOU_CLUSTER has it."""
        return ",".join(self.address(number) for number in range(1, self.count + 1))

    def start(self, number: int) -> None:
        """Start a node. The server refuses to run as root: then it runs as nobody."""
        home = self._configured(number)
        options = f"-Xms{self.heap} -Xmx{self.heap}"
        environment = os.environ | {
            "OPENSEARCH_PATH_CONF": str(home / "config"),
            "OPENSEARCH_TMPDIR": str(home / "tmp"),
            "OPENSEARCH_JAVA_OPTS": options,
            "OPENSEARCH_JAVA_HOME": os.environ.get("OPENSEARCH_JAVA_HOME") or _java_home(),
        }
        command = [str(self.server / "bin" / "opensearch")]
        if os.geteuid() == 0:
            subprocess.run(["chown", "-R", "nobody", str(home)], check=True)
            command = ["setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups", *command]
        with (home / "output.log").open("ab") as log:
            process = subprocess.Popen(
                command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=home,
                start_new_session=True,
            )  # fmt: skip
        self._pid(number).write_text(str(process.pid))

    def _pid(self, number: int) -> Path:
        return self.directory / f"node{number}.pid"

    def _configured(self, number: int) -> Path:
        """The home of a node, with its configuration."""
        home = self.directory / f"node{number}"
        config = home / "config"
        for part in (config / "jvm.options.d", home / "data", home / "logs", home / "tmp"):
            part.mkdir(parents=True, exist_ok=True)
        shutil.copy(self.server / "config" / "log4j2.properties", config)
        options = (self.server / "config" / "jvm.options").read_text(encoding="utf-8").splitlines()
        # Memory is set above; logs of the collector and dumps would go to the working directory.
        kept = [line for line in options if not any(part in line for part in ("-Xm", "gc.log", "HeapDump"))]
        (config / "jvm.options").write_text("\n".join([*kept, ""]), encoding="utf-8")
        others = range(1, self.count + 1)
        settings = {
            "cluster.name": "hansou-trial",
            "node.name": f"node{number}",
            "network.host": "127.0.0.1",
            "http.port": self.port + number - 1,
            "transport.port": self.port + 100 + number - 1,
            "discovery.seed_hosts": [f"127.0.0.1:{self.port + 100 + other - 1}" for other in others],
            "cluster.initial_cluster_manager_nodes": [f"node{other}" for other in others],
            "path.data": str(home / "data"),
            "path.logs": str(home / "logs"),
            "action.auto_create_index": False,
            "indices.query.bool.max_clause_count": 8192,
            "cluster.routing.allocation.disk.threshold_enabled": False,
        }
        lines = (f"{name}: {json.dumps(value)}" for name, value in settings.items())
        (config / "opensearch.yml").write_text("\n".join([*lines, ""]), encoding="utf-8")
        return home

    def wait(self) -> None:
        """Return when all nodes have found one another."""
        deadline = time.monotonic() + _PATIENCE_S
        while time.monotonic() < deadline:
            if all(self._sees_all(number) for number in range(1, self.count + 1)):
                return
            time.sleep(0.5)
        sys.exit(
            f"the nodes have not found one another after {_PATIENCE_S} s; see {self.directory}/*/output.log"
        )

    def _sees_all(self, number: int) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address(number)}/_cluster/health", timeout=5) as answer:
                return bool(json.load(answer)["number_of_nodes"] == self.count)
        except OSError:
            return False

    def end(self, number: int, sign: int) -> None:
        """End a node by its own pid, and wait until it is gone."""
        file = self._pid(number)
        if not file.exists():
            return
        pid = int(file.read_text())
        try:
            os.kill(pid, sign)
            while Path(f"/proc/{pid}").exists() and _is_running(pid):
                time.sleep(0.1)
        except ProcessLookupError:
            pass
        file.unlink()


def _is_running(pid: int) -> bool:
    # A child that has ended stays as a zombie until it is waited for.
    try:
        return os.waitpid(pid, os.WNOHANG) == (0, 0)
    except ChildProcessError:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()


def _java_home() -> str:
    return str(Path(shutil.which("java") or "").resolve().parent.parent)


def assembled(version: str, cache: Path) -> Path:
    """The server of a version, put together once."""
    server = cache / f"opensearch-{version}"
    if (server / "ready").exists():
        return server
    for command in ("java", "mvn"):
        if shutil.which(command) is None:
            sys.exit(f"NOT RUN: a cluster needs Java and Maven, and there is no {command} here")
    command = ["mvn", "-B", "-q", f"-Dopensearch.version={version}", "package"]
    source = cache / "pom"
    source.mkdir(parents=True, exist_ok=True)
    shutil.copy(HERE / "pom.xml", source)
    subprocess.run(command, cwd=source, check=True)
    shutil.rmtree(server, ignore_errors=True)
    shutil.copytree(source / "target" / "server" / f"opensearch-{version}", server)
    if not (server / "modules" / "analysis-common").exists():
        for name in _MODULES:
            _add_module(server, name, version, source / "target" / "jars")
    for script in (server / "bin").iterdir():
        script.chmod(0o755)
    (server / "ready").touch()
    return server


def _add_module(server: Path, name: str, version: str, jars: Path) -> None:
    """Put a module into the server: its jars, and what says which class it is."""
    folder = server / "modules" / name
    folder.mkdir()
    starts, permissions = _MODULES[name]
    for start in starts:
        for jar in jars.glob(f"{start}-*.jar"):
            shutil.copy(jar, folder)
    (main,) = folder.glob(f"{name}-{version}.jar")
    with zipfile.ZipFile(main) as content:
        plugins = [
            entry for entry in content.namelist() if entry.endswith("Plugin.class") and "$" not in entry
        ]
    described = {
        "name": name,
        "description": name,
        "version": version,
        "opensearch.version": version,
        "java.version": "11",
        "classname": min(plugins, key=len).removesuffix(".class").replace("/", "."),
        "extended.plugins": "lang-painless" if name == "analysis-common" else "",
        "has.native.controller": "false",
    }
    lines = [f"{key}={value}" for key, value in described.items()]
    (folder / "plugin-descriptor.properties").write_text("\n".join([*lines, ""]), encoding="utf-8")
    if permissions:
        policy = "".join(_PERMISSION % permission for permission in permissions)
        (folder / "plugin-security.policy").write_text(policy, encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("command", choices=("start", "stop", "kill", "node", "run"))
    parser.add_argument("rest", nargs="*", help="the number of a node; a command, behind --")
    parser.add_argument("--nodes", type=int, default=3)
    parser.add_argument("--heap", default="512m")
    parser.add_argument("--port", type=int, default=9200)
    parser.add_argument("--version", default=VERSION)
    parser.add_argument("--dir", type=Path, default=Path("/tmp/hansou-cluster"))
    given = parser.parse_args(arguments)
    given.dir.mkdir(parents=True, exist_ok=True)
    nodes = Nodes(given.dir, assembled(given.version, given.dir), given.nodes, given.port, given.heap)
    every = range(1, given.nodes + 1)
    if given.command in ("kill", "node"):
        number = int(given.rest[0])
        nodes.end(number, signal.SIGKILL) if given.command == "kill" else nodes.start(number)
        return 0
    code = 0
    try:
        if given.command != "stop":
            started = time.monotonic()
            for number in every:
                nodes.start(number)
            nodes.wait()
            print(
                f"{given.nodes} nodes at {nodes.addresses} after {time.monotonic() - started:.0f} s",
                flush=True,
            )
        if given.command == "run":
            code = subprocess.run(given.rest, env=os.environ | {"HANSOU_CLUSTER": nodes.addresses}).returncode
    finally:
        if given.command != "start":
            for number in every:
                nodes.end(number, signal.SIGTERM)
    return code


if __name__ == "__main__":
    sys.exit(main())
