"""What does a web page say? The main text, and what its head states about it.

The main text is trafilatura's, or all visible text where it finds none. Title, date, source and author
are taken from the places where a page states them (`indexer.documents.readers.stated`), never guessed.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from functools import cache
from typing import Any, BinaryIO

from indexer.documents import Document
from indexer.documents.readers.encoding import clean, decode
from indexer.documents.readers.files import read_whole
from indexer.documents.readers.stated import stated_fields
from indexer.errors import ReadError

_DECLARED = re.compile(
    rb"""(?:<meta[^>]{0,200}?charset\s*=|<\?xml[^>]{0,200}?encoding\s*=)\s*["']?([\w.:-]+)""", re.I
)
_ARTICLE_LENGTH = 60
"""Han characters that make an article. Below its own limit of 250 letters trafilatura returns the whole
page, menus too; Chinese says the same in about a quarter of the characters."""
_LARGEST_ARTICLE = 4_000_000
"""Characters of markup. Finding the article takes about 10 s a million in bad cases; beyond this the whole
text is taken."""
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")


def declared_charset(page: bytes) -> str | None:
    """The charset that a page names in its first 4,096 bytes, as written there.

    >>> declared_charset(b'<meta charset="gb2312">')
    'gb2312'
    """
    match = _DECLARED.search(page[:4096])
    return match[1].decode("ascii", "replace") if match else None


def read_html(name: str, stream: BinaryIO) -> Iterator[Document]:
    """The one document of an HTML file; raises `ReadError` for a page without text."""
    # Slow to import, and needed only where there is HTML.
    import lxml.html
    from lxml.etree import ParserError

    page = read_whole(stream)
    markup = _DECLARATION.sub("", clean(decode(page, declared_charset(page))[0]))
    try:
        tree = lxml.html.document_fromstring(markup)
    except (ParserError, ValueError) as error:
        raise ReadError(f"not usable HTML: {error}") from error
    fields = stated_fields(tree)
    text = without_line(main_text(markup) or visible_text(tree), fields["title"])
    if not text:
        raise ReadError("the page holds no text")
    yield Document(id=name, text=text, plain=True, **fields)


def main_text(markup: str) -> str:
    """The article of a page, one line a block; "" where there is none to be told apart."""
    if len(markup) > _LARGEST_ARTICLE:
        return ""
    import trafilatura  # slow to import, see above

    try:
        article: Any = trafilatura.bare_extraction(
            markup, favor_recall=True, include_comments=False, config=_settings()
        )
    except Exception:  # whatever a page does to the extractor, its text can still be read
        return ""
    return clean(article.text or "").strip() if article else ""


@cache
def _settings() -> Any:
    from trafilatura.settings import use_config

    # Its remarks on odd pages are no business of a user's terminal.
    logging.getLogger("trafilatura").addHandler(logging.NullHandler())
    settings = use_config()
    settings.set("DEFAULT", "MIN_EXTRACTED_SIZE", str(_ARTICLE_LENGTH))
    return settings


def visible_text(tree: Any) -> str:
    """All text of a page that a browser shows, one line a run of text."""
    runs = tree.xpath("//body//text()[not(ancestor::script or ancestor::style or ancestor::template)]")
    return "\n".join(line for run in runs if (line := " ".join(run.split())))


def without_line(text: str, title: str | None) -> str:
    """`text` without its first line where that is the title over again.

    >>> without_line("夜市\\n南門外擺起了攤子。", "夜市")
    '南門外擺起了攤子。'
    """
    first, _, rest = text.partition("\n")
    return rest.strip() if title and rest.strip() and first.strip() == title else text
