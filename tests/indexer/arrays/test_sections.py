"""A file of arrays gives back what was written, or says that it is damaged."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from indexer.arrays import ArrayFile, Section, SectionWriter, decoded, decoded_parts, taken
from indexer.arrays.reading import seal
from indexer.arrays.sections import BLOCK
from indexer.errors import IndexCorrupt, IndexOutdated

WRITTEN = {
    "letters": np.arange(300, dtype=np.uint8) % 251,
    "none": np.zeros(0, np.uint32),
    "many": np.arange(3 * BLOCK, dtype=np.uint32) * 7,
    "long": np.arange(40_000, dtype=np.int64) - 5,
    "shares": np.linspace(0, 1, 999),
}


def write(path: Path, arrays: dict[str, Any]) -> bytes:
    """A container of some arrays; its content."""
    with path.open("wb") as stream:
        writer = SectionWriter(stream)
        for name, array in arrays.items():
            writer.add(name, array)
        writer.close({"documents": 3})
    return path.read_bytes()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A container of `WRITTEN`."""
    write(tmp_path / "arrays", WRITTEN)
    return tmp_path / "arrays"


def test_what_was_written_is_read(path: Path) -> None:
    """Sections of every type come back, whole and in parts, and the metadata."""
    file = ArrayFile.open(path)
    assert file.names() == list(WRITTEN) and file.metadata == {"documents": 3}
    for name, array in WRITTEN.items():
        section = file.section(name)
        assert section.dtype == array.dtype and len(section) == len(array)
        assert np.array_equal(file.array(name), array) and np.array_equal(np.asarray(section), array)
        assert np.array_equal(section[len(array) // 3 :], array[len(array) // 3 :])
        places = np.arange(0, len(array), 97)
        assert np.array_equal(section[places], array[places])
    assert file.section("long")[np.uint64(7)] == 2
    assert file.section("many").data[BLOCK] == 7 * BLOCK
    assert file.get("nowhere") is None
    with pytest.raises(IndexCorrupt, match="nowhere"):
        file.array("nowhere")
    file.verify()


def test_sections_written_bit_by_bit_are_the_same(path: Path, tmp_path: Path) -> None:
    """However the parts of a section arrive, the file is the same to the last byte."""
    with (tmp_path / "parts").open("wb") as stream:
        writer = SectionWriter(stream)
        for name, array in WRITTEN.items():
            with writer.section(name, array.dtype) as add:
                for start in range(0, len(array), 1_717):
                    add(array[start : start + 1_717])
        writer.close({"documents": 3})
    assert (tmp_path / "parts").read_bytes() == path.read_bytes()


def test_only_what_is_read_is_verified(path: Path) -> None:
    """A damaged block is found by whoever reads it, and by nobody else; it is never given out."""
    whole = bytearray(path.read_bytes())
    # Beyond the letters and some thousand numbers.
    whole[2 * BLOCK + 9] ^= 4
    path.write_bytes(whole)
    file = ArrayFile.open(path)
    assert file.array("letters")[7] == 7
    many = file.section("many")
    assert many[: BLOCK // 8].tolist() == WRITTEN["many"][: BLOCK // 8].tolist()
    place = 2 * BLOCK // 4
    for ask in (
        lambda: many[place : place + 1],
        lambda: many[place],
        lambda: many[np.array([1, place])],
        many.whole,
        lambda: np.asarray(many),
        lambda: many.data,
        file.verify,
    ):
        for _ in range(2):
            with pytest.raises(IndexCorrupt, match="many"):
                ask()
    assert many[np.array([1, 3 * BLOCK - 1])].tolist() == [7, 7 * (3 * BLOCK - 1)]


@pytest.mark.parametrize("backed", [True, False])
def test_nothing_outside_is_read(path: Path, backed: bool) -> None:
    """Places that no item has raise, wherever they come from: none counts from the end."""
    section = ArrayFile.open(path).section("letters") if backed else Section(WRITTEN["letters"], "letters")
    for at in (
        slice(-1, None),
        slice(5, 3),
        slice(0, 301),
        slice(2**62, 2**62 + 1),
        -1,
        300,
        np.array([0, -1]),
        np.array([300]),
        np.array([2**64 - 1], np.uint64),
    ):
        with pytest.raises(IndexCorrupt, match="letters"):
            section[at]
    assert section[np.array([], np.int64)].tolist() == [] and section[300:].tolist() == []


def test_no_flipped_bit_goes_unnoticed(tmp_path: Path) -> None:
    """Whatever bit of a file is flipped: it is refused, or everything in it is as it was written."""
    arrays = {"letters": WRITTEN["letters"], "many": WRITTEN["many"][:50]}
    whole = write(tmp_path / "arrays", arrays)
    chance = random.Random(13)
    refused = 0
    for byte in range(len(whole)):
        changed = bytearray(whole)
        changed[byte] ^= 1 << chance.randrange(8)
        try:
            file = ArrayFile(bytes(changed), "flipped")
            assert file.metadata == {"documents": 3} and file.names() == list(arrays)
            for name, array in arrays.items():
                assert np.array_equal(file.array(name), array)
        except IndexCorrupt:
            refused += 1
    assert refused == len(whole)


def test_no_cut_file_is_opened(tmp_path: Path) -> None:
    """A file that ends anywhere before its end, or goes on after it, is refused."""
    whole = write(tmp_path / "arrays", {"letters": WRITTEN["letters"]})
    for end in range(len(whole)):
        with pytest.raises(IndexCorrupt):
            ArrayFile(whole[:end], "cut")
    for more in (b"\0", whole[-48:], whole):
        with pytest.raises(IndexCorrupt):
            ArrayFile(whole + more, "longer")


def test_a_seal_is_of_one_content(tmp_path: Path) -> None:
    """Equal files have equal seals; another item, name or metadata gives another."""
    letters = WRITTEN["letters"]
    seals = []
    for number, arrays in enumerate(
        ({"a": letters}, {"b": letters}, {"a": letters[1:]}, {"a": letters[::-1]})
    ):
        write(tmp_path / str(number), arrays)
        write(tmp_path / "again", arrays)
        seals.append(seal(tmp_path / str(number)))
        assert seal(tmp_path / "again") == seals[-1]
    assert len(set(seals)) == len(seals)


def test_an_older_format_is_named(path: Path) -> None:
    """A file of another release says which it is of; one that says two formats is damaged."""
    whole = bytearray(path.read_bytes())
    whole[8:12] = (3).to_bytes(4, "little")
    path.write_bytes(whole)
    with pytest.raises(IndexCorrupt, match="not a complete"):
        ArrayFile.open(path)
    whole[-24:-20] = (3).to_bytes(4, "little")
    path.write_bytes(whole)
    with pytest.raises(IndexOutdated, match="format 3, this release reads 4; rebuild"):
        ArrayFile.open(path)


@pytest.mark.parametrize(
    "entry", [("|u1", 10**6, 64), ("<u8", 300, 64), ("|u1", -1, 64), ("|u1", 3, -8), ("|u1", 3, 8)]
)
def test_a_directory_names_places_of_the_file(tmp_path: Path, entry: tuple[str, int, int]) -> None:
    """Sections that end beyond their file, or begin before it, are refused though every sum fits."""
    with (tmp_path / "arrays").open("wb") as stream:
        writer = SectionWriter(stream)
        writer.add("letters", WRITTEN["letters"])
        writer._directory["letters"] = entry
        writer.close({})
    with pytest.raises(IndexCorrupt, match="directory"):
        ArrayFile.open(tmp_path / "arrays").array("letters")


def test_an_empty_file_is_none(tmp_path: Path) -> None:
    """What cannot be mapped is refused with what to do."""
    (tmp_path / "arrays").touch()
    with pytest.raises(IndexCorrupt, match="empty file; rebuild"):
        ArrayFile.open(tmp_path / "arrays")


def test_what_another_file_says_is_missed(path: Path) -> None:
    """A sound file of another kind in an index file's place says other things of itself: no KeyError."""
    with pytest.raises(IndexCorrupt, match="says no columns"):
        ArrayFile.open(path).metadata["columns"]


def test_taken_and_decoded() -> None:
    """Places and bytes that an array says are taken only where they are."""
    assert taken(np.arange(5) * 2, np.array([1, 4]), "x").tolist() == [2, 8]
    with pytest.raises(IndexCorrupt, match="a column"):
        taken(np.arange(5), np.array([5]), "a column")
    assert decoded("無".encode()) == "無"
    with pytest.raises(IndexCorrupt, match="a title"):
        decoded(b"\xe7\x84", "a title")


@pytest.mark.parametrize(
    ("starts", "ends"), [([0], [4]), ([3], [0]), ([-3], [3]), ([1], [6]), ([0, 1 << 40], [3, 1 << 41])]
)
def test_parts_of_a_text_that_are_none(starts: list[int], ends: list[int]) -> None:
    """Places that a file says and a text has not, or that part a character, are damage."""
    blob = np.frombuffer("無錫".encode(), np.uint8)
    assert decoded_parts(blob, np.array([0, 3, 6]), np.array([3, 3, 6])) == ["無", "", ""]
    with pytest.raises(IndexCorrupt):
        decoded_parts(blob, np.array(starts), np.array(ends))
