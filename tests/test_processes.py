"""However `hansou rebuild` is ended, and whenever: nothing of it runs on, and the old index answers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from indexer import Config, rebuild
from indexer.engine.embedded import generations
from tests.conftest import until

pytestmark = pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="processes are read from /proc")
COMMAND = [sys.executable, "-c", "from indexer.cli import main; main()"]
# Where a build of several processes may stand still.
STANDS = {
    "in workers": "from indexer.pipeline import Stages\nStages.__call__ = stand",
    "beside": "from indexer.engine.embedded import engine\nengine._group = stand",
    "in a reader": "from indexer.documents import readers\nreaders.READERS['html'] = stand",
}
STAND = """
import os, pathlib, time

def stand(*_):
    pathlib.Path(os.environ["STANDING"]).touch()
    while True:
        time.sleep(0.01)

"""


def running(session: int) -> list[int]:
    """The processes of a session that run."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, *numbers = path.read_text(encoding="utf-8", errors="replace").rpartition(") ")[2].split()
        except OSError:
            continue
        if int(numbers[2]) == session and state != "Z":
            found.append(int(path.parent.name))
    return found


@pytest.fixture(scope="module")
def built(make_config: Any) -> Config:
    """An index, and a configuration of two workers over some documents and a page."""
    config: Config = make_config(["無錫的園區。"] * 3)
    rebuild(config)
    (config.base / "documents" / "page.html").write_text("<html><body><p>無錫的湖邊。</p></body></html>")
    return config


@pytest.fixture
def start(built: Config, tmp_path: Path) -> Any:
    """A function that starts a rebuild, in its own session, and waits until it stands still somewhere."""
    started: list[subprocess.Popen[str]] = []
    standing = tmp_path / "standing"

    def begin(stand: str) -> subprocess.Popen[str]:
        (tmp_path / "sitecustomize.py").write_text(STAND + STANDS[stand], encoding="utf-8")
        path = os.pathsep.join(filter(None, (str(tmp_path), os.environ.get("PYTHONPATH", ""))))
        builder = subprocess.Popen(
            [*COMMAND, "--config", str(built.base / "config.toml"), "rebuild", "--quiet"],
            env=os.environ | {"PYTHONPATH": path, "HANSOU_INDEX_WORKERS": "2", "STANDING": str(standing)},
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        started.append(builder)
        assert until(standing.exists, 30) and len(running(builder.pid)) >= 3
        return builder

    yield begin
    for builder in started:
        for process in running(builder.pid):
            os.kill(process, signal.SIGKILL)
        builder.communicate()


def remains(config: Config) -> set[str]:
    """What lies among the generations and is none."""
    folder = config.index.directory / "generations"
    return {path.name for path in folder.iterdir()} - {*generations.names(config.index.directory)}


@pytest.mark.parametrize("stand", STANDS)
def test_a_killed_build_leaves_no_process(built: Config, start: Any, stand: str) -> None:
    """SIGKILL, wherever the build stands: workers, readers and the tracker of resources end with it."""
    live = generations.current_name(built.index.directory)
    builder = start(stand)
    builder.kill()
    builder.wait()
    assert until(lambda: not running(builder.pid), 30)
    assert generations.current_name(built.index.directory) == live


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_terminated_build_ends_like_an_interrupted_one(
    built: Config, start: Any, number: signal.Signals, code: int
) -> None:
    """SIGTERM and Ctrl-C end a build in words, with its exit code, and everything put away."""
    live = generations.current_name(built.index.directory)
    builder = start("in workers")
    builder.send_signal(number)
    told = builder.communicate(timeout=20)[1]
    assert (builder.returncode, told.strip()) == (code, "interrupted" if code == 130 else "terminated")
    assert until(lambda: not running(builder.pid), 30)
    assert generations.current_name(built.index.directory) == live and remains(built) == set()
