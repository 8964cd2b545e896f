"""How is a lexicon laid out in its file? Sorted strings and sorted hashes, found by bisection.

    text, text_at       folded texts in order, UTF-8, and where each begins
    shown, shown_at     the form to show, where it is not the folded text
    count, rank, kind   documents; place in order of usefulness (0 first); TITLE | WORD | PHRASE
    pinyin, initials    spellings in order (_at where each begins, _of which entry)
    exact, sound, drop  hashes in order (_of which entry): texts, blurred spellings, texts less a character
    readings            toneless readings of U+4E00–9FFF, numbers of metadata["syllables"]
    letters, letters_in code points of the index's Han characters, the commonest first, and their counts

Only texts that a correction may lead to are in `sound` and `drop`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from indexer.arrays import SectionWriter
from indexer.derived.suggest.counted import Counted
from indexer.derived.suggest.hashing import crc32s, joined, starts_of
from indexer.derived.suggest.sounds import Sounds, blurred, is_han, reading_table
from indexer.derived.suggest.spelled import Bytes, Spelled, are_han, distinct, in_order, spelled
from indexer.derived.suggest.surface import readable

TITLE, WORD, PHRASE = 1, 2, 4
LONGEST_CORRECTION = 8
SPELLED = 12  # characters of a text that are spelled
# A title is a whole document's name: it counts as much as a word of so many documents.
_WORTH = {WORD: 1.0, PHRASE: 1.5, TITLE: 8.0}


@dataclass(frozen=True)
class Entries:
    """The texts of a lexicon in order, in columns."""

    texts: Sequence[str]
    counts: NDArray[np.uint32]
    kinds: NDArray[np.uint8]
    titles: Mapping[str, str]

    @classmethod
    def of(cls, counted: Counted) -> Entries:
        """What was counted, an entry per text."""
        counts: dict[str, int] = {}
        kinds: dict[str, int] = {}
        for kind, found in ((WORD, counted.words), (PHRASE, counted.phrases), (TITLE, counted.titles)):
            for text, count in found.items():
                counts[text] = max(count, counts.get(text, 0))
                kinds[text] = kinds.get(text, 0) | kind
        texts = sorted(counts)
        return cls(
            texts,
            np.array([counts[text] for text in texts], np.uint32),
            np.array([kinds[text] for text in texts], np.uint8),
            counted.shown,
        )

    @cached_property
    def encoded(self) -> list[bytes]:
        """The texts as UTF-8."""
        return [text.encode() for text in self.texts]

    def shown(self) -> list[bytes]:
        """The form to show, empty where it is the text: a title's own, else how it is usually written."""
        forms = (
            self.titles[text] if kind & TITLE else readable(text)
            for text, kind in zip(self.texts, self.kinds.tolist(), strict=True)
        )
        return [b"" if form == text else form.encode() for form, text in zip(forms, self.texts, strict=True)]

    def ranks(self) -> NDArray[np.uint32]:
        """The place of each by its documents, which are worth more for what says more."""
        worth = np.ones(len(self.texts))
        for kind, value in _WORTH.items():
            worth[self.kinds & kind > 0] = value
        ranks = np.empty(len(worth), np.uint32)
        ranks[np.argsort(-worth * self.counts, kind="stable")] = np.arange(len(worth))
        return ranks


def digest(text: str) -> int:
    """The hash under which a text is found; different texts may share one.

    >>> digest("无锡") == digest("无锡"), digest("无锡") == digest("锡无")
    (True, False)
    """
    return crc32(text.encode("utf-8", "surrogatepass"))


def floor(documents: int) -> int:
    """The least number of documents that makes a text a correction: one document may be the mistake."""
    return 1 if documents < 500 else 2


def write_lexicon(counted: Counted, path: Path) -> None:
    """Write the file that `Lexicon.open` maps."""
    entries = Entries.of(counted)
    syllables, readings = reading_table()
    with open(path, "wb") as stream:
        writer = SectionWriter(stream)
        _strings(writer, "text", entries.encoded)
        _strings(writer, "shown", entries.shown())
        writer.add("count", entries.counts)
        writer.add("kind", entries.kinds)
        writer.add("rank", entries.ranks())
        han = are_han(entries.texts)
        spellings = spelled(entries.texts, Sounds(syllables, readings), SPELLED)
        _add_spellings(writer, spellings)
        _add_corrections(writer, entries, han, spellings, floor(counted.documents))
        writer.add("readings", readings.reshape(-1))
        letters = sorted((-count, ord(c)) for c, count in counted.characters.items() if is_han(c))
        writer.add("letters", np.array([code for _, code in letters], np.uint32))
        writer.add("letters_in", np.array([-count for count, _ in letters], np.uint32))
        writer.close({"documents": counted.documents, "syllables": syllables})


def _strings(writer: SectionWriter, name: str, texts: Sequence[bytes]) -> None:
    _packed(writer, name, *joined(texts))


def _packed(
    writer: SectionWriter, name: str, block: Bytes, lengths: Sequence[int] | NDArray[np.int64]
) -> None:
    """Write strings that stand one after the other, and where each begins."""
    writer.add(name, block)
    writer.add(f"{name}_at", np.concatenate([[0], np.cumsum(lengths)]).astype(np.uint32))


def _add_spellings(writer: SectionWriter, spellings: Spelled) -> None:
    spoken = (spellings.rows > 0).sum(axis=1) > 1
    spellings = Spelled(spellings.rows[spoken], spellings.of[spoken], spellings.syllables)
    for name, written in (("pinyin", str), ("initials", _first)):
        letters, of = in_order(spellings.letters(written)[0], spellings.of)
        filled = letters != 0
        _packed(writer, name, letters[filled], filled.sum(axis=1))
        writer.add(f"{name}_of", of)


def _first(syllable: str) -> str:
    return syllable[0]


def _add_corrections(
    writer: SectionWriter, entries: Entries, han: NDArray[np.bool_], spellings: Spelled, least: int
) -> None:
    lengths = np.fromiter(map(len, entries.texts), np.int64, len(entries.texts))
    latin = np.fromiter(map(is_latin, entries.texts), np.bool_, len(entries.texts))
    usual = (entries.counts >= least) | (entries.kinds != WORD)
    meant = han & (lengths <= LONGEST_CORRECTION) & usual
    exact = np.flatnonzero(han | latin)
    whole, widths = joined([entries.encoded[number] for number in exact.tolist()])
    _hashes(writer, "exact", crc32s(whole, starts_of(widths), widths), exact)
    known = meant[spellings.of] & ((spellings.rows > 0).sum(axis=1) == lengths[spellings.of])
    heard = Spelled(spellings.rows[known], spellings.of[known], spellings.syllables)
    # What `sound_keys` gives, for each row.
    letters, spoken = heard.letters(lambda syllable: blurred(syllable) + "'")
    _hashes(
        writer,
        "sound",
        crc32s(letters.ravel(), np.arange(len(letters)) * letters.shape[1], spoken - 1),
        heard.of,
    )
    longer = np.flatnonzero((meant | latin) & (lengths > 2))
    _hashes(writer, "drop", _less_one(entries, longer, lengths[longer]), np.repeat(longer, lengths[longer]))


def _less_one(entries: Entries, chosen: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.uint32]:
    """The hashes of texts, which are Han or ASCII, less each of their characters."""
    block, sizes = joined([entries.encoded[number] for number in chosen.tolist()])
    starts, ends = np.repeat(starts_of(sizes), lengths), np.repeat(sizes.cumsum(), lengths)
    widths = np.repeat(sizes // np.maximum(lengths, 1), lengths)
    before = (np.arange(len(starts)) - np.repeat(starts_of(lengths), lengths)) * widths
    after = starts + before + widths
    return crc32s(block, after, ends - after, crc32s(block, starts, before))


def is_latin(text: str) -> bool:
    """Whether a text is one word of ASCII letters."""
    return len(text) > 3 and text.isascii() and text.isalpha()


def sound_keys(sounds: Sounds, text: str) -> set[str]:
    """Under what a text is found by its sound: its spellings, blurred."""
    return {"'".join(map(blurred, spelling)) for spelling in sounds.spellings(text)}


def _hashes(
    writer: SectionWriter,
    name: str,
    hashes: NDArray[np.uint32],
    of: NDArray[np.int64] | NDArray[np.uint32],
) -> None:
    """Write hashes in order, and which entry each is of."""
    ordered = distinct(hashes.astype(np.uint64) << np.uint64(32) | of.astype(np.uint64))
    writer.add(name, (ordered >> np.uint64(32)).astype(np.uint32))
    writer.add(f"{name}_of", (ordered & np.uint64(0xFFFFFFFF)).astype(np.uint32))
