"""How right and how fast are corrections, completions and pinyin?

    python benchmarks/bench_suggest.py EVAL_FOLDER [--poems 40000] [--errors 3000] [--seed 1] [--misses N]

EVAL_FOLDER holds judged sets (`NAME/docs.jsonl(.gz)`, `NAME/queries.tsv`). The lexicon is built over
drcd_dev, cmrc_trial and the first `--poems` poems; frequencies come from dictionaries over the same
documents. The error set is made from words and phrases of the development questions, poem titles and
poem lines, one slip each: a homophone, a look-alike, a character dropped or inserted, two swapped, and
slips of one key in Latin words. A slip that makes a text some document holds is no error and left out.
Correct queries are the questions themselves, titles, and substrings of documents.
Precision is right corrections over corrections made, recall right corrections over errors.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import resource
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from indexer.analyzer import load_analyzer, visible
from indexer.config import Config
from indexer.normalize import normalize
from indexer.suggest import Lexicon, LexiconBuilder
from indexer.suggest.builder import is_han
from indexer.suggest.shapes import lookalikes
from indexer.suggest.sounds import Sounds, reading_table

KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
Sample = tuple[str, str, str, str]  # source, kind of slip, query, what was meant


def documents(folder: Path, limit: int | None = None) -> Iterator[tuple[str | None, str]]:
    """Title and text of each document of a judged set."""
    file = next(folder.glob("docs.jsonl*"))
    opener = gzip.open if file.suffix == ".gz" else open
    with opener(file, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            if limit is not None and number >= limit:
                return
            row = json.loads(line)
            yield row.get("title"), row["text"]


def questions(folder: Path) -> list[str]:
    """The queries of a judged set."""
    lines = (folder / "queries.tsv").read_text(encoding="utf-8").splitlines()
    return [line.split("\t")[1] for line in lines]


class Corpus:
    """Exact strings of folded documents, found through the rarest pair."""

    def __init__(self, texts: list[str]) -> None:
        self._texts = [part for text in texts for part in text.split("\n")]
        self._with: dict[str, list[int]] = defaultdict(list)
        for number, text in enumerate(self._texts):
            for pair in {text[at : at + 2] for at in range(len(text) - 1)}:
                self._with[pair].append(number)
        self._known: dict[str, bool] = {}

    def __contains__(self, text: str) -> bool:
        if (known := self._known.get(text)) is None:
            pairs = {text[at : at + 2] for at in range(len(text) - 1)}
            rarest = min((self._with.get(pair, []) for pair in pairs), key=len, default=[])
            known = self._known[text] = any(text in self._texts[number] for number in rarest)
        return known

    def holds(self, text: str) -> bool:
        """Whether a document has the folded text as an exact string."""
        return text in self


class World:
    """Everything the benchmark knows: the lexicon, the frequencies, the texts."""

    def __init__(self, folder: Path, poems: int, path: Path) -> None:
        self.analyzer = load_analyzer(Config(base=path.parent))
        self.builder = LexiconBuilder()
        self.frequencies: Counter[str] = Counter()
        self.titles: list[str] = []
        self.lines: list[str] = []
        folded: list[str] = []
        counted = building = 0.0
        for name, limit in (("drcd_dev", None), ("cmrc_trial", None), ("poems", poems)):
            for title, text in documents(folder / name, limit):
                whole = f"{title or ''}\n{text}"
                words = self.analyzer.word_terms(whole)
                self.frequencies.update({*words, *self.analyzer.grams(whole).terms})
                started = time.perf_counter()
                self.builder.add(title, words)
                building += time.perf_counter() - started
                folded.append(normalize("\n".join(visible(part)[0] for part in (title or "", text))))
                self.titles += [title] if title else []
                if name == "poems":
                    self.lines += [line for line in "".join(text.split()).split("。")[0].split("，") if line]
        self.corpus = Corpus(folded)
        self.substrings = folded
        started = time.perf_counter()
        self.builder.write(path)
        counted = time.perf_counter() - started
        print(
            f"{self.builder.documents:,} documents: {building:.1f} s adding, {counted:.1f} s writing, "
            f"{path.stat().st_size / 1e6:.1f} MB"
        )
        self.sounds = Sounds(*reading_table())
        self.by_sound: dict[str, list[str]] = defaultdict(list)
        for character, count in self.builder.characters.items():
            if count >= 20 and is_han(character):
                for syllable in self.sounds.of(character):
                    self.by_sound[syllable].append(character)
        self.common = [c for c, _ in self.builder.characters.most_common(1500) if is_han(c)]

    def frequency(self, text: str) -> int:
        """In how many documents a term is."""
        return self.frequencies.get(text, 0)


def phrases(world: World, folder: Path, rng: random.Random) -> list[tuple[str, str]]:
    """(source, text) of right queries that documents hold: words, phrases, titles, lines."""
    words: set[str] = set()
    cuts: set[str] = set()
    latin: set[str] = set()
    for name in ("drcd_dev", "cmrc_trial"):
        for question in questions(folder / name):
            terms = world.analyzer.word_terms(question)
            latin.update(w for w in terms if len(w) > 4 and w.isascii() and w.isalpha())
            words.update(w for w in terms if len(w) > 1 and is_han(w) and world.frequency(w) > 1)
            for size in (2, 3):
                for at in range(len(terms) - size + 1):
                    cut = "".join(terms[at : at + size])
                    if 4 <= len(cut) <= 8 and is_han(cut) and cut in world.corpus:
                        cuts.add(cut)
    titles = {normalize(t) for t in world.titles if 3 <= len(t) <= 8 and is_han(normalize(t))}
    lines = {normalize(t) for t in world.lines if 4 <= len(t) <= 8 and is_han(normalize(t))}
    groups = {"word": words, "phrase": cuts, "title": titles, "line": lines, "latin": latin}
    chosen = []
    for source, texts in groups.items():
        ordered = sorted(texts)
        rng.shuffle(ordered)
        chosen += [(source, text) for text in ordered]
    return chosen


def slip(text: str, kind: str, world: World, rng: random.Random) -> str | None:
    """`text` with one slip of a kind, or None where it cannot be made."""
    at = rng.randrange(len(text))
    character = text[at]
    if kind == "homophone":
        same = {c for s in world.sounds.of(character)[:1] for c in world.by_sound[s]} - {character}
        others = sorted(same)
        weights = [world.builder.characters[c] ** 0.5 for c in others]
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


def _key_slip(text: str, at: int, rng: random.Random) -> str | None:
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


def error_set(world: World, folder: Path, size: int, rng: random.Random) -> list[Sample]:
    """Errors, the same number for each source and kind as far as there are."""
    by_source: dict[str, list[str]] = defaultdict(list)
    for source, text in phrases(world, folder, rng):
        by_source[source].append(text)
    kinds = ("homophone", "shape", "missing", "extra", "swap")
    each = size // (4 * len(kinds))
    samples: list[Sample] = []
    for source, texts in by_source.items():
        supply = iter(texts * 20)
        for kind in ("latin",) if source == "latin" else kinds:
            made = 0
            for text in supply:
                wrong = slip(text, kind, world, rng)
                if wrong and wrong != text and wrong not in world.corpus:
                    samples.append((source, kind, wrong, text))
                    made += 1
                if made == (each if source != "latin" else min(each, 2 * len(texts))):
                    break
    return samples


def correct_queries(world: World, folder: Path, rng: random.Random) -> dict[str, list[str]]:
    """Queries that hold no error."""
    cuts = []
    for text in rng.choices(world.substrings, k=2000):
        size = rng.randint(2, 16)
        at = rng.randrange(max(1, len(text) - size))
        cuts.append(text[at : at + size].split("\n")[0] or text[:size])
    joined = []
    for question in rng.sample(questions(folder / "drcd_dev"), 1500):
        words = [word for word in world.analyzer.word_terms(question) if len(word) > 1 and is_han(word)]
        joined += ["".join(rng.sample(words, 2))] if len(words) > 1 else []
    return {
        "joined words": joined,
        "questions": questions(folder / "drcd_dev") + questions(folder / "cmrc_trial"),
        "titles": rng.sample(world.titles, min(2000, len(world.titles))),
        "substrings": cuts,
        "lines of other poems": questions(folder / "poems"),
        "headings of other documents": headings(folder / "pydocs_tw") + headings(folder / "pydocs_cn"),
    }


def headings(folder: Path) -> list[str]:
    """The headings of a set that has them in two varieties."""
    lines = (folder / "queries.same.tsv").read_text(encoding="utf-8").splitlines()
    return [line.split("\t")[1] for line in lines]


def timed(call: Callable[[str], object], queries: list[str]) -> str:
    """p50 and p99 of a call, in milliseconds."""
    took = []
    for query in queries:
        started = time.perf_counter()
        call(query)
        took.append(1000 * (time.perf_counter() - started))
    half, most = np.percentile(took, [50, 99])
    return f"p50 {half:.2f} ms, p99 {most:.2f} ms, {len(took):,} queries"


def measure_corrections(lexicon: Lexicon, world: World, samples: list[Sample], misses: int) -> None:
    """Print precision and recall by kind and by source."""
    tally: dict[str, Counter[str]] = defaultdict(Counter)
    shown = 0
    for source, kind, wrong, right in samples:
        found = lexicon.correct(wrong, world.frequency, world.corpus.holds)
        verdict = "none" if found is None else "right" if normalize(found.text) == right else "wrong"
        for group in (kind, source, "all"):
            tally[group][verdict] += 1
        if verdict != "right" and shown < misses:
            shown += 1
            print(f"  {verdict:5} {source:6} {kind:9} {wrong} ({right}) → {found}")
    for group, counts in tally.items():
        made = counts["right"] + counts["wrong"]
        print(
            f"{group:10} {counts.total():5} errors  precision {counts['right'] / max(1, made):.3f}  "
            f"recall {counts['right'] / counts.total():.3f}"
        )


def measure_harm(lexicon: Lexicon, world: World, folder: Path, rng: random.Random) -> None:
    """Print how many correct queries are corrected."""
    for name, queries in correct_queries(world, folder, rng).items():
        changed = [(q, c) for q in queries if (c := lexicon.correct(q, world.frequency, world.corpus.holds))]
        print(f"{name}: {len(changed)} of {len(queries):,} corrected")
        for query, correction in changed[:12]:
            print(f"  {query} → {correction.text} {correction.confidence} {correction.kind}")


def measure_speed(lexicon: Lexicon, world: World, samples: list[Sample], folder: Path) -> None:
    """Print latencies of all three calls, and how often frequencies are asked for."""
    mistaken = [wrong for _, _, wrong, _ in samples]

    def correct(query: str) -> object:
        return lexicon.correct(query, world.frequency, world.corpus.holds)

    print("correct, errors:    ", timed(correct, mistaken))
    asking = questions(folder / "drcd_dev")[:1500]
    print("correct, questions: ", timed(correct, asking))
    rng = random.Random(2)
    titles = [normalize(title) for title in rng.sample(world.titles, min(1000, len(world.titles)))]
    prefixes = [title[:size] for title in titles for size in (1, 2, 3)]
    print("complete, Han:      ", timed(lexicon.complete, prefixes))
    spelled = ["".join(world.sounds.spellings(title)[0]) for title in titles if is_han(title)]
    typed = [s[:size] for s in spelled for size in (1, 2, 4, 8)]
    print("complete, pinyin:   ", timed(lexicon.complete, typed))
    short = ["".join(s[0] for s in world.sounds.spellings(title)[0]) for title in titles if is_han(title)]
    print("complete, initials: ", timed(lexicon.complete, [s[:4] for s in short]))
    print("from_pinyin:        ", timed(lexicon.from_pinyin, spelled))


def main() -> None:
    """Build, then measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--poems", type=int, default=40_000)
    parser.add_argument("--errors", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--misses", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        path = Path(temporary) / "lexicon.bin"
        world = World(options.folder, options.poems, path)
        rng = random.Random(options.seed)
        samples = error_set(world, options.folder, options.errors, rng)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        started = time.perf_counter()
        lexicon = Lexicon.open(path)
        print(f"opened in {1000 * (time.perf_counter() - started):.2f} ms")
        measure_corrections(lexicon, world, samples, options.misses)
        measure_harm(lexicon, world, options.folder, rng)
        measure_speed(lexicon, world, samples, options.folder)
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        print(f"peak memory grew by {grown / 1024:.0f} MB (the mapped file included)")


if __name__ == "__main__":
    main()
