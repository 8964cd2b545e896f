"""Every file and every member has exactly one outcome, and what is counted as indexed is in the index."""

from __future__ import annotations

import gzip
import io
import json
import os
import zipfile
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from indexer import Config, Searcher, load_config

EXPECTED = {
    "broken.zip!/letter.txt": "skipped",
    "broken.zip!/note.txt": "indexed",
    "broken.zip": "indexed",
    "dangling.txt": "skipped",
    "empty.pdf": "skipped",
    "empty.txt": "skipped",
    "empty.zip": "skipped",
    "folder.pdf/inside.txt": "indexed",
    "link": "skipped",
    "loop.txt": "skipped",
    "mails.zip!/box.mbox!/1!/broken.docx": "skipped",
    "mails.zip!/box.mbox!/2!/letter.eml!/note.txt": "indexed",
    "mails.zip!/box.mbox!/2!/letter.eml": "indexed",
    "mails.zip!/box.mbox": "indexed",
    "mails.zip": "indexed",
    "nested.zip!/inner.zip!/letter.txt": "skipped",
    "nested.zip!/inner.zip!/note.txt": "indexed",
    "nested.zip!/inner.zip": "indexed",
    "nested.zip!/old.doc": "ignored",
    "nested.zip!/void.zip": "skipped",
    "nested.zip": "indexed",
    "old.doc.gz": "ignored",
    "pipe.txt": "skipped",
    "rows.csv": "indexed",
    "twice.jsonl": "indexed",
    "void.zip": "indexed",
    r"\xb5\xa5.txt": "indexed",
}
"""What becomes of the files and members of `share`."""
OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


def packed(members: dict[str, bytes], broken: str = "") -> bytes:
    """A zip archive of members stored as they are; one byte of `broken` is another than its sum says."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
        starts = {entry.filename: entry.header_offset for entry in archive.infolist()}
    content = bytearray(file.getvalue())
    if broken:
        content[content.index(members[broken], starts[broken])] ^= 1
    return bytes(content)


def mail(subject: str, attached: dict[str, bytes] | EmailMessage) -> EmailMessage:
    """A mail with attachments, or with another mail."""
    message = EmailMessage()
    message["Subject"], message["From"] = subject, "hsiao@example.org"
    message.set_content(f"{subject}，攤子擺到了渡口。")
    if isinstance(attached, EmailMessage):
        message.add_attachment(attached, filename="letter.eml")
        return message
    for name, content in attached.items():
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return message


def boxed(*messages: EmailMessage) -> bytes:
    """A mailbox of mails."""
    return b"".join(b"From hsiao Sat Mar  5 21:10:05 2011\n" + bytes(each) + b"\n" for each in messages)


@pytest.fixture
def share(tmp_path: Path) -> Path:
    """A folder of what file systems and senders come with."""
    share = tmp_path / "share"
    (share / "folder.pdf").mkdir(parents=True)
    (share / "nothing.pdf").mkdir()
    letters = {name: f"{name}：攤子擺起來了。".encode() for name in ("letter.txt", "note.txt")}
    inner = packed(letters, "letter.txt")
    note = mail("夜市", {"note.txt": "乙的信。".encode()})
    box = boxed(mail("早市", {"broken.docx": b"PK\x03\x04 no more"}), mail("晚市", note))
    row = '{"id": "1", "text": "南門"}\n'
    files = {
        "broken.zip": inner,
        "empty.pdf": b"",
        "empty.txt": b"",
        "empty.zip": b"",
        "folder.pdf/inside.txt": "西門的信。".encode(),
        "mails.zip": packed({"box.mbox": box}),
        "nested.zip": packed({"inner.zip": inner, "old.doc": OLD, "void.zip": b""}),
        "old.doc.gz": gzip.compress(OLD),
        "rows.csv": b"id,text\n",
        "twice.jsonl": (row * 2 + row.replace("1", "2")).encode(),
        "void.zip": packed({}),
    }
    for name, content in files.items():
        (share / name).write_bytes(content)
    with open(os.fsencode(share) + b"/\xb5\xa5.txt", "wb") as stream:
        stream.write("東門的信。".encode())
    (share / "loop.txt").symlink_to("loop.txt")
    (share / "dangling.txt").symlink_to("gone.txt")
    (share / "link").symlink_to("folder.pdf")
    os.mkfifo(share / "pipe.txt")
    return share


@pytest.mark.parametrize("readers", [0, 1])
def test_each_has_one(share: Path, hansou: Callable[..., Any], readers: int) -> None:
    """The ledger has one row for each file and member, and one for a line that was refused; counts add up.

    So it has after an update, in which what was not read again is unchanged.
    """
    (share.parent / "config.toml").write_text(
        f'[index]\ndirectory = "index"\n[documents]\nreaders = {readers}\n[[source]]\npath = "share"\n'
    )
    config = load_config(share.parent / "config.toml", {})
    assert hansou(config, "rebuild", "--quiet").code == 3
    assert_each_has_one(config, hansou, EXPECTED)
    changed = "folder.pdf/inside.txt"
    (share / changed).write_text("西門的第二封信。", encoding="utf-8")
    assert hansou(config, "update", "--quiet").code == 3
    kept = {path: "unchanged" for path, outcome in EXPECTED.items() if outcome == "indexed"}
    assert_each_has_one(config, hansou, EXPECTED | kept | {changed: "indexed"})


def assert_each_has_one(config: Config, hansou: Callable[..., Any], expected: dict[str, str]) -> None:
    """The ledger has these rows and one of the line whose id was taken, and the index what it counts."""
    rows = [json.loads(line) for line in hansou(config, "ledger", "--json").out.splitlines()]
    known = [row for row in rows if row["path"] in expected]
    assert {row["path"]: row["outcome"] for row in known} == expected and len(known) == len(expected)
    (refused,) = (row for row in rows if row["path"] not in expected)
    assert refused["outcome"] == "skipped" and "id already" in refused["reason"]
    assert all(row["reason"] for row in rows if row["outcome"] in ("skipped", "ignored"))
    with Searcher.open(config) as searcher:
        assert sum(row["documents"] for row in rows) == searcher.stats()["documents"]
