"""In which ways is an index damaged, and what does it answer then? One damage for each seed.

    python benchmarks/damages.py BASE FIRST LAST MODE…   in a process of its own: see `bench_damage`

Tries number FIRST to before LAST, the modes in turn, and prints a line of JSON for each; what it dies of it
does not print. Modes:

    served     the index is opened as the server does it: the manifest's sizes and seals stand in front
    refreshed  the damage is in a generation that a searcher is to move to: the one before stays whole
    opened     without the manifest's checks: files are cut, longer, in another's place when they are opened
    rewritten  what stands in the sections is changed and the sums fit it: a fault of ours in writing
    kernel     arrays in memory, changed anyhow, go straight into the functions of the kernel

**Of the first three nothing may come but the whole answer or `IndexCorrupt`**; of the fourth also another
answer; of the last, which has nothing to compare with, no other error.
"""

from __future__ import annotations

import json
import os
import random
import resource
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np

from indexer import Config, DocumentNotFound, HansouError, IndexCorrupt, Searcher, load_config, rebuild
from indexer.arrays import ArrayFile, Section, SectionWriter, seal
from indexer.engine.embedded import generations
from indexer.engine.embedded.arrays.postings import BLOCK, FieldPostings, open_postings
from indexer.engine.embedded.kernel import active

MEMORY = 2 << 30
MODES = ("served", "refreshed", "opened", "rewritten", "kernel")
LETTERS = "無錫園區湖邊清晨十分安靜只有送早餐的車聲和遠處水鳥軟件中心春風明月江雪山人不知花落多少天地"
QUESTIONS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("無錫 園區", {}),
    ("无锡", {"sort": "date_desc", "size": 30}),
    ('"春風明月"', {}),
    ("春*", {}),
    ("無?園", {"mode": "smart"}),
    ('"無錫 園區"~3', {}),
    ("園區 -湖邊 OR 軟件中心", {"explain": True}),
    ("title:無錫", {"page": 2, "size": 5}),
    ("source:湖邊報 山人", {}),
    ("明月", {"source": "湖邊報", "date_from": "2021", "lang": "zh-Hant"}),
    ("不知花落", {"near": "7", "collapse": False}),
    ("wuxi", {}),
    ("圓區", {}),
)

Outcome = dict[str, str]


def build(base: Path, documents: int = 500) -> Config:
    """An index of so many documents, and before it a generation of fewer."""
    chance = random.Random(1)
    (base / "documents").mkdir(parents=True)
    (base / "config.toml").write_text(
        '[index]\ndirectory = "index"\n[search]\ndeadline_s = 600\n[[source]]\npath = "documents"\n'
    )
    config = load_config(base / "config.toml", {})
    rows = [row(number, chance) for number in range(documents)]
    for some in (rows[: documents * 4 // 5], rows):
        lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in some)
        (base / "documents" / "all.jsonl").write_text("".join(lines), encoding="utf-8")
        rebuild(config)
    return config


def row(number: int, chance: random.Random) -> dict[str, str]:
    """A document; some are so long that positions and frequencies do not fit a byte."""
    text = "".join(chance.choice(LETTERS) for _ in range(chance.randint(20, 400)))
    (times,) = chance.choices((1, 9, 400), (90, 8, 2))
    text += chance.choice(("無錫的園區在湖邊。", "春風明月，江雪山人。", "")) * times
    source, date = chance.choice(("湖邊報", "山人集")), f"{2019 + number % 5}-03-11"
    return {"id": str(number), "title": f"無錫{text[:6]}", "text": text, "source": source, "date": date}


def answers(searcher: Searcher) -> Iterator[tuple[str, Callable[[], str]]]:
    """What an index is asked, and how."""

    def search(text: str, options: dict[str, Any]) -> Callable[[], str]:
        return lambda: repr(replace(searcher.search(text, **options), took_ms=0.0))

    for number, (text, options) in enumerate(QUESTIONS):
        yield f"search {number}", search(text, options)
    yield "suggest", lambda: repr([searcher.suggest(typed) for typed in ("無", "wux", "春風")])
    yield "document", lambda: repr([searcher.document(id, "無錫") for id in ("0", "41", "95")])
    yield "similar", lambda: repr([searcher.similar(id) for id in ("3", "77")])


# ---- damages ------------------------------------------------------------------------------------------


def _place(chance: random.Random, size: int) -> int:
    """Anywhere, or near the beginning or the end, where the tables stand."""
    near = chance.randrange(200)
    return chance.choice((chance.randrange(size), near, size - 1 - near)) % size


def flip(content: bytearray, chance: random.Random) -> None:
    """One bit."""
    content[_place(chance, len(content))] ^= 1 << chance.randrange(8)


def flips(content: bytearray, chance: random.Random) -> None:
    """Some bits, anywhere."""
    for _ in range(chance.randint(2, 50)):
        flip(content, chance)


def overwrite(content: bytearray, chance: random.Random) -> None:
    """Zeros, ones or noise in place of some bytes."""
    start, size = _place(chance, len(content)), chance.choice((1, 4, 8, 512, 4096, 65536))
    size = min(size, len(content) - start)
    content[start : start + size] = chance.choice((bytes(size), b"\xff" * size, chance.randbytes(size)))


def swap(content: bytearray, chance: random.Random) -> None:
    """Two pieces in each other's place."""
    size = min(chance.choice((1, 4, 64, 4096, 65536)), len(content) // 2)
    one, other = (
        slice(at * size, (at + 1) * size) for at in chance.choices(range(len(content) // size), k=2)
    )
    content[one], content[other] = content[other], content[one]


def shift(content: bytearray, chance: random.Random) -> None:
    """A byte too much in one place, one too few in another."""
    del content[chance.randrange(len(content))]
    content.insert(chance.randrange(len(content)), chance.randrange(256))


def cut(content: bytearray, chance: random.Random) -> None:
    """The end is missing."""
    del content[chance.randrange(len(content)) :]


def lengthen(content: bytearray, chance: random.Random) -> None:
    """Something stands behind the end."""
    content.extend(chance.choice((b"\0", chance.randbytes(100), bytes(content[-4096:]))))


CONTENT = (flip, flip, flips, overwrite, overwrite, swap, shift, cut, lengthen)


def copied(pristine: Path, scratch: Path) -> Path:
    """The index directory again, its files shared: who changes one puts another in its place."""
    shutil.rmtree(scratch, ignore_errors=True)
    shutil.copytree(pristine, scratch, copy_function=os.link)
    return scratch


CHECKED = ("served", "refreshed")


def files_of(index: Path, mode: str) -> list[Path]:
    """The files of the live generation and what names it; without the manifest's checks those of arrays."""
    path = index / "generations" / generations.current_name(index)
    files = [file for file in sorted(path.iterdir()) if file.stat().st_size]
    return [*files, index / "CURRENT"] if mode in CHECKED else [file for file in files if seal(file)]


def put(path: Path, content: bytes) -> None:
    """Another content for a file that others share."""
    path.unlink(missing_ok=True)
    path.write_bytes(content)


def damage(index: Path, mode: str, chance: random.Random) -> str:
    """Damage a file of an index; what was done."""
    files = files_of(index, mode)
    # The largest hold what is asked; the others must be tried too.
    file = chance.choices(files, [max(file.stat().st_size, 40_000) for file in files])[0]
    if mode == "rewritten" or (mode in CHECKED and seal(file) and chance.random() < 0.05):
        return f"{file.name}: {rewrite(file, chance)}"
    if chance.random() < 0.1:
        return exchange(index, mode, file, files, chance)
    if mode in CHECKED and file.name != "CURRENT" and chance.random() < 0.03:
        file.unlink()
        return f"{file.name}: missing"
    kind = chance.choice(CONTENT)
    content = bytearray(file.read_bytes())
    kind(content, chance)
    put(file, bytes(content))
    return f"{file.name}: {kind.__name__}"


def exchange(index: Path, mode: str, file: Path, files: list[Path], chance: random.Random) -> str:
    """Another file in its place: one beside it, or one of another generation."""
    others = [path for path in index.glob("generations/*/*") if path.is_file() and path.parent != file.parent]
    # Only the manifest can tell a sound file of the same kind from the right one.
    free = mode in CHECKED
    other = chance.choice([path for path in [*files, *others] if free or path.suffix != file.suffix])
    content = other.read_bytes()
    put(file, content)
    return f"{file.name}: {other.parent.name}/{other.name} in its place"


def rewrite(file: Path, chance: random.Random) -> str:
    """Change items of a section and write the file anew, with sums that fit."""
    opened = ArrayFile.open(file)
    filled = [name for name in opened.names() if len(opened.array(name))]
    if not filled:
        return "without items to change"
    name = chance.choice(filled)
    arrays = {each: opened.array(each) for each in opened.names()}
    arrays[name] = changed(arrays[name], chance)
    metadata = opened.metadata
    file.unlink()
    with file.open("wb") as stream:
        writer = SectionWriter(stream)
        for each, array in arrays.items():
            writer.add(each, array)
        writer.close(metadata)
    return f"{name} rewritten"


def changed(array: Any, chance: random.Random) -> Any:
    """A copy of an array of which some items are others."""
    copy = array.copy()
    raw = copy.view(np.uint8)
    for _ in range(chance.choice((1, 1, 3, 40))):
        at = chance.randrange(len(copy))
        kind = chance.randrange(6)
        if kind == 0:
            copy[at] = copy[chance.randrange(len(copy))]
        elif kind == 1:
            raw[at * copy.itemsize : (at + 1) * copy.itemsize] = 255
        elif kind == 2:
            copy[at] = 0
        elif kind == 3:
            raw[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
        elif kind == 4:
            other = chance.randrange(len(copy))
            copy[[at, other]] = copy[[other, at]]
        else:
            some = raw[at * copy.itemsize :][: 8 * copy.itemsize]
            some[:] = np.frombuffer(chance.randbytes(len(some)), np.uint8)
    return copy[: chance.randrange(len(copy))] if chance.random() < 0.1 else copy


# ---- asking -------------------------------------------------------------------------------------------


def compared(config: Config, expected: dict[str, str]) -> Outcome:
    """How the answers of a damaged index compare with those of the whole one."""
    try:
        searcher = Searcher.open(config)
    except IndexCorrupt as error:
        return {"outcome": "refused", "detail": str(error)}
    except Exception as error:
        return {"outcome": "raw", "detail": f"opening: {error!r}"}
    with searcher:
        return asked(searcher, expected)


def asked(searcher: Searcher, expected: dict[str, str]) -> Outcome:
    """How the answers of an opened index compare with those that are expected."""
    refused = ""
    for name, ask in answers(searcher):
        try:
            if ask() != expected[name]:
                return {"outcome": "different", "detail": name}
        except IndexCorrupt as error:
            refused = str(error)
        except DocumentNotFound:
            return {"outcome": "different", "detail": name}
        except Exception as error:
            return {"outcome": "raw", "detail": f"{name}: {error!r}"}
    return {"outcome": "refused", "detail": refused} if refused else {"outcome": "same", "detail": ""}


def moved(searcher: Searcher, before: dict[str, str], expected: dict[str, str]) -> Outcome:
    """How a searcher answers that was to move to the damaged generation from the one before it."""
    try:
        searcher.refresh()
    except IndexCorrupt as error:
        found = asked(searcher, before)
        return found if found["outcome"] != "same" else {"outcome": "refused", "detail": str(error)}
    except Exception as error:
        return {"outcome": "raw", "detail": f"moving: {error!r}"}
    return asked(searcher, expected)


def kernel_asked(fields: list[FieldPostings], count: int, chance: random.Random) -> Outcome:
    """Functions of the kernel over arrays of which some were changed."""
    field = replace(chance.choice(fields))
    for name in chance.sample(sorted(PARTS), chance.randint(1, 3)):
        part = getattr(field, name)
        if part is not None and len(part):
            field = replace(field, **{name: Section(changed(part.whole(), chance), name)})
    kernel, detail = active(), ""
    for ask in kernel_questions(kernel, field, count, chance):
        try:
            ask()
        except (HansouError, ValueError, TypeError) as error:
            detail = str(error)
        except Exception as error:
            return {"outcome": "raw", "detail": repr(error)}
    return {"outcome": "refused" if detail else "same", "detail": detail}


PARTS = ("blob", "offsets", "starts", "postings", "frequent", "positions", "far", "block_positions")


def kernel_questions(
    kernel: Any, field: FieldPostings, count: int, chance: random.Random
) -> Iterator[Callable[[], Any]]:
    """Calls of every function that reads an index."""
    norms = np.linspace(0.3, 4, 256).astype(np.float32)
    bounds = np.ones(len(field.postings) // BLOCK + 1, np.float32)
    places = field.positions, field.block_positions, field.far
    flat = (field.postings, field.frequent, norms, bounds, *places, np.zeros(count, np.uint8))
    starts = np.asarray(field.starts)
    numbers = [chance.randrange(len(starts) - 1) for _ in range(3)] if len(starts) > 1 else []
    if len(starts) > 1:
        numbers.append(int(np.argmax(np.diff(starts.astype(np.int64)))))
    terms = [
        (0, int(starts[number]), int(starts[number + 1]), chance.uniform(0, 9) * 2.0**32)
        for number in numbers
    ]
    docs = np.unique(np.array([chance.randrange(count) for _ in range(9)], np.uint32))
    lists = [(docs, np.arange(len(docs), dtype=np.int64))]
    ranks = np.arange(count, dtype=np.uint32)
    texts = [*(letter.encode() for letter in LETTERS[:6]), b"", b"\xff" * 9]
    for text in texts:
        yield lambda text=text: kernel.find_spans(field.blob, field.offsets, field.starts, [text])
    yield lambda: kernel.merge_terms([(field.blob, field.offsets)] * 2)
    yield lambda: kernel.top_union([flat], terms, lists, count, 10, -1, None, ranks)
    yield lambda: kernel.top_union([flat], terms, [], count, count, -1, np.ones(count, np.uint8), ranks)
    yield lambda: kernel.top_union([flat], terms, lists, count, 0, -1, None, ranks)
    yield lambda: kernel.union([flat], terms, lists, count)
    yield lambda: kernel.union_count([flat], terms, lists, count, None)
    yield lambda: kernel.gather([flat], terms, lists, docs)
    yield lambda: kernel.holdings(flat, terms, docs)
    choices = [[(terms[:1], lists), (terms[1:], [])]]
    yield lambda: kernel.top_among([flat], terms, lists, choices, docs, 3, -1, ranks)
    some, most = terms[: len(terms) // 2], float(len(terms))
    yield lambda: kernel.top_enough(
        [flat], some, lists, most, terms, lists, choices, count, 3, -1, None, ranks
    )
    yield lambda: kernel.intersection([flat], terms[:2], [])
    yield lambda: kernel.intersection([flat], terms[:1], lists)
    if field.positions is not None and terms:
        yield lambda: kernel.phrase(flat, terms[-2:], [(1, 2)])
        yield lambda: kernel.phrase(flat, [terms[-1], terms[-1]], [(-5, 400)])
        yield lambda: kernel.windows(flat, terms, docs, 12)


# ---- the child ----------------------------------------------------------------------------------------


class Trials:
    """The undamaged index of a folder, what it answers, and a place to damage copies of it."""

    def __init__(self, base: Path) -> None:
        self.config = load_config(base / "config.toml", {})
        self.pristine = self.config.index.directory
        self.names = generations.names(self.pristine)
        with Searcher.open(self.config) as searcher:
            self.expected = {name: ask() for name, ask in answers(searcher)}
        scratch = base / f"scratch-{os.getpid()}"
        self.scratch = replace(self.config, index=replace(self.config.index, directory=scratch))
        file = ArrayFile.open(next((self.pristine / "generations" / self.names[-1]).glob("*.arrays")))
        self.count = file.metadata["documents"]
        self.fields = [open_postings(file, name) for name in file.metadata["indexed"]]

    @cached_property
    def before(self) -> dict[str, str]:
        """What the generation before answers."""
        generations.point_to(self.again(), self.names[-2])
        with Searcher.open(self.scratch) as searcher:
            return {name: ask() for name, ask in answers(searcher)}

    def again(self) -> Path:
        """A copy of the index, in the place of the last one."""
        return copied(self.pristine, self.scratch.index.directory)

    def run(self, number: int, mode: str) -> Outcome:
        """Damage and ask."""
        chance = random.Random(f"{mode} {number}")
        if mode == "kernel":
            return {"damage": "arrays", **kernel_asked(self.fields, self.count, chance)}
        if mode == "refreshed":
            return self._refreshed(chance)
        with manifest_believed(mode != "served"):
            told = damage(self.again(), mode, chance)
            return {"damage": told, **compared(self.scratch, self.expected)}

    def _refreshed(self, chance: random.Random) -> Outcome:
        before, index = self.before, self.again()
        generations.point_to(index, self.names[-2])
        with Searcher.open(self.scratch) as searcher:
            generations.point_to(index, self.names[-1])
            told = damage(index, "refreshed", chance)
            return {"damage": told, **moved(searcher, before, self.expected)}


@contextmanager
def manifest_believed(unchecked: bool) -> Iterator[None]:
    """Leave out what the manifest says of sizes and seals."""
    load = generations.load
    if unchecked:
        generations.load = lambda directory, name, fingerprint=None: generations._read_manifest(
            directory / "generations" / name
        )
    try:
        yield
    finally:
        generations.load = load


def main() -> None:
    """Damage and ask, once for each number."""
    base, first, last, modes = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:]
    if "ASAN_OPTIONS" not in os.environ:
        # What says where something ends may say 2³² items: none of it is to be had. Sanitizers need more.
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    trials = Trials(base)
    for number in range(first, last):
        mode = modes[number % len(modes)]
        print(json.dumps({"number": number, "mode": mode, **trials.run(number, mode)}), flush=True)
    shutil.rmtree(trials.scratch.index.directory, ignore_errors=True)


if __name__ == "__main__":
    main()
