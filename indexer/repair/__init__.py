"""Was this text damaged, how, and what did it say?

    >>> repair_text("無(wú)錫軟(ruǎn)件園(yuán)").text
    '無錫軟件園'

The plan is a list of fixers, each a pure function from the current text to edits; a gate decides
which of them have anything to look at. **`replay(original, repair.steps)` is `repair.text`; a text
without damage comes out byte-identical and without steps.**
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import monotonic
from typing import NamedTuple

from indexer.repair.explain import damage_table, explain
from indexer.repair.furniture import drop_furniture
from indexer.repair.gate import Signs, look
from indexer.repair.markup import drop_broken_tags, drop_tone_marks, restore_spaces, unescape_entities
from indexer.repair.mojibake import undo_wrong_decoding
from indexer.repair.pinyin import remove_annotations
from indexer.repair.realign import realign
from indexer.repair.rules import Rules, load_rules
from indexer.repair.steps import Edit, RepairStep, advance, replay

__all__ = [
    "Repair",
    "RepairStep",
    "Rules",
    "damage_table",
    "explain",
    "load_rules",
    "repair_text",
    "replay",
]

Fixer = Callable[[str], list[Edit]]


class Repair(NamedTuple):
    """A repaired text and how it came about."""

    text: str
    steps: tuple[RepairStep, ...]

    @property
    def damaged(self) -> bool:
        """Whether anything had to be repaired."""
        return bool(self.steps)


def plan(signs: Signs, rules: Rules, deadline: float) -> Iterator[Fixer]:
    """The fixers for a document with these signs, in the order in which they apply."""
    damaged = signs.pinyin
    if signs.mojibake:
        yield undo_wrong_decoding
    yield lambda text: unescape_entities(text, damaged)
    yield lambda text: drop_broken_tags(text, damaged)
    yield restore_spaces
    yield lambda text: drop_tone_marks(text, damaged)
    if signs.pinyin:
        yield remove_annotations
        yield lambda text: realign(text, deadline)
    if signs.pinyin or signs.furniture:
        yield lambda text: drop_furniture(text, rules, damaged)


def repair_text(text: str, *, rules: Rules | None = None, seconds: float = 5.0) -> Repair:
    """Repair one document.

    `rules` are the furniture rules (default: the built-in ones). `seconds` bounds the byte
    realignment: what it has not reached by then stays as it is.
    """
    rules = rules or load_rules()
    signs = look(text, rules)
    if signs is None:
        return Repair(text, ())
    deadline = monotonic() + seconds
    steps: list[RepairStep] = []
    current = text
    for fixer in plan(signs, rules, deadline):
        edits = fixer(current)
        if edits:
            steps = advance(text, steps, edits)
            current = replay(text, steps)
    return Repair(current, tuple(steps))
