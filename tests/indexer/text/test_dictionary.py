"""The compiled dictionary finds jieba's words, is one file for all, and no damage to it is ever believed."""

from __future__ import annotations

import errno
import multiprocessing
import os
from collections.abc import Callable, Mapping
from pathlib import Path

import jieba
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.arrays import SectionWriter
from indexer.text.dictionary import _FORMAT, Dictionary, compile_words, compiled, remove_unfinished

WORDS = {"无": 50, "无锡": 90, "无锡市": 20, "锡市": 5, "软件": 70, "软件园": 10, "c++": 8, "𠮷野家": 3}
TEXTS = ("无锡市软件园", "软件软件园软", "𠮷野家c++无", "", "没有的字")
# Three letters make many words that compete, three frequencies many paths that are even.
FREQUENCIES = st.dictionaries(
    st.text("甲乙丙", min_size=1, max_size=4), st.sampled_from((1, 7, 900)), min_size=1
)


def reference(frequencies: Mapping[str, int], text: str) -> list[str]:
    """What jieba says without HMM, by its own code over its own kind of dictionary."""
    tokenizer = jieba.Tokenizer()
    tokenizer.FREQ = {word[:end]: 0 for word in frequencies for end in range(1, len(word))} | dict(
        frequencies
    )
    tokenizer.total, tokenizer.initialized = sum(frequencies.values()), True
    return list(tokenizer.cut(text, HMM=False))


def words_of(dictionary: Dictionary, text: str) -> list[str]:
    """The words of a text."""
    ends, at = dictionary.path(text), 0
    words = []
    while at < len(text):
        words.append(text[at : ends[at]])
        at = ends[at]
    return words


def unread() -> Mapping[str, int]:
    """Stands for what must not be read again."""
    pytest.fail("a whole compiled dictionary was compiled again")


@given(FREQUENCIES, st.text("甲乙丙丁", max_size=20))
def test_path_is_that_of_jieba(frequencies: Mapping[str, int], text: str) -> None:
    """Whatever the dictionary, even where two paths are equally probable."""
    assert words_of(Dictionary(*compile_words(frequencies)), text) == reference(frequencies, text)


@given(st.dictionaries(st.text(min_size=1, max_size=5), st.integers(1, 2**32 - 1), min_size=1))
def test_compiling_loses_nothing(frequencies: Mapping[str, int]) -> None:
    """Every word comes back with its frequency, whatever it is made of, and no other."""
    dictionary = Dictionary(*compile_words(frequencies))
    assert dict(dictionary.words()) == frequencies and dictionary.total == sum(frequencies.values())


def test_frequencies_beyond_the_file_are_cut() -> None:
    """A user's absurd frequency counts as the largest there is."""
    assert dict(Dictionary(*compile_words({"无锡": 10**30})).words()) == {"无锡": 2**32 - 1}


def test_the_file_is_used_again(tmp_path: Path) -> None:
    """The second process that wants the dictionary maps what the first one left."""
    first = compiled(tmp_path / "cache", "a", lambda: WORDS)
    second = compiled(tmp_path / "cache", "a", unread)
    assert [first.path(text) for text in TEXTS] == [second.path(text) for text in TEXTS]
    assert [file.suffix for file in (tmp_path / "cache").iterdir()] == [".words"]


def cut_off(content: bytes) -> bytes:
    """Half a file, as after a full disk."""
    return content[: len(content) // 2]


def flipped(content: bytes) -> bytes:
    """One bit of the first section changed."""
    return content[:70] + bytes([content[70] ^ 1]) + content[71:]


def zeroed(content: bytes) -> bytes:
    """The size is right and nothing else, as after a loss of power."""
    return bytes(len(content))


@pytest.mark.parametrize("damage", [cut_off, flipped, zeroed, lambda _: b"", lambda _: b"\x80\x04N."])
def test_damaged_file_is_written_anew(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    """Damage is noticed when the file is opened, and gone for the next."""
    compiled(tmp_path, "a", lambda: WORDS)
    (path,) = tmp_path.iterdir()
    whole = path.read_bytes()
    path.write_bytes(damage(whole))
    assert dict(compiled(tmp_path, "a", lambda: WORDS).words()) == WORDS
    assert path.read_bytes() == whole
    assert dict(compiled(tmp_path, "a", unread).words()) == WORDS


def test_directory_that_cannot_be_written_to(tmp_path: Path) -> None:
    """The words are the same; only every process compiles for itself."""
    (tmp_path / "file").write_text("no directory")
    dictionary = compiled(tmp_path / "file" / "cache", "a", lambda: WORDS)
    assert words_of(dictionary, "無无锡市软件园𠮷野家") == ["無", "无锡市", "软件园", "𠮷野家"]


def test_no_directory_is_made_for_the_cache(tmp_path: Path) -> None:
    """Where the index is not, no folder is made to keep a dictionary in."""
    assert dict(compiled(tmp_path / "index" / "cache", "a", lambda: WORDS).words()) == WORDS
    assert [*tmp_path.iterdir()] == []


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """No file can be put in place."""

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "no space left")

    monkeypatch.setattr(os, "replace", full)


@pytest.mark.usefixtures("full_disk")
def test_full_disk_leaves_nothing_behind(tmp_path: Path) -> None:
    """A file that could not be finished is removed, and the words are there all the same."""
    assert dict(compiled(tmp_path, "a", lambda: WORDS).words()) == WORDS
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("full_disk")
def test_damage_that_cannot_be_put_right(tmp_path: Path) -> None:
    """A damaged file that must stay is not believed either."""
    (tmp_path / f"a-{_FORMAT}.words").write_bytes(b"damaged")
    assert dict(compiled(tmp_path, "a", lambda: WORDS).words()) == WORDS


def test_a_file_of_something_else(tmp_path: Path) -> None:
    """A sound file that holds no dictionary is replaced by one."""
    with open(tmp_path / f"a-{_FORMAT}.words", "wb") as stream:
        SectionWriter(stream).close({})
    assert dict(compiled(tmp_path, "a", lambda: WORDS).words()) == WORDS
    assert dict(compiled(tmp_path, "a", unread).words()) == WORDS


def test_old_files_are_removed(tmp_path: Path) -> None:
    """Every change of a user dictionary leaves a file; only the last few stay."""
    for number in range(7):
        compiled(tmp_path, str(number), lambda: WORDS)
        os.utime(tmp_path / f"{number}-{_FORMAT}.words", (number, number))
    assert sorted(file.name[0] for file in tmp_path.iterdir()) == ["3", "4", "5", "6"]


def test_remnants_are_removed(tmp_path: Path) -> None:
    """What a killed process left goes, whole files stay; where there is no folder nothing happens."""
    compiled(tmp_path, "a", lambda: WORDS)
    (tmp_path / f"a-{_FORMAT}.01234567").touch()
    remove_unfinished(tmp_path)
    remove_unfinished(tmp_path / "nowhere")
    assert [file.suffix for file in tmp_path.iterdir()] == [".words"]


def compile_often(cache: Path) -> None:
    """Open and remove the same dictionaries over and over."""
    for number in range(40):
        dictionary = compiled(cache, str(number % 3), lambda: WORDS)
        assert dict(dictionary.words()) == WORDS
        (cache / f"{number % 3}-{_FORMAT}.words").unlink(missing_ok=True)


def test_processes_that_compile_at_once(tmp_path: Path) -> None:
    """Each has all words at any time, whoever was first, and no unfinished file is left."""
    fork = multiprocessing.get_context("fork")
    processes = [fork.Process(target=compile_often, args=(tmp_path,)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(30)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert {file.suffix for file in tmp_path.iterdir()} <= {".words"}
