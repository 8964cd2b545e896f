"""What an alignment says: rare characters much, formulas little, in small archives as in large ones."""

from __future__ import annotations

from indexer import Searcher
from indexer.trace.alignment import Run
from indexer.trace.evidence import CHANGE, Evidence, evidence_of
from indexer.trace.symbols import symbols_of
from tests.conftest import OpenIndex

FORMULA = "本通知自發布之日起施行"


def said(searcher: Searcher, text: str) -> float:
    """What all of a text says that stands as it is."""
    symbols = symbols_of(text)
    return evidence(searcher, text).score([Run(0, 0, len(symbols))], 0)


def evidence(searcher: Searcher, text: str) -> Evidence:
    """The evidence that a text gives."""
    return evidence_of(symbols_of(text), searcher._live.snapshot)


def test_formulas_say_little(open_index: OpenIndex) -> None:
    """What follows from what stands before it is no evidence; as long a text that is nowhere else is."""
    texts = [f"{FORMULA}第{number}號文件另見附錄" for number in range(40)]
    searcher = open_index([*texts, "湖邊老人種下銀杏樹等孫"])
    assert said(searcher, FORMULA) < 0 < said(searcher, "湖邊老人種下銀杏樹等孫")


def test_a_small_archive_is_no_proof_of_the_contrary(open_index: OpenIndex) -> None:
    """Where there is one document, its sentences are told from chance all the same, and changes cost."""
    text = "湖邊老人種下銀杏樹等孫"
    searcher = open_index([text])
    whole = said(searcher, text)
    assert whole > 20
    changed = evidence(searcher, text).score([Run(0, 0, 5), Run(6, 6, 5)], 1)
    assert changed < whole - CHANGE


def test_looking_through_all_takes_more(open_index: OpenIndex) -> None:
    """The more there is to be laid side by side, the more chance finds."""
    snapshot = open_index([FORMULA * 9])._live.snapshot
    symbols = symbols_of(FORMULA)
    assert evidence_of(symbols, snapshot, anywhere=True).chance > evidence_of(symbols, snapshot).chance
