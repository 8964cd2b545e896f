"""A mail gives its text, its subject, sender and date, and what hangs on it."""

from __future__ import annotations

import io
from email.message import EmailMessage
from pathlib import Path

import pytest

from indexer.config import DocumentSettings, SourceSettings
from indexer.documents import Document
from indexer.documents.containers.mail import read_eml, read_mbox
from indexer.documents.outcomes import Indexed, Skipped
from indexer.documents.reading import Member
from indexer.documents.sources import read_files
from indexer.errors import ReadError

HERE = DocumentSettings(readers=0)

BODY = "南門外擺起了三十多個攤子，晚上六點開張。"
SIMPLIFIED = "园区南门外摆起了三十多个摊子，朱镕基参观了展台。"  # 镕 is in GBK and not in GB 2312


def read(raw: bytes) -> list[Document | Member]:
    """What a mail gives."""
    return list(read_eml("a.eml", io.BytesIO(raw)))


def document(raw: bytes) -> Document:
    """The document of a mail."""
    (first, *_) = read(raw)
    assert isinstance(first, Document)
    return first


def mail(**headers: str) -> EmailMessage:
    """A mail as Python's own library writes it."""
    message = EmailMessage()
    for name, value in {"Subject": "夜市開張", "From": "趙小禾 <zhao@example.org>"}.items():
        message[name] = headers.get(name, value)
    message["Date"] = "Tue, 04 Feb 2025 15:52:00 +0800"
    message.set_content(BODY)
    return message


def test_what_a_mail_states() -> None:
    """Subject, sender and date are title, author and date."""
    found = document(bytes(mail()))
    assert (found.title, found.author) == ("夜市開張", "趙小禾")
    assert found.date == "2025-02-04T15:52:00+08:00"
    assert found.text == BODY


@pytest.mark.parametrize("label", ["gb2312", "gbk", "gb18030", "GB2312"])
def test_gb2312_is_gb18030(label: str) -> None:
    """Mail that says gb2312 has characters that GB 2312 has not, in the subject too."""
    import base64

    word = base64.b64encode("朱镕基参观".encode("gb18030")).decode()
    raw = f"Subject: =?{label}?B?{word}?=\nContent-Type: text/plain; charset={label}\n"
    raw += "Content-Transfer-Encoding: 8bit\n\n"
    found = document(raw.encode() + SIMPLIFIED.encode("gb18030"))
    assert found.title == "朱镕基参观"
    assert found.text == SIMPLIFIED


def test_no_charset() -> None:
    """Quoted-printable without a charset is judged like any text; so are raw bytes in a header."""
    import quopri

    quoted = quopri.encodestring(SIMPLIFIED.encode("gb18030"))
    raw = b"Subject: " + "园区夜市开张通知".encode("gb18030") + b"\nFrom: a@example.org\n"
    raw += b"Content-Transfer-Encoding: quoted-printable\n\n" + quoted
    found = document(raw)
    assert found.text == SIMPLIFIED
    assert found.title == "园区夜市开张通知"
    assert found.author == "a@example.org"


def test_a_character_cut_in_two() -> None:
    """Encoded words that part a character in the middle of its bytes are read as one."""
    import base64

    data = "無錫國家軟件園".encode()
    words = [f"=?utf-8?B?{base64.b64encode(piece).decode()}?=" for piece in (data[:7], data[7:])]
    assert document(f"Subject: {words[0]}\n {words[1]}\n\n{BODY}".encode()).title == "無錫國家軟件園"


@pytest.mark.parametrize("cut", [3, 7])
def test_a_word_that_was_cut(cut: int) -> None:
    """An encoded word that is no base64 costs its last character, not the mail."""
    import base64

    word = base64.b64encode("夜市開張的消息".encode()).decode()[:-cut]
    found = document(f"Subject: =?utf-8?B?{word}?=\n\n{BODY}".encode())
    assert found.title is not None and found.title.startswith("夜市開張") and BODY.strip() in found.text


def test_page_beside_text() -> None:
    """Of a text and a page that say the same the text is taken; a notice gives way to the page."""
    message = mail()
    message.add_alternative(f"<p>{BODY}<br>第二行<style>p{{}}</style></p>", subtype="html")
    assert document(bytes(message)).text == BODY
    message = mail()
    message.set_content("請用網頁模式閱讀")
    message.add_alternative(f"<div><p>{BODY}</p><p>{BODY}</p></div>", subtype="html")
    assert document(bytes(message)).text == f"{BODY}\n{BODY}"


def test_attachments() -> None:
    """What is attached are members under their names, a mail in the mail among them."""
    message = mail()
    message.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="通知書.pdf")
    message.add_attachment(BODY, filename="攤位表.txt")
    members = [item for item in read(bytes(message)) if isinstance(item, Member)]
    assert [member.name for member in members] == ["a.eml!/通知書.pdf", "a.eml!/攤位表.txt"]
    assert members[0].stream.read() == b"%PDF-1.7"


def test_a_mail_on_a_mail() -> None:
    """A mail that is attached is a member, unchanged, by whatever name; one passed on in the text is text."""
    inner = mail()
    inner["X-Long"] = "a " * 80
    inner.set_content("From here on: 夜市")
    inner.add_attachment(BODY, filename="攤位表.txt")
    outer = mail()
    outer.set_content(BODY)
    outer.add_attachment(inner)
    own, member = read(bytes(outer))
    assert isinstance(own, Document) and own.text == BODY
    assert isinstance(member, Member) and (member.name, member.kind) == ("a.eml!/1.eml", "eml")
    content = member.stream.read()
    assert content in bytes(outer) and document(content).text.endswith("夜市")
    returned = bytes(outer).replace(b"Content-Disposition: attachment\n", b"", 1)
    text, *members = read(returned)
    assert isinstance(text, Document) and "夜市" in text.text and len(members) == 1


def test_name_as_encoded_word() -> None:
    """A file name written as an encoded word, against the rules, is read all the same."""
    raw = b'Content-Type: application/pdf; name="=?gb2312?B?zajWqi5wZGY=?="\n'
    raw += b'Content-Disposition: attachment; filename="=?gb2312?B?zajWqi5wZGY=?="\nSubject: x\n\n%PDF-1.7'
    assert [item.name for item in read(raw) if isinstance(item, Member)] == ["a.eml!/通知.pdf"]


def test_parts_that_are_not_told_apart() -> None:
    """A mail of several parts without the boundary between them is read as it stands."""
    raw = "Subject: x\nMIME-Version: 1.0\nContent-Type: multipart/alternative\n\n--a\n\n園區的夜市\n--a--\n"
    (found,) = read(raw.encode())
    assert isinstance(found, Document) and "園區的夜市" in found.text


def test_nothing() -> None:
    """A mail without text, title and attachment is named."""
    with pytest.raises(ReadError, match="no text"):
        read(b"From: a@example.org\n\n")


def mailbox() -> bytes:
    """Two mails in one file; the first quotes a line that begins with From."""
    first = mail(Subject="一")
    first.set_content(f"{BODY}\nFrom now on.\n")
    quoted = bytes(first).replace(b"\nFrom now", b"\n>From now")
    mails = quoted, bytes(mail(Subject="二"))
    return b"".join(b"From a@b Tue Feb  4 15:52:00 2025\n" + raw + b"\n" for raw in mails)


def test_mailbox(tmp_path: Path) -> None:
    """The mails of a mailbox are documents of it, numbered."""
    (tmp_path / "box.mbox").write_bytes(mailbox())
    found = list(read_files(SourceSettings(tmp_path), HERE))
    documents = [item for item in found if isinstance(item, Document)]
    assert [(d.id, d.title) for d in documents] == [("box.mbox!/1", "一"), ("box.mbox!/2", "二")]
    assert "\nFrom now on." in documents[0].text
    assert found[-1] == Indexed("box.mbox", 2)
    assert len(found) == 3


def test_mailbox_without_mails() -> None:
    """A mailbox that is none is named."""
    with pytest.raises(ReadError, match="not a mailbox"):
        list(read_mbox("a.mbox", io.BytesIO(b"hello\n")))


def test_maildir(tmp_path: Path) -> None:
    """Mails of a Maildir have no suffix and are known by their first lines; attachments are read."""
    message = mail()
    message["Message-ID"] = "<1@example.org>"
    message.add_attachment(BODY.encode(), maintype="application", subtype="octet-stream", filename="表.txt")
    (tmp_path / "cur").mkdir()
    (tmp_path / "cur" / "1355.M20P14.host:2,S").write_bytes(bytes(message))
    found = list(read_files(SourceSettings(tmp_path), HERE))
    assert [item.id for item in found if isinstance(item, Document)] == [
        "cur/1355.M20P14.host:2,S",
        "cur/1355.M20P14.host:2,S!/表.txt",
    ]
    assert not [item for item in found if isinstance(item, Skipped)]
