"""A passage is found where it stands, whatever was done to it, and nothing where it does not."""

from __future__ import annotations

import random

import pytest

from indexer import PassageRefused, Searcher, Traced, native
from indexer.query import nodes
from indexer.text.display import convert
from indexer.trace import MAX_PASSAGE, Parallel, trace
from tests.conftest import OpenIndex

STORY = (
    "園區在湖的東邊，清晨十分安靜，只有送早餐的車聲和遠處水鳥的叫聲。工程師們沿著堤岸慢慢走來，"
    "把昨夜沒有寫完的程式再讀一遍。中午食堂賣桂花藕和醬鴨，隊伍一直排到門外的銀杏樹下；"
    "傍晚時候雲層散開，對岸的燈一盞一盞亮起來，像有人在水面上寫字。"
)
LETTER = "來信收到了。你問的那位老先生還住在運河邊，每天下午修理收音機，窗台上晒著橘皮。附近的孩子都認識他。"
FORMULA = "本通知自發布之日起施行"


@pytest.fixture(scope="module")
def searcher(open_index: OpenIndex) -> Searcher:
    """A story, a letter, thirty notices with the same formula, and other lines."""
    chance = random.Random(4)
    letters = "山高水長風清月白春華秋實東籬南畝西窗北海雲煙江湖故園"
    others = ["".join(chance.choices(letters, k=60)) for _ in range(30)]
    documents = [
        {"id": "story", "title": "湖東", "text": STORY, "source": "甲報", "date": "2021-05-01"},
        {"id": "letter", "text": LETTER, "source": "乙報"},
        *({"id": f"notice{n}", "text": f"{other}。{FORMULA}。"} for n, other in enumerate(others)),
    ]
    return open_index(documents)


def only(traced: Traced) -> Parallel:
    """The one match."""
    (match,) = traced.matches
    return match


def test_verbatim(searcher: Searcher) -> None:
    """A passage as it stands: all of it, nothing changed, offsets into both texts."""
    passage = "……" + STORY[40:90]
    match = only(searcher.trace(passage))
    assert (match.id, match.title, match.source, match.date) == ("story", "湖東", "甲報", "2021-05-01")
    assert match.coverage == 1 and match.changed == 0 and match.differences == ()
    start, end = match.document
    assert STORY[start:end] == match.text == passage[slice(*match.passage)]


def test_other_script(searcher: Searcher) -> None:
    """In Simplified, without punctuation, on lines of their own: nothing is changed."""
    match = only(searcher.trace(convert(STORY[30:100], "hans").replace("，", "\n").replace("。", " ")))
    assert match.id == "story" and match.coverage == 1 and match.changed == 0


def test_damaged(searcher: Searcher) -> None:
    """Pinyin damage is repaired; offsets are into the passage as it came."""
    damaged = LETTER[6:40].replace("還", "還(hái)").replace("運", "運(yùn)").replace("邊", "邊(biān)")
    damaged = damaged.replace("午", "午(wǔ)").replace("機", "機(jī)")
    match = only(searcher.trace(damaged))
    assert match.id == "letter" and match.changed == 0 and match.coverage == 1
    start, end = match.passage
    assert start == 0 and damaged[start:end].startswith("你問") and "(hái)" in damaged[start:end]


def test_quoted_with_changes(searcher: Searcher) -> None:
    """What was substituted, left out and put in is named, on both sides."""
    passage = "在湖的東邊，清早十分安靜，只有送早餐的車聲和水鳥的鳴叫聲"
    match = only(searcher.trace(passage))
    shown = [(passage[slice(*each.passage)], STORY[slice(*each.document)]) for each in match.differences]
    assert ("早", "晨") in shown and ("", "遠處") in shown and ("鳴", "") in shown
    assert 0 < match.changed <= 0.35


def test_cut_and_rearranged(searcher: Searcher) -> None:
    """Halves in the other order are two matches; parts of two documents are found in both."""
    turned = searcher.trace(STORY[70:110] + STORY[0:40]).matches
    assert {match.id for match in turned} == {"story"} and len(turned) == 2
    assert sum(match.coverage for match in turned) == pytest.approx(1)
    mixed = searcher.trace(STORY[10:40] + "以下另有一說。" + LETTER[8:36]).matches
    assert {match.id for match in mixed} == {"story", "letter"}


def test_what_is_not_there(searcher: Searcher) -> None:
    """Chance finds nothing, and a formula of all notices is nothing either."""
    assert searcher.trace("此處從無一人知曉前朝舊事，碑上苔痕早已蓋過姓名").matches == ()
    assert searcher.trace("特此通告，" + FORMULA + "，請各單位知照").matches == ()


def test_best_first(searcher: Searcher) -> None:
    """What says more comes first, the rest after it; the limit says that there is more."""
    matches = searcher.trace(STORY[10:70] + LETTER[20:36]).matches
    assert [match.id for match in matches] == ["story", "letter"]
    assert matches[0].score > matches[1].score > 0
    with_limit = trace(STORY[10:70] + LETTER[20:36], searcher._live.snapshot, limit=1)
    assert len(with_limit.matches) == 1 and not with_limit.complete


def test_only_documents_of_a_filter(searcher: Searcher) -> None:
    """A filter holds for what is read, too."""
    snapshot = searcher._live.snapshot
    for source, found in (("甲報", ["story"]), ("乙報", []), ("丙報", [])):
        traced = trace(STORY[10:70], snapshot, only=nodes.Term("source", source))
        assert [match.id for match in traced.matches] == found


@pytest.mark.parametrize(
    ("passage", "reason"),
    [("", "empty"), (" \n", "empty"), ("天" * (MAX_PASSAGE + 1), "long"), ("Linux 6.1, ok!", "no_chinese")],
)
def test_refused(searcher: Searcher, passage: str, reason: str) -> None:
    """What cannot be traced is refused with the reason."""
    with pytest.raises(PassageRefused) as refused:
        searcher.trace(passage)
    assert refused.value.reason == reason


@pytest.mark.parametrize("passage", ["天", "㍿" * 1000, "\ud800天\x00地", "天 " * 2500])
def test_any_passage_is_answered(searcher: Searcher, passage: str) -> None:
    """However little, much or odd it says."""
    assert searcher.trace(passage).matches == ()


def test_without_compiled_code(searcher: Searcher) -> None:
    """numpy gives the same."""
    passage = convert(STORY[3:60], "hans").replace("清晨", "早上") + LETTER[12:33]
    with_it = searcher.trace(passage).matches
    with native.using(False):
        assert searcher.trace(passage).matches == with_it
