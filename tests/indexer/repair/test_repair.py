"""indexer.repair: the contract that every other stage relies on."""

from __future__ import annotations

from indexer.repair import repair_text, replay


def test_clean_text_is_untouched() -> None:
    """A document with fewer than three annotations comes out byte-identical, without steps."""
    text = "荨(qián)麻和漢(hàn)字，（國家）軟件園。"
    repair = repair_text(text)
    assert repair.text is text
    assert repair.steps == ()
    assert not repair.damaged


def test_steps_replay() -> None:
    """The steps rebuild the repaired text from the original."""
    text = "無(wú)錫軟(ruǎn)件園(yuán)\n\nTHEEND\n\n暫無評論"
    repair = repair_text(text)
    assert repair.text == "無錫軟件園"
    assert replay(text, repair.steps) == repair.text
