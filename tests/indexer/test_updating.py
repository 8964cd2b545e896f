"""An update gives what a rebuild of the same sources gives, whatever changed, and reads only what did."""

from __future__ import annotations

import json
import os
import random
import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from indexer import (
    Config,
    ConfigError,
    Document,
    IndexCorrupt,
    IndexMissing,
    Searcher,
    WouldShrink,
    load_config,
    pipeline,
    rebuild,
)
from indexer.arrays import ArrayFile
from indexer.derived.suggest import LEXICON
from indexer.documents.ledger import NAME as LEDGER
from indexer.documents.ledger import read_ledger
from indexer.documents.sources import read_sources
from indexer.engine import open_engine
from indexer.engine.embedded.engine import EmbeddedBuild
from indexer.pipeline import merge, update
from indexer.query.nodes import Everything

WORDS = "無錫 軟件園 夜市 渡輪 颱風 工程師 太湖 燈籠 码头 胡同 自行车 铃声 微博 网络 安全".split()
QUERIES = ("無錫", "码头", '"夜市渡輪"', "網絡安全 -太湖", "微*", "title:夜市", "工程師 胡同")


def configure(base: Path, workers: int = 1, **more: Any) -> Config:
    """A configuration with an empty source."""
    (base / "seeds").mkdir(parents=True, exist_ok=True)
    settings = f"[index]\nworkers = {workers}\n[documents]\nreaders = 0\n"
    (base / "config.toml").write_text(settings + more.get("settings", ""), encoding="utf-8")
    return load_config(base / "config.toml", {})


def says(chance: random.Random) -> str:
    """Some words."""
    parts = (chance.choices(WORDS, k=chance.randint(1, 5)) for _ in range(chance.randint(1, 9)))
    return "，".join(map("".join, parts))


def row(chance: random.Random) -> str:
    """A line of a table, with an id or without, now and then one that another has too, or no JSON."""
    if chance.random() < 0.08:
        return "no json"
    fields: dict[str, Any] = {"text": says(chance), "title": chance.choice(WORDS)}
    if chance.random() < 0.5:
        fields["id"] = f"row {chance.randint(0, 25)}"
    return json.dumps(fields, ensure_ascii=False)


def change(folder: Path, chance: random.Random) -> None:
    """Something happens to a file of a source: it comes, is changed, goes, gets another name or time."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    path = chance.choice(files) if files else folder / "a.txt"
    match chance.choice("come come edit edit go name touch ids".split()):
        case "come":
            path = folder / f"{chance.choice('abcdef')}{chance.choice(['.txt', '.jsonl', '.jpg', '/x.txt'])}"
            path.parent.mkdir(exist_ok=True)
            lines = [row(chance) if path.suffix == ".jsonl" else says(chance) for _ in range(6)]
            path.write_text("\n".join(lines), encoding="utf-8")
        case "edit" if files:
            lines = path.read_text(encoding="utf-8").split("\n")
            at = chance.randrange(len(lines))
            new = row(chance) if path.suffix == ".jsonl" else says(chance)
            lines[at : at + chance.randint(0, 1)] = [new] * chance.randint(0, 2)
            path.write_text("\n".join(lines), encoding="utf-8")
        case "go" if files:
            path.unlink()
        case "name" if files:
            path.rename(folder / f"{chance.choice('abcdef')}{path.suffix}")
        case "touch" if files:
            os.utime(path, ns=(1_600_000_000_000_000_000, 1_600_000_000_000_000_000 + chance.randint(0, 9)))


def content(config: Config) -> dict[str, Any]:
    """Everything that an index says, but for its times, and how its segments are cut."""
    live = open_engine(config).open()
    everything = live.search(Everything(), limit=999)
    records = (dict(record) for record in live.records(everything.documents))
    kept = [{k: v for k, v in record.items() if k not in ("added_at", "changed_at")} for record in records]
    leaders = [record["id"] for record in live.records(everything.leaders)]
    lexicon = ArrayFile.open(live.attachment(LEXICON))
    found: dict[str, Any] = {"records": kept, "leaders": leaders}
    found["lexicon"] = {name: lexicon.array(name).tolist() for name in lexicon.names()}, lexicon.metadata
    rows = [tuple(each) for each in read_ledger(live.attachment(LEDGER))]
    found["ledger"] = [(path, what.replace("unchanged", "indexed"), *more) for path, what, *more in rows]
    counts = live.generation.counts
    found["counts"] = counts.documents, counts.skipped, dict(counts.repairs), dict(counts.langs)
    found["words"] = dict(live.vocabulary("words")), dict(live.vocabulary("grams"))
    with Searcher.open(config) as searcher:
        for query in QUERIES:
            page = searcher.search(query, size=50)
            found[query] = [(hit.id, round(hit.score, 9)) for hit in page.hits], page.total, page.facets
    return found


@pytest.mark.parametrize("workers", [1, 2])
def test_an_update_gives_what_a_rebuild_gives(tmp_path: Path, workers: int) -> None:
    """Over many random changes: every record, group, word, suggestion, score and row of the ledger."""
    chance = random.Random(workers)
    config = configure(tmp_path, workers)
    for _ in range(12):
        change(config.sources[0].path, chance)
    rebuild(config)
    for number in range(5 if workers == 1 else 1):
        for _ in range(chance.randint(0, 6)):
            change(config.sources[0].path, chance)
        report = update(config, allow_shrink=True, merge=number % 2 == 1)
        assert report.anew is None
        shutil.rmtree(tmp_path / "fresh", ignore_errors=True)
        moved = load_config(
            config.base / "config.toml",
            # One process: how many there were says nothing.
            {"HANSOU_INDEX_DIRECTORY": str(tmp_path / "fresh"), "HANSOU_INDEX_WORKERS": "1"},
        )
        rebuild(moved, allow_shrink=True)
        fresh = content(moved)
        assert content(config) == fresh
    assert update(config).changes.unchanged == report.counts.documents
    merge(config)
    assert content(config) == fresh


def write(config: Config, files: Mapping[str, str]) -> None:
    """Put files into the source, older than what the clock may confuse."""
    for name, text in files.items():
        path = config.sources[0].path / name
        path.write_text(text, encoding="utf-8")
        os.utime(path, (1_700_000_000, 1_700_000_000))


def test_only_what_changed_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file with another size or time is opened, no other; with `verify` all contents are compared."""
    config = configure(tmp_path)
    write(config, {"a.txt": "無錫的園區", "b.txt": "夜市的燈籠", "c.txt": "渡輪停航"})
    rebuild(config)
    opened: list[str] = []
    from indexer.documents import sources

    really = sources.open_file

    def watched(path: Path, root: Path) -> Any:
        opened.append(path.name)
        return really(path, root)

    monkeypatch.setattr(sources, "open_file", watched)
    assert update(config).changes.unchanged == 3 and opened == []
    (config.sources[0].path / "b.txt").write_text("夜市開張", encoding="utf-8")
    assert update(config).changes == (0, 1, 0, 2) and set(opened) == {"b.txt"}
    write(config, {"c.txt": "渡輪開航"})  # of the same size and time as before
    assert update(config).changes.changed == 0
    assert update(config, verify=True).changes.changed == 1


def test_sources_that_share_files(tmp_path: Path) -> None:
    """Files of a folder in another, under a name of its own, are as a rebuild has them."""
    listed = '[[source]]\npath = "seeds"\n' + '[[source]]\npath = "seeds/b"\nname = "部分"\n'
    config = configure(tmp_path, settings=listed)
    (tmp_path / "seeds/b").mkdir()
    write(config, {"a.txt": "無錫的園區", "b/1.txt": "夜市的燈籠", "b/2.txt": "渡輪停航", "c.txt": "颱風"})
    rebuild(config)
    (tmp_path / "seeds/a.txt").unlink()
    (tmp_path / "seeds/c.txt").rename(tmp_path / "seeds/b/3.txt")
    write(config, {"b/1.txt": "夜市開張", "d.txt": "太湖", "1.txt": "工程師"})
    update(config)
    updated = content(config)
    rebuild(config)
    assert updated == content(config)


def test_sources_in_another_order(tmp_path: Path) -> None:
    """Of documents with one id that of the source which is listed first has it, as after a rebuild."""
    listed = ['[[source]]\npath = "seeds"\n', '[[source]]\npath = "more"\nname = "部分"\n']
    (tmp_path / "more").mkdir()
    config = configure(tmp_path, settings="".join(listed))
    write(
        config,
        {"1.txt": "無錫的園區", "2.txt": "夜市的燈籠", "../more/1.txt": "渡輪停航", "../more/3.txt": "颱風"},
    )
    rebuild(config)
    config = configure(tmp_path, settings="".join(reversed(listed)))
    assert update(config).changes == (0, 1, 0, 2)
    updated = content(config)
    rebuild(config)
    assert updated == content(config)


SAME = [f'[[source]]\npath = "{name}"\n' for name in ("seeds", "more")]
"""Two sources, to be told apart or not."""


def test_sources_with_the_same_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A prefix tells them apart; one that comes or goes moves what is known, and nothing of it is read."""
    (tmp_path / "more").mkdir()
    row = json.dumps({"text": "沒有名字的行"})
    config = configure(tmp_path, settings="".join(SAME))
    write(
        config, {"1.txt": "無錫的園區", "2.jsonl": row, "../more/1.txt": "渡輪停航", "../more/3.txt": "颱風"}
    )
    with zipfile.ZipFile(tmp_path / "more/4.zip", "w") as archive:
        archive.writestr("1.txt", "盒子裡的頁")
    monkeypatch.setattr("indexer.pipeline.now", lambda: "2026-11-01T08:00:00Z")
    reason = "another document is called this already; give its [[source]] a prefix"
    assert [*rebuild(config).skipped] == [("1.txt", "skipped", 0, reason)]
    monkeypatch.setattr("indexer.pipeline.now", lambda: "2026-11-02T08:00:00Z")
    read = unread(monkeypatch)
    config = configure(tmp_path, settings=f'{"".join(SAME)}prefix = "office/甲"\n')
    report = update(config)
    assert not report.skipped and report.changes == (3, 0, 2, 2) and read == ["office/甲/1.txt"]
    assert content(config) == rebuilt(config)
    came = {str(record["id"]): str(record["added_at"])[8:10] for record in open_engine(config).open().scan()}
    came = {id: day for id, day in came.items() if "office" in id}
    assert came == {"office/甲/3.txt": "01", "office/甲/4.zip!/1.txt": "01", "office/甲/1.txt": "02"}
    write(config, {"../more/1.txt": "渡輪復航了", "1.txt": "無錫的新園區"})
    assert update(config).changes == (0, 2, 0, 3)
    read.clear()
    config = configure(tmp_path, settings=f'{SAME[0]}prefix = "乙"\n{SAME[1]}')
    assert update(config).changes == (4, 1, 4, 0) and read == []  # 1.txt is another one now
    assert content(config) == rebuilt(config)


def test_ids_are_unique_and_none_is_lost(tmp_path: Path) -> None:
    """Over many files and prefixes, which lie in one another too, and rows that state ids."""
    chance = random.Random(7)
    folders = [tmp_path / name for name in ("seeds", "more", "seeds/a")]
    for folder in folders:
        folder.mkdir(parents=True)
    for _ in range(6):
        for _ in range(6):
            change(chance.choice(folders), chance)
            folders[2].mkdir(exist_ok=True)
        prefixes = [
            chance.choice(["", 'prefix = "a"\n', 'prefix = "b/a"\n', 'prefix = "丙"\n']) for _ in "abc"
        ]
        paths = ("seeds", "more", "seeds/a")
        listed = [f'[[source]]\npath = "{path}"\n{own}' for path, own in zip(paths, prefixes, strict=True)]
        config = configure(tmp_path, settings="".join(listed))
        found = read_sources(config.sources, config.documents)
        given = [item.id for item in found if isinstance(item, Document)]
        report = update(config, allow_shrink=True)
        assert {str(record["id"]) for record in open_engine(config).open().scan()} == {*given}
        assert report.counts.documents == len({*given})
        assert content(config) == rebuilt(config)


def test_a_name_twice_in_one_file(tmp_path: Path) -> None:
    """No prefix would help: that is not what is said."""
    config = configure(tmp_path)
    with zipfile.ZipFile(config.sources[0].path / "a.zip", "w") as archive, pytest.warns(UserWarning):
        for text in ("夜市的燈籠", "渡輪停航"):
            archive.writestr("b.txt", text)
    (skipped,) = rebuild(config).skipped
    assert skipped.path == "a.zip!/b.txt" and skipped.reason == (
        "its file has another of this name already, which was taken"
    )


def test_a_source_that_is_listed_twice(tmp_path: Path) -> None:
    """Each file of it has one outcome, of whichever of the two wants it first, after updates too."""
    twice = '[[source]]\npath = "seeds"\ninclude = ["*.txt"]\n[[source]]\npath = "seeds"\n'
    config = configure(tmp_path, settings=twice)
    write(config, {"1.txt": "無錫的園區", "2.md": "夜市的燈籠"})
    ledger = rebuild(config).ledger
    assert ledger.outcomes["indexed"] == 2 and not ledger.skipped
    write(config, {"3.txt": "太湖"})
    update(config)
    updated = content(config)
    rebuild(config)
    assert updated == content(config)


def test_files_that_go_while_an_update_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that was to be read is skipped and said so; one that had not changed goes with the next update."""
    config = configure(tmp_path)
    write(config, {"a.txt": "無錫的園區", "c.txt": "渡輪停航"})
    rebuild(config)
    write(config, {"b.txt": "夜市的燈籠", "d.txt": "颱風"})
    really = pipeline.known_instead

    def meanwhile(*found: Any) -> Any:
        for name in "ab":
            (config.sources[0].path / f"{name}.txt").unlink()
        return really(*found)

    with monkeypatch.context() as patched:
        patched.setattr(pipeline, "known_instead", meanwhile)
        report = update(config)
    assert report.changes == (1, 0, 0, 2) and [row.path for row in report.skipped] == ["b.txt"]
    assert update(config).changes == (0, 0, 1, 2)


def test_a_line_put_into_a_table_is_one_document(tmp_path: Path) -> None:
    """The rows behind it stay what they are, with or without ids."""
    config = configure(tmp_path)
    rows = [json.dumps({"text": f"{word}在{other}"}) for word in WORDS for other in WORDS]
    write(config, {"a.jsonl": "\n".join(rows)})
    rebuild(config)
    write(config, {"a.jsonl": "\n".join([rows[0], json.dumps({"text": "新的"}), *rows[1:]])})
    assert update(config).changes == (1, 0, 0, len(rows))


def test_ids_that_become_free_and_taken(tmp_path: Path) -> None:
    """Of documents with one id the first in order has it, also when files before it come and go."""
    config = configure(tmp_path)
    one = {name: json.dumps({"id": "甲", "text": f"{name}說的話"}) for name in ("b.jsonl", "c.jsonl")}
    write(config, one)
    rebuild(config)

    def said() -> str:
        live = open_engine(config).open()
        number = live.number("甲")
        assert number is not None
        return str(live.records([number])[0]["text"])

    assert said() == "b.jsonl說的話"
    write(config, {"a.jsonl": json.dumps({"id": "甲", "text": "a.jsonl說的話"})})
    update(config)
    assert said() == "a.jsonl說的話"
    for gone, left in (("a", "b"), ("b", "c")):
        (config.sources[0].path / f"{gone}.jsonl").unlink()
        update(config)
        assert said() == f"{left}.jsonl說的話"


def test_when_documents_came_and_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Updates and rebuilds keep when a document came, and note when it changed."""
    config = configure(tmp_path)
    write(config, {"a.txt": "無錫的園區", "b.txt": "夜市的燈籠"})

    def times(at: str, make: Any) -> list[Any]:
        monkeypatch.setattr("indexer.pipeline.now", lambda: at)
        make(config)
        live = open_engine(config).open()
        numbers = [live.number("a.txt"), live.number("b.txt")]
        records = live.records([number for number in numbers if number is not None])
        return [(record.get("added_at"), record.get("changed_at")) for record in records]

    assert times("2026-11-01T08:00:00Z", rebuild) == [("2026-11-01T08:00:00Z", None)] * 2
    (config.sources[0].path / "b.txt").write_text("夜市開張", encoding="utf-8")
    assert times("2026-11-02T08:00:00Z", update) == [
        ("2026-11-01T08:00:00Z", None),
        ("2026-11-01T08:00:00Z", "2026-11-02T08:00:00Z"),
    ]
    assert times("2026-11-03T08:00:00Z", rebuild) == [
        ("2026-11-01T08:00:00Z", None),
        ("2026-11-01T08:00:00Z", "2026-11-02T08:00:00Z"),
    ]


def test_everything_anew(tmp_path: Path) -> None:
    """Without an index, and with another analysis, an update is a rebuild, and says why."""
    config = configure(tmp_path)
    write(config, {"a.txt": "無錫的園區", "b.txt": "夜市的燈籠"})
    assert update(config).anew == "there is no index yet"
    assert update(config).anew is None
    other = configure(tmp_path, settings="[analysis]\nhmm = true\n")
    report = update(other)
    assert report.anew is not None and "otherwise" in report.anew and report.counts.documents == 2
    assert update(other).anew is None


@pytest.mark.parametrize("build", [rebuild, update])
def test_rules_that_are_not_there(tmp_path: Path, build: Any) -> None:
    """They are an error of the configuration, whether or not there is an index, and what is live stays."""
    sound = configure(tmp_path)
    write(sound, {"a.txt": "無錫的園區"})
    broken = configure(tmp_path, settings='[repair]\nfurniture = "rules.toml"\n')
    for _ in range(2):
        with pytest.raises(ConfigError, match="furniture"):
            build(broken)
        rebuild(sound)


def test_where_nothing_is_to_be_done_nothing_is_left(tmp_path: Path) -> None:
    """An update without a change, and a merge of a single piece, leave what was live, and nothing else."""
    config = configure(tmp_path)
    write(config, {"a.txt": "無錫的園區"})
    live = rebuild(config).generation.name
    for nothing in (update, merge):
        nothing(config)
        assert [path.name for path in (config.index.directory / "generations").iterdir()] == [live]


@pytest.mark.parametrize("step", ["write", "delete", "merge", "grouping", "publish"])
def test_damage_that_is_met_on_the_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    """Blocks are verified as they are read: where one is not as it was, everything is built anew."""
    config = configure(tmp_path)
    write(config, {"a.txt": "無錫的園區", "b.txt": "夜市的燈籠"})
    rebuild(config)
    write(config, {"b.txt": "渡輪"})
    really = getattr(EmbeddedBuild, step)

    def damaged(build: EmbeddedBuild, *given: Any, **more: Any) -> Any:
        monkeypatch.setattr(EmbeddedBuild, step, really)
        raise IndexCorrupt("x.arrays: section grams/terms is damaged")

    monkeypatch.setattr(EmbeddedBuild, step, damaged)
    report = update(config)
    assert report.anew is not None and "grams/terms" in report.anew
    assert (report.counts.documents, content(config)) == (2, rebuilt(config))


def test_an_archive_is_not_emptied(tmp_path: Path) -> None:
    """As by a rebuild, unless it is meant; what was live stays."""
    config = configure(tmp_path)
    write(config, {f"{word}.txt": word * 9 for word in WORDS})
    live = rebuild(config).generation.name
    for word in WORDS[1:]:
        (config.sources[0].path / f"{word}.txt").unlink()
    with pytest.raises(WouldShrink):
        update(config)
    assert open_engine(config).live() == live
    assert update(config, allow_shrink=True).changes.removed == len(WORDS) - 1
    with pytest.raises(IndexMissing):
        merge(configure(tmp_path / "nowhere"))


def unread(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of files, as they are read from now on."""
    from indexer.documents import sources

    names: list[str] = []
    really = sources._events

    def watched(listed: sources.FileListed, *more: Any) -> Any:
        names.append(listed.file.name)
        return really(listed, *more)

    monkeypatch.setattr(sources, "_events", watched)
    return names


def rebuilt(config: Config) -> dict[str, Any]:
    """What a rebuild of the same sources has."""
    fresh = load_config(config.base / "config.toml", {"HANSOU_INDEX_DIRECTORY": str(config.base / "fresh")})
    rebuild(fresh, allow_shrink=True)
    return content(fresh)


@pytest.mark.parametrize("build", [rebuild, update])
def test_a_source_is_not_emptied(tmp_path: Path, build: Any) -> None:
    """However small it is beside others: so a disk looks that is not mounted. What was live stays."""
    listed = '[[source]]\npath = "seeds"\n[[source]]\npath = "more"\n'
    (tmp_path / "more").mkdir()
    config = configure(tmp_path, settings=listed)
    write(config, {f"{word}.txt": word * 9 for word in WORDS} | {"../more/1.txt": "渡輪停航"})
    live = rebuild(config).generation.name
    (tmp_path / "more/1.txt").rename(tmp_path / "1.txt")
    with pytest.raises(WouldShrink, match="more: there is no file to be read, and 1 documents"):
        build(config)
    assert open_engine(config).live() == live
    (tmp_path / "1.txt").rename(tmp_path / "more/1.txt")
    left_out = configure(tmp_path, settings=f'{listed}exclude = ["*"]\n')
    assert build(left_out).counts.documents == len(WORDS)
    build(config)
    (tmp_path / "more/1.txt").unlink()
    assert build(config, allow_shrink=True).counts.documents == len(WORDS)
    assert build(config).counts.documents == len(WORDS)


@pytest.mark.parametrize("build", [rebuild, update])
def test_a_source_that_goes_while_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, build: Any
) -> None:
    """A disk that goes between listing and reading empties nothing either."""
    listed = '[[source]]\npath = "seeds"\n[[source]]\npath = "more"\n'
    (tmp_path / "more").mkdir()
    config = configure(tmp_path, settings=listed)
    write(config, {f"{word}.txt": word * 9 for word in WORDS} | {"../more/1.txt": "渡輪停航"})
    live = rebuild(config).generation.name
    write(config, {"new.txt": "太湖", "../more/1.txt": "渡輪復航了"})
    really = pipeline.read_listed

    def meanwhile(*found: Any) -> Any:
        (tmp_path / "more/1.txt").unlink(missing_ok=True)
        return really(*found)

    monkeypatch.setattr(pipeline, "read_listed", meanwhile)
    with pytest.raises(WouldShrink, match="more: there is no file"):
        build(config)
    assert open_engine(config).live() == live


def test_a_file_that_moved_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Moved, renamed or copied: its documents, also repaired ones, are what reading it would give."""
    config = configure(tmp_path)
    folder = config.sources[0].path
    rows = [{"text": "有名字的行", "id": "甲"}, {"text": "沒有名字的行"}, {"text": "渡輪", "id": "a.jsonl#x"}]
    texts = {
        "a.jsonl": "\n".join([*(json.dumps(row, ensure_ascii=False) for row in rows), "no json"]),
        "b.txt": "無(wú)錫(xī)的園(yuán)區\n來源：園區日報\n2021-03-04",
        "c.html": "<title>夜市</title><p>攤子擺起來了。",
        "d.jpg": "no picture",
        "e.txt": "留下的",
    }
    write(config, texts)
    with zipfile.ZipFile(folder / "f.zip", "w") as archive:
        archive.writestr("內/頁.txt", "盒子裡的頁")
        archive.writestr("rows.jsonl", texts["a.jsonl"].replace("甲", "乙").replace("a.jsonl#x", "丙"))
    monkeypatch.setattr("indexer.pipeline.now", lambda: "2026-11-01T08:00:00Z")
    rebuild(config)
    (folder / "sub").mkdir()
    for name, other in {
        "a.jsonl": "z.jsonl",
        "b.txt": "sub/b.txt",
        "c.html": "0.html",
        "f.zip": "g.zip",
    }.items():
        (folder / name).rename(folder / other)
    (folder / "d.jpg").rename(folder / "sub/d.jpg")
    shutil.copyfile(folder / "e.txt", folder / "copy.txt")
    read = unread(monkeypatch)
    monkeypatch.setattr("indexer.pipeline.now", lambda: "2026-11-02T08:00:00Z")
    report = update(config)
    assert read == [] and report.changes == (6, 4, 5, 1)
    assert content(config) == rebuilt(config)
    live = open_engine(config).open()
    came = {str(record["id"]): str(record["added_at"]) for record in live.scan()}
    assert came["sub/b.txt"] < came["copy.txt"] and came["甲"] == came["sub/b.txt"]
    assert update(config).changes == (0, 0, 0, 11)


def test_a_name_that_says_something_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By another suffix a file may be of another kind, and a title that is a file's name is dropped."""
    config = configure(tmp_path)
    write(config, {"a.txt": '{"text": "一行"}', "b.rtf": r"{\rtf1{\info{\title c}}text}"})
    rebuild(config)
    (config.sources[0].path / "a.txt").rename(config.sources[0].path / "a.jsonl")
    (config.sources[0].path / "b.rtf").rename(config.sources[0].path / "c.rtf")
    read = unread(monkeypatch)
    update(config)
    assert read == ["a.jsonl", "c.rtf"]
    assert content(config) == rebuilt(config)


def test_a_file_that_loses_an_id_says_so(tmp_path: Path) -> None:
    """Also where it has not changed: the ledger is that of a rebuild."""
    config = configure(tmp_path)
    write(
        config, {name: json.dumps({"id": "甲", "text": f"{name}說的話"}) for name in ("b.jsonl", "c.jsonl")}
    )
    rebuild(config)
    write(config, {"a.jsonl": json.dumps({"id": "甲", "text": "a.jsonl說的話"})})
    update(config)
    assert content(config) == rebuilt(config)


def test_a_release_with_another_catalog(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is built anew; when documents came is kept, and none is said to have changed."""
    config = configure(tmp_path)
    write(config, {"a.txt": "無錫的園區"})
    monkeypatch.setattr("indexer.pipeline.now", lambda: "2026-11-01T08:00:00Z")
    with monkeypatch.context() as before:
        before.setattr("indexer.documents.catalog._FORMAT", 1)
        rebuild(config)
    monkeypatch.setattr("indexer.pipeline.now", lambda: "2026-11-02T08:00:00Z")
    assert update(config).anew is not None
    (record,) = open_engine(config).open().scan()
    assert record["added_at"] == "2026-11-01T08:00:00Z" and not record.get("changed_at")
