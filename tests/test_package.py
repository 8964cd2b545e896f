"""What is published can be installed and used by somebody who has nothing: wheel, sdist, container.

Takes minutes and the package index, so only `make package` runs it. It leaves both files in dist/, and prints
what they weigh.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tarfile
import urllib.request
import venv
import zipfile
from pathlib import Path

import pytest

from tests.conftest import ROOT, until

pytestmark = pytest.mark.skipif(
    os.environ.get("HANSOU_PACKAGE") != "1", reason="takes minutes: `make package`"
)
BUILD = "import sys, setuptools.build_meta as b; print(getattr(b, 'build_' + sys.argv[1])(sys.argv[2]))"
COMPILED = "import indexer.native as n; print([n.compiled(name) is not None for name in n.TWINS])"


def run(command: list[str], where: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """A command in a folder, in an environment of its own; its output is text."""
    kept = {name: os.environ[name] for name in os.environ if name.lower().endswith("_proxy") or "PIP" in name}
    clean = {"PATH": "/usr/bin:/bin", "HOME": str(where), "LANG": "C.UTF-8"}
    return subprocess.run(command, cwd=where, env=clean | kept | variables, capture_output=True, text=True)


def done(command: list[str], where: Path, **variables: str) -> str:
    """What a command prints; it must end well."""
    finished = run(command, where, **variables)
    assert finished.returncode == 0, f"{command}\n{finished.stdout}\n{finished.stderr}"
    return finished.stdout


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where everything is tried."""
    return tmp_path_factory.mktemp("package")


@pytest.fixture(scope="module")
def built(place: Path) -> dict[str, Path]:
    """Wheel and sdist of what is tracked here, in dist/."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    source = place / "source"
    for name in filter(None, listed.decode().split("\0")):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, source / name)
    venv.create(place / "builder", with_pip=True)
    python = str(place / "builder" / "bin" / "python")
    done([python, "-m", "pip", "install", "--quiet", "setuptools>=77"], place)
    dist = ROOT / "dist"
    shutil.rmtree(dist, ignore_errors=True)
    dist.mkdir()
    for kind in ("sdist", "wheel"):
        done([python, "-c", BUILD, kind, str(dist)], source)
    (wheel,), (sdist,) = dist.glob("*.whl"), dist.glob("*.tar.gz")
    for file in (wheel, sdist):
        print(f"\n{file.name}: {file.stat().st_size / 1e6:.2f} MB")
    return {"wheel": wheel, "sdist": sdist}


def installed(place: Path, name: str, file: Path, **variables: str) -> Path:
    """The programs of an empty environment with a file installed into it."""
    folder = place / name
    venv.create(folder, with_pip=True)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    done([*pip, str(file)], place, **variables)
    return folder / "bin"


def test_what_they_hold(built: dict[str, Path]) -> None:
    """Code, its data and licences; no tests, no sample documents, no machine's own files in the wheel."""
    names = zipfile.ZipFile(built["wheel"]).namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"indexer", "webapp"}
    assert any(re.search(r"indexer/native/_kernel\..*so$", name) for name in names)
    assert {"indexer/cli/init.toml", "webapp/messages.toml", "webapp/static/style.css"} <= set(names)
    assert sum("/licenses/" in name for name in names) >= 3
    with tarfile.open(built["sdist"]) as tar:
        inside = {name.partition("/")[2] for name in tar.getnames()}
    assert {"setup.py", "indexer/native/_kernel.h", "pyproject.toml"} <= inside
    assert not any(name.endswith(".so") for name in inside)


@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_a_new_user(kind: str, built: dict[str, Path], place: Path) -> None:
    """In an empty directory: configure, build, search, serve, back up; an sdist needs no compiler."""
    none = {"CC": "/nonexistent/cc"} if kind == "sdist" else {}
    programs = installed(place, kind, built[kind], **none)
    compiled = json.loads(done([str(programs / "python"), "-c", COMPILED], place).lower())
    assert set(compiled) == {kind == "wheel"}
    here = place / f"user of {kind}"
    (here / "報紙").mkdir(parents=True)
    (here / "報紙" / "a.txt").write_text(
        "無(wú)錫(xī)國(guó)家軟(ruǎn)件園(yuán)在太湖邊。", encoding="utf-8"
    )
    use(str(programs / "hansou"), here)
    size = sum(file.stat().st_size for file in programs.parent.rglob("*") if file.is_file())
    print(f"\ninstalled from the {kind}, with all it needs: {size / 1e6:.0f} MB")


def use(hansou: str, here: Path) -> None:
    """Every command once."""
    assert run([hansou, "doctor"], here).returncode == 1
    assert run([hansou, "rebuild"], here).returncode == 6
    assert "hansou rebuild" in done([hansou, "init", "報紙"], here)
    done([hansou, "rebuild", "--quiet"], here)
    assert all(each["ok"] for each in json.loads(done([hansou, "doctor", "--json"], here)))
    (hit,) = json.loads(done([hansou, "search", "软件园", "--json"], here))["hits"]
    assert hit["snippets"][0]["text"].startswith("無錫國家軟件園")
    assert "无锡 软件园" in done([hansou, "analyze", "無錫軟件園"], here)
    for command in (["stats"], ["check"], ["ledger"], ["repair", "報紙/a.txt"]):
        done([hansou, *command], here)
    done([hansou, "backup", "kept.tar.zst"], here)
    done([hansou, "restore", "kept.tar.zst"], here)
    done([hansou, "rollback"], here)
    assert '"id": "a.txt"' in done([hansou, "export", "--jsonl"], here)
    answers_on_a_port([hansou, "serve"], here)


def answers_on_a_port(command: list[str], here: Path) -> None:
    """A server that is started finds the document, and ends well."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(here), "HANSOU_SERVER_PORT": str(port)}
    process = subprocess.Popen(
        command, cwd=here, env=environment, stderr=subprocess.DEVNULL, start_new_session=True
    )
    address = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        try:
            return bool(urllib.request.urlopen(f"{address}/healthz", timeout=2).status == 200)
        except OSError:
            return False

    try:
        assert until(answers, 60)
        with urllib.request.urlopen(f"{address}/search?q=%E8%BD%AF%E4%BB%B6%E5%9B%AD", timeout=10) as answer:
            assert "<mark>軟件園</mark>" in answer.read().decode()
        check = ROOT / "deploy" / "container" / "healthcheck.py"
        assert subprocess.run([sys.executable, str(check)], env=environment).returncode == 0
    finally:
        process.terminate()
    assert process.wait(20) == 0


def test_the_steps_of_the_container(built: dict[str, Path], place: Path) -> None:
    """What the Containerfile runs, run here: it serves from there, and writes nothing of it."""
    folder = place / "container"
    install = ROOT / "deploy" / "container" / "install.sh"
    path = f"{Path(sys.executable).resolve().parent}:/usr/bin:/bin"
    done(["sh", str(install), str(folder), str(built["wheel"].parent)], place, PATH=path)
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    print(f"\nwhat the container adds to its base image: {size / 1e6:.0f} MB")
    assert not (folder / "bin" / "pip").exists()
    volume = place / "volume"
    (volume / "archive").mkdir(parents=True)
    (volume / "archive" / "a.txt").write_text("無錫國家軟件園在太湖邊。", encoding="utf-8")
    hansou = str(folder / "bin" / "hansou")
    done([hansou, "init", "archive"], volume)
    done([hansou, "rebuild", "--quiet"], volume)
    before = {file: file.stat().st_mtime_ns for file in folder.rglob("*")}
    answers_on_a_port([hansou, "serve"], volume)
    assert before == {file: file.stat().st_mtime_ns for file in folder.rglob("*")}
