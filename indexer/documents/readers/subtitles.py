"""What is said in a film? The lines of .srt and .vtt subtitles, without numbers, times and markup."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import BinaryIO

from indexer.documents.document import Document
from indexer.documents.readers.encoding import clean, decode
from indexer.documents.readers.files import read_whole
from indexer.documents.readers.flow import joined
from indexer.errors import ReadError

_TIMES = re.compile(r"\s*(?:\d+:)?\d{1,2}:\d{2}[,.]\d{1,3}\s*-->\s*(?:\d+:)?\d{1,2}:\d{2}[,.]\d{1,3}.*")
_TAG = re.compile(r"<[^<>]*>|\{\\[^{}]*\}")
_NO_CUE = ("WEBVTT", "NOTE", "STYLE", "REGION")


def read_subtitles(name: str, stream: BinaryIO) -> Iterator[Document]:
    """The one document of a file of subtitles; a line for each that is shown at once."""
    text = clean(decode(read_whole(stream))[0])
    cues = [cue for block in re.split(r"\n[ \t]*\n", text) if (cue := _cue(block.strip("\n")))]
    if not cues:
        raise ReadError("the file holds no text")
    yield Document(name, "\n".join(cues))


def _cue(block: str) -> str:
    """What a block says: the lines below its times; of a block without times nothing."""
    lines = block.split("\n")
    times = next((at for at, line in enumerate(lines[:3]) if _TIMES.fullmatch(line)), None)
    if times is None or lines[0].startswith(_NO_CUE[1:]):
        return ""
    text = ""
    for line in lines[times + 1 :]:
        said = unescape(_TAG.sub("", line)).strip()
        text = joined(text, said) if text else said
    return text.strip()
