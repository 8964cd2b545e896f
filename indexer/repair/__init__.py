"""Was this text damaged, how, and what did it say?

    >>> repair_text("無(wú)錫軟(ruǎn)件園(yuán)").text
    '無錫軟件園'

A repair is the text and the steps that lead to it. **`replay(original, repair.steps)` is
`repair.text`; a text without damage comes out byte-identical and without steps.**
"""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic

from indexer.repair.furniture import drop_furniture
from indexer.repair.gate import look
from indexer.repair.pinyin import remove_annotations
from indexer.repair.realign import realign
from indexer.repair.rules import Rules, load_rules
from indexer.repair.steps import Edit, RepairStep, advance, replay

__all__ = ["Repair", "RepairStep", "Rules", "load_rules", "repair_text", "replay"]


@dataclass(frozen=True, slots=True)
class Repair:
    """A repaired text and how it came about."""

    text: str
    steps: tuple[RepairStep, ...]

    @property
    def damaged(self) -> bool:
        """Whether anything had to be repaired."""
        return bool(self.steps)


def repair_text(text: str, *, rules: Rules | None = None, seconds: float = 5.0) -> Repair:
    """Repair one document. `rules` are the furniture rules (default: the built-in ones)."""
    signs = look(text)
    furniture = rules or load_rules()
    steps: list[RepairStep] = []
    current = text
    if signs.pinyin:
        steps = advance(text, steps, remove_annotations(current))
        current = replay(text, steps)
        steps = advance(text, steps, realign(current, monotonic() + seconds))
        current = replay(text, steps)
    edits: list[Edit] = drop_furniture(current, furniture, signs.pinyin)
    steps = advance(text, steps, edits)
    return Repair(replay(text, steps), tuple(steps))
