"""Result values: their HTML is escaped first and marked then; their JSON form is fixed."""

from __future__ import annotations

import json

import pytest

from indexer import Document, DocumentView, Hit, ResultPage, Snippet, Total, marked_html

HIT = Hit(
    id="甲", title=None, heading=Snippet("無錫。", ()), url=None, score=1.5, date="2023-07", source="新華社",
    author=None, lang="zh-Hant", snippets=(Snippet("<無錫>", ((1, 3),), 7),), repairs=2,
)  # fmt: skip
PAGE = ResultPage("无锡", "无锡", 1, 10, Total(1), 2.5, (HIT,), "g", "2026-01-01T00:00:00Z")


@pytest.mark.parametrize(
    ("text", "marks", "expected"),
    [
        ("", [], ""),
        ("a<b>&\"'", [], "a&lt;b&gt;&amp;&quot;&#x27;"),
        ("<b>", [(0, 1)], "<mark>&lt;</mark>b&gt;"),
        ("香港香港", [(0, 2), (2, 4)], "<mark>香港</mark><mark>香港</mark>"),
        ("𠮷野家", [(0, 1)], "<mark>𠮷</mark>野家"),
    ],
)
def test_marked_html(text: str, marks: list[tuple[int, int]], expected: str) -> None:
    """Everything but our own `<mark>` is escaped; offsets are code points."""
    assert marked_html(text, marks) == expected


def test_hit_json() -> None:
    """A hit has the documented keys; snippets carry text, marks and HTML."""
    assert HIT.to_json() == {
        "id": "甲", "title": None, "url": None, "score": 1.5, "date": "2023-07", "source": "新華社",
        "author": None, "collection": None, "lang": "zh-Hant", "repairs": 2, "copies": 0, "part": None,
        "snippets": [{"text": "<無錫>", "marks": [[1, 3]], "html": "&lt;<mark>無錫</mark>&gt;"}],
    }  # fmt: skip


def test_page_json_has_the_promised_shape() -> None:
    """Scripts rely on these keys, and everything in it can be written as JSON."""
    shown = json.loads(json.dumps(PAGE.to_json()))
    promised = {*"query normalized_query page size total took_ms hits suggestion index".split()}
    assert promised <= {*shown}
    assert shown["total"] == {"value": 1, "relation": "eq"}
    assert shown["index"] == {"generation": "g", "built_at": "2026-01-01T00:00:00Z"}


def test_document_view_json() -> None:
    """A document comes with its fields, its marks and how it was repaired."""
    view = DocumentView(Document("甲", "無錫"), ((0, 2),), (), "無(wú)錫", ({"kind": "pinyin"},))
    shown = view.to_json()
    assert (shown["id"], shown["text"], shown["marks"]) == ("甲", "無錫", [[0, 2]])
    assert (shown["original"], shown["repair_steps"]) == ("無(wú)錫", [{"kind": "pinyin"}])
