"""Head lines become fields only where they state them, and nothing else leaves the text."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.documents import Document
from indexer.documents.metadata import describe, read_head, script_of

CASES = tomllib.loads((Path(__file__).parents[2] / "cases/metadata.toml").read_text(encoding="utf-8"))["case"]
FIELDS = ("title", "date", "source", "author", "lang")
LINES = st.sampled_from(
    [
        "夜市",
        "來源：園區日報",
        "太湖新聞網",
        "歐陽小雨",
        "2025-02-04 15:52",
        "",
        "南門外擺起了攤子，人很多。",
        "作者：",
        "|",
        "編輯",
    ]
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["label"])
def test_head_lines(case: dict[str, Any]) -> None:
    """Each shape of head gives the fields it states, and the text keeps everything else."""
    found = describe(Document("page", case["input"], plain=True))
    assert {name: getattr(found, name) for name in FIELDS} == dict.fromkeys(FIELDS) | case["expect"]
    assert found.text == case.get("text", case["input"])


@given(st.lists(LINES, max_size=8).map("\n".join))
def test_only_leading_lines_leave_the_text(text: str) -> None:
    """What stays is the end of the text, byte for byte, and it is never nothing."""
    _, rest = read_head(text)
    assert text.rstrip().endswith(rest) or rest == text
    assert bool(rest.strip()) == bool(text.strip())


@given(st.text(max_size=80))
def test_any_text_can_be_described(text: str) -> None:
    """No text is too odd to be looked at, and one script is always named."""
    assert describe(Document("page", text, plain=True)).lang in ("zh-Hans", "zh-Hant")


def test_fields_that_the_source_states_are_kept() -> None:
    """A title from the source is not replaced, and the first line is not taken for another one."""
    page = Document(
        "1",
        "夜市\n來源：園區日報\n南門外擺起了攤子，人很多。",
        title="園區的晚上",
        source="街坊周報",
        plain=True,
    )
    found = describe(page)
    assert (found.title, found.source) == ("園區的晚上", "街坊周報")
    assert found.text.startswith("夜市\n")


def test_structured_documents_keep_their_text() -> None:
    """A line of .jsonl states its fields: a null title stays null and the text is untouched."""
    document = Document("1", "夜市\n南門外擺起了攤子，人很多。")
    found = describe(document)
    assert (found.title, found.text) == (None, document.text)


def test_a_line_that_contradicts_the_source_stays() -> None:
    """What the page's markup states is not lost to a head line, nor the head line to it."""
    text = "2025-02-04 15:52 来源：街坊周报\n南门外摆起了摊子，人很多。"
    known = {"title": "夜市", "date": "2025-02-04", "source": "园区日报"}
    assert read_head(text, known) == (known, text)
    assert read_head(text, known | {"source": "街坊周报"})[1] == "南门外摆起了摊子，人很多。"


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("軟體園區", "zh-Hant"),
        ("软件园区", "zh-Hans"),
        ("山水", "zh-Hans"),
        ("", "zh-Hans"),
        ("软體", "zh-Hans"),
    ],
)
def test_script(text: str, script: str) -> None:
    """The script is the one with more characters of its own; Simplified where they are even."""
    assert script_of(text) == script


def test_mixed_script_goes_by_number() -> None:
    """A Traditional page that quotes one Simplified word is Traditional."""
    assert script_of("這裡說的「软件」就是軟體，兩岸用詞不同。") == "zh-Hant"
