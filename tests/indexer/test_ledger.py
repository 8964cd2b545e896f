"""The ledger of a build: every file has its outcome, and an archive is not emptied by a missing disk."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from indexer import Config, Searcher, load_config, rebuild
from indexer.config import AnalysisSettings
from indexer.errors import WouldShrink


@pytest.fixture
def archive(tmp_path: Path) -> Config:
    """A configuration whose source holds a file of each outcome."""
    folder = tmp_path / "share"
    folder.mkdir()
    for number in range(4):
        (folder / f"{number}.txt").write_text(f"第{number}封信：南門外擺起了攤子。", encoding="utf-8")
    (folder / "old.doc").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
    (folder / "bad.txt").write_bytes(b"\x00\x01" * 50)
    with zipfile.ZipFile(folder / "z.zip", "w") as packed:
        packed.writestr("信/a.txt", "北門外也擺起了攤子。")
    (tmp_path / "config.toml").write_text(
        '[index]\ndirectory = "index"\n[documents]\nreaders = 0\n[[source]]\npath = "share"\nname = "市集"\n',
        encoding="utf-8",
    )
    return load_config(tmp_path / "config.toml", {})


def rows(hansou: Callable[..., Any], config: Config, *options: str) -> list[dict[str, Any]]:
    """What `hansou ledger --json` prints."""
    return [json.loads(line) for line in hansou(config, "ledger", "--json", *options).out.splitlines()]


def test_rows(archive: Config, hansou: Callable[..., Any]) -> None:
    """Everything that was found has one line, what was skipped ends with exit code 3."""
    result = hansou(archive, "rebuild", "--quiet")
    assert result.code == 3
    assert result.out.splitlines()[-1] == "ignored: 1 .doc; skipped: 1 (hansou ledger --skipped)"
    found = rows(hansou, archive)
    assert [row["path"] for row in found] == [
        *(f"{n}.txt" for n in range(4)), "bad.txt", "old.doc", "z.zip!/信/a.txt", "z.zip"
    ]  # fmt: skip
    assert found[0] == {"path": "0.txt", "outcome": "indexed", "documents": 1, "reason": None}
    assert sum(row["documents"] for row in found) == 5
    assert [row["path"] for row in rows(hansou, archive, "--skipped")] == ["bad.txt"]
    assert [row["path"] for row in rows(hansou, archive, "--ignored")] == ["old.doc"]
    assert "save it as .docx" in hansou(archive, "ledger", "--ignored").out


def test_what_a_file_system_does_costs_that_name_alone(
    archive: Config, hansou: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Loops of links, pipes, devices, names that are no text: each has a line, and the rebuild goes on."""
    share = archive.base / "share"
    (share / "self").symlink_to("self")
    (share / "up").symlink_to("..")
    (share / "null.txt").symlink_to("/dev/null")
    os.mkfifo(share / "pipe.txt")
    page = os.fsencode(share) + b"/\xb5\xa5.html"
    with open(page, "wb") as stream:
        stream.write("<html><body><p>西門外也擺起了攤子。</p></body></html>".encode())
    monkeypatch.setenv("HANSOU_DOCUMENTS_READERS", "1")
    assert hansou(archive, "rebuild", "--quiet").code == 3
    outcomes = {row["path"]: row["outcome"] for row in rows(hansou, archive)}
    skipped = {name: outcomes[name] for name in ("self", "up", "null.txt", "pipe.txt")}
    assert set(skipped.values()) == {"skipped"} and outcomes[r"\xb5\xa5.html"] == "indexed"
    with Searcher.open(archive) as searcher:
        (hit,) = searcher.search("西門外").hits
        assert searcher.document(hit.id).document.text.startswith("西門外")


def test_ignored_is_no_failure(archive: Config, hansou: Callable[..., Any]) -> None:
    """Files that no reader is for do not change the exit code."""
    (archive.base / "share" / "bad.txt").unlink()
    assert hansou(archive, "rebuild", "--quiet").code == 0


def test_an_archive_is_not_emptied(archive: Config, hansou: Callable[..., Any]) -> None:
    """Half of the documents may go, more may not, until it is said that it is meant."""
    rebuild(archive)
    for number in (0, 1):
        (archive.base / "share" / f"{number}.txt").unlink()
    assert rebuild(archive).counts.documents == 3
    for path in (archive.base / "share").iterdir():
        path.unlink()
    with pytest.raises(WouldShrink, match="disk missing"):
        rebuild(archive)
    result = hansou(archive, "rebuild", "--quiet")
    assert result.code == 7 and "--allow-shrink" in result.err
    with Searcher.open(archive) as searcher:
        assert searcher.search("攤子").total.value == 3
    assert hansou(archive, "rebuild", "--quiet", "--allow-shrink").code == 0


def test_a_first_build_finds_something(archive: Config, hansou: Callable[..., Any]) -> None:
    """An index of nothing is not published either, and it is said what was left out."""
    for path in (archive.base / "share").iterdir():
        if path.name not in ("bad.txt", "old.doc"):
            path.unlink()
    result = hansou(archive, "rebuild", "--quiet")
    assert result.code == 7 and "found no documents (ignored: 1 .doc; skipped: 1)" in result.err
    assert hansou(archive, "search", "攤子").code == 5


def test_an_outdated_index_is_not_emptied_either(archive: Config) -> None:
    """What is searched now counts by whatever analysis and release it was built."""
    rebuild(archive)
    for number in range(4):
        (archive.base / "share" / f"{number}.txt").unlink()
    with pytest.raises(WouldShrink, match=r"1 documents .* where 5 are"):
        rebuild(replace(archive, analysis=AnalysisSettings(hmm=True)))
    manifest = next(archive.index.directory.glob("generations/*/manifest.json"))
    manifest.write_bytes(manifest.read_bytes().replace(b'"format": ', b'"format": 1'))
    with pytest.raises(WouldShrink, match="where 5 are"):
        rebuild(archive)


def test_the_ledger_is_summed_up_for_pages(archive: Config) -> None:
    """The figures of an index say what became of the files that it was built of."""
    rebuild(archive)
    with Searcher.open(archive) as searcher:
        ledger = searcher.stats()["ledger"]
    assert ledger["outcomes"] == {"indexed": 6, "skipped": 1, "ignored": 1, "unchanged": 0}
    assert ledger["ignored"] == {".doc": 1}
    assert [row["path"] for row in ledger["skipped"]] == ["bad.txt"] and ledger["skipped"][0]["reason"]


def test_the_same_id_twice(archive: Config) -> None:
    """A document whose id is taken is skipped, in the ledger too."""
    line = '{"id": "1", "text": "南門"}\n'
    (archive.base / "share" / "a.jsonl").write_text(line * 2, encoding="utf-8")
    report = rebuild(archive)
    assert report.ledger.outcomes["skipped"] == report.counts.skipped == 2
    assert "id already" in report.skipped[0].reason


def test_ids_and_addresses_that_no_page_can_have(archive: Config) -> None:
    """An id that no address can hold is refused, with the reason; an address that would run is dropped."""
    longest, url = "園" * 666, "javascript:alert(1)"
    records = [{"id": id, "text": "東門外。", "url": url} for id in (longest, longest + "區", "a" * 100_000)]
    lines = "".join(json.dumps(record) + "\n" for record in records)
    (archive.base / "share" / "c.jsonl").write_text(lines, encoding="utf-8")
    report = rebuild(archive)
    assert sorted(item.path for item in report.skipped if "shorter" in item.reason) == [
        f"c.jsonl!/{'a' * 100}…",
        f"c.jsonl!/{longest[:100]}…",
    ]
    with Searcher.open(archive) as searcher:
        (hit,) = searcher.search("東門外").hits
        assert (hit.id, hit.url, searcher.document(hit.id).document.url) == (longest, None, None)
