"""Every example of README and docs is run, and gives what it says there.

A block of ```console is commands and what they print: `…` alone on a line stands for any lines, and what
depends on clock and machine (seconds, scores, names, bytes) is not compared. JSON after a `curl`
is a part of the answer: `…` in it stands for the rest of a text, and what is not compared is at least of the
same type. A TOML block is a configuration. A Python block runs; `# "text"` after an expression,
and a comment after `print`, say what comes of it.
"""

from __future__ import annotations

import ast
import json
import os
import re
import shlex
import shutil
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from fnmatch import fnmatchcase
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from indexer import Config, Searcher, load_config
from indexer.cli.group import cli
from tests.conftest import ROOT, Result
from webapp import create_app

PAGES = [*sorted(ROOT.glob("README*.md")), *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"(?ms)^```(console|json|python|toml)\n(.*?)^```|^    (curl [^\n]*\n)")
NOT_RUN = {
    "ir_measures *": "a program of others",
    "trec_eval *": "a program of others",
    "hansou report*": "a log of weeks is needed",
    "hansou evaluate * --tune*": "takes minutes, and more judgments than an example has",
    "hansou update*": "changes what other examples are about",
    "hansou watch*": "does not end",
}
"""Commands that are not run, and why."""
PROGRESS = re.compile(r"(?m)^\w+: [\d,]+ documents, .*\n")
"""What a command that takes long says every ten seconds."""
VOLATILE = {"took_ms", "score", "generation", "built_at", "state"}
CHANGING = (
    (r"\d{8}T\d{12}-[0-9a-f]{6}", "GENERATION"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "TIME"),
    (r"[\d,]+ bytes", "BYTES"),
    (r"\d+\.\d+ s\b|(?<= )\d+\.\d\d\d\d?(?= |$)", "NUMBER"),
    (r"[ \t]+", " "),
)


@dataclass(frozen=True)
class Example:
    """A block of a page: what it is written in, its text, and that of the block before."""

    page: Path
    number: int
    language: str
    text: str
    before: str

    def __str__(self) -> str:
        """Page and place, as the name of a test."""
        return f"{self.page.name}-{self.number}-{self.language}"


def examples() -> Iterator[Example]:
    """All of them, each text once: translations share theirs."""
    seen: set[str] = set()
    for page in PAGES:
        before = ""
        for number, found in enumerate(BLOCK.finditer(page.read_text(encoding="utf-8"))):
            language, text = ("console", f"$ {found[3]}") if found[3] else (found[1], found[2])
            plain = re.sub(r"#.*", "", text) if language != "console" else text
            if plain + before not in seen:
                yield Example(page, number, language, text, before)
            seen.add(plain + before)
            before = text


def of(language: str) -> list[Example]:
    """The examples in one language."""
    return [example for example in examples() if example.language == language]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A working directory as after a checkout, with the judgments that evaluation.md shows."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copytree(ROOT / "seeds", folder / "seeds")
    shutil.copyfile(ROOT / "config.toml", folder / "config.toml")
    (folder / "new" / "letters").mkdir(parents=True)
    (folder / "judged").mkdir()
    page = (ROOT / "docs/evaluation.md").read_text(encoding="utf-8")
    tables = re.findall(r"(?ms)^```\n((?:[^\n]*\t[^\n]*\n)+)```", page)
    for table in tables:
        name = "queries.tsv" if table.splitlines()[0].count("\t") == 1 else "qrels.tsv"
        (folder / "judged" / name).write_text(table, encoding="utf-8")
    shutil.copyfile(folder / "judged" / "queries.tsv", folder / "topics.tsv")
    shutil.copyfile(folder / "judged" / "qrels.tsv", folder / "qrels.txt")
    before = Path.cwd()
    os.chdir(folder)
    yield folder
    os.chdir(before)


@pytest.fixture
def run(site: Path, hansou: Callable[..., Result], monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """A function that runs a command line and gives what it prints, on both streams."""

    def hansou_command(words: list[str]) -> str:
        name = next(word for word in words if "=" not in word and word != "hansou")
        if name == "doctor":
            shutil.rmtree(site / ".hansou", ignore_errors=True)
        elif name not in ("init", "rebuild"):
            built(hansou, site)
        while "=" in words[0]:
            monkeypatch.setenv(*words.pop(0).split("=", 1))
        if name == "init":
            monkeypatch.chdir(site / "new")
        done = hansou(None, *words[1:])
        return done.out + PROGRESS.sub("", done.err)

    def serve(config: Config, host: object, port: object, ready: Callable[..., None], load: object) -> None:
        ready(f"http://{config.server.host}:{config.server.port}/", 4)

    def command(line: str) -> str:
        words = shlex.split(line, comments=True)
        if words[0] == "curl":
            built(hansou, site)
            return answer(words)
        return hansou_command(words)

    monkeypatch.setattr("webapp.serve", serve)
    return command


def built(hansou: Callable[..., Result], site: Path) -> None:
    """See to it that there is an index, and a run to compare with."""
    if not (site / ".hansou" / "CURRENT").exists():
        assert hansou(None, "rebuild", "--quiet").code == 0
    if not (site / "before.run").exists():
        assert hansou(None, "evaluate", "judged", "--quiet", "--run-out", "bm25.run").code == 0
        # An engine that misses one of the documents.
        lines = (site / "bm25.run").read_text(encoding="utf-8").splitlines(keepends=True)
        kept = "".join(line for line in lines if "cn-tea" not in line)
        (site / "before.run").write_text(kept, encoding="utf-8")


def answer(words: list[str]) -> str:
    """What a curl command gets: -G, -d and --data-urlencode make the query of the address."""
    (address,) = [word for word in words if word.startswith("http://")]
    pairs = [words[at + 1] for at, word in enumerate(words) if word in ("-d", "--data-urlencode")]
    path = "/" + address.split("/", 3)[3]
    client = create_app(load_config()).test_client()
    query = dict(pair.split("=", 1) for pair in pairs)
    return client.get(path, query_string=query, headers={"Host": "127.0.0.1:8137"}).text


def unchanging(line: str, site: Path) -> str:
    """A line without what depends on clock and machine."""
    line = line.replace(f"{site.resolve()}/", "").replace(f"{site}/", "")
    for pattern, instead in CHANGING:
        line = re.sub(pattern, instead, line)
    return line.strip()


def fits(expected: list[str], printed: list[str]) -> bool:
    """Whether lines are as expected, where `…` stands for any number of them."""
    if not expected or expected[0] != "…":
        first = bool(expected) and bool(printed) and expected[0] == printed[0]
        return fits(expected[1:], printed[1:]) if first else not expected and not printed
    return any(fits(expected[1:], printed[at:]) for at in range(len(printed) + 1))


@pytest.mark.parametrize("example", of("console"), ids=str)
def test_commands(example: Example, site: Path, run: Callable[[str], str]) -> None:
    """Each command prints what stands below it."""
    for part in re.split(r"(?m)^\$ ", example.text)[1:]:
        line, *expected = part.rstrip("\n").split("\n")
        if any(fnmatchcase(line, pattern) for pattern in NOT_RUN):
            continue
        printed = run(line)
        if expected:
            lines = [unchanging(each, site) for each in printed.rstrip("\n").split("\n")]
            wanted = [unchanging(each, site) for each in expected]
            assert fits(wanted, lines), f"$ {line}\n{printed}"


@pytest.mark.parametrize("example", [e for e in of("json") if "curl " in e.before], ids=str)
def test_answers(example: Example, run: Callable[[str], str]) -> None:
    """What is shown of an answer is part of it."""
    (line,) = re.findall(r"(?m)^\$ (curl .*)$", example.before)
    shown, whole = json.loads(example.text), json.loads(run(line))
    assert [*differences(shown, whole)] == []


def differences(shown: Any, whole: Any, where: str = "") -> Iterator[str]:
    """Where what is shown is no part of the whole."""
    if isinstance(shown, dict) and isinstance(whole, dict):
        for name, value in shown.items():
            if name in VOLATILE:
                if type(value) is not type(whole.get(name)):
                    yield f"{where}.{name}: {whole.get(name)!r}"
            elif name != "…":
                yield from differences(value, whole.get(name), f"{where}.{name}")
    elif isinstance(shown, list) and isinstance(whole, list) and len(shown) == len(whole):
        for number, pair in enumerate(zip(shown, whole, strict=True)):
            yield from differences(*pair, f"{where}[{number}]")
    elif isinstance(shown, str) and isinstance(whole, str) and shown.endswith("…"):
        if not whole.startswith(shown[:-1]):
            yield f"{where}: {whole!r}"
    elif shown != whole or type(shown) is not type(whole):
        yield f"{where}: {whole!r}"


@pytest.mark.parametrize("example", [e for e in of("json") if "curl " not in e.before], ids=str)
def test_json(example: Example) -> None:
    """What is shown without a request is JSON."""
    json.loads(example.text)


@pytest.mark.parametrize("example", of("toml"), ids=str)
def test_settings(example: Example, tmp_path: Path) -> None:
    """Every setting exists and has a value that is allowed."""
    (tmp_path / "config.toml").write_text(example.text, encoding="utf-8")
    load_config(tmp_path / "config.toml", {})


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize("example", of("python"), ids=str)
def test_programs(example: Example) -> None:
    """A program runs, and its comments say what comes of its last lines."""
    printed, names = StringIO(), dict[str, Any]()
    with redirect_stdout(printed):
        exec(compile(example.text, str(example.page), "exec"), names)
    for line in example.text.splitlines():
        code, _, comment = line.partition("  # ")
        literal = re.match(r'"[^"]*"', comment)
        if line.startswith("print(") and comment:
            assert comment in printed.getvalue().splitlines()
        elif literal and not line.startswith(" "):
            assert eval(code, names) == ast.literal_eval(literal[0])
    assert printed.getvalue().strip()


def queries(page: Path) -> list[str]:
    """What the first table of a page about queries shows."""
    table = page.read_text(encoding="utf-8").split("\n## ")[0]
    return [each.replace(r"\|", "|") for each in re.findall(r"(?m)^\| `(.+?)` \|", table)]


def test_queries(site: Path, hansou: Callable[..., Result]) -> None:
    """Each query of the table finds something in the samples, and translations show the same ones."""
    built(hansou, site)
    pages = sorted((ROOT / "docs").glob("query*.md"))
    assert len(pages) == 3
    with Searcher.open(load_config()) as searcher:
        for query in {query for page in pages for query in queries(page)}:
            assert searcher.search(query).total.value > 0, query
    assert queries(pages[0]) == queries(pages[1]) == queries(pages[2])


def test_every_command_is_run_or_known(site: Path) -> None:
    """What is not run is a command of others, or one of ours that is there."""
    lines = re.findall(r"(?m)^\$ (.*)$", "\n".join(example.text for example in of("console")))
    ours = [line.split("hansou ", 1)[1].split()[0] for line in lines if "hansou " in line.split("#")[0]]
    assert len(lines) > 15 and {*ours} <= {*cli.commands}
