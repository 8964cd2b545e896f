"""indexer.repair.explain: repairs told to people."""

from __future__ import annotations

from indexer.repair import damage_table, explain, repair_text

TEXT = "當(dāng)?shù)貢r(shí)間無(wú)錫開(kāi)會(huì)。\n暫無評論"


def test_each_step_is_told() -> None:
    """One line a step, with the offsets, the kind, before and after, and why."""
    lines = explain(repair_text(TEXT)).splitlines()
    assert len(lines) == len(repair_text(TEXT).steps)
    assert lines[0] == '1-7 pinyin: "(dāng)" → "" (dāng is a reading of 當)'
    assert any(line.split(":")[0].endswith("realign") and '"地時"' in line for line in lines)
    assert lines[-1].endswith("(furniture line: no comments yet)")


def test_clean_text_is_told_too() -> None:
    """No steps, one sentence."""
    assert explain(repair_text("無錫開會。")) == "no damage found"


def test_table_counts_documents_and_places() -> None:
    """Kinds with documents and places, the most places first."""
    table = damage_table([repair_text(TEXT), repair_text("無錫開會。"), repair_text(TEXT)])
    assert list(table) == ["pinyin", "furniture", "realign"]
    assert table["furniture"] == {"documents": 2, "places": 2}
    assert table["pinyin"]["places"] > 4
