"""Segmentation is lossless, has one dictionary for both scripts, and does not depend on what is installed."""

from __future__ import annotations

import subprocess
import sys
from array import array
from functools import partial
from pathlib import Path

import jieba
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer import native, normalize
from indexer.text.dictionary import Dictionary, compile_words, compiled
from indexer.text.segmenter import (
    BLOCKS,
    Segmenter,
    _compiled,
    _fastest,
    _frequencies,
    _jieba_version,
    _mapped,
    _rust,
    load_segmenter,
    slices,
)

TEXTS = (
    "無錫國家軟件園二十年，培育了一批高新技術企業。",
    "北京大学生前来应聘，南京市长江大桥，結婚的和尚未結婚的。",
    "iPhone15手机壳 C++語言教程 重跑gen-itgc后50条，1.5匹空調，24口交換機，10万元，m123-test。",
    "永永远远是龙的传人；乒乓球拍卖完了！",
    "𠮷野家的牛丼，㐂び、〇一二。カタカナ ひらがな 한국어 mixed-text_v2.0 50% a&b #tag",
    "  空白\t與\n換行\r\n ， 。 ",
    "龘靐齉爩鱻麤" * 5,
    "無錫\ud800軟件園\udfff\udfff。",
)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory for compiled dictionaries."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def dictionary(cache: Path) -> Dictionary:
    """The folded words of jieba."""
    return compiled(cache, "words", lambda: _frequencies(""))


@pytest.fixture(scope="module")
def plain(dictionary: Dictionary) -> Segmenter:
    """The segmenter that needs nothing but Python."""
    return _mapped(dictionary)


@pytest.fixture(scope="module")
def default(cache: Path) -> Segmenter:
    """The segmenter of a search, as it is here."""
    return load_segmenter("", cache)[0]


def extension(dictionary: Dictionary, bulk: bool = False) -> Segmenter | None:
    """The segmenter in C."""
    with native.using(True):
        built = native.compiled("_segmenter")
    return _compiled(dictionary, built, bulk) if built else None


@pytest.fixture(
    scope="module",
    params=[extension, partial(extension, bulk=True), _rust],
    ids=["extension", "bulk", "rjieba"],
)
def fast(request: pytest.FixtureRequest, dictionary: Dictionary) -> Segmenter:
    """Each segmenter that may be missing."""
    segmenter: Segmenter | None = request.param(dictionary)
    if segmenter is None:
        pytest.skip("not installed")
    return segmenter


def cut(segmenter: Segmenter, text: str) -> list[str]:
    """The words of a text."""
    return slices(text, segmenter(text))


# The judged sets and damaged pages, and which of their lines are looked at.
RUNNING_TEXT = {
    "drcd_dev/docs.jsonl": 4,
    "drcd_dev/queries.tsv": 4,
    "cmrc_trial/docs.jsonl": 8,
    "pydocs_tw/docs.jsonl": 16,
    "pydocs_cn/docs.jsonl": 16,
    "poems/queries.tsv": 1,
    "damaged_dev.jsonl": 16,
}


@pytest.mark.parametrize("text", TEXTS)
def test_words_concatenate_to_the_text(plain: Segmenter, text: str) -> None:
    """A segmenter never changes, adds or skips text."""
    folded = normalize(text)
    assert "".join(cut(plain, folded)) == folded
    assert "" not in cut(plain, folded)


@pytest.mark.parametrize("text", TEXTS)
def test_segmenters_agree(plain: Segmenter, fast: Segmenter, text: str) -> None:
    """What is searched for is cut as what is indexed, whatever was built or installed where."""
    assert cut(plain, normalize(text)) == cut(fast, normalize(text))


@settings(max_examples=300, deadline=None, derandomize=True)
@given(text=st.text("无锡高新区软件园aB9+#-._%&\r\n\t ，。〇𠮷龘\ud800\u3400", max_size=40))
def test_segmenters_agree_on_any_text(plain: Segmenter, fast: Segmenter, text: str) -> None:
    """Words run into each other, into letters, line ends and what is no text at all."""
    assert cut(plain, text) == cut(fast, text)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    frequencies=st.dictionaries(
        st.text("甲乙丙𠮷+", min_size=1, max_size=4), st.sampled_from((1, 7, 900)), min_size=1
    ),
    text=st.text("甲乙丙丁𠮷+c ", max_size=20),
)
def test_any_dictionary_gives_the_same_words(frequencies: dict[str, int], text: str) -> None:
    """Also where two paths are equally probable."""
    words = Dictionary(*compile_words(frequencies))
    built = extension(words)
    assert built is None or cut(built, text) == cut(_mapped(words), text)


def test_long_texts_are_cut_alike(plain: Segmenter, fast: Segmenter) -> None:
    """A text that is too long for the stack."""
    text = normalize("".join(TEXTS)) * 20
    assert cut(plain, text) == cut(fast, text)


def test_every_character_is_in_a_block_or_in_none(plain: Segmenter, dictionary: Dictionary) -> None:
    """The extension and the regular expression draw the same line, over all of Unicode."""
    built = extension(dictionary)
    if built is None:
        pytest.skip("the extension was not built")
    for first in range(0, 0x110000, 0x8000):
        text = "".join(map(chr, range(first, first + 0x8000)))
        assert [*built(text)] == [*plain(text)]


def test_arrays_that_are_no_dictionary_are_refused() -> None:
    """What leads beyond the arrays is found before anything is read there."""
    load = pytest.importorskip("indexer.native._segmenter", reason="the extension was not built").load
    first, codes, rank, _, weights = compile_words({"无锡": 9, "园": 2})
    load(first, codes, rank, weights, -1.0, BLOCKS, True)
    for bad in (
        (first + 1, codes, rank, weights),
        (first[::-1].copy(), codes, rank, weights),
        (first[1:], codes, rank, weights),
        (first, codes[1:], rank, weights),
        (first, codes, rank + 2, weights),
        (first, codes + 0x110000, rank, weights),
        (first, codes | 0xFFFFFFFF, rank, weights),
        (first, codes, rank, array("d")),
    ):
        with pytest.raises(ValueError, match="no dictionary"):
            load(*bad, -1.0, BLOCKS, True)
    with pytest.raises(TypeError, match="4 bytes"):
        load(first, codes, rank, array("f"), -1.0, BLOCKS, True)


@pytest.mark.parametrize(("part", "every"), RUNNING_TEXT.items())
def test_segmenters_agree_on_running_text(
    plain: Segmenter, fast: Segmenter, shared: Path, part: str, every: int
) -> None:
    """On paragraphs, technical pages, damaged pages and questions the words are the same."""
    lines = (shared / "eval" / part).read_text(encoding="utf-8").splitlines()[::every]
    texts = [normalize(line) for line in lines]
    assert [cut(plain, text) for text in texts] == [cut(fast, text) for text in texts]


@pytest.mark.parametrize(
    ("off", "bulk", "chosen"),
    [
        ((), False, "_compiled"),
        ((), True, "_compiled"),
        (("HANSOU_KERNEL",), False, "_mapped"),
        (("HANSOU_KERNEL",), True, "_rust"),
        (("HANSOU_KERNEL", "HANSOU_FAST"), True, "_mapped"),
    ],
)
def test_the_fastest_segmenter_is_chosen(
    dictionary: Dictionary, monkeypatch: pytest.MonkeyPatch, off: tuple[str, ...], bulk: bool, chosen: str
) -> None:
    """The extension for all, rjieba for whole documents without it, Python where neither is wanted."""
    monkeypatch.delenv("HANSOU_FAST", raising=False)
    if "HANSOU_FAST" in off:
        monkeypatch.setenv("HANSOU_FAST", "off")
    for name in ("_compiled", "_rust", "_mapped"):
        monkeypatch.setattr(f"indexer.text.segmenter.{name}", lambda *_, name=name: name)
    with native.using("HANSOU_KERNEL" not in off):
        assert _fastest(dictionary, bulk) == chosen


def test_words_are_those_of_jieba(plain: Segmenter, shared: Path) -> None:
    """jieba's own code, over its own kind of dictionary, divides two hundred paragraphs as we do."""
    lines = (shared / "eval/drcd_dev/docs.jsonl").read_text(encoding="utf-8").splitlines()[::16]
    tokenizer = jieba.Tokenizer()
    tokenizer.FREQ = {}
    for word, frequency in _frequencies("").items():
        tokenizer.FREQ |= {word[:end]: tokenizer.FREQ.get(word[:end], 0) for end in range(1, len(word))}
        tokenizer.FREQ[word] = frequency
    tokenizer.total, tokenizer.initialized = sum(tokenizer.FREQ.values()), True
    for line in map(normalize, lines):
        assert cut(plain, line) == list(tokenizer.cut(line, HMM=False))


def test_scripts_give_the_same_words(default: Segmenter) -> None:
    """The dictionary is folded: a Traditional text has the words of the Simplified one."""
    words = cut(default, normalize("國家軟件園創新發展"))
    assert words == cut(default, normalize("国家软件园创新发展")) and words[0] == "国家"


def test_unknown_words_are_not_guessed_unless_asked(cache: Path, default: Segmenter) -> None:
    """A name the dictionary lacks falls into characters; with HMM it may be guessed, losslessly."""
    guessing, *_ = load_segmenter("", cache, hmm=True)
    assert cut(default, "晋玮经来了")[:3] == ["晋", "玮", "经"]
    assert "".join(cut(guessing, "晋玮经来了")) == "晋玮经来了"
    assert cut(guessing, "晋玮经来了") != cut(default, "晋玮经来了")


@pytest.mark.parametrize("extensions", [True, False])
@pytest.mark.parametrize("bulk", [True, False])
def test_user_dictionary_adds_words_in_either_script(
    cache: Path, monkeypatch: pytest.MonkeyPatch, bulk: bool, extensions: bool
) -> None:
    """`word [frequency [tag]]` a line, folded like everything else; for a build and for a search."""
    monkeypatch.setattr("indexer.text.segmenter._loaded", {})
    with native.using(extensions):
        segmenter, *_ = load_segmenter("晉瑋經 300 nr\n數位孿生\n\n", cache, bulk=bulk)
    assert cut(segmenter, normalize("晉瑋經談數位孿生")) == [normalize("晉瑋經"), "谈", normalize("數位孿生")]


def test_digest_depends_on_the_user_dictionary(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another dictionary is another analysis."""
    monkeypatch.setattr("indexer.text.segmenter.compiled", lambda *_: None)
    monkeypatch.setattr("indexer.text.segmenter._fastest", lambda *_: None)
    monkeypatch.setattr("indexer.text.segmenter._loaded", {})
    first, same, other = (load_segmenter(f"晉瑋經 {count}\n", cache)[2] for count in (300, 300, 301))
    assert first == same and len({first, other, load_segmenter("", cache)[2]}) == 3


def test_another_dictionary_is_another_segmenter(cache: Path) -> None:
    """The words that are given count, not those of the last load (ik#1084)."""
    load_segmenter("晉瑋經\n", cache)
    segmenter, *_ = load_segmenter("瑋經來\n", cache)
    assert cut(segmenter, normalize("晉瑋經來")) == ["晋", normalize("瑋經來")]


def test_cache_stays_in_our_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No compiled dictionary is ever read from or written to the shared temporary directory."""
    shared = tmp_path / "tmp"
    shared.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(shared))
    monkeypatch.setattr("indexer.text.segmenter._loaded", {})
    load_segmenter("", tmp_path / "cache", hmm=True)
    assert list(shared.iterdir()) == []
    assert any((tmp_path / "cache").iterdir())


def test_cache_that_cannot_be_written_to(
    tmp_path: Path, default: Segmenter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A read-only index can be searched."""
    (tmp_path / "file").write_text("no directory")
    monkeypatch.setattr("indexer.text.segmenter._loaded", {})
    segmenter, *_ = load_segmenter("", tmp_path / "file" / "cache")
    assert [cut(segmenter, text) for text in TEXTS] == [cut(default, text) for text in TEXTS]


def test_segmenting_does_not_import_jieba(cache: Path) -> None:
    """Without HMM a process is spared jieba, which takes a tenth of a second and eight megabytes."""
    code = (
        "import sys; from pathlib import Path; from indexer.text.segmenter import load_segmenter\n"
        f"load_segmenter('', Path({str(cache)!r}))[0]('无锡'); assert 'jieba' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_version_is_jiebas() -> None:
    """The version in the digest is read from jieba's source, and it is the one that jieba states."""
    assert _jieba_version() == jieba.__version__
