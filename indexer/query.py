"""What did the user ask for? Query text → a tree of frozen nodes. Pure; nothing here can fail but length.

    無錫 高新區             words: ranked, any of them may match
    "高新技術"  “…”         phrase: must occur as written, in any script
    -廣告  -"…"             must not occur
    甲 OR 乙   甲 AND 乙    alternatives; both
    (甲 乙) -丙             groups
    title:軟件園  source:"經濟新聞"  author:趙鑫

Operators count only where a term can begin, so quotes and brackets inside running text are just text,
and whatever does not parse is read as plain words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from indexer.errors import QueryTooLong

MAX_LENGTH = 256
MAX_TERMS = 32
MAX_DEPTH = 8
FIELDS = ("title", "source", "author")
_OPERATORS = {"OR": "or", "|": "or", "AND": "and"}


@dataclass(frozen=True, slots=True)
class Words:
    """Plain text: terms as typed, in order. Ranks; any of its grams makes a match."""

    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Phrase:
    """Text that must occur as it stands, in `field` or, without one, in title or body."""

    text: str
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Not:
    """What must not match."""

    node: Node


@dataclass(frozen=True, slots=True)
class Or:
    """At least one must match."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class And:
    """All must match."""

    nodes: tuple[Node, ...]


Node = Words | Phrase | Not | Or | And

_TOKEN = re.compile(
    r"""(?P<not>-(?=[^\s-]))?
        (?P<field>(?i:title|source|author)[:：](?=\S))?
        (?: ["“＂](?P<phrase>[^"“”＂]+)["”＂](?=[\s)）]|$)
          | (?P<open>[(（])(?=\S) | (?P<close>[)）])(?=[\s)）]|$)
          | (?P<word>\S+?)(?=\s|$|[)）]+(?:\s|$)) )
        \s*""",
    re.VERBOSE,
)


def parse(text: str, *, exact: bool = False) -> Node | None:
    """Parse query text; None if there is nothing to look for. `exact` takes all of it as one phrase.

    Raises `QueryTooLong` beyond 256 characters.

    >>> parse('無錫 "高新區" -廣告')
    And(nodes=(Words(terms=('無錫',)), Phrase(text='高新區', field=None), Not(node=Words(terms=('廣告',)))))
    """
    if len(text) > MAX_LENGTH:
        raise QueryTooLong(f"the query has {len(text)} characters; at most {MAX_LENGTH} are allowed")
    text = text.replace("\0", " ").strip()
    if not text:
        return None
    if exact:
        return Phrase(text)
    plain = Words(tuple(text.split()))
    tokens = list(_TOKEN.finditer(text))
    if not _balanced(tokens) or len(tokens) > MAX_TERMS:
        return plain
    node = _sequence(tokens)
    return plain if node is None else node


def positive(node: Node | None) -> tuple[Words | Phrase, ...]:
    """The leaves of a tree that a match may contain: what is to be marked."""
    match node:
        case Words() | Phrase():
            return (node,)
        case And(nodes) | Or(nodes):
            return tuple(leaf for child in nodes for leaf in positive(child))
        case _:
            return ()


def _balanced(tokens: Sequence[re.Match[str]]) -> bool:
    depth = 0
    for token in tokens:
        depth += bool(token["open"]) - bool(token["close"])
        if not 0 <= depth <= MAX_DEPTH:
            return False
    return depth == 0


def _sequence(tokens: Sequence[re.Match[str]]) -> Node | None:
    """Items side by side; OR joins its two neighbors, AND keeps them apart, other words run together."""
    items: list[Node] = []
    operator = ""
    open_words = False
    at = 0
    while at < len(tokens):
        end = _item_end(tokens, at)
        word = tokens[at]["word"]
        if word in _OPERATORS and items and end < len(tokens) and not operator:
            operator = _OPERATORS[word]
        elif (item := _item(tokens[at:end])) is not None:
            _append(items, item, operator, open_words)
            # Words typed side by side run together and come apart again; a group stays as it is.
            open_words, operator = word is not None, ""
        at = end
    return And(tuple(items)) if len(items) > 1 else items[0] if items else None


def _append(items: list[Node], item: Node, operator: str, open_words: bool) -> None:
    last = items[-1] if items else None
    if operator == "or" and last is not None:
        if open_words and isinstance(last, Words) and len(last.terms) > 1:
            items[-1:] = [Words(last.terms[:-1]), last := Words(last.terms[-1:])]
        others = last.nodes if isinstance(last, Or) else (last,)
        items[-1] = Or((*others, item))
    elif open_words and not operator and isinstance(item, Words) and isinstance(last, Words):
        items[-1] = Words(last.terms + item.terms)
    else:
        items.append(item)


def _item_end(tokens: Sequence[re.Match[str]], start: int) -> int:
    depth = 0
    for at in range(start, len(tokens)):
        depth += bool(tokens[at]["open"]) - bool(tokens[at]["close"])
        if depth <= 0:
            return at + 1
    return len(tokens)


def _item(tokens: Sequence[re.Match[str]]) -> Node | None:
    first = tokens[0]
    field = first["field"][:-1].lower() if first["field"] else None
    node: Node | None
    if first["open"]:
        node = _sequence(tokens[1:-1])
    elif first["phrase"] or field:
        node = Phrase((first["phrase"] or first["word"] or "").strip(), field)
    else:
        node = Words((first["word"],)) if first["word"] else None
    return Not(node) if first["not"] and node is not None else node
