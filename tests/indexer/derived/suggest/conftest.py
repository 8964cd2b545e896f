"""A small index's lexicon, with the lookups a searcher would give."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from indexer.config import Config
from indexer.derived.suggest import Counted, Lexicon, write_lexicon
from indexer.text.analyzer import Analyzer, load_analyzer
from indexer.text.normalize import normalize

# Title and body, our own sentences; a few documents in Traditional.
DOCUMENTS = (
    ("無錫高新區", "無錫高新區舉行創新中心揭牌儀式，軟件園二期同日開工。"),
    ("无锡软件园", "无锡软件园位于无锡高新区，园内企业超过三百家。"),
    ("创新中心落户", "国家创新中心落户无锡高新区，集成电路企业入驻。"),
    ("苏州工业园", "苏州工业园与无锡高新区签署合作协议，共建创新中心。"),
    ("集成电路", "集成电路是信息产业的核心，集成电路企业聚集在高新区。"),
    ("人工智能", "人工智能与集成电路相结合，人工智能企业落户苏州。"),
    ("景點", "太湖是著名景點，遊客很多。"),
    ("经典", "这部经典作品在无锡上演，经典常读常新。"),
    ("Python 教程", "Python 是一种编程语言，kubernetes 用于部署 Python 程序。"),
    ("部署", "kubernetes 集群部署在无锡。"),
)


@dataclass(frozen=True)
class Library:
    """A lexicon and what it is asked with."""

    lexicon: Lexicon
    frequency: Callable[[str], int]
    holds: Callable[[str], bool]
    words: Callable[[str], list[str]]


def counted(documents: Sequence[tuple[str, str]], analyzer: Analyzer) -> Counted:
    """What an index of (title, text) would have to suggest."""
    words: Counter[str] = Counter()
    characters: Counter[str] = Counter()
    titles: Counter[str] = Counter()
    for title, text in documents:
        in_order = analyzer.word_terms(f"{title}。{text}")
        words.update({*in_order})
        characters.update({*"".join(in_order)})
        titles.update([title])
    texts = [f"{title}。{text}" for title, text in documents]
    return Counted.of(len(documents), words, characters, titles, texts, analyzer.pieces)


@pytest.fixture(scope="session")
def analyzer(tmp_path_factory: pytest.TempPathFactory) -> Analyzer:
    """The analyzer of a default configuration."""
    return load_analyzer(Config(base=tmp_path_factory.mktemp("configured")))


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory, analyzer: Analyzer) -> Library:
    """The lexicon of `DOCUMENTS`, written and opened."""
    return library_of(DOCUMENTS, tmp_path_factory.mktemp("lexicon") / "lexicon.bin", analyzer)


def library_of(documents: Sequence[tuple[str, str]], path: Path, analyzer: Analyzer) -> Library:
    """The lexicon of documents as (title, text), written to `path` and opened."""
    write_lexicon(counted(documents, analyzer), path)
    counts: Counter[str] = Counter()
    for title, text in documents:
        whole = f"{title}\n{text}"
        counts.update({*analyzer.word_terms(whole), *analyzer.grams(whole).terms})
    folded = normalize("\n".join(part for document in documents for part in document))
    return Library(
        Lexicon.open(path), lambda text: counts[text], lambda text: text in folded, analyzer.word_terms
    )
