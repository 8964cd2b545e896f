"""Both kernels believe nothing that stands in an array: each kind of what cannot be is `IndexCorrupt`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from indexer import native
from indexer.arrays import ArrayFile, Section, SectionWriter
from indexer.arrays.sections import BLOCK as FILE_BLOCK
from indexer.engine.embedded.arrays.packing import pack
from indexer.engine.embedded.arrays.places import split
from indexer.engine.embedded.kernel import active
from indexer.engine.embedded.kernel.sorting import encode_terms
from indexer.errors import IndexCorrupt

COUNT = 400
TERMS = [b"a", b"b", b"c"]
Parts = dict[str, Any]
WHOLE = ("norms", "bounds", "lengths")


def parts() -> Parts:
    """The arrays of a field: three terms in all documents, one high frequency, some far positions."""
    docs = np.tile(np.arange(COUNT, dtype=np.uint32), len(TERMS))
    freqs = np.ones(len(docs), np.uint32)
    freqs[3] = 300
    places = np.concatenate([np.arange(1, freq + 1, dtype=np.uint32) * 2 for freq in freqs.tolist()])
    blob, offsets = map(np.copy, encode_terms([term.decode() for term in TERMS]))
    packed, frequent = pack(docs, freqs)
    near, far = split(places)
    ends = np.concatenate([[0], np.cumsum(freqs)])
    return {
        "blob": blob,
        "offsets": offsets.astype(np.uint32),
        "starts": np.arange(len(TERMS) + 1, dtype=np.uint32) * COUNT,
        "postings": packed,
        "frequent": frequent,
        "norms": np.ones(256, np.float32),
        "lengths": np.zeros(COUNT, np.uint8),
        "bounds": np.ones(-(-len(docs) // 128), np.float32),
        "positions": near,
        "block_positions": np.append(ends[np.arange(0, len(docs), 128)], ends[-1]).astype(np.uint32),
        "far": far,
    }


def sections(of: Parts) -> Parts:
    """The arrays as they come of a file; norms and bounds were computed, lengths are verified as one."""
    return {name: part if name in WHOLE else Section(part, name) for name, part in of.items()}


def flat(of: Parts) -> tuple[Any, ...]:
    """A field as the kernel takes it."""
    names = ("postings", "frequent", "norms", "bounds", "positions", "block_positions", "far", "lengths")
    return tuple(of[name] for name in names)


def span(number: int) -> list[tuple[int, int, int, float]]:
    """A term of the field as the kernel takes it."""
    return [(0, number * COUNT, (number + 1) * COUNT, 2.0**32)]


def find(of: Parts) -> Any:
    return active().find_spans(of["blob"], of["offsets"], of["starts"], TERMS)


def merge(of: Parts) -> Any:
    return active().merge_terms([(of["blob"], of["offsets"])] * 2)


def union(of: Parts) -> Any:
    return active().union([flat(of)], span(0) + span(1), [], COUNT)


def count(of: Parts) -> Any:
    return active().union_count([flat(of)], span(0) + span(1), [], COUNT, None)


def best(of: Parts) -> Any:
    ranks = np.arange(COUNT, dtype=np.uint32)
    return active().top_union([flat(of)], span(0) + span(1), [], COUNT, 5, -1, None, ranks)


def scores(of: Parts) -> Any:
    return active().gather([flat(of)], span(0), [], np.array([3, 7], np.uint32))


def phrase(of: Parts) -> Any:
    return active().phrase(flat(of), span(0) + span(1), [(-700, 700)])


def windows(of: Parts) -> Any:
    return active().windows(flat(of), span(0) + span(1), np.array([3, 7], np.uint32), 9)


Ask = Callable[[Parts], Any]


def among(of: Parts) -> Any:
    choices, docs = [[(span(0), []), (span(1), [])]], np.array([3, 7], np.uint32)
    return active().top_among(
        [flat(of)], span(0), [], choices, docs, 5, -1, np.arange(COUNT, dtype=np.uint32)
    )


def enough(of: Parts) -> Any:
    ranks = np.arange(COUNT, dtype=np.uint32)
    return active().top_enough(
        [flat(of)], span(0), [], 1.0, span(0) + span(1), [], [], COUNT, 5, -1, None, ranks
    )


def held(of: Parts) -> Any:
    return active().holdings(flat(of), span(0), np.array([3, 7], np.uint32))


EVERY: tuple[Ask, ...] = (find, merge, union, count, best, scores, among, enough, held, phrase, windows)


def put(name: str, at: int, value: int) -> Callable[[Parts], None]:
    """A change of one item."""

    def change(of: Parts) -> None:
        of[name][at] = value

    return change


def cut(name: str, size: int) -> Callable[[Parts], None]:
    """An array of which only the first items are left."""

    def change(of: Parts) -> None:
        of[name] = of[name][:size]

    return change


def wide(name: str, at: int, value: int) -> Callable[[Parts], None]:
    """A change of one item of an array of 64-bit numbers."""

    def change(of: Parts) -> None:
        of[name] = of[name].astype(np.uint64)
        of[name][at] = value

    return change


CASES: dict[str, tuple[Callable[[Parts], None], tuple[Ask, ...]]] = {
    "offsets descend": (put("offsets", 1, 3), (find, merge)),
    "offsets end beyond the blob": (put("offsets", 3, 9), (find, merge)),
    "an offset is beyond any memory": (wide("offsets", 2, 2**64 - 1), (find, merge)),
    "no offsets": (cut("offsets", 0), (find, merge)),
    "the blob is shorter": (cut("blob", 2), (find, merge)),
    "terms do not ascend": (put("blob", 0, ord("c")), (merge,)),
    "a term is there twice": (put("blob", 1, ord("a")), (merge,)),
    "starts descend": (put("starts", 1, 2_000), (find,)),
    "a start is beyond any memory": (wide("starts", 1, 2**63 + 5), (find,)),
    "starts are missing": (cut("starts", 1), (find,)),
    "postings are missing": (cut("postings", COUNT + 3), (union, count, best, phrase, windows)),
    "a document is beyond the last": (put("postings", 2, COUNT), (union, count, best)),
    "a document is far beyond the last": (put("postings", COUNT - 1, 0xFFFFFF), (union, count, best)),
    "documents do not ascend": (put("postings", 5, 9 | 1 << 24), (union, best)),
    "a document is there twice": (put("postings", 5, 6 | 1 << 24), (union, best)),
    "a high frequency is not in the list": (
        put("frequent", 0, 77),
        (union, best, scores, among, held, phrase, windows),
    ),
    "the list of frequencies is missing": (put("postings", 7, 7 | 255 << 24), (union, best, scores)),
    "a far position is not in the list": (put("far", 0, 1), (phrase, windows)),
    "positions are missing": (cut("positions", 5), (phrase, windows)),
    "positions of a block begin beyond them": (put("block_positions", 0, 2**32 - 1), (phrase, windows)),
}


@pytest.fixture(params=["compiled", "numpy"])
def kernel(request: pytest.FixtureRequest) -> Iterator[str]:
    """With the extension, and without."""
    with native.using(request.param == "compiled"):
        yield request.param


@pytest.mark.usefixtures("kernel")
def test_a_whole_field_is_taken() -> None:
    """Nothing is refused where nothing is wrong."""
    of = parts()
    assert find(of) == [(0, 400), (400, 800), (800, 1200)]
    for ask in EVERY:
        ask(of)


@pytest.mark.usefixtures("kernel")
@pytest.mark.parametrize("case", CASES)
def test_what_cannot_be_is_refused(case: str) -> None:
    """Arrays that contradict themselves or one another raise, whatever is asked of them."""
    change, asked = CASES[case]
    for ask in asked:
        of = parts()
        change(of)
        with pytest.raises(IndexCorrupt):
            ask(sections(of))


@pytest.mark.usefixtures("kernel")
@pytest.mark.parametrize(
    "terms", [[(0, -5, 3, 1.0)], [(0, 9, 3, 1.0)], [(0, 0, 2**40, 1.0)], [(0, 2**62, 2**62 + 1, 1.0)]]
)
def test_spans_outside_are_refused(terms: list[tuple[int, int, int, float]]) -> None:
    """A span of postings that lies outside of them is never read."""
    with pytest.raises(IndexCorrupt):
        active().union([flat(sections(parts()))], terms, [], COUNT)


@pytest.mark.skipif(not native.compiled("_kernel"), reason="the extension was not built")
def test_items_have_the_size_that_is_said() -> None:
    """Postings of eight bytes are none for code that reads four."""
    of = parts()
    of["postings"] = of["postings"].astype(np.uint64)
    with native.using(True), pytest.raises(TypeError, match="postings: items of 4 bytes"):
        union(sections(of))


@pytest.mark.usefixtures("kernel")
@pytest.mark.parametrize(
    ("name", "ask"),
    [
        *(("blob", ask) for ask in (find, merge)),
        *(("offsets", ask) for ask in (find, merge)),
        ("starts", find),
        *(("postings", ask) for ask in (union, count, best, scores, among, held, phrase, windows)),
        *(("frequent", ask) for ask in (union, best, scores, among, held, phrase, windows)),
        *((name, ask) for name in ("positions", "block_positions", "far") for ask in (phrase, windows)),
    ],
)
def test_no_block_is_read_before_it_was_verified(tmp_path: Path, name: str, ask: Ask) -> None:
    """One wrong bit in what a function reads of a file: it raises, and names the section."""
    whole = parts()
    stored = [part for part in whole if part not in WHOLE]
    with (tmp_path / "arrays").open("wb") as stream:
        writer = SectionWriter(stream)
        for part in stored:
            writer.add(part, whole[part])
            # Each section in blocks of its own.
            writer.add(f"after {part}", np.zeros(FILE_BLOCK, np.uint8))
        writer.close({})

    def opened() -> Parts:
        file = ArrayFile.open(tmp_path / "arrays")
        return whole | {part: file.section(part) for part in stored}

    ask(opened())
    content = bytearray((tmp_path / "arrays").read_bytes())
    place = ArrayFile.open(tmp_path / "arrays")._directory[name][2]
    content[place] ^= 1
    (tmp_path / "arrays").write_bytes(content)
    of = opened()
    for _ in range(2):
        with pytest.raises(IndexCorrupt, match=name):
            ask(of)


def test_sections_stand_for_arrays() -> None:
    """The compiled kernel takes a section without a file as it takes an array."""
    with native.using(True):
        for ask in (find, union, count, best, scores):
            assert str(ask(sections(parts()))) == str(ask(parts()))
