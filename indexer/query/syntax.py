"""What did the user ask for? Query text → a tree of frozen nodes. Pure; nothing here can fail but length.

    無錫 高新區             words: ranked, any of them may match
    "高新技術"  “…”         phrase: must occur as written, in any script
    -廣告  -"…"             must not occur
    甲 NOT 乙   NOT 乙      the same in a word
    甲 OR 乙   甲 AND 乙    alternatives; both
    (甲 OR 乙) -丙          groups; brackets with no operator in or beside them are text
    title:軟件園  source:"經濟新聞"  author:趙鑫  collection:區公所  title:(甲 OR 乙)
    "無錫 高新區"~3         one after the other, at most 3 characters between them
    無?園  無*園             exactly one character between; up to 5
    micro*soft  colo?r      one Latin word, in which * is any letters and ? is one

Operators count only where a term can begin, so quotes and brackets inside running text are just text;
words do in capitals, where a term follows, OR and AND between two. A bracket that closes nothing is
punctuation, one that is not closed is closed at the end. Whatever does not parse is read as plain words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from indexer.errors import QueryTooLong
from indexer.text.normalize import normalize
from indexer.text.units import CJK, IGNORED, SIGN, UNITS, seen

MAX_LENGTH = 256
MAX_TERMS = 32
MAX_NESTING = 8
MAX_SLOP = 20
MAX_GAP = 5
MAX_CHARACTERS = 12
FIELDS = ("title", "source", "author", "collection")
_OPERATORS = {"OR": "or", "|": "or", "AND": "and", "NOT": "not"}


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
class Piece:
    """A part of a `Gapped`: text as it stands or, as a `pattern`, a Latin word or number with * and ? in it.

    `least` to `most` characters stand between it and the piece before; a Latin word or number counts as
    one, punctuation does not count.
    """

    text: str
    least: int = 0
    most: int = 0
    pattern: bool = False


@dataclass(frozen=True, slots=True)
class Gapped:
    """Pieces that must follow one another at given distances.

    `whole` shows them as one, with what is between.
    """

    pieces: tuple[Piece, ...]
    field: str | None = None
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Not:
    """What must not match."""

    node: Tree


@dataclass(frozen=True, slots=True)
class Or:
    """At least one must match."""

    nodes: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class And:
    """All must match."""

    nodes: tuple[Tree, ...]


Leaf = Words | Phrase | Gapped
Tree = Leaf | Not | Or | And

_HAN = re.compile(f"[{CJK}]")
# What wildcards stand in where they are none: 「在哪?」, **強調**; and most words, which have none.
_TEXT = re.compile(r"^[^*?]*$|\?$|\*[*?]|\?\*")
# A half-width ? behind what ends a question, 好吗?我很好, or in what asks for something, 在哪里见?我等你.
_ASKED = re.compile(
    r"(?:[吗呢吧么嘛啊呀啦呗哦乎谁]|在哪)\?"
    r"|(?:什么|怎么|怎样|哪里|哪儿|哪[个些位种年天]|多少|为何|为什么|如何|是否|何时|何处|几点).*\?"
)
_PIECE = re.compile(
    rf"(?P<han>[{CJK}]+)|(?P<term>[^\W\d_{CJK}](?:[^\W\d_{CJK}]|[*?])*|\d[\d*?]*)|(?P<gap>\*|\?+)"
)
# Brackets that belong to a word: f(x), 周(三), (株)日立.
_IN_BRACKETS = r'[^\s()（）"“”＂]'
_HELD = rf"[(（](?:{_IN_BRACKETS}|[(（]{_IN_BRACKETS}*[)）])*[)）]"
# Behind a tab, and in a number behind a bar, - is a minus sign: the row of a table was copied.
_TOKEN = re.compile(
    rf"""(?P<not>(?<!\t)(?!(?<=\|\s)-\d)-(?=[^\s-]))?
        (?P<field>(?i:{"|".join(FIELDS)})[:：](?=\S))?
        (?: ["“＂](?P<phrase>[^"“”＂]+)["”＂](?:[~～](?P<slop>\d{{1,3}}))?(?=[\s)）]|$)
          | (?P<open>(?!{_HELD}[^\s)）])[(（](?=\S)) | (?P<close>[)）](?=[\s)）]|$))
          | (?P<word>(?:{_HELD}|\S)+?)(?=\s|$|[)）]+(?:\s|$)) )
        \s*""",
    re.VERBOSE,
)
_CLOSING = next(_TOKEN.finditer(")"))


def parse(text: str, *, exact: bool = False) -> Tree | None:
    """Parse query text; None if there is nothing to look for. `exact` takes all of it as one phrase.

    Raises `QueryTooLong` beyond 256 characters.

    >>> parse('無錫 "高新區" -廣告')
    And(nodes=(Words(terms=('無錫',)), Phrase(text='高新區', field=None), Not(node=Words(terms=('廣告',)))))
    """
    if len(text) > MAX_LENGTH:
        raise QueryTooLong(f"the query has {len(text)} characters; at most {MAX_LENGTH} are allowed")
    # What is not seen, and came along with what was copied, hides no operator.
    text = IGNORED.sub("", text.replace("\0", " ")).strip()
    if not text:
        return None
    if exact:
        return Phrase(text)
    plain = Words(tuple(text.split()))
    tokens, depth = _tokens(text)
    if depth > MAX_NESTING or len(tokens) > MAX_TERMS:
        return plain
    node = _sequence(tokens)
    return plain if node is None else node


def positive(node: Tree | None) -> tuple[Leaf, ...]:
    """The leaves of a tree that a match may contain: what is to be marked."""
    match node:
        case Words() | Phrase() | Gapped():
            return (node,)
        case And(nodes) | Or(nodes):
            return tuple(leaf for child in nodes for leaf in positive(child))
        case _:
            return ()


def _tokens(text: str) -> tuple[list[re.Match[str]], int]:
    """The tokens of a query and how deep its brackets are.

    A bracket that closes nothing is left out, one that nothing closes is closed at the end.
    """
    tokens: list[re.Match[str]] = []
    depth = deepest = 0
    for token in _TOKEN.finditer(text):
        if depth or not token["close"]:
            tokens.append(token)
            depth += bool(token["open"]) - bool(token["close"])
            deepest = max(deepest, depth)
    return [*tokens, *[_CLOSING] * depth], deepest


def _sequence(tokens: Sequence[re.Match[str]]) -> Tree | None:
    """Items side by side; OR joins its two neighbors, AND keeps them apart, other words run together."""
    items: list[Tree] = []
    operator = ""
    negated = open_words = False
    at = 0
    while at < len(tokens):
        end = _item_end(tokens, at)
        # What no term follows is text like any other.
        word = _operator(tokens[at]) if end < len(tokens) else ""
        if word == "not" and not negated and not _operator(tokens[end]):
            negated = True
        elif word in ("or", "and") and items and not operator and not negated:
            operator = word
        elif (item := _item(tokens[at:end])) is not None:
            # Words typed side by side run together, those in brackets that no operator needs too.
            joins = not (negated or operator) and (
                tokens[at]["word"] is not None
                or (isinstance(item, Words) and _operator_at(tokens, end) not in ("or", "and"))
            )
            item = Not(item) if negated and not isinstance(item, Not) else item
            _append(items, item, operator, open_words, joins)
            open_words, operator, negated = joins or tokens[at]["word"] is not None, "", False
        at = end
    # Punctuation between terms asks for nothing; where there is nothing else it is what was typed.
    if len(items) > 1:
        items = [item for item in items if not _is_silent(item)] or items
    return And(tuple(items)) if len(items) > 1 else items[0] if items else None


def _is_silent(item: Tree) -> bool:
    """Whether words, phrases or a group hold no character, word, number or sign that could be looked for."""
    match item:
        case Words(terms):
            text = " ".join(terms)
        case Phrase(text):
            pass
        case Or(nodes) | And(nodes):
            return all(map(_is_silent, nodes))
        case _:
            return False
    shown = normalize(seen(text))
    return not (UNITS.search(shown) or SIGN.search(shown))


def _operator_at(tokens: Sequence[re.Match[str]], at: int) -> str:
    """The operator at `at` that a term follows, "" for none."""
    return _operator(tokens[at]) if at + 1 < len(tokens) else ""


def _operator(token: re.Match[str]) -> str:
    """Which operator a token is; "" for a term, as which `-OR` and `title:OR` count."""
    return "" if token["not"] or token["field"] else _OPERATORS.get(token["word"] or "", "")


def _append(items: list[Tree], item: Tree, operator: str, open_words: bool, joins: bool) -> None:
    """Add an item; words that come apart (`open_words`) take in words that join."""
    last = items[-1] if items else None
    if operator == "or" and last is not None:
        if open_words and isinstance(last, Words) and len(last.terms) > 1:
            items[-1:] = [Words(last.terms[:-1]), last := Words(last.terms[-1:])]
        others = last.nodes if isinstance(last, Or) else (last,)
        items[-1] = Or((*others, item))
    elif open_words and joins and isinstance(item, Words) and isinstance(last, Words):
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


def _item(tokens: Sequence[re.Match[str]]) -> Tree | None:
    first = tokens[0]
    field = first["field"][:-1].lower() if first["field"] else None
    node: Tree | None
    if first["open"]:
        node = _sequence(tokens[1:-1])
        node = _in_field(node, field) if node and field else node
    elif first["phrase"]:
        node = _phrase(first["phrase"].split(), first["slop"], field)
    elif pieces := wildcards(first["word"] or ""):
        node = Gapped(pieces, field, whole=True)
    elif field:
        node = Phrase(first["word"] or "", field)
    else:
        node = Words((first["word"],)) if first["word"] else None
    return Not(node) if first["not"] and node is not None else node


def _in_field(node: Tree, field: str) -> Tree:
    """A group behind a field: each of its words, phrases and gaps in that field."""
    match node:
        case Words(terms):
            phrases = tuple(Phrase(term, field) for term in terms)
            return And(phrases) if len(phrases) > 1 else phrases[0]
        case Phrase() | Gapped():
            return node if node.field else replace(node, field=field)
        case Not(inner):
            return Not(_in_field(inner, field))
        case Or(nodes):
            return Or(tuple(_in_field(each, field) for each in nodes))
        case And(nodes):
            return And(tuple(_in_field(each, field) for each in nodes))


def _phrase(parts: Sequence[str], slop: str | None, field: str | None) -> Tree:
    if not slop or len(parts) < 2:
        return Phrase(" ".join(parts), field)
    most = min(int(slop), MAX_SLOP)
    return Gapped((Piece(parts[0]), *(Piece(part, 0, most) for part in parts[1:])), field)


def wildcards(word: str) -> tuple[Piece, ...]:
    """The pieces of a word with wildcards; none where they are characters like others.

    After a Latin word or number of at least two characters, * and ? belong to it; after a CJK character
    they are a gap. A word that ends with ?, doubles *, asks something before a ? or holds other signs is
    running text.

    >>> [(piece.text, piece.least, piece.most) for piece in wildcards("無*園")], wildcards("colo?r")
    ([('無', 0, 0), ('園', 0, 5)], (Piece(text='colo?r', least=0, most=0, pattern=True),))
    >>> [wildcards(text) for text in ("無錫在哪?", "好嗎?我很好", "無錫*", "C*", "3*5")]
    [(), (), (), (), ()]
    """
    word = word.replace("＊", "*")
    if _TEXT.search(word) or _ASKED.search(normalize(word)) or len(_HAN.findall(word)) > MAX_CHARACTERS:
        return ()
    pieces: list[Piece] = []
    gap, wild, at = (0, 0), False, 0
    for found in _PIECE.finditer(word):
        text = found.group()
        wildcard = re.search(r"[*?]", text)
        if (
            found.start() > at
            or (found["gap"] and not pieces)
            or (found["term"] and wildcard and wildcard.start() < 2)
        ):
            return ()
        at = found.end()
        if found["gap"]:
            gap = (0, MAX_GAP) if text == "*" else (len(text), len(text))
            continue
        wild = wild or bool(wildcard) or gap != (0, 0)
        pieces.append(Piece(text, *gap, pattern=bool(wildcard)))
        gap = (0, 0)
    return tuple(pieces) if wild and at == len(word) else ()
