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

from indexer.repair.escaped import drop_escapes
from indexer.repair.explain import damage_table, explain
from indexer.repair.furniture import drop_furniture
from indexer.repair.gate import Signs, look
from indexer.repair.lost import say_lost
from indexer.repair.markup import drop_broken_tags, drop_tone_marks, restore_spaces, unescape_entities
from indexer.repair.mojibake import undo_wrong_decoding
from indexer.repair.pinyin import remove_annotations
from indexer.repair.realign import realign
from indexer.repair.rules import Rules, load_rules
from indexer.repair.spacing import join_spaced
from indexer.repair.steps import Edit, RepairStep, advance, replay

__all__ = [
    "Repair",
    "RepairStep",
    "Rules",
    "damage_table",
    "explain",
    "load_rules",
    "name_lost",
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
    damaged = signs.damaged
    yield say_lost
    if signs.mojibake:
        yield undo_wrong_decoding
    if signs.spaced:
        yield join_spaced
    yield drop_escapes
    yield lambda text: unescape_entities(text, damaged)
    yield lambda text: drop_broken_tags(text, damaged)
    yield lambda text: restore_spaces(text, damaged)
    yield lambda text: drop_tone_marks(text, damaged)
    if damaged:
        yield remove_annotations
        yield lambda text: realign(text, deadline)
    if damaged or signs.furniture:
        yield lambda text: drop_furniture(text, rules, damaged)


def name_lost(text: str) -> Repair:
    """What a reader could not decode, shown as 〓 and named; nothing else is looked at."""
    steps = advance(text, [], say_lost(text))
    return Repair(replay(text, steps), tuple(steps))


def repair_text(text: str, *, rules: Rules | None = None, seconds: float = 5.0, beside: str = "") -> Repair:
    """Repair one document.

    `rules` are the furniture rules (default: the built-in ones). `seconds` bounds the byte
    realignment: what it has not reached by then stays as it is. `beside` is more of the same page or
    row (to a title its text, to a text its title): its damage is evidence for this piece too.
    """
    rules = rules or load_rules()
    deadline = monotonic() + seconds
    signs = look(text, rules, deadline, beside)
    if signs is None:
        return Repair(text, ())
    steps: list[RepairStep] = []
    current = text
    for fixer in plan(signs, rules, deadline):
        edits = fixer(current)
        if edits:
            steps = advance(text, steps, edits)
            current = replay(text, steps)
    return Repair(current, tuple(steps))
