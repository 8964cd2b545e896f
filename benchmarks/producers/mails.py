"""Mail by Python's library and by hand as old programs wrote it, and mailboxes of it."""

from __future__ import annotations

import base64
import mailbox
import quopri
import tempfile
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

from benchmarks.producers.letter import Letter


def modern(letter: Letter) -> bytes:
    """UTF-8, as Python writes it."""
    return bytes(_message(letter))


def _message(letter: Letter) -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = letter.title
    message["From"] = f"{letter.author} <author@example.org>"
    message["Date"] = format_datetime(datetime.fromisoformat(letter.date))
    message["Message-ID"] = "<1@example.org>"
    message.set_content("\n\n".join(letter.paragraphs))
    return message


def old(letter: Letter) -> bytes:
    """GBK that says GB2312, or Big5; quoted-printable."""
    charset, codec = ("big5", "big5hkscs") if "軟" in letter.title else ("gb2312", "gb18030")

    def word(text: str) -> str:
        return f"=?{charset}?B?{base64.b64encode(text.encode(codec)).decode()}?="

    date = format_datetime(datetime.fromisoformat(letter.date))
    head = f"From: {word(letter.author)} <a@example.org>\r\nSubject: {word(letter.title)}\r\nDate: {date}\r\n"
    head += f"MIME-Version: 1.0\r\nContent-Type: text/plain; charset={charset}\r\n"
    head += "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    return head.encode() + quopri.encodestring("\n\n".join(letter.paragraphs).encode(codec))


def box(letter: Letter) -> bytes:
    """A mailbox with the letter in it."""
    with tempfile.TemporaryDirectory() as folder:
        written = mailbox.mbox(Path(folder) / "box")
        written.add(_message(letter))
        written.close()
        return (Path(folder) / "box").read_bytes()


def old_box(letter: Letter) -> bytes:
    """A mailbox made by hand of old mail."""
    return b"From a@example.org Tue Feb  4 15:52:00 2025\n" + old(letter).replace(b"\r\n", b"\n") + b"\n"


PRODUCERS = {"eml": {"python": modern, "old": old}, "mbox": {"python": box, "old": old_box}}
