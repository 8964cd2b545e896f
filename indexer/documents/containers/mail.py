"""What does a mail say, and what hangs on it? Its text as a document, its attachments as members.

The subject is the title, the sender the author, the date that of sending. A mailbox is its mails, one after
the other; mails of a Maildir are files without a suffix and known by their first lines.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.parser import BytesParser
from email.policy import Compat32
from email.utils import parseaddr, parsedate_to_datetime
from typing import BinaryIO

from indexer.documents.containers.names import shown
from indexer.documents.document import Document
from indexer.documents.readers.blocks import flowed
from indexer.documents.readers.encoding import canonical, clean, decode
from indexer.documents.readers.files import MAX_BYTES, read_whole
from indexer.documents.reading import Member
from indexer.errors import ReadError


class _AsWritten(Compat32):
    """Headers as they stand; those with raw bytes would come as objects that have lost them."""

    def header_fetch_parse(self, name: str, value: str) -> str:
        """The value as the parser found it, bytes that are no ASCII as surrogates."""
        return value

    def fold_binary(self, name: str, value: str) -> bytes:
        """The header as it stood."""
        return f"{name}: {value}\n".encode("utf-8", "surrogateescape")


_POLICY = _AsWritten()
_FROM = re.compile(rb"From \S+.*\d{2}:\d{2}")
_QUOTED_FROM = re.compile(rb"^>(>*From )", re.M)
_TOO_LARGE = f"a mail larger than {MAX_BYTES // 1024 // 1024} MB"
_BASE64 = re.compile(r"(=\?[^?\s]+\?[bB]\?)([^?]*)\?=")
_NO_BASE64 = re.compile(r"[^A-Za-z0-9+/]")
_TAGS = re.compile(r"<[^>]*>")
_PLAIN = ("plain", "mixed", "alternative", "related", "report", "signed", "digest")
"""Parts that are read as text; of several parts that were never told apart, all at once."""
_FULLER = 2
"""A web page that says this many times what the plain text beside it says: the text is but a notice."""


def read_eml(name: str, stream: BinaryIO) -> Iterator[Document | Member]:
    """The document of a mail, if it has text, and its attachments; `ReadError` for one with neither."""
    message = BytesParser(policy=_POLICY).parsebytes(read_whole(stream))
    leaves = [*_leaves(message)]
    attached = [part for part in leaves if _is_attached(part)]
    text = _text([part for part in leaves if not _is_attached(part)])
    title = _header(message, "Subject")
    if text or title:
        yield Document(
            id=name, text=text or title or "", title=title, date=_date(message), author=_sender(message)
        )
    elif not attached:
        raise ReadError("the mail holds no text")
    for number, part in enumerate(attached, 1):
        kind = "eml" if _is_mail(part) else None
        label = shown(_filename(part) or f"{number}.{kind or part.get_content_subtype()}")
        yield Member(f"{name}!/{label}", io.BytesIO(_content(part)), kind=kind)


def read_mbox(name: str, stream: BinaryIO) -> Iterator[Member]:
    """The mails of a mailbox, numbered from 1."""
    for number, content in enumerate(_mails(stream), 1):
        yield Member(f"{name}!/{number}", io.BytesIO(content), inline=True, kind="eml")


def _mails(stream: BinaryIO) -> Iterator[bytes]:
    """The mails between the lines that begin with `From `, without those lines."""
    lines: list[bytes] = []
    size = 0
    after_blank, begun = True, False
    while line := stream.readline(MAX_BYTES + 1):
        if after_blank and _FROM.match(line):
            if begun:
                yield _unquoted(lines)
            lines, size, begun = [], 0, True
        elif begun:
            size += len(line)
            if size > MAX_BYTES:
                raise ReadError(_TOO_LARGE)
            lines.append(line)
        after_blank = not line.strip()
    if not begun:
        raise ReadError("not a mailbox: no line begins with 'From '")
    yield _unquoted(lines)


def _unquoted(lines: list[bytes]) -> bytes:
    return _QUOTED_FROM.sub(rb"\1", b"".join(lines))


def _leaves(part: Message) -> Iterator[Message]:
    """The parts that hold no others, and mails that hang on this one as files: they have their own senders.

    What is passed on within the text, as by a program that returns a mail, is text.
    """
    inner = part.get_payload() if part.is_multipart() and not _is_mail(part) else None
    if isinstance(inner, list):
        for each in inner:
            yield from _leaves(each) if isinstance(each, Message) else ()
    else:
        yield part


def _is_mail(part: Message) -> bool:
    """Whether a part is a mail that hangs on another as a file."""
    is_file = part.get_content_disposition() == "attachment" or _filename(part) is not None
    return part.get_content_type() == "message/rfc822" and part.is_multipart() and is_file


def _content(part: Message) -> bytes:
    """The bytes of an attachment."""
    inner = part.get_payload()
    if isinstance(inner, list):
        return inner[0].as_bytes() if inner and isinstance(inner[0], Message) else b""
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _is_attached(part: Message) -> bool:
    if part.get_content_maintype() == "multipart":
        return False
    if part.get_content_maintype() == "text" and part.get_content_disposition() != "attachment":
        return part.get_content_subtype() not in ("plain", "html") or _filename(part) is not None
    return True


def _text(parts: list[Message]) -> str:
    """What the parts say: of a text and a page that say the same the text."""
    plain = "\n\n".join(_said(parts, _PLAIN, _plain))
    page = "\n\n".join(_said(parts, ("html",), _page))
    return page if len(page) > _FULLER * len(plain) else plain


def _said(parts: list[Message], subtypes: Iterable[str], read: Callable[[Message], str]) -> Iterator[str]:
    return filter(None, (read(part) for part in parts if part.get_content_subtype() in subtypes))


def _plain(part: Message) -> str:
    return clean(_decoded(part)).strip()


def _page(part: Message) -> str:
    import lxml.html  # slow to import, and needed only where there is HTML
    from lxml.etree import ParserError

    markup = clean(_decoded(part))
    try:
        return flowed(lxml.html.document_fromstring(markup))
    except (ParserError, ValueError):
        return _TAGS.sub("", markup).strip()


def _decoded(part: Message) -> str:
    content = part.get_payload(decode=True)
    charset = part.get_content_charset()
    return decode(content, charset)[0] if isinstance(content, bytes) and content else ""


def _header(message: Message, name: str) -> str | None:
    """A header's value as its writer saw it, on one line; None where there is none."""
    value = message.get(name)
    return _words(str(value)) if value is not None else None


def _whole(word: re.Match[str]) -> str:
    """An encoded word that can be decoded: without what is no base64, and the odd sign where it was cut."""
    signs = _NO_BASE64.sub("", word[2])
    return f"{word[1]}{signs[: len(signs) - (len(signs) % 4 == 1)]}?="


def _words(value: str) -> str | None:
    """Encoded words decoded; raw bytes, which the parser keeps as surrogates, are judged like text."""
    pieces: list[tuple[bytes | str, str | None]] = [(value, None)]
    for written in (value, _BASE64.sub(_whole, value)):
        with suppress(ValueError, HeaderParseError):
            pieces = decode_header(written)
            break
    text = ""
    held, held_charset = b"", None
    for piece, charset in [*pieces, ("", None)]:
        if isinstance(piece, bytes) and charset is not None and charset == held_charset:
            held += piece  # a character may be cut in two by the limit on the length of a word
            continue
        text += _decoded_bytes(held, held_charset) if held else ""
        held, held_charset = (piece, charset) if isinstance(piece, bytes) else (b"", None)
        text += piece if isinstance(piece, str) else ""
    if any("\udc80" <= character <= "\udcff" for character in text):
        text = _decoded_bytes(text.encode("utf-8", "surrogateescape"), None)
    return " ".join(clean(text).split()) or None


def _decoded_bytes(data: bytes, charset: str | None) -> str:
    if not data.isascii() or (charset and not (canonical(charset) or "").startswith("utf-8")):
        try:
            return decode(data, charset)[0]
        except ReadError:
            return data.decode("utf-8", "replace")
    return data.decode("ascii", "replace")


def _sender(message: Message) -> str | None:
    """The name of who wrote, or the address where there is no name."""
    raw = message.get("From")
    if raw is None:
        return None
    name, address = parseaddr(str(raw))
    return _words(name) or _words(address) or _words(str(raw))


def _date(message: Message) -> str | None:
    value = message.get("Date")
    try:
        return parsedate_to_datetime(str(value)).isoformat() if value is not None else None
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _filename(part: Message) -> str | None:
    """The name of an attachment: a parameter (RFC 2231) or, against the rules and often, an encoded word."""
    name = part.get_filename()
    return _words(name) if name else None


def read_mhtml(name: str, stream: BinaryIO) -> Iterator[Document | Member]:
    """The page of an .mhtml file, at the address it was saved from; its pictures are part of how it looks."""
    message = BytesParser(policy=_POLICY).parsebytes(read_whole(stream))
    pages = [
        part for part in message.walk() if part.get_content_type() in ("text/html", "application/xhtml+xml")
    ]
    if not pages:
        raise ReadError("no web page in this file")
    content = pages[0].get_payload(decode=True)
    address = message.get("Snapshot-Content-Location") or pages[0].get("Content-Location")
    stated = {"url": str(address)} if str(address).startswith(("http://", "https://")) else {}
    stream = io.BytesIO(content if isinstance(content, bytes) else b"")
    yield Member(name, stream, stated, inline=True, kind="html")
