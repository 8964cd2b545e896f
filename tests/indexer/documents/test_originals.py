"""The original of a document: the bytes that it was read from, and nothing else."""

from __future__ import annotations

import io
import os
import tarfile
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.producers import LETTERS, PRODUCERS
from indexer import Config, Document, OriginalMissing
from indexer.config import DocumentSettings, SourceSettings
from indexer.documents.document import FileOrigin
from indexer.documents.originals import open_original
from indexer.documents.sources import read_sources

LETTER = "園區的夜市開張了。".encode()
MAIL = "From: a@example.org\nSubject: =?utf-8?B?5aSc5biC?=\nMessage-ID: <1@example.org>\n\n" + LETTER.decode()


def zipped(**members: bytes) -> bytes:
    """A zip archive of members by name, whose dots are written __."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "."), content)
    return target.getvalue()


def config_of(root: Path, **source: object) -> Config:
    """A configuration of one source."""
    settings = replace(SourceSettings(root), **source)  # type: ignore[arg-type]
    return Config(base=root, sources=(settings,), documents=DocumentSettings(readers=0))


def documents(config: Config) -> list[Document]:
    """What is read of its sources."""
    found = read_sources(config.sources, config.documents)
    return [item for item in found if isinstance(item, Document)]


def original(config: Config, document: Document) -> tuple[str, bytes]:
    """The name and the bytes of an original."""
    found = open_original(config, document)
    with found.stream:
        return found.name, found.stream.read()


def test_files_are_given_as_they_lie(tmp_path: Path) -> None:
    """A file of its own, a table for each of its rows, a name that is no UTF-8, a source that is one file."""
    (tmp_path / "甲.txt").write_bytes(LETTER)
    rows = '{"id": "42", "text": "夜市開張。"}\n{"text": "渡輪停航。"}\n'.encode()
    (tmp_path / "notes.jsonl").write_bytes(rows)
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xb5.txt")).write_bytes(LETTER)
    config = config_of(tmp_path)
    found = {document.id: original(config, document) for document in documents(config)}
    assert found == {
        "甲.txt": ("甲.txt", LETTER),
        "42": ("notes.jsonl", rows),
        "notes.jsonl#1cd7ff4dbb315186": ("notes.jsonl", rows),
        "\\xb5.txt": ("\\xb5.txt", LETTER),
    }
    config = config_of(tmp_path / "甲.txt")
    assert [original(config, document) for document in documents(config)] == [("甲.txt", LETTER)]


def test_members_are_taken_out(tmp_path: Path) -> None:
    """Members of archives in archives, letters of a mailbox and pages of a crawl come as they were put in."""
    inner = zipped(a__txt=LETTER)
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        entry = tarfile.TarInfo("inner.zip")
        entry.size = len(inner)
        archive.addfile(entry, io.BytesIO(inner))
    (tmp_path / "outer.tgz").write_bytes(packed.getvalue())
    (tmp_path / "box.mbox").write_text(f"From a@example.org Sat Mar  5 21:10:05 2011\n{MAIL}\n", "utf-8")
    (tmp_path / "town.warc.gz").write_bytes(PRODUCERS["warc.gz"]["warcio"](LETTERS["hant"]))
    config = config_of(tmp_path)
    found = dict(original(config, document) for document in documents(config))
    assert found["a.txt"] == LETTER
    assert LETTER in next(content for name, content in found.items() if name.endswith(".eml"))
    page = next(content for name, content in found.items() if name not in ("a.txt", "1.eml"))
    assert LETTERS["hant"].title.encode("big5") in page and b"HTTP/1" not in page


def test_a_prefix_is_no_part_of_the_path(tmp_path: Path) -> None:
    """Two folders with the same names, a file, and one folder under two prefixes: each has its own back."""
    contents = {"a/1.txt": LETTER, "a/b/1.txt": LETTER * 2, "c/1.txt": LETTER * 3}
    for name, content in contents.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    (tmp_path / "c/2.zip").write_bytes(zipped(d__txt=LETTER * 4))
    config = replace(
        config_of(tmp_path),
        sources=(
            SourceSettings(tmp_path / "a", prefix="b"),
            SourceSettings(tmp_path / "a", include=("b/1.txt",)),
            SourceSettings(tmp_path / "c", prefix="乙/丙", exclude=("b", "乙")),
            SourceSettings(tmp_path / "c/1.txt", prefix="一"),
        ),
    )
    found = {document.id: original(config, document)[1] for document in documents(config)}
    assert found == {
        "b/1.txt": LETTER * 2,  # of two with this id the last that was read
        "b/b/1.txt": LETTER * 2,
        "乙/丙/1.txt": LETTER * 3,
        "乙/丙/2.zip!/d.txt": LETTER * 4,
        "一/1.txt": LETTER * 3,
    }
    assert next(original(config, each)[1] for each in documents(config)) == LETTER


def test_what_is_gone_is_missing(tmp_path: Path) -> None:
    """A file that went, a source that is not configured any more, one that is excluded by now, no origin."""
    (tmp_path / "甲.txt").write_bytes(LETTER)
    config = config_of(tmp_path)
    (document,) = documents(config)
    for other in (config_of(tmp_path / "other"), config_of(tmp_path, exclude=("*.txt",))):
        with pytest.raises(OriginalMissing):
            open_original(other, document)
    with pytest.raises(OriginalMissing):
        open_original(config, document._replace(origin=None))
    (tmp_path / "甲.txt").unlink()
    with pytest.raises(OriginalMissing):
        open_original(config, document)


@pytest.mark.parametrize("path", ["../secret.txt", "a/../../secret.txt", "link.txt", "folder/secret.txt"])
def test_nothing_outside_the_source_is_opened(tmp_path: Path, path: str) -> None:
    """Not even for an origin that no source has given: not by dots, not over links."""
    root = tmp_path / "source"
    (root / "a").mkdir(parents=True)
    (tmp_path / "secret.txt").write_bytes(LETTER)
    (root / "link.txt").symlink_to(tmp_path / "secret.txt")
    (root / "folder").symlink_to(tmp_path)
    (root / "甲.txt").write_bytes(LETTER)
    config = config_of(root)
    document = documents(config)[0]
    assert document.origin
    for absolute in (path, str(tmp_path / "secret.txt")):
        with pytest.raises(OriginalMissing):
            open_original(config, document._replace(origin=FileOrigin(document.origin.source, absolute)))
    config = config_of(root, prefix="office")
    document = documents(config)[0]
    assert document.origin and document.id == "office/甲.txt"
    for absolute in (path, f"office/{path}", f"office/{tmp_path}/secret.txt"):
        with pytest.raises(OriginalMissing):
            open_original(config, document._replace(origin=FileOrigin(document.origin.source, absolute)))


def test_a_member_keeps_to_the_limits(tmp_path: Path) -> None:
    """What unpacks to more than it may is not given, nor a member that the archive has not any more."""
    (tmp_path / "a.zip").write_bytes(zipped(a__txt=LETTER))
    config = config_of(tmp_path)
    (document,) = documents(config)
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", b"\0" * (40 << 20))
    (tmp_path / "a.zip").write_bytes(bomb.getvalue())
    with pytest.raises(OriginalMissing, match="100 times"):
        open_original(config, document)
    (tmp_path / "a.zip").write_bytes(zipped(b__txt=LETTER))
    with pytest.raises(OriginalMissing, match="no such member"):
        open_original(config, document)
