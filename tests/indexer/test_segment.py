"""Segmentation is lossless, has one dictionary for both scripts, and does not depend on what is installed."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import jieba
import pytest

from indexer import ConfigError, normalize
from indexer.segment import Cut, _frequencies, _jieba_version, load_segmenter

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
def plain(cache: Path) -> Cut:
    """The segmenter of a search, over the mapped dictionary."""
    return load_segmenter(None, cache)[0]


@pytest.fixture(scope="module")
def default(cache: Path) -> Cut:
    """The segmenter of a build, as it is used here."""
    return load_segmenter(None, cache, bulk=True)[0]


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


def write(path: Path, text: str) -> Path:
    """A user dictionary."""
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("text", TEXTS)
def test_words_concatenate_to_the_text(plain: Cut, default: Cut, text: str) -> None:
    """A segmenter never changes, adds or skips text."""
    folded = normalize(text)
    assert "".join(plain(folded)) == folded == "".join(default(folded))


@pytest.mark.skipif(find_spec("rjieba") is None, reason="the extra `fast` is not installed")
@pytest.mark.parametrize("text", TEXTS)
def test_fast_and_plain_segmenters_agree(plain: Cut, default: Cut, text: str) -> None:
    """What is searched for is cut as what is indexed, with the extra `fast` or without."""
    assert plain(normalize(text)) == default(normalize(text))


@pytest.mark.skipif(find_spec("rjieba") is None, reason="the extra `fast` is not installed")
@pytest.mark.parametrize(("part", "every"), RUNNING_TEXT.items())
def test_fast_and_plain_segmenters_agree_on_running_text(
    plain: Cut, default: Cut, shared: Path, part: str, every: int
) -> None:
    """On paragraphs, technical pages, damaged pages and questions the words are the same."""
    lines = (shared / "eval" / part).read_text(encoding="utf-8").splitlines()[::every]
    texts = [normalize(line) for line in lines]
    assert [plain(text) for text in texts] == [default(text) for text in texts]


def test_words_are_those_of_jieba(plain: Cut, cache: Path, shared: Path) -> None:
    """jieba's own code, over its own kind of dictionary, divides two hundred paragraphs as we do."""
    lines = (shared / "eval/drcd_dev/docs.jsonl").read_text(encoding="utf-8").splitlines()[::16]
    tokenizer = jieba.Tokenizer()
    tokenizer.FREQ = {}
    for word, frequency in _frequencies("").items():
        tokenizer.FREQ |= {word[:end]: tokenizer.FREQ.get(word[:end], 0) for end in range(1, len(word))}
        tokenizer.FREQ[word] = frequency
    tokenizer.total, tokenizer.initialized = sum(tokenizer.FREQ.values()), True
    for line in map(normalize, lines):
        assert plain(line) == list(tokenizer.cut(line, HMM=False))


def test_scripts_give_the_same_words(default: Cut) -> None:
    """The dictionary is folded: a Traditional text has the words of the Simplified one."""
    assert default(normalize("國家軟件園創新發展")) == default(normalize("国家软件园创新发展"))
    assert "软件园" in default(normalize("國家軟件園")) or "软件" in default(normalize("國家軟件園"))


def test_unknown_words_are_not_guessed_unless_asked(cache: Path, default: Cut) -> None:
    """A name the dictionary lacks falls into characters; with HMM it may be guessed, losslessly."""
    guessing, _ = load_segmenter(None, cache, hmm=True)
    assert default("晋玮经来了")[:3] == ["晋", "玮", "经"]
    assert "".join(guessing("晋玮经来了")) == "晋玮经来了"
    assert guessing("晋玮经来了") != default("晋玮经来了")


@pytest.mark.parametrize("bulk", [True, False])
def test_user_dictionary_adds_words_in_either_script(tmp_path: Path, cache: Path, bulk: bool) -> None:
    """`word [frequency [tag]]` a line, folded like everything else; for a build and for a search."""
    words = write(tmp_path / "words.txt", "\ufeff晉瑋經 300 nr\n數位孿生\n\n")
    cut, _ = load_segmenter(words, cache, bulk=bulk)
    assert cut(normalize("晉瑋經談數位孿生")) == [normalize("晉瑋經"), "谈", normalize("數位孿生")]


def test_digest_depends_on_the_user_dictionary(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another dictionary is another analysis; the same text at another place is the same."""
    monkeypatch.setattr("indexer.segment.compiled", lambda *_: None)
    monkeypatch.setattr("indexer.segment._loaded", {})
    first = load_segmenter(write(tmp_path / "a.txt", "晉瑋經 300\n"), cache)[1]
    same = load_segmenter(write(tmp_path / "b.txt", "晉瑋經 300\n"), cache)[1]
    other = load_segmenter(write(tmp_path / "c.txt", "晉瑋經 301\n"), cache)[1]
    assert first == same and len({first, other, load_segmenter(None, cache)[1]}) == 3


def test_changed_dictionary_is_read_again(tmp_path: Path, cache: Path) -> None:
    """The words of the file as it is now count, not those of the last load (ik#1084)."""
    words = write(tmp_path / "words.txt", "晉瑋經\n")
    load_segmenter(words, cache)
    assert load_segmenter(write(words, "瑋經來\n"), cache)[0](normalize("晉瑋經來")) == [
        "晋",
        normalize("瑋經來"),
    ]


@pytest.mark.parametrize("content", [None, "詞".encode("gbk")])
def test_unreadable_user_dictionary(tmp_path: Path, cache: Path, content: bytes | None) -> None:
    """A missing file and one that is no UTF-8 are errors of the configuration that name it."""
    path = tmp_path / "words.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"words\.txt: the user dictionary cannot be read"):
        load_segmenter(path, cache)


def test_cache_stays_in_our_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No compiled dictionary is ever read from or written to the shared temporary directory."""
    shared = tmp_path / "tmp"
    shared.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(shared))
    monkeypatch.setattr("indexer.segment._loaded", {})
    load_segmenter(None, tmp_path / "cache", hmm=True)
    assert list(shared.iterdir()) == []
    assert any((tmp_path / "cache").iterdir())


def test_cache_that_cannot_be_written_to(
    tmp_path: Path, default: Cut, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A read-only index can be searched."""
    (tmp_path / "file").write_text("no directory")
    monkeypatch.setattr("indexer.segment._loaded", {})
    cut, _ = load_segmenter(None, tmp_path / "file" / "cache")
    assert [cut(normalize(text)) for text in TEXTS] == [default(normalize(text)) for text in TEXTS]


def test_segmenting_does_not_import_jieba(cache: Path) -> None:
    """Without HMM a process is spared jieba, which takes a tenth of a second and eight megabytes."""
    code = (
        "import sys; from pathlib import Path; from indexer.segment import load_segmenter\n"
        f"load_segmenter(None, Path({str(cache)!r}))[0]('无锡'); assert 'jieba' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_version_is_jiebas() -> None:
    """The version in the digest is read from jieba's source, and it is the one that jieba states."""
    assert _jieba_version() == jieba.__version__
