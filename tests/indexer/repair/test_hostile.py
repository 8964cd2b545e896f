"""indexer.repair under text made to hurt: it ends, and the text comes out unchanged."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.repair import repair_text, replay

DAMAGED = "當(dāng)時(shí)無(wú)錫創(chuàng)新。"


@pytest.mark.parametrize(
    "text",
    [
        "(" * 100_000,
        "()" * 50_000,
        "(a)" * 50_000,
        "?" * 10_000_000,
        "\ufffd" * 1_000_000,
        "&" * 100_000,
        "/p" * 100_000,
        "é" * 100_000,
        "\n" * 100_000,
        ">" * 100_000,
        "評論(" * 30_000,
        "½ " * 100_000,
        "éa中" * 50_000,
        " 春" * 100_000,
        "\\" * 100_000,
        "樹(shù)" * 2,
        "锟" * 3,
        "...\n" * 50_000,
    ],
    ids=lambda text: f"{text[:6]!r}x{len(text)}",
)
def test_clean_looking_floods_pass_unchanged(text: str) -> None:
    """No proof of damage, no change, whatever there is in masses."""
    assert repair_text(text).text is text


@pytest.mark.parametrize(
    "flood", ["?" * 20_000, "\ufffd" * 20_000, "?！睙" * 2_000, "(" * 50_000, "?shù)" * 3_000, "??，" * 2_000]
)
def test_floods_in_damaged_text_end_and_replay(flood: str) -> None:
    """In a damaged document the work per marker is bounded; what is made of a flood still replays."""
    text = DAMAGED + flood + "\n" + DAMAGED
    repair = repair_text(text, seconds=2.0)
    assert replay(text, repair.steps) == repair.text
    assert repair.text.startswith("當時無錫創新。")


@pytest.mark.parametrize(
    "flood",
    [
        "ÖÐ¹ú" * 20_000,
        "锟斤拷" * 10_000,
        "嚙踝蕭" * 10_000,
        "鍙�" * 20_000,
        "Ã¤Â»Â" * 10_000,
        "功\\" * 20_000,
        "?！刮" * 5_000,
    ],
)
def test_floods_of_garbled_text_end_and_replay(flood: str) -> None:
    """Whatever is made of them, the steps lead to it."""
    repair = repair_text(flood, seconds=2.0)
    assert replay(flood, repair.steps) == repair.text


def test_seconds_bound_the_realignment() -> None:
    """Without time, annotations still go; runs stay as they are."""
    text = DAMAGED + "當(dāng)?shù)貢r(shí)間"
    assert repair_text(text, seconds=0.0).text == "當時無錫創新。當?shù)貢r間"


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="當時無a?(shù)�。！睙貢r\n &/p>", max_size=200))
def test_any_text_replays(text: str) -> None:
    """Whatever comes in, the steps lead to what comes out."""
    damaged = DAMAGED + text
    repair = repair_text(damaged)
    assert replay(damaged, repair.steps) == repair.text
