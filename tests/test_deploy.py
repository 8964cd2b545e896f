"""What lies in deploy/: units that systemd takes, steps that a container is built with."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from indexer.cli import cli
from tests.conftest import ROOT

DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())


def test_systemd_takes_the_units(tmp_path: Path) -> None:
    """No unknown key, no missing part; what they start is there on this machine, and not elsewhere."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    for unit in UNITS:
        text = re.sub(r"/opt/hansou/bin/hansou", "/bin/true", unit.read_text(encoding="utf-8"))
        (tmp_path / unit.name).write_text(text, encoding="utf-8")
    command = ["systemd-analyze", "verify", "--man=no", *(str(tmp_path / unit.name) for unit in UNITS)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.parametrize(
    "unit", [unit for unit in UNITS if unit.suffix == ".service"], ids=lambda unit: unit.name
)
def test_units_start_commands_that_exist(unit: Path) -> None:
    """What a unit starts is a command of ours, with options that it has."""
    (started,) = re.findall(r"(?m)^ExecStart=\S+/hansou (.+)$", unit.read_text(encoding="utf-8"))
    name, *options = started.split()
    known = {option for parameter in cli.commands[name].params for option in parameter.opts}
    assert set(options) <= known


def test_the_container_is_built_of_what_is_there() -> None:
    """What the Containerfile copies from here exists, and neither user nor health check is left out."""
    text = (DEPLOY / "container" / "Containerfile").read_text(encoding="utf-8")
    copied = re.findall(r"(?m)^COPY (deploy/\S+) ", text)
    assert len(copied) == 2 and all((ROOT / path).is_file() for path in copied)
    assert re.search(r"(?m)^USER \d+$", text) and "HEALTHCHECK" in text
    assert re.search(r"(?m)^FROM python:3\.1\d-slim$", text)


def test_a_container_that_does_not_answer_is_unwell() -> None:
    """The health check ends with 1 and says why."""
    check = [sys.executable, str(DEPLOY / "container" / "healthcheck.py")]
    done = subprocess.run(check, env={"HANSOU_SERVER_PORT": "1"}, capture_output=True, text=True)
    assert done.returncode == 1 and "refused" in done.stderr
