"""Which words? Folded text → where each of its words ends.

A segmenter never changes, adds or skips text. Its dictionary is jieba's, folded by `indexer.text.normalize`
(words that fold alike add up their frequencies), so one dictionary serves every script; the user's
dictionary is added the same way. Word boundaries come from the most probable path through the
dictionary (`indexer.text.dictionary`); guessing unknown words (HMM) is off unless configured, since it fills
the index with one-off words. The path is found by the extension `_segmenter`; where it was not built, by
Python, or for whole documents by `rjieba` where that is installed: always the same words.
This is the only module that imports jieba.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache as cached
from importlib import import_module
from importlib.util import find_spec
from itertools import accumulate, chain, pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

from indexer import native
from indexer.text.dictionary import Dictionary, compiled
from indexer.text.normalize import normalize, table_digest
from indexer.text.ranges import HAN_RANGES, character_class

Ends = Sequence[int]
"""Where the words of a text end, ascending: a buffer of 32-bit numbers."""
Segmenter = Callable[[str], Ends]

_loaded: dict[tuple[str, bool, bool, bool], tuple[Segmenter, Dictionary]] = {}

# What can be inside a dictionary word: jieba's own class with the Han blocks it leaves out, as the first and
# the last character of each range.
BLOCKS = HAN_RANGES + "\u3007\u3007azAZ09++##&&..__%%--"
_BLOCK = re.compile(f"([{character_class(BLOCKS)}]+)")
# Outside words each character is a token of its own, but a line end is one.
_SINGLE = re.compile(r"\r\n|.", re.DOTALL)
_ALNUM = re.compile(r"[a-zA-Z0-9]")
# The frequency jieba's own add_word would reach for a word the user insists on, without the arithmetic.
_USER_FREQUENCY = 20_000


def load_segmenter(
    user: str, cache: Path, *, hmm: bool = False, bulk: bool = False
) -> tuple[Segmenter, Dictionary, str]:
    """A function from folded text to where its words end, the dictionary behind it, and that one's SHA-256.

    `user` is the text of a user dictionary (`word [frequency]` a line), `cache` a directory of ours for the
    compiled dictionary. `bulk` is for cutting many documents: it spends 4 MB on being fast, and where the
    extension is missing and rjieba is not, a second and 60 MB; the words are the same.
    """
    digest = hashlib.sha256(f"{_jieba_version()}\n{table_digest()}\n{user}".encode()).hexdigest()
    key = digest, hmm, bulk, native.used()
    found = _loaded.get(key)
    if found is None:
        dictionary = compiled(cache, f"words-{digest[:16]}", lambda: _frequencies(user))
        found = _guessing(dictionary) if hmm else _fastest(dictionary, bulk), dictionary
        # The last two stay, for whoever opens the index again.
        for old in list(_loaded)[:-1]:
            _loaded.pop(old, None)
        _loaded[key] = found
    return *found, digest


def slices(text: str, ends: Ends) -> list[str]:
    """The parts of a text that end at `ends`."""
    return [text[start:end] for start, end in pairwise(chain((0,), ends))]


def ends_of(parts: Iterable[str]) -> Ends:
    """Where each of `parts` ends, one after the other."""
    return array("I", accumulate(map(len, parts)))


def _fastest(dictionary: Dictionary, bulk: bool) -> Segmenter:
    """Of the segmenters there are, all of which find the same words, that which takes least time."""
    if extension := native.compiled("_segmenter"):
        return _compiled(dictionary, extension, bulk)
    fast = _rust(dictionary) if bulk and os.environ.get("HANSOU_FAST") != "off" else None
    return fast or _mapped(dictionary)


def _jieba(file: str) -> Path:
    """A file of jieba's, which takes 0.1 s and 8 MB to import, for nothing that is needed without HMM."""
    package = find_spec("jieba")
    assert package and package.origin
    return Path(package.origin).with_name(file)


@cached
def _jieba_version() -> str:
    source = _jieba("__init__.py").read_text(encoding="utf-8")
    found = re.search(r"^__version__ = ['\"](.+)['\"]$", source, re.MULTILINE)
    assert found
    return found[1]


def _frequencies(user: str) -> Mapping[str, int]:
    """Folded word → frequency: jieba's words, and those of a user dictionary."""
    frequencies: dict[str, int] = {}
    # Folding works on each character by itself, so the whole list is folded at once.
    for line in normalize(_jieba("dict.txt").read_text(encoding="utf-8")).splitlines():
        word, frequency = line.split(" ")[:2]
        frequencies[word] = frequencies.get(word, 0) + int(frequency)
    for word, count in map(_user_word, user.splitlines()):
        if word:
            frequencies[word] = frequencies.get(word, 0) + count
    return frequencies


def _user_word(line: str) -> tuple[str, int]:
    """One line of a user dictionary: `word`, `word frequency` or `word frequency tag`, as jieba reads it.

    >>> _user_word("晉瑋經 300 nr"), _user_word("數位孿生")
    (('晋玮经', 300), ('数位孪生', 20000))
    """
    word, *rest = line.split() or [""]
    return normalize(word), int(rest[0]) if rest and rest[0].isdecimal() else _USER_FREQUENCY


def _compiled(dictionary: Dictionary, extension: ModuleType, bulk: bool = False) -> Segmenter:
    """The extension, over the mapped dictionary."""
    arrays = dictionary.first, dictionary.codes, dictionary.rank, dictionary.weights
    loaded = extension.load(*arrays, dictionary.unknown, BLOCKS, bulk)
    return lambda text: memoryview(extension.ends(loaded, text)).cast("I")


def _rust(dictionary: Dictionary) -> Segmenter | None:
    """jieba in Rust, where it is installed (the extra `fast`)."""
    try:
        rjieba: Any = import_module("rjieba")
    except ImportError:
        return None
    tokenizer = rjieba.Jieba.empty()
    for word, frequency in dictionary.words():
        tokenizer.add_word(word, frequency, None)

    def cut(text: str) -> list[str]:
        try:
            found: list[str] = tokenizer.cut(text, False)
        except UnicodeEncodeError:
            # Rust knows no lone surrogates; they are in no word, so they are put back one for one.
            pieces = re.split("([\ud800-\udfff])", text)
            found = [word for piece in pieces for word in (cut(piece) if len(piece) != 1 else [piece])]
        return found

    return lambda text: ends_of(cut(text))


def _guessing(dictionary: Dictionary) -> Segmenter:
    """jieba itself, with HMM, over our dictionary."""
    import jieba  # only for those who ask for HMM: see `_jieba`

    jieba.setLogLevel(logging.WARNING)
    tokenizer = jieba.Tokenizer()
    tokenizer.FREQ, tokenizer.total, tokenizer.initialized = dictionary.prefixes(), dictionary.total, True
    return lambda text: ends_of(tokenizer.cut(text, HMM=True))


def _mapped(dictionary: Dictionary) -> Segmenter:
    """The most probable path without guessing, as jieba's `cut(HMM=False)`, over all Han blocks."""

    def ends(text: str) -> Ends:
        found: list[str] = []
        for index, block in enumerate(_BLOCK.split(text)):
            found += _words(block, dictionary.path(block)) if index % 2 else _SINGLE.findall(block)
        return ends_of(found)

    return ends


def _words(block: str, ends: Sequence[int]) -> Iterator[str]:
    """The words of a path; letters and digits that are in none stay together."""
    at = latin = 0
    while at < len(block):
        end = ends[at]
        if end - at == 1 and _ALNUM.match(block, at):
            at = end
            continue
        if latin < at:
            yield block[latin:at]
        yield block[at:end]
        at = latin = end
    if latin < at:
        yield block[latin:at]
