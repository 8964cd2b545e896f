"""A long document in portions: they are the document, and each is one by itself."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer import Document, DocumentView, RepairStep
from indexer.documents.document import PartStart
from indexer.repair import replay
from indexer.results import portions
from indexer.results.portions import portion


@pytest.fixture(autouse=True)
def short_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty characters are a portion."""
    monkeypatch.setattr(portions, "PORTION", 20)


def every(view: DocumentView) -> list[DocumentView]:
    """All portions of a document."""
    first = portion(view)
    assert first.portion
    return [portion(view, number) for number in range(1, first.portion.of + 1)]


def step(start: int, before: str, after: str) -> dict[str, object]:
    """A repair step as it is stored."""
    return RepairStep("pinyin", start, start + len(before), before, after, "").to_json()


def test_a_short_document_is_its_portion() -> None:
    """Nothing of it is changed, and it says that it is whole."""
    view = DocumentView(
        Document("a", "無錫軟件園"), ((0, 2),), original="無(wú)錫軟件園", steps=(step(1, "(wú)", ""),)
    )
    shown = portion(view, 7)
    assert shown.document == view.document and (shown.original, shown.steps) == (view.original, view.steps)
    assert shown.to_json() == view.to_json()
    assert shown.portion and (shown.portion.number, shown.portion.of, shown.portion.end) == (1, 1, 5)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(text=st.text("無錫園。\n", max_size=120))
def test_portions_are_the_document(text: str) -> None:
    """One after the other they are the text; none is too long, and only the last below half of that."""
    shown = every(DocumentView(Document("a", text)))
    assert "".join(view.document.text for view in shown) == text
    lengths = [len(view.document.text) for view in shown]
    assert max(lengths) <= 20 and all(length > 10 for length in lengths[:-1])
    spans = [(view.portion.start, view.portion.end) for view in shown if view.portion]
    assert all(one[1] == other[0] for one, other in pairwise(spans))


def test_a_portion_ends_with_a_line_else_a_sentence() -> None:
    """The last line end in its second half, or the last full stop there, or where there is no more room."""
    texts = {"園" * 12 + "\n" + "區" * 20: 13, "園" * 12 + "。" + "區" * 20: 13, "園" * 30: 20}
    for text, end in texts.items():
        assert len(portion(DocumentView(Document("a", text))).document.text) == end


def test_marks_are_counted_through() -> None:
    """Each mark is in the portion that it begins in, and each portion knows the nearest ones with marks."""
    text = "無錫園。" * 20
    marks = ((0, 2), (18, 21), (60, 62))
    shown = every(DocumentView(Document("a", text), marks))
    assert [view.marks for view in shown] == [((0, 2), (18, 20)), (), (), ((0, 2),)]
    told = [view.portion for view in shown if view.portion]
    assert [each.marks_before for each in told] == [0, 2, 2, 2] and {each.marks for each in told} == {3}
    assert [each.marked_after for each in told] == [4, 4, 4, None]
    assert [each.marked_before for each in told] == [None, 1, 1, 1]


def test_a_place_is_in_its_portion() -> None:
    """By the place in the text; one beyond the end is in the last, and a number beyond it too."""
    view = DocumentView(Document("a", "無錫園。" * 20))
    found = [shown.portion.number for at in (0, 19, 20, 79, 500) if (shown := portion(view, at=at)).portion]
    assert found == [1, 1, 2, 4, 4]
    assert portion(view, 99) == portion(view, 4)


def test_parts_of_the_original_come_along() -> None:
    """A portion names the pages that begin in it, and the one that it begins in."""
    pages = (PartStart(0, "page", "1"), PartStart(30, "page", "2"), PartStart(40, "page", "3"))
    shown = every(DocumentView(Document("a", "無錫園。" * 20, parts=pages)))
    named = [[(part.start, part.name) for part in view.document.parts] for view in shown]
    assert named == [[(0, "1")], [(0, "1"), (10, "2")], [(0, "3")], [(0, "3")]]


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    pieces=st.lists(
        st.tuples(
            st.text("無錫園。\n", max_size=9), st.sampled_from([("(wú)", ""), ("?", "園區"), ("", "〓")])
        ),
        max_size=30,
    ),
    head=st.booleans(),
)
def test_each_portion_replays(pieces: list[tuple[str, tuple[str, str]]], head: bool) -> None:
    """A portion's steps make its text of its original, but for head lines that the page states."""
    original, repaired, steps = "", "", []
    for text, (before, after) in pieces:
        steps.append(step(len(original + text), before, after))
        original, repaired = original + text + before, repaired + text + after
    text = repaired.partition("\n")[2] if head else repaired
    view = DocumentView(Document("a", text), original=original, steps=tuple(steps))
    shown = every(view)
    assert "".join(each.document.text for each in shown) == text
    assert "".join(each.original or "" for each in shown) == original
    assert sum(len(each.steps) for each in shown) == len(steps)
    replayed = "".join(
        replay(each.original or "", [RepairStep(**told) for told in each.steps]) for each in shown
    )
    assert replayed == repaired
