"""Which slips are made of what readers type, and which queries hold none? Drawn from an index, by a seed.

A slip is one homophone, one look-alike, a character dropped or inserted, two swapped, or a slip of one
key in a Latin word. **What makes a text that some document holds is no error** and is left out.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import ascii_lowercase

from indexer.config import Config
from indexer.derived.suggest import LEXICON, Lexicon
from indexer.derived.suggest.shapes import lookalikes
from indexer.derived.suggest.sounds import Sounds, is_han, reading_table
from indexer.engine import open_engine
from indexer.engine.fields import indexed_text
from indexer.measure.judgments import query_files, read_topics
from indexer.text.analyzer import Analyzer, grams, load_analyzer, phrase
from indexer.text.normalize import normalize

KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
KINDS = ("homophone", "shape", "missing", "extra", "swap")
QUESTIONS = ("drcd_dev", "cmrc_trial")
HEADINGS = ("pydocs_tw", "pydocs_cn")
_CHARACTER_BYTES = 4


@dataclass(frozen=True, slots=True)
class Error:
    """A query with one slip: where it is from, the kind of slip, and what was meant, folded."""

    source: str
    kind: str
    typed: str
    meant: str


class World:
    """An index and what a searcher asks of it."""

    def __init__(self, config: Config) -> None:
        self.analyzer: Analyzer = load_analyzer(config)
        self.snapshot = open_engine(config).open(self.analyzer.fingerprint)
        self.lexicon = Lexicon.open(self.snapshot.attachment(LEXICON))
        self.documents = self.snapshot.generation.counts.documents
        self.words = self.snapshot.vocabulary("words")
        self.titles = [*self.snapshot.vocabulary("title")]
        self.characters = Counter(self.snapshot.vocabulary("grams", longest=_CHARACTER_BYTES))
        self.holds = cache(self._holds)
        self.sounds = Sounds(*reading_table())
        self.by_sound: dict[str, list[str]] = defaultdict(list)
        for character, count in self.characters.items():
            if count >= 20 and is_han(character):
                for syllable in self.sounds.of(character):
                    self.by_sound[syllable].append(character)
        self.common = [c for c, _ in self.characters.most_common(1500) if is_han(c)]

    def _holds(self, folded: str) -> bool:
        return self.snapshot.hold("grams", [phrase(grams(folded))])[0]

    def frequency(self, gram: str) -> int:
        """How many documents hold a folded gram."""
        return self.snapshot.frequencies("grams", [gram])[0]

    def text(self, rng: random.Random) -> str:
        """The folded text of some document."""
        (record,) = self.snapshot.records([rng.randrange(self.documents)])
        return normalize(indexed_text(record))


def questions(folder: Path) -> list[str]:
    """The queries of a judged set."""
    return [topic.text for file in query_files(folder) for topic in read_topics(file)]


def lines(world: World, count: int, rng: random.Random) -> list[str]:
    """Some lines of four to eight characters of documents that have such lines, folded."""
    found: dict[str, None] = {}
    for _ in range(count * 20):
        parts = "".join(world.text(rng).replace("\n", "。").split()).replace("，", "。").split("。")
        fitting = [part for part in parts if 4 <= len(part) <= 8 and is_han(part)]
        if len(found) >= count:
            break
        if fitting:
            found.setdefault(rng.choice(fitting))
    return list(found)


def meant(world: World, eval_folder: Path, count: int, rng: random.Random) -> dict[str, list[str]]:
    """Right queries that documents hold, by where they are from."""
    words: set[str] = set()
    cuts: set[str] = set()
    latin: set[str] = set()
    for question in (text for name in QUESTIONS for text in questions(eval_folder / name)):
        terms = world.analyzer.word_terms(question)
        latin.update(w for w in terms if len(w) > 4 and w.isascii() and w.isalpha())
        words.update(w for w in terms if len(w) > 1 and is_han(w) and world.words.get(w, 0) > 1)
        runs = ("".join(terms[at : at + size]) for size in (2, 3) for at in range(len(terms) - size + 1))
        cuts.update(cut for cut in runs if 4 <= len(cut) <= 8 and is_han(cut) and world.holds(cut))
    titles = {normalize(title) for title in world.titles if 3 <= len(title) <= 8 and is_han(normalize(title))}
    groups = {"word": words, "phrase": cuts, "title": titles, "latin": latin}
    found = {source: sorted(texts) for source, texts in groups.items()}
    for texts in found.values():
        rng.shuffle(texts)
    return found | {"line": lines(world, count, rng)}


def slip(text: str, kind: str, world: World, rng: random.Random) -> str | None:
    """`text` with one slip of a kind, or None where it cannot be made."""
    at = rng.randrange(len(text))
    character = text[at]
    if kind == "homophone":
        same = {c for s in world.sounds.of(character)[:1] for c in world.by_sound[s]} - {character}
        others = sorted(same)
        weights = [world.characters[c] ** 0.5 for c in others]
        return text[:at] + rng.choices(others, weights)[0] + text[at + 1 :] if others else None
    if kind == "shape":
        alike = lookalikes(character)
        return text[:at] + rng.choice(alike) + text[at + 1 :] if alike else None
    if kind == "missing":
        return text[:at] + text[at + 1 :] if len(text) > 2 else None
    if kind == "extra":
        return text[:at] + (character if rng.random() < 0.5 else rng.choice(world.common)) + text[at:]
    if kind == "swap":
        return text[:at] + text[at + 1] + character + text[at + 2 :] if at + 1 < len(text) else None
    return _key_slip(text, at, rng)


def _key_slip(text: str, at: int, rng: random.Random) -> str:
    row = next((row for row in KEYS if text[at] in row), "")
    near = [row[i] for i in (row.find(text[at]) - 1, row.find(text[at]) + 1) if row and 0 <= i < len(row)]
    what = rng.choice(("near", "missing", "double", "swap"))
    if what == "near" and near:
        return text[:at] + rng.choice(near) + text[at + 1 :]
    if what == "missing":
        return text[:at] + text[at + 1 :]
    if what == "swap" and at + 1 < len(text):
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return text[:at] + text[at] + text[at:]


def errors(world: World, eval_folder: Path, size: int, rng: random.Random) -> list[Error]:
    """Errors, the same number for each source and kind as far as there are."""
    each = size // (4 * len(KINDS))
    made: list[Error] = []
    for source, texts in meant(world, eval_folder, each * len(KINDS), rng).items():
        supply = iter(texts * 20)
        for kind in ("latin",) if source == "latin" else KINDS:
            wanted = len(made) + (min(each, 2 * len(texts)) if source == "latin" else each)
            for text in supply:
                wrong = slip(text, kind, world, rng)
                if wrong and wrong != text and not world.holds(wrong):
                    made.append(Error(source, kind, wrong, text))
                if len(made) == wanted:
                    break
    return made


def correct_queries(world: World, eval_folder: Path, rng: random.Random) -> dict[str, Sequence[str]]:
    """Queries that hold no error, by kind."""
    cuts, joined = [], []
    for _ in range(2000):
        text, size = world.text(rng), rng.randint(2, 16)
        at = rng.randrange(max(1, len(text) - size))
        cut = text[at : at + size].split("\n")[0] or text[:size]
        cuts.append(cut.strip(ascii_lowercase))  # half a Latin word is none
    asked = [text for name in QUESTIONS for text in questions(eval_folder / name)]
    for question in asked:
        words = [word for word in world.analyzer.word_terms(question) if len(word) > 1 and is_han(word)]
        joined += ["".join(rng.sample(words, 2))] if len(words) > 1 else []
    usual = [word for word in world.words if len(word) > 1 and is_han(word)]
    headings = {text for name in HEADINGS for text in questions(eval_folder / name)}
    return {
        "questions": asked,
        "words of questions, joined": joined,
        "headings of documents that are not in the index": sorted(headings),
        "lines of poems, most not in the index": questions(eval_folder / "poems"),
        "words of the index": rng.sample(usual, min(3000, len(usual))),
        "titles": rng.sample(world.titles, min(2000, len(world.titles))),
        "substrings": cuts,
    }
