"""Which words? Folded text → words that concatenate to it.

A segmenter never changes, adds or skips text. Its dictionary is jieba's, folded by `indexer.normalize`
(words that fold alike add up their frequencies), so one dictionary serves every script; the user's
dictionary is added the same way. Word boundaries come from the most probable path through the
dictionary; guessing unknown words (HMM) is off unless configured, since it fills the index with one-off
words. With `rjieba` installed the same words come out several times faster.
This is the only module that imports jieba.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import jieba

from indexer.errors import ConfigError
from indexer.normalize import normalize, table_digest

Cut = Callable[[str], list[str]]

_loaded: dict[tuple[str, bool, bool], Cut] = {}

jieba.setLogLevel(logging.WARNING)

# What can be inside a dictionary word: jieba's own class with the Han blocks it leaves out.
_BLOCK = re.compile(
    r"([\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323afa-zA-Z0-9+#&._%\-]+)"
)
# Outside words each character is a token of its own, but a line end is one.
_SINGLE = re.compile(r"\r\n|.", re.DOTALL)
_ALNUM = re.compile(r"[a-zA-Z0-9]")
# The frequency jieba's own add_word would reach for a word the user insists on, without the arithmetic.
_USER_FREQUENCY = 20_000


def load_segmenter(user_dictionary: Path | None, cache: Path, *, hmm: bool = False) -> tuple[Cut, str]:
    """A function from folded text to its words, and the SHA-256 of the dictionary behind it.

    `cache` is a directory of ours for the compiled dictionary. Raises `ConfigError` for an unreadable
    user dictionary (`word [frequency]` a line).
    """
    user = "" if user_dictionary is None else _read(user_dictionary)
    digest = hashlib.sha256(f"{jieba.__version__}\n{table_digest()}\n{user}".encode()).hexdigest()
    key = digest, hmm, os.environ.get("HANSOU_FAST") == "off"
    cut = _loaded.get(key)
    if cut is None:
        cut = _load(user, cache, digest, hmm)
        # Loading takes a second and 100 MB: the last two stay, for whoever opens the index again.
        for old in list(_loaded)[:-1]:
            _loaded.pop(old, None)
        _loaded[key] = cut
    return cut, digest


def _load(user: str, cache: Path, digest: str, hmm: bool) -> Cut:
    frequencies = _frequencies(user)
    if not hmm and (cut := _fast_cut(frequencies)):
        return cut
    tokenizer = _tokenizer(frequencies, cache, digest)
    if hmm:
        return lambda text: list(tokenizer.cut(text, HMM=True))
    return lambda text: list(_cut(tokenizer, text))


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: the user dictionary cannot be read: {error}") from error


def _frequencies(user: str) -> Mapping[str, int]:
    with open(Path(jieba.__file__).with_name("dict.txt"), encoding="utf-8") as lines:
        frequencies = _folded(line.split(" ")[:2] for line in lines)
    for word, frequency in map(_user_word, user.splitlines()):
        if word:
            frequencies[word] = frequencies.get(word, 0) + frequency
    return frequencies


def _folded(entries: Iterator[list[str]]) -> dict[str, int]:
    frequencies: dict[str, int] = {}
    for word, frequency in entries:
        folded = normalize(word)
        frequencies[folded] = frequencies.get(folded, 0) + int(frequency)
    return frequencies


def _user_word(line: str) -> tuple[str, int]:
    """One line of a user dictionary: `word`, `word frequency` or `word frequency tag`, as jieba reads it.

    >>> _user_word("晉瑋經 300 nr"), _user_word("數位孿生")
    (('晋玮经', 300), ('数位孪生', 20000))
    """
    word, *rest = line.split() or [""]
    return normalize(word), int(rest[0]) if rest and rest[0].isdecimal() else _USER_FREQUENCY


def _fast_cut(frequencies: Mapping[str, int]) -> Cut | None:
    """jieba in Rust, where it is installed (the extra `fast`)."""
    if os.environ.get("HANSOU_FAST") == "off":
        return None
    try:
        rjieba: Any = import_module("rjieba")
    except ImportError:
        return None
    tokenizer = rjieba.Jieba.empty()
    for word, frequency in frequencies.items():
        tokenizer.add_word(word, frequency, None)

    def cut(text: str) -> list[str]:
        try:
            words: list[str] = tokenizer.cut(text, False)
        except UnicodeEncodeError:
            # Rust knows no lone surrogates; they are in no word, so they are put back one for one.
            pieces = re.split("([\ud800-\udfff])", text)
            words = [word for piece in pieces for word in (cut(piece) if len(piece) != 1 else [piece])]
        return words

    return cut


def _tokenizer(frequencies: Mapping[str, int], cache: Path, digest: str) -> jieba.Tokenizer:
    """A jieba tokenizer of our own; jieba compiles its dictionary once into `cache`."""
    cache.mkdir(parents=True, exist_ok=True)
    dictionary = cache / f"dictionary-{digest[:16]}.txt"
    if not dictionary.exists():
        with tempfile.NamedTemporaryFile("w", dir=cache, delete=False, encoding="utf-8") as out:
            out.writelines(
                f"{word} {frequency}\n" for word, frequency in frequencies.items() if " " not in word
            )
        os.replace(out.name, dictionary)
    tokenizer = jieba.Tokenizer(str(dictionary))
    tokenizer.tmp_dir = str(cache)
    tokenizer.initialize()
    return tokenizer


def _cut(tokenizer: jieba.Tokenizer, text: str) -> Iterator[str]:
    """The most probable path without guessing, as jieba's `cut(HMM=False)`, over all Han blocks."""
    for index, block in enumerate(_BLOCK.split(text)):
        if index % 2:
            yield from _path(tokenizer, block)
        else:
            yield from _SINGLE.findall(block)


def _path(tokenizer: jieba.Tokenizer, block: str) -> Iterator[str]:
    route: dict[int, tuple[float, int]] = {}
    tokenizer.calc(block, tokenizer.get_DAG(block), route)
    at = latin = 0
    while at < len(block):
        end = route[at][1] + 1
        if end - at == 1 and _ALNUM.match(block, at):
            at = end
            continue
        if latin < at:
            yield block[latin:at]
        yield block[at:end]
        at = latin = end
    if latin < at:
        yield block[latin:at]
