"""The command line: data on standard output, messages on standard error, exit codes as documented."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from indexer import Config, Searcher, rebuild
from indexer.cli import cli
from indexer.cli.commands import COMMANDS

Run = Callable[..., Any]
DAMAGED = "無(wú)錫(xī)軟(ruǎn)件園(yuán)的創(chuàng)新中心在太湖邊。"
DOCUMENTS = (
    {"id": "甲", "title": "軟件園", "text": "無錫的軟件園。", "source": "新華社", "date": "2023-03-11"},
    {"id": "乙", "text": "无锡的湖。", "date": "2024-01-01"},
    {"id": "丙", "text": DAMAGED},
)


@pytest.fixture(scope="module")
def config(make_config: Any) -> Config:
    """A configuration whose index is built."""
    made: Config = make_config(DOCUMENTS)
    rebuild(made)
    return made


def test_search_json_is_what_the_searcher_returns(config: Config, hansou: Run) -> None:
    """`search --json` prints the page, in UTF-8, and nothing else."""
    result = hansou(config, "search", "无锡", "--json", "--size", "2")
    assert (result.code, result.err) == (0, "")
    shown = result.json()
    with Searcher.open(config) as searcher:
        page = json.loads(json.dumps(searcher.search("无锡", size=2).to_json()))
    assert shown | {"took_ms": 0} == page | {"took_ms": 0}
    assert "無錫" in result.out and shown["total"] == {"value": 3, "relation": "eq"}


def test_search_as_text(config: Config, hansou: Run) -> None:
    """People get the count, the headings, where it is from, and the snippets; no escapes when piped."""
    result = hansou(config, "search", "軟件園")
    assert result.code == 0
    assert "軟件園" in result.out and "新華社" in result.out and "\x1b" not in result.out


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        (("--mode", "exact", "無錫的湖"), ["乙"]),
        (("--from", "2024", "無錫"), ["乙"]),
        (("--to", "2023-12", "無錫"), ["甲"]),
        (("--source", "新華社", "無錫"), ["甲"]),
        (("--lang", "zh-Hans", "無錫"), ["乙"]),
        (("--near", "甲", "無錫"), ["甲"]),
        (("--sort", "date_desc", "--size", "1", "無錫"), ["乙"]),
        (("--sort", "date_desc", "--size", "1", "--page", "2", "無錫"), ["甲"]),
        (("無錫 -湖",), ["甲"]),
    ],
)
def test_search_options(config: Config, hansou: Run, options: tuple[str, ...], ids: list[str]) -> None:
    """Each option does what it says."""
    assert [hit["id"] for hit in hansou(config, "search", *options, "--json").json()["hits"]] == ids


def test_explanation(config: Config, hansou: Run) -> None:
    """People get the plan and a table for each hit; as JSON the contributions add up to the score."""
    result = hansou(config, "search", "什麼軟件園", "--explain")
    assert result.code == 0
    for piece in (
        "folded        什么软件园",
        "usual         ",
        "closeness",
        "of the query by rarity",
        "documents",
    ):
        assert piece in result.out
    result = hansou(config, "search", '"無錫 軟件園"~3', "--explain")
    assert "evaluated as  grams:[无锡 {2,5} 软件 {1,1} 件园]" in result.out and "distance" in result.out
    page = hansou(config, "search", "軟件園", "--explain", "--json").json()
    for hit in page["hits"]:
        scores = [each["score"] for each in hit["explanation"]["contributions"]]
        assert sum(scores) == pytest.approx(hit["score"], abs=1e-4)


@pytest.mark.parametrize("query", ["[/b]無錫", "[red]無錫", ":smile: 無錫"])
def test_a_query_is_no_markup(config: Config, hansou: Run, query: str) -> None:
    """What is typed is shown as typed, square brackets too."""
    result = hansou(config, "search", query, "--explain")
    assert (result.code, result.err) == (0, "")
    assert "folded        " + query.replace("無錫", "无锡") in result.out


def test_documents_give_the_terminal_no_orders(make_config: Any, hansou: Run) -> None:
    """Escapes, line breaks and marks of direction in ids, titles and texts do not reach it."""
    made = make_config(
        [{"id": "a\x1b[31mb\u202ec\n丁", "title": "題\x9b2J目", "text": "無錫的\x1b]0;x\x07\u3000湖。"}]
    )
    rebuild(made)
    for arguments in (("search", "無錫"), ("ledger",)):
        out = hansou(made, *arguments).out
        assert not set(out) & {"\x1b", "\x9b", "\x07", "\u202e"}
    shown = hansou(made, "search", "無錫").out
    assert "b\ufffdc\ufffd丁" in shown and "\u3000湖" in shown


def test_near_identical_documents_can_be_hits(make_config: Any, hansou: Run) -> None:
    """One hit for near-identical documents, or with --no-collapse one each."""
    text = "無錫國家軟件園的創新中心在太湖邊，清晨十分安靜。"
    config = make_config([text, text, "無錫的夜市。"])
    rebuild(config)
    for options, count in ((), 2), (("--no-collapse",), 3):
        assert len(hansou(config, "search", "無錫", "--json", *options).json()["hits"]) == count


def test_pages_beyond_the_limit_are_refused(config: Config, hansou: Run) -> None:
    """A query reaches its first 1,000 hits; beyond, the command is typed wrong and the message says so."""
    result = hansou(config, "search", "無錫", "--size", "300", "--page", "4")
    assert result.code == 2 and "page 3 of 300" in result.err
    assert hansou(config, "search", "無錫", "--size", "300", "--page", "3").code == 0


def test_nothing_found_is_no_failure(config: Config, hansou: Run) -> None:
    """No hit: exit 0 and an empty list."""
    result = hansou(config, "search", "鯨魚", "--json")
    assert result.code == 0 and result.json()["hits"] == []


def test_a_collection_that_there_is_not_is_named(config: Config, hansou: Run) -> None:
    """A mistyped collection finds nothing, which is no failure, and standard error says why."""
    result = hansou(config, "search", "無錫", "--collection", "信件")
    assert result.code == 0 and "信件" in result.err
    assert "信件" not in hansou(config, "search", "無錫").err


def test_bounds_that_meet_are_no_mistake(config: Config, hansou: Run) -> None:
    """A month within the year that ends the search lies before that end."""
    assert hansou(config, "search", "無錫", "--from", "2023-03", "--to", "2023").code == 0


def test_a_list_has_no_scores(config: Config, hansou: Run) -> None:
    """Nothing is scored where nothing is asked for."""
    assert "score" in hansou(config, "search", "無錫").out
    assert "score" not in hansou(config, "search", "").out


@pytest.mark.parametrize("command", [("backup", "b.tar.gz"), ("export", "--jsonl", "e.jsonl")])
def test_a_place_that_cannot_be_written(
    config: Config, hansou: Run, tmp_path: Path, command: tuple[str, ...]
) -> None:
    """The file that was asked for is named, and no temporary one."""
    file = tmp_path / "gone" / command[-1]
    result = hansou(config, *command[:-1], str(file))
    assert result.code == 1 and result.err.startswith(f"hansou: {file}: cannot be written")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("serach", "無錫"), 2, "search"),
        (("search",), 2, "QUERY"),
        (("search", "無錫", "--size", "0"), 2, "--size"),
        (("search", "無錫", "--mode", "fuzzy"), 2, "--mode"),
        (("search", "無" * 257), 2, "256"),
        (("search", "無錫", "--from", "昨天"), 2, "昨天"),
        (("search", "無錫", "--to", "2023/01/01"), 2, "2023/01/01"),
        (("search", "無錫", "--from", "2024-13-01"), 2, "2024-13-01"),
        (("search", "無錫", "--to", "2023-02-29"), 2, "2023-02-29"),
        (("search", "無錫", "--from", "2024", "--to", "2023-05"), 2, "after"),
        (("search", "無錫", "--to", "2023", "--from", "2024-01"), 2, "after"),
        (("serve", "--port", "70000"), 2, "--port"),
        (("evaluate", "nowhere"), 2, "nowhere"),
        (("repair", "nowhere.txt"), 2, "nowhere.txt"),
        ((), 2, "Usage"),
    ],
)
def test_usage_errors(
    config: Config, hansou: Run, arguments: tuple[str, ...], code: int, message: str
) -> None:
    """What was typed wrong is named on standard error, exit 2."""
    result = hansou(config, *arguments)
    assert result.code == code and message in result.err
    assert result.out == "" and "Traceback" not in result.err


def test_bad_configuration_exits_6(tmp_path: Path, hansou: Run) -> None:
    """A configuration that is missing or wrong: exit 6, the file named."""
    assert hansou(Config(base=tmp_path), "stats").code == 6
    (tmp_path / "config.toml").write_text("[indx]\n")
    result = hansou(Config(base=tmp_path), "stats")
    assert result.code == 6 and "did you mean index?" in result.err


@pytest.mark.parametrize(
    "text",
    [
        "[search]\npage_size = 0",
        "[search]\npage_size = 5000",
        "[search]\ndeadline_s = nan",
        "[server]\nport = 99999",
    ],
)
def test_values_out_of_range_exit_6(tmp_path: Path, hansou: Run, text: str) -> None:
    """A value that is not allowed ends any command before it does anything; setting and range are named."""
    (tmp_path / "config.toml").write_text(text)
    result = hansou(Config(base=tmp_path), "stats")
    assert result.code == 6 and f".{text.partition(chr(10))[2]}: must be a" in result.err


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory, and a process that has loaded no dictionary."""
    directory = tmp_path / "nowhere"
    directory.mkdir()
    monkeypatch.chdir(directory)
    monkeypatch.setattr("indexer.text.segmenter._loaded", {})
    return directory


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("analyze", "無錫軟件園"), 0, "无锡 软件园"),
        (("repair", "../page.txt"), 0, "無錫軟件園的創新中心在太湖邊。"),
        (("evaluate", "../judged", "--quiet"), 0, "MRR@10        1.0000  [1.0000, 1.0000]"),
        (("report", "../queries.jsonl"), 0, "no searches"),
        (("search", "無錫"), 5, "there is no index yet; run `hansou rebuild`"),
        (("stats",), 5, "there is no index yet"),
        (("check",), 5, "there is no index yet"),
        (("rollback",), 5, "there is no index yet"),
        (("rebuild",), 6, "nowhere/seeds: no such file or folder; name what is to be indexed in config.toml"),
        (("report",), 6, "no query log is kept"),
        (("--config", "config.toml", "analyze", "無錫"), 6, "config.toml: no such file"),
    ],
)
def test_without_a_configuration(
    nowhere: Path, hansou: Run, arguments: tuple[str, ...], code: int, said: str
) -> None:
    """What needs no sources works on the defaults, the rest says what to do; nothing is left behind."""
    judged = nowhere.parent / "judged"
    judged.mkdir()
    (judged / "docs.jsonl").write_text(json.dumps({"id": "a", "text": "無錫的湖。"}), encoding="utf-8")
    (judged / "queries.tsv").write_text("1\t無錫\n", encoding="utf-8")
    (judged / "qrels.tsv").write_text("1\ta\n", encoding="utf-8")
    (nowhere.parent / "page.txt").write_text(DAMAGED, encoding="utf-8")
    (nowhere.parent / "queries.jsonl").touch()
    result = hansou(None, *arguments)
    assert result.code == code and said in result.out + result.err
    assert [*nowhere.iterdir()] == []


def test_configuration_of_the_working_directory(nowhere: Path, hansou: Run) -> None:
    """Without --config, ./config.toml is read where there is one; one that leads nowhere is named."""
    (nowhere / "config.toml").write_text("[serch]")
    assert "config.toml: unknown key 'serch'" in hansou(None, "analyze", "無錫").err
    (nowhere / "config.toml").unlink()
    (nowhere / "config.toml").symlink_to("gone.toml")
    assert hansou(None, "analyze", "無錫").code == 6


def test_rebuild_counts_and_names_what_was_skipped(make_config: Any, hansou: Run) -> None:
    """Counts on standard output; a skipped file is named on standard error and makes the exit code 3."""
    config = make_config(DOCUMENTS)
    result = hansou(config, "rebuild")
    assert result.code == 0 and "3 documents, 0 skipped, 1 repaired" in result.out
    (config.base / "documents" / "empty.txt").write_bytes(b"")
    result = hansou(config, "rebuild", "--json", "--quiet")
    assert result.code == 3 and "skipped empty.txt" in result.err
    shown = result.json()
    assert (shown["documents"], shown["skipped"], shown["repaired"]) == (3, 1, 1)


def test_interrupted_rebuild_exits_130(
    make_config: Any, hansou: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C: exit 130, and no index half built."""
    config = make_config(DOCUMENTS)

    def interrupted(*_: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("indexer.engine.embedded.engine.build_segments", interrupted)
    result = hansou(config, "rebuild", "--quiet")
    assert result.code == 130 and "interrupted" in result.err
    assert list((config.index.directory / "generations").iterdir()) == []


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        ImportError("_zstd.so: failed to map segment from shared object"),
        ImportError("x.so: cannot create shared object descriptor: Cannot allocate memory"),
    ],
)
def test_too_little_memory_is_one_line(
    config: Config, hansou: Run, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """A command that cannot have the memory that it needs, a module's too, says so and exits 1."""

    def starving(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("indexer.cli.building.rebuild", starving)
    result = hansou(config, "rebuild", "--quiet")
    assert result.code == 1 and result.err.startswith("hansou: there is not enough memory")
    assert result.err.count("\n") == 1


def test_stats(config: Config, hansou: Run) -> None:
    """`stats --json` has the counts; as text the same names."""
    shown = hansou(config, "stats", "--json").json()
    assert shown["documents"] == 3 and shown["repaired"] == 1
    text = hansou(config, "stats").out
    assert "documents" in text and "3" in text


def test_analyze(config: Config, hansou: Run) -> None:
    """`analyze` shows the stages; with `--json` as the searcher gives them."""
    shown = hansou(config, "analyze", DAMAGED, "--json").json()
    assert shown["repaired"] == "無錫軟件園的創新中心在太湖邊。"
    text = hansou(config, "analyze", "無錫軟件園").out
    assert "无锡" in text and "words" in text and "grams" in text


def test_repair(config: Config, hansou: Run, tmp_path: Path) -> None:
    """`repair FILE` prints the text, with `--json` the steps too; what cannot be read exits 3."""
    path = tmp_path / "page.txt"
    path.write_text(DAMAGED, encoding="utf-8")
    assert hansou(config, "repair", str(path)).out.strip() == "無錫軟件園的創新中心在太湖邊。"
    shown = hansou(config, "repair", str(path), "--json").json()
    assert shown["text"] == "無錫軟件園的創新中心在太湖邊。" and len(shown["steps"]) >= 3
    (tmp_path / "empty.txt").write_bytes(b"")
    assert hansou(config, "repair", str(tmp_path / "empty.txt")).code == 3


def test_check_and_rollback(make_config: Any, hansou: Run) -> None:
    """`check` names the generations and the live one; `rollback` makes the one before live."""
    config = make_config(DOCUMENTS)
    first = hansou(config, "rebuild", "--json", "--quiet").json()["generation"]
    second = hansou(config, "rebuild", "--json", "--quiet").json()["generation"]
    assert f"{second}  sound  (live)" in hansou(config, "check").out
    assert first in hansou(config, "rollback").out
    assert hansou(config, "check", "--json").json()["current"] == first
    result = hansou(config, "rollback")
    assert result.code == 5 and "no earlier generation" in result.err


def test_serve_passes_flags_over_the_configuration(
    config: Config, hansou: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`serve --host --port` are handed on beside the file's values."""
    served: list[tuple[object, object]] = []
    monkeypatch.setattr("webapp.serve", lambda config, host, port, ready, load: served.append((host, port)))
    hansou(config, "serve")
    hansou(config, "serve", "--host", "127.0.0.2", "--port", "0")
    assert served == [(None, None), ("127.0.0.2", 0)]


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_every_command_explains_itself(hansou: Run, name: str) -> None:
    """`--help` of every command: exit 0 and a sentence."""
    result = hansou(None, name, "--help")
    assert result.code == 0 and len(result.out.splitlines()) > 4
    said = (cli.commands[name].help or "").partition("\n\n")[0]
    assert " ".join(said.split()) == COMMANDS[name][1]


@pytest.mark.parametrize(("typed", "told"), [("-廣告", True), ("--sze", False)])
def test_a_query_that_begins_with_a_minus(hansou: Callable[..., Any], typed: str, told: bool) -> None:
    """It is taken for an option, and the message says how it is typed; one of another option does not."""
    result = hansou(None, "search", typed)
    assert result.code == 2 and ("needs -- before it" in result.err) == told


def test_help_loads_no_command() -> None:
    """Who asks which commands there are waits for no engine: no module of a command is imported."""
    program = (
        "import sys; from indexer.cli import main\ntry: main()\nfinally: print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "--help"], capture_output=True, text=True, check=True
    )
    assert all(name in done.stdout for name in COMMANDS)
    loaded = {*done.stderr.split()}
    assert not loaded & {f"indexer.cli.{module}" for module, _ in COMMANDS.values()}
    assert not loaded & {"numpy", "whoosh", "rich", "flask", "indexer.engine"}


def run(config: Config, *arguments: str | bytes, **options: Any) -> subprocess.CompletedProcess[bytes]:
    """The command in a process of its own."""
    program = "from indexer.cli import main; main()"
    command = [sys.executable, "-c", program, "--config", str(config.base / "config.toml"), *arguments]
    return subprocess.run(command, capture_output=True, check=False, **options)


def test_output_is_utf8_whatever_the_locale(config: Config) -> None:
    """In the C locale Chinese comes out as UTF-8, and JSON can be parsed."""
    done = run(config, "search", "無錫", "--json", env={**os.environ, "LC_ALL": "C"})
    assert done.returncode == 0, done.stderr.decode()
    assert json.loads(done.stdout.decode("utf-8"))["query"] == "無錫"


def test_arguments_that_are_no_text(config: Config) -> None:
    """Bytes that are no UTF-8 in a query: an answer or a usage error, never a traceback."""
    done = run(
        config, "search", b"\xff\xfe", "--json", env={**os.environ, "PYTHONIOENCODING": "utf-8:strict"}
    )
    assert done.returncode in (0, 2) and b"Traceback" not in done.stderr


@pytest.mark.parametrize("error", [MemoryError(), OSError(errno.EMFILE, "Too many open files")])
def test_limits_of_the_system(
    config: Config, hansou: Run, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """No memory and no more files: one line, exit code 1, and nothing that calls the index damaged."""

    def failing(*_: object, **__: object) -> None:
        raise error

    for command, path in (("search", "indexer.arrays.reading.mmap.mmap"), ("rebuild", "os.scandir")):
        with monkeypatch.context() as patch:
            patch.setattr(path, failing)
            result = hansou(config, command, *(["無錫"] if command == "search" else []))
        assert (result.code, result.err.count("\n")) == (1, 1), result.err
        assert "memory" in result.err or "Too many open files" in result.err
    assert hansou(config, "search", "無錫").code == 0


def test_trace(
    make_config: Callable[..., Config],
    hansou: Callable[..., Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where a passage stands, as text and as JSON, from a file in any encoding or from standard input."""
    text = "園區在湖的東邊，清晨十分安靜，只有送早餐的車聲和遠處水鳥的叫聲。"
    config = make_config([{"id": "a", "title": "湖東", "text": text}, "別的什麼也沒有說過"])
    assert hansou(config, "rebuild", "--quiet").code == 0
    passage = tmp_path / "passage.txt"
    passage.write_text("清晨非常安静，只有送早餐的车声和远处水鸟的叫声", encoding="gb18030")
    shown = hansou(config, "trace", str(passage))
    assert shown.code == 0 and "1 match" in shown.out and "湖東" in shown.out and "covers" in shown.out
    (match,) = hansou(config, "trace", str(passage), "--json").json()["matches"]
    assert match["id"] == "a" and text[slice(*match["document"])] == match["text"]
    passage.write_text("nothing Chinese")
    refused = hansou(config, "trace", str(passage))
    assert refused.code == 2 and "Chinese" in refused.err
    assert hansou(config, "trace").code == 2 and hansou(config, "trace", "--all", str(passage)).code == 2
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stdin", None)  # what a closed one is
        assert hansou(config, "trace", "-").code == 2


def test_trace_all(make_config: Callable[..., Config], hansou: Callable[..., Any]) -> None:
    """Shared passages are lines of JSON, with where they stand in both documents."""
    shared = "湖邊的老人說水漲的時候船自己會走用不著喊號子"
    texts = [f"天地玄黃宇宙洪荒{shared}", f"{shared}日月盈昃辰宿列張", "寒來暑往秋收冬藏閏餘成歲律呂調陽"]
    config = make_config(texts)
    assert hansou(config, "rebuild", "--quiet").code == 0
    (reuse,) = map(json.loads, hansou(config, "trace", "--all").out.splitlines())
    for passage in reuse["passages"]:
        text = texts[int(passage["id"])]
        assert text[passage["start"] : passage["end"]] == passage["text"] == shared
