"""Which records does a crawl hold, also a damaged one? Those before, between and behind what cannot be read.

A packed crawl is unpacked here and not by warcio, for which the first damaged byte is the end: most are
packed record by record, so the next record begins where the next member does. A plain one goes on with the
next line that a record begins with, be it in a record that says to be longer than it is.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

from indexer.documents.limits import damage
from indexer.errors import ReadError

_READ = 1 << 16
_PIECE = 1 << 12
"""What is unpacked at once: of a damaged piece nothing comes."""
_MEMBER = b"\x1f\x8b\x08"
_RECORD = b"WARC/"
_BEGINNING = re.compile(rb"WARC/\d\.\d+\r?\n\Z")
_BLANK = b"\0 \t\r\n"
"""What a line may be of that says nothing: files that were not written to their end are full of zeros."""
_FIRST = (_RECORD, b"http")
"""What a member of a WARC, and of an ARC file, begins with."""


def read_records(file: BinaryIO) -> Iterator[Any]:
    """The records of a WARC, WET or ARC file from its beginning, each to be read before the next.

    Raises `ReadError` behind the last of them where something could not be read.
    """
    from warcio.recordloader import ArcWarcRecordLoader  # needed only where there are crawls

    loader = ArcWarcRecordLoader(verify_http=False, arc2warc=True)
    members = _Members(file) if _is_packed(file) else None
    record, broken, known, content = None, False, None, 0
    try:
        for stream in members or (file,):
            line = _line_of_text(stream)
            while line:
                known = known or ("warc" if line.startswith(_RECORD) else None)
                try:
                    parsed = loader.parse_record_stream(stream, line, known)
                    int(parsed.rec_headers.get_header("Content-Length"))  # without it all that follows is its
                except (OSError, MemoryError):
                    raise
                except Exception:  # whatever a head that makes no sense does to its parser
                    broken = True
                    if members is None and content:
                        file.seek(content)
                        content = 0
                    line = _line_of_record(stream)
                    continue
                record, content = parsed, file.tell()
                yield record
                _exhaust(record.raw_stream)
                line = _line_of_text(stream)
    except damage() as error:
        raise ReadError(f"the WARC is damaged or cut off: {error}") from error
    if record is None:
        raise ReadError("not a sound WARC: there is no record in it")
    if broken or (members is not None and members.are_damaged):
        raise ReadError("the WARC is damaged or cut off; what could be read of it was")
    if getattr(record.raw_stream, "limit", 0) > 0:
        raise ReadError("the WARC is cut off in its last record")


def _is_packed(file: BinaryIO) -> bool:
    file.seek(0)
    packed = file.read(len(_MEMBER)) == _MEMBER
    file.seek(0)
    return packed


def _line_of_text(stream: BinaryIO) -> bytes:
    """The next line that is not blank, or its beginning; nothing at the end."""
    while (line := stream.readline(_READ)) and not line.strip(_BLANK):
        pass
    return line


def _line_of_record(stream: BinaryIO) -> bytes:
    """The next line that a record begins with, behind whatever was cut off; nothing where there is none."""
    while line := stream.readline(_READ):
        if found := _BEGINNING.search(line):
            return found[0]
    return b""


def _exhaust(stream: Any) -> None:
    while stream.read(_READ):
        pass


class _Members(Iterable[BinaryIO]):
    """The members of a packed file, unpacked one after the other, without what is damaged.

    A stream is to be read to its end before the next. `are_damaged` is true afterwards where something was
    left out, but for zeros, which are no content.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.are_damaged = False

    def __iter__(self) -> Iterator[BinaryIO]:
        start, is_sound = 0, True
        while (begin := self._next(start, is_sound)) is not None:
            self._file.seek(begin)
            member = _Member(self._file)
            yield io.BufferedReader(member, _READ)
            is_sound, start = member.is_whole, member.end if member.is_whole else begin + 1
            self.are_damaged |= not is_sound

    def _next(self, start: int, is_sound: bool) -> int | None:
        """Where the next member begins from a place on; that is there where all before it was sound."""
        self._file.seek(start)
        if is_sound and self._file.read(len(_MEMBER)) == _MEMBER:
            return start
        self._file.seek(start)
        content = b""
        while chunk := self._file.read(_READ):
            content += chunk
            self.are_damaged |= bool(chunk.strip(b"\0"))
            place = -1
            while (place := content.find(_MEMBER, place + 1)) >= 0:
                if self._begins(start + place):
                    return start + place
                self._file.seek(start + len(content))
            kept = len(_MEMBER) - 1
            start += max(0, len(content) - kept)
            content = content[-kept:]
        return None

    def _begins(self, place: int) -> bool:
        """Whether what looks like a member is one, and one of a crawl: chance has such bytes too."""
        self._file.seek(place)
        try:
            head = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(self._file.read(_PIECE), len(_RECORD))
        except zlib.error:
            return False
        return head.startswith(_FIRST)


class _Member(io.RawIOBase):
    """What a member that begins here unpacks to, as far as it is sound; whether that is all, and its end."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__()
        self._file = file
        self._unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
        self._is_done = self.is_whole = False
        self.end = self._given = 0

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        """How many bytes have been given: what parses a head of no stated length asks."""
        return self._given

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer; nothing at the end, and where it is damaged or cut off."""
        content = b""
        while not content and not self._is_done:
            content = self._unpacked(len(buffer))
        buffer[: len(content)] = content
        self._given += len(content)
        return len(content)

    def _unpacked(self, size: int) -> bytes:
        packed = self._unpacker.unconsumed_tail or self._file.read(_PIECE)
        try:
            content = self._unpacker.decompress(packed, size)
        except zlib.error:
            self._is_done = True
            return b""
        if self._unpacker.eof:
            self.is_whole = True
            self.end = self._file.tell() - len(self._unpacker.unused_data)
        self._is_done = self.is_whole or not packed
        return content
