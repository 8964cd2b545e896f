"""Which words mean the same in another region? Tables in, links between folded words out.

Four sources: `regional.tsv` and `spellings.tsv` beside this file, the phrase tables of OpenCC (Mainland to
Taiwan and back, read through `indexer.text.normalize`), and the user's own synonyms. A row of `regional.tsv`
is one meaning: Taiwan, Hong Kong, Mainland, domain; words of one region are separated by "|", an empty Hong
Kong column means the Taiwanese word, and "?" after a word says that it has another, everyday meaning. A row
of `spellings.tsv` is two characters, and words that are spelled with either.

A word is ambiguous if it is marked so or if it is Taiwanese (or Hong Kong) in one row and Mainland in
another: 文件 is a document in Taipei and a file in Beijing. Its expansions weigh less.
Invariants: everything is folded; no word is linked to itself; no single character is expanded;
0 < weight < 1.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from indexer.errors import ConfigError
from indexer.text.normalize import normalize, phrase_rows

CERTAIN = 0.6
AMBIGUOUS = 0.35
# What the user writes down is meant for this archive: it may weigh more than a general table.
USER = 0.8

Links = dict[str, dict[str, float]]


@dataclass(frozen=True, slots=True)
class Meaning:
    """One row: the folded words of each side of the strait, and those among them marked ambiguous."""

    traditional: tuple[str, ...]
    mainland: tuple[str, ...]
    marked: frozenset[str]

    @property
    def words(self) -> tuple[str, ...]:
        """All words of the row, each once."""
        return tuple(dict.fromkeys(self.traditional + self.mainland))


@cache
def built_in_links() -> Links:
    """Folded word → folded word of the same meaning → weight, from the tables here and OpenCC."""
    meanings = [*regional_meanings(), *_phrase_meanings()]
    ambiguous = ambiguous_words(meanings)
    links: Links = defaultdict(dict)
    for words in (meaning.words for meaning in meanings):
        for source in words:
            _link(links, source, words, AMBIGUOUS if source in ambiguous else CERTAIN)
    for pair in spelled_pairs():
        for source in pair:
            _link(links, source, pair, CERTAIN)
    return dict(links)


def spelled_pairs() -> Iterator[tuple[str, str]]:
    """The two spellings of each word of `spellings.tsv`, folded.

    >>> [pair for pair in spelled_pairs() if "想象力" in pair]
    [('想像力', '想象力')]
    """
    for line in normalize(_table("spellings.tsv")).splitlines():
        if not line.startswith("#"):
            characters, _, words = line.split("\t")
            first, second = characters.split()
            yield from ((word, word.replace(first, second)) for word in words.split())


def _table(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def user_links(path: Path) -> Links:
    """The user's synonyms: a group of words a line, separated by ","; "a => b, c" leads one way only.

    Lines that are empty or begin with "#" are skipped. Raises `ConfigError` naming file and line.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: the synonyms cannot be read: {error}") from error
    links: Links = defaultdict(dict)
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.lstrip().startswith("#"):
            sources, targets = _user_row(line, f"{path}:{number}")
            for source in sources:
                _link(links, source, targets, USER)
    return dict(links)


def synonyms_stamp(path: Path | None) -> tuple[int, ...]:
    """What tells a changed file of synonyms from the one before without reading it; () for none."""
    try:
        status = path.stat() if path else None
    except OSError:
        status = None
    return (status.st_mtime_ns, status.st_size, status.st_ino) if status else ()


def regional_meanings() -> Iterator[Meaning]:
    """The rows of `regional.tsv`, in order."""
    # Folded as a whole: word by word takes ten times as long, before the first search of a process.
    table = normalize(_table("regional.tsv"))
    for line in table.splitlines()[1:]:
        taiwan, hong_kong, mainland, _ = line.split("\t")
        yield _meaning(f"{taiwan}|{hong_kong}".split("|"), mainland.split("|"))


def ambiguous_words(meanings: Iterable[Meaning]) -> frozenset[str]:
    """Words that are marked, or that belong to different sides in different rows.

    >>> 文件 = [_meaning(["文件"], ["文档"]), _meaning(["档案"], ["文件"])]
    >>> sorted(ambiguous_words(文件))
    ['文件']
    """
    marked: set[str] = set()
    traditional: set[str] = set()
    mainland: set[str] = set()
    for meaning in meanings:
        marked |= meaning.marked
        both = set(meaning.traditional) & set(meaning.mainland)
        traditional |= set(meaning.traditional) - both
        mainland |= set(meaning.mainland) - both
    return frozenset(marked | (traditional & mainland))


@cache
def guard_words() -> frozenset[str]:
    """Longer words in which a word of the vocabulary means something else: 软体动物 is no software."""
    return frozenset(normalize(_table("guards.txt")).split())


def _meaning(traditional: Sequence[str], mainland: Sequence[str]) -> Meaning:
    """A row's folded words; they may be marked, repeated or empty."""
    marked = frozenset(word[:-1] for word in (*traditional, *mainland) if word.endswith("?"))
    first, second = (
        tuple(dict.fromkeys(word.rstrip("?") for word in side if word)) for side in (traditional, mainland)
    )
    return Meaning(first, second, marked)


def _phrase_meanings() -> Iterator[Meaning]:
    """OpenCC's regional words: each key with its values, both tables read in both directions."""
    for table in ("TWPhrases", "TWPhrasesRev"):
        for key, values in phrase_rows(table):
            key, *values = normalize("\t".join([key, *values])).split("\t")
            yield _meaning(values, [key]) if table == "TWPhrases" else _meaning([key], values)


def _link(links: Mapping[str, dict[str, float]], source: str, targets: Sequence[str], weight: float) -> None:
    if len(source) < 2:
        return
    for target in targets:
        if target != source:
            known = links[source]
            known[target] = max(weight, known.get(target, 0.0))


def _user_row(line: str, where: str) -> tuple[list[str], list[str]]:
    left, arrow, right = line.partition("=>")
    sources = _user_words(left, where)
    targets = _user_words(right, where) if arrow else sources
    if not arrow and len(sources) < 2:
        raise ConfigError(f'{where}: a group needs two words or more, as in "软件, 軟體"')
    if short := [word for word in sources if len(word) < 2]:
        raise ConfigError(f"{where}: {short[0]!r} is a single character; those are not expanded")
    return sources, targets


def _user_words(part: str, where: str) -> list[str]:
    words = [normalize(word.strip()) for word in part.replace("，", ",").split(",")]
    if not all(words) or any("=>" in word for word in words):
        raise ConfigError(f'{where}: write "word, word" or "word => word, word"')
    return words
