"""What does a web page say? Its article, and what its head states about it.

The article is chosen among the page's blocks (`indexer.documents.readers.article`). Title, date, source and
author are taken from the places where a page states them (`indexer.documents.readers.stated`), never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from indexer.documents import Document
from indexer.documents.readers.encoding import clean, decode
from indexer.documents.readers.files import read_whole
from indexer.documents.readers.xmltree import html_parser
from indexer.errors import ReadError

_DECLARED = re.compile(
    rb"""(?:<meta[^>]{0,200}?charset\s*=|<\?xml[^>]{0,200}?encoding\s*=)\s*["']?([\w.:-]+)""", re.I
)
# A page as long as this is looked through for what makes parsing slow: attributes in such numbers.
_LONG_PAGE, _MANY_ATTRIBUTES = 50_000, 500
_TAG = re.compile(r"<[a-zA-Z][^\s<>/]*")
_IN_TAG = re.compile(r"""(?P<end>>)|=\s*(?:"[^"]*"|'[^']*')|[\s/]+""")
_ANY_TAG = re.compile("(<[^<>]*>)")
_UNSEEN_TAG = re.compile(r"<(/?)(?:script|style|template|title)\b", re.I)
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
    from indexer.documents.readers.stated import stated_fields

    page = read_whole(stream)
    tree = parsed(clean(decode(page, declared_charset(page))[0]))
    fields: dict[str, Any] = stated_fields(tree)
    text = without_line(text_of(tree), fields["title"])
    if not text:
        raise ReadError("the page holds no text")
    yield Document(id=name, text=text, plain=True, **fields)


def page_text(markup: str) -> str:
    """The article of a page, one line a block."""
    return text_of(parsed(markup))


def text_of(tree: Any) -> str:
    """The article of a page's lxml tree, one line a block."""
    from indexer.documents.readers.article import article
    from indexer.documents.readers.blocks import blocks

    return "\n".join(block.text for block in article(blocks(tree)))


def parsed(markup: str) -> Any:
    """The lxml tree of a page; raises `ReadError` for what is no markup at all.

    In time that grows with the page. Of one that is nested deeper than lxml reads, what is between the tags.
    """
    # Slow to import, and needed only where there is HTML.
    import lxml.html
    from lxml.etree import ParserError

    markup = few_attributes(_DECLARATION.sub("", markup))
    # Without `huge_tree` what lies 256 levels deep would be lost: pages that never close a <font>.
    parser = html_parser(huge_tree=True)
    try:
        tree = lxml.html.document_fromstring(markup, parser=parser)
        if any(error.type_name == "ERR_RESOURCE_LIMIT" for error in parser.error_log):
            tree = lxml.html.document_fromstring("<br>".join(between_tags(markup)))
    except (ParserError, ValueError) as error:
        raise ReadError(f"not usable HTML: {error}") from error
    return tree


def between_tags(markup: str) -> Iterator[str]:
    """What stands between the tags of a page, without scripts, styles and the title.

    >>> [*between_tags("<p>無<b>錫</b><script>1 < 2</script></p>")]
    ['無', '錫']
    """
    unseen = False
    for part in _ANY_TAG.split(markup):
        if tag := _UNSEEN_TAG.match(part):
            unseen = not tag[1]
        elif not unseen and not part.startswith("<") and part.strip():
            yield part.strip()


def few_attributes(markup: str) -> str:
    """A page without the attributes of those tags that have hundreds: parsers square their number.

    >>> few_attributes("<p title='1 > 0'>甲") == "<p title='1 > 0'>甲"
    True
    """
    if len(markup) < _LONG_PAGE:
        return markup
    kept: list[str] = []
    at = done = 0
    while tag := _TAG.search(markup, at):
        at, number = tag.end(), 0
        while found := _IN_TAG.search(markup, at):
            at = found.end()
            if found["end"]:
                break
            number += 1
        if number > _MANY_ATTRIBUTES:
            end = at if found else len(markup)
            kept += markup[done : tag.end()], ">"
            done = at = end
        if not found:
            break
    return "".join([*kept, markup[done:]])


def without_line(text: str, title: str | None) -> str:
    """`text` without its first line where that is the title over again.

    >>> without_line("夜市\\n南門外擺起了攤子。", "夜市")
    '南門外擺起了攤子。'
    """
    first, _, rest = text.partition("\n")
    return rest.strip() if title and rest.strip() and first.strip() == title else text
