"""How is a lexicon laid out in its file? Sorted strings and sorted hashes, found by bisection.

    text, text_at       folded texts in order, UTF-8, and where each begins
    shown, shown_at     the form to show, where it is not the folded text
    count, rank, kind   documents; place in order of usefulness (0 first); TITLE | WORD | PAIR
    pinyin, initials    spellings in order (_at where each begins, _of which entry)
    exact, sound, drop  hashes in order (_of which entry): texts, blurred spellings, texts less a character
    readings            toneless readings of U+4E00–9FFF, numbers of metadata["syllables"]
    letters, letters_in code points of the index's Han characters, the commonest first, and their counts

Only texts that a correction may lead to are in `exact`, `sound` and `drop`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Protocol
from zlib import crc32

import numpy as np

from indexer.codec.container import SectionWriter
from indexer.suggest.sounds import Sounds, blurred, initials, is_han, reading_table
from indexer.suggest.surface import readable

TITLE, WORD, PAIR = 1, 2, 4
MOST_PAIRS = 300_000
MOST_TITLES = 100_000
LONGEST_CORRECTION = 8
SPELLED = 12  # characters of a text that are spelled
# A title is a whole document's name: it counts as much as a word of so many documents.
_WORTH = {TITLE: 8.0, WORD: 1.0, PAIR: 1.5}


@dataclass(frozen=True, slots=True)
class Entry:
    """One text of the lexicon."""

    folded: str
    shown: str
    count: int
    kind: int

    @property
    def usefulness(self) -> float:
        """What orders suggestions: documents, worth more for what says more."""
        worth = max(value for kind, value in _WORTH.items() if kind & self.kind)
        return self.count * worth


def digest(text: str) -> int:
    """The hash under which a text is found; different texts may share one.

    >>> digest("无锡") == digest("无锡"), digest("无锡") == digest("锡无")
    (True, False)
    """
    return crc32(text.encode())


def floor(documents: int) -> int:
    """The least number of documents that makes a text a correction: one document may be the mistake."""
    return 1 if documents < 500 else 2


class Counted(Protocol):
    """What a lexicon is written of: see `LexiconBuilder`."""

    documents: int
    words: Counter[str]
    pairs: Counter[str]
    titles: dict[str, Counter[str]]
    characters: Counter[str]


def write_lexicon(builder: Counted, path: Path) -> None:
    """Write the file that `Lexicon.open` maps."""
    entries = sorted(_entries(builder), key=lambda entry: entry.folded)
    syllables, readings = reading_table()
    sounds = Sounds(syllables, readings)
    with open(path, "wb") as stream:
        writer = SectionWriter(stream)
        _strings(writer, "text", [entry.folded for entry in entries])
        _strings(writer, "shown", [entry.shown if entry.shown != entry.folded else "" for entry in entries])
        writer.add("count", np.array([entry.count for entry in entries], np.uint32))
        writer.add("kind", np.array([entry.kind for entry in entries], np.uint8))
        order = sorted(range(len(entries)), key=lambda number: -entries[number].usefulness)
        rank = np.empty(len(entries), np.uint32)
        rank[order] = np.arange(len(entries))
        writer.add("rank", rank)
        _add_spellings(writer, entries, sounds)
        _add_corrections(writer, entries, sounds, floor(builder.documents))
        writer.add("readings", readings.reshape(-1))
        letters = Counter({ord(c): n for c, n in builder.characters.items() if is_han(c)}).most_common()
        writer.add("letters", np.array([code for code, _ in letters], np.uint32))
        writer.add("letters_in", np.array([count for _, count in letters], np.uint32))
        writer.close({"documents": builder.documents, "syllables": syllables})


def _entries(builder: Counted) -> Iterator[Entry]:
    least = 1 if builder.documents < 500 else 3 if builder.documents < 100_000 else 5
    pairs = {pair: count for pair, count in builder.pairs.most_common(MOST_PAIRS) if count >= least}
    # Of a very large index the titles that most documents bear; its once-only words suggest nothing.
    titles = dict(sorted(builder.titles.items(), key=lambda item: -item[1].total())[:MOST_TITLES])
    rare = 1 if builder.documents < 100_000 else 2
    for folded, forms in titles.items():
        ((shown, _),) = forms.most_common(1)
        kind = TITLE | (WORD if folded in builder.words else 0) | (PAIR if folded in pairs else 0)
        yield Entry(folded, shown, max(forms.total(), builder.words[folded], pairs.get(folded, 0)), kind)
    for word, count in builder.words.items():
        if len(word) > 1 and count >= rare and word not in titles:
            yield Entry(
                word, readable(word), max(count, pairs.get(word, 0)), WORD | (PAIR if word in pairs else 0)
            )
    for pair, count in pairs.items():
        if pair not in builder.words and pair not in titles:
            yield Entry(pair, readable(pair), count, PAIR)


def _strings(writer: SectionWriter, name: str, texts: list[str]) -> None:
    encoded = [text.encode() for text in texts]
    writer.add(name, np.frombuffer(b"".join(encoded), np.uint8))
    ends = accumulate(map(len, encoded), initial=0)
    writer.add(f"{name}_at", np.fromiter(ends, np.uint32, len(encoded) + 1))


def _add_spellings(writer: SectionWriter, entries: list[Entry], sounds: Sounds) -> None:
    spelled: set[tuple[str, int]] = set()
    short: set[tuple[str, int]] = set()
    for number, entry in enumerate(entries):
        han = [character for character in entry.folded if is_han(character)][:SPELLED]
        if len(han) > 1:
            for spelling in sounds.spellings("".join(han)):
                spelled.add(("".join(spelling), number))
                short.add((initials(spelling), number))
    for name, keys in (("pinyin", sorted(spelled)), ("initials", sorted(short))):
        _strings(writer, name, [key for key, _ in keys])
        writer.add(f"{name}_of", np.array([number for _, number in keys], np.uint32))


def _add_corrections(writer: SectionWriter, entries: list[Entry], sounds: Sounds, least: int) -> None:
    exact: list[int] = []
    sound: list[int] = []
    drop: list[int] = []
    for number, entry in enumerate(entries):
        text = entry.folded
        if not (han := is_han(text)) and not is_latin(text):
            continue
        exact.append(digest(text) << 32 | number)
        if han and (len(text) > LONGEST_CORRECTION or (entry.count < least and entry.kind == WORD)):
            continue
        if han:
            sound += (digest(key) << 32 | number for key in sound_keys(sounds, text))
        if len(text) > 2:
            less = {text[:at] + text[at + 1 :] for at in range(len(text))}
            drop += (digest(key) << 32 | number for key in less)
    for name, keys in (("exact", exact), ("sound", sound), ("drop", drop)):
        _hashes(writer, name, keys)


def is_latin(text: str) -> bool:
    """Whether a text is one word of ASCII letters."""
    return len(text) > 3 and text.isascii() and text.isalpha()


def sound_keys(sounds: Sounds, text: str) -> set[str]:
    """Under what a text is found by its sound: its spellings, blurred."""
    return {"'".join(map(blurred, spelling)) for spelling in sounds.spellings(text)}


def _hashes(writer: SectionWriter, name: str, keys: list[int]) -> None:
    """Write keys, each a hash above the number of its entry, in order."""
    ordered = np.unique(np.array(keys, np.uint64))
    writer.add(name, (ordered >> np.uint64(32)).astype(np.uint32))
    writer.add(f"{name}_of", (ordered & np.uint64(0xFFFFFFFF)).astype(np.uint32))
