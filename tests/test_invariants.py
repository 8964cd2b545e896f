"""The invariants of the design, each as a property of generated texts.

1. Folding maps code point to code point.   2. Segmentation is lossless.
3. Every mark, analyzed, matches the query. 4. Any substring of 1 to 8 Han characters finds its document.
5. Index and query are analyzed alike.      6. Repair replays.
7. A reader sees one generation from open to close (killing the builder: test_faults.py).
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer import Config, IndexOutdated, Searcher, marked_html, normalize, rebuild, repair_text
from indexer.query.syntax import Gapped, Leaf, Phrase, parse, positive
from indexer.repair import replay
from indexer.results.highlight import make_marker
from indexer.results.snippets import snippets
from indexer.text.analyzer import Analyzer, visible
from indexer.text.normalize import spelled, variants
from indexer.text.units import seen

HAN = (
    "無锡无錫國国家軟软件園园創创新發发髮展著着裡里裏面甚麼么什後后王乾干隆臺台灣湾衞"
    "卫衛生𠮷㐂〇中文的不在了是一"
)
MIXED = st.text(
    st.one_of(
        st.sampled_from(HAN),
        st.sampled_from("，。！？、：「」（）…“” \n\t　"),
        st.sampled_from("aZé0９Ａ+#._-"),
        st.sampled_from("Ⅲ㎡①²½ﬁ㍿○\u0301ｶﾞ\u3099\u1109\u1165😀★👍\U0001f3fdß"),
        st.sampled_from("\u200b\ufeff\ufe0f\u00ad"),
        st.characters(),
    ),
    max_size=60,
)
HAN_QUERY = st.text(st.sampled_from(HAN), min_size=1, max_size=8)
FORMS = st.sampled_from(["%s", '"%s"', "-%s", "title:%s"])
APART = st.sampled_from(['"%s %s"~3', "%s*%s", "title:%s?%s"])
QUERY = st.one_of(
    MIXED,
    HAN_QUERY,
    st.builds(lambda form, words: form % words, FORMS, HAN_QUERY),
    st.builds(lambda form, first, second: form % (first, second), APART, HAN_QUERY, HAN_QUERY),
)
PINYIN = {
    "無": "wú",
    "軟": "ruǎn",
    "園": "yuán",
    "創": "chuàng",
    "國": "guó",
    "發": "fā",
    "後": "hòu",
    "臺": "tái",
}
quick = settings(max_examples=150, deadline=None, derandomize=True)


@quick
@given(MIXED)
def test_folding_is_one_to_one_and_idempotent(text: str) -> None:
    """1. Equal length, idempotent, every character by itself: offsets need no map."""
    folded = normalize(text)
    assert len(folded) == len(text)
    assert normalize(folded) == folded == "".join(map(normalize, text))


@quick
@given(text=MIXED)
def test_segmentation_is_lossless(analyzer: Analyzer, text: str) -> None:
    """2. The words of the folded text concatenate to it; words with offsets cut their terms out."""
    pieces = analyzer.pieces(text)
    assert "".join(pieces.texts()) == pieces.text == spelled(visible(text).text)
    assert normalize(pieces.text) == normalize(visible(text).text)
    words = analyzer.words(text)
    for term, start, end in zip(words.terms, words.starts, words.ends, strict=True):
        assert term in spelled(visible(text[start:end]).text)


@quick
@given(text=MIXED)
def test_offsets_cut_out_what_is_matched(text: str) -> None:
    """1. What changes length has an explicit map: ascending, and each range is what it says."""
    shown = visible(text)
    spans = [shown.span(at, at + 1) for at in range(len(shown.text))]
    assert shown.text == seen(text) and spans == sorted(spans)
    for character, (start, end) in zip(shown.text, spans, strict=True):
        assert 0 <= start < end <= len(text)
        assert character in visible(text[start:end]).text or (character == "〇" and text[start:end] in "○◯")


def _typed(leaf: Leaf) -> Sequence[str]:
    if isinstance(leaf, Gapped):
        return [piece.text for piece in leaf.pieces]
    return [leaf.text] if isinstance(leaf, Phrase) else leaf.terms


@quick
@given(text=MIXED, query=QUERY)
def test_every_mark_matches_the_query(analyzer: Analyzer, text: str, query: str) -> None:
    """3. Each mark of each snippet, cut out of the stored text and analyzed, shares a term with the query."""
    leaves = positive(parse(query))
    asked: set[str] = set()
    for leaf in leaves:
        for part in _typed(leaf):
            asked |= {*analyzer.grams(part).terms, *analyzer.words(part).terms}
    for snippet in snippets(text, make_marker(leaves, analyzer).find(text)):
        for start, end in snippet.marks:
            piece = text[snippet.start + start : snippet.start + end]
            assert piece == snippet.text[start:end]
            assert {*analyzer.grams(piece).terms, *analyzer.words(piece).terms} & asked
        assert snippet.html == marked_html(snippet.text, snippet.marks)
        assert re.sub("</?mark>", "", snippet.html).count("<") == 0


@pytest.fixture(scope="module")
def corpus() -> Sequence[str]:
    """Two hundred seeded texts of few characters, so that most substrings are in several."""
    rng = random.Random(20260101)
    marks = "，。\n 、"
    return [
        "".join(rng.choice(HAN) if rng.random() < 0.9 else rng.choice(marks) for _ in range(60))
        for _ in range(200)
    ]


@pytest.fixture(scope="module")
def searcher(open_index: Any, corpus: Sequence[str]) -> Searcher:
    """An index of them."""
    opened: Searcher = open_index(corpus)
    return opened


@settings(quick, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chosen=st.data())
def test_any_substring_finds_its_document(
    searcher: Searcher, corpus: Sequence[str], chosen: st.DataObject
) -> None:
    """4. One to eight consecutive Han characters, each in any variant, find the document, in both modes."""
    number = chosen.draw(st.integers(0, len(corpus) - 1))
    runs = [run for run in re.findall(f"[{HAN}]+", corpus[number]) if run]
    run = chosen.draw(st.sampled_from(runs))
    start = chosen.draw(st.integers(0, len(run) - 1))
    piece = run[start : start + chosen.draw(st.integers(1, 8))]
    query = "".join(chosen.draw(st.sampled_from(variants(character))) for character in piece)
    for mode in ("smart", "exact"):
        found = {hit.id for hit in searcher.search(query, size=1000, mode=mode).hits}
        assert str(number) in found
    exact = {number for number, text in enumerate(corpus) if normalize(piece) in _compact(text)}
    assert exact == {int(hit.id) for hit in searcher.search(query, size=1000, mode="exact").hits}


def _compact(text: str) -> str:
    """A text as the index sees it: white space between Han characters is layout."""
    return normalize(re.sub(f"(?<=[{HAN}])\\s+(?=[{HAN}])", "", text))


@quick
@given(text=MIXED)
def test_index_and_query_are_analyzed_alike(analyzer: Analyzer, text: str) -> None:
    """5. What is indexed is what is asked: the same terms with and without offsets, in any script."""
    assert [*analyzer.words(text).terms] == analyzer.word_terms(text)
    other = "".join(variants(character)[-1] for character in text)
    assert [*analyzer.grams(other).terms] == [*analyzer.grams(text).terms]


def test_index_of_another_analysis_is_refused(make_config: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """5. A generation built with another fingerprint is refused with a message that says to rebuild."""
    config: Config = make_config(["無錫"])
    rebuild(config)
    monkeypatch.setattr("indexer.text.analyzer.ANALYSIS_VERSION", -1)
    with pytest.raises(IndexOutdated, match="hansou rebuild"):
        Searcher.open(config)


def _annotated(text: str) -> str:
    """A text with pinyin after the characters of the table, as mirror sites leave it."""
    return "".join(f"{c}({PINYIN[c]})" if c in PINYIN else c for c in text)


@quick
@given(st.text(st.sampled_from(HAN + "，。\n?r)("), max_size=80), st.booleans())
def test_repair_replays(text: str, damage: bool) -> None:
    """6. Original and steps give the repaired text, whatever was damaged and whatever was not."""
    original = _annotated(text) if damage else text
    repair = repair_text(original)
    assert replay(original, repair.steps) == repair.text
    if not repair.steps:
        assert repair.text == original


@quick
@given(st.text(st.sampled_from(HAN + "，。"), max_size=80))
def test_undamaged_text_comes_out_identical(text: str) -> None:
    """6. Without damage there is no step: Han characters and punctuation stay byte for byte."""
    repair = repair_text(text)
    assert (repair.text, repair.steps) == (text, ())


def test_reader_sees_one_generation(make_config: Any) -> None:
    """7. From open to close a reader answers from one generation, whatever is built meanwhile.

    Its files may go in the meantime: with two newer generations the first has been pruned.
    """
    config: Config = make_config(["無錫第一版。"])
    rebuild(config)
    with Searcher.open(config) as searcher:
        before = searcher.search("無錫").to_json() | {"took_ms": 0}
        for number in range(3):
            (config.base / "documents" / f"{number}.txt").write_text("無錫新版。", encoding="utf-8")
            rebuild(config)
            after = searcher.search("無錫").to_json() | {"took_ms": 0}
            assert after == before
            assert searcher.document("0").document.text == "無錫第一版。"
        searcher.refresh()
        assert searcher.search("無錫").total.value == 4
