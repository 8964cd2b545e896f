"""Which rows does a file of queries, judgments or hits have? Text in any encoding → rows with their place.

Byte order marks, line ends of any system, GB18030, Big5 and `.gz` are read. **Every row knows its file and
line**, so what is wrong with it can be said where it stands.
"""

from __future__ import annotations

import gzip
import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from indexer.documents.readers.encoding import decode
from indexer.errors import ReadError

SPACES = (
    "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009"
    "\u200a\u2028\u2029\u202f\u205f\u3000"
)
"""All that `str.split` divides at."""
_ESCAPES = {quote(character): character for character in f"{SPACES}%"}
_ESCAPED = re.compile("|".join(_ESCAPES))
# The white space of C, which divides columns everywhere; ids of other engines may hold U+3000.
_DIVIDES = re.compile("[ \\t\\v\\f\\r]+")


@dataclass(frozen=True, slots=True)
class Row:
    """One line that is not blank, and where it stands: `qrels.tsv:17`."""

    text: str
    place: str

    def fields(self) -> list[str]:
        """Its fields: separated by tabs where there is one, else by white space, as TREC has it."""
        if "\t" in self.text:
            return [field.strip() for field in self.text.split("\t")]
        return _DIVIDES.split(self.text.strip())


def rows_of(path: Path) -> Iterator[Row]:
    """The rows of a file. Raises `ReadError` for one that cannot be read or holds no text."""
    # Universal newlines, and no others: a query may hold U+2028.
    for number, line in enumerate(io.StringIO(_text_of(path), newline=None), 1):
        if line.strip():
            yield Row(line.rstrip("\n"), f"{path}:{number}")


def _text_of(path: Path) -> str:
    try:
        content = path.read_bytes()
        return decode(gzip.decompress(content) if path.suffix == ".gz" else content)[0]
    except FileNotFoundError:
        raise ReadError(f"{path}: no such file") from None
    except (OSError, EOFError, zlib.error, ReadError) as error:
        raise ReadError(f"{path}: cannot be read: {error}") from error


def whole_number(text: str, row: Row, what: str) -> int:
    """A whole number in a field of a row. Raises `ReadError` that says `what` it should be."""
    try:
        return int(text)
    except ValueError:
        raise ReadError(f"{row.place}: {what} is a whole number, not {text!r}") from None


def trec_id(id: str) -> str:
    """An id as a column of a TREC file: white space, which would divide it, becomes `%20` and the like.

    >>> trec_id("無錫/a 1.txt"), trec_id("100%")
    ('無錫/a%201.txt', '100%')
    """
    if not (_ESCAPED.search(id) or id.split() != [id]):
        return id
    return "".join(quote(each) if each.isspace() or each == "%" else each for each in id)


def id_of_trec(written: str) -> str:
    """The id that a column of a TREC file stands for; `trec_id` backwards.

    >>> id_of_trec("無錫/a%201.txt"), id_of_trec("100%")
    ('無錫/a 1.txt', '100%')
    """
    return _ESCAPED.sub(lambda found: _ESCAPES[found[0]], written)
