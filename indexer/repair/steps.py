"""How is a repair written down? As steps over the original text that can be replayed.

A fixer looks at the *current* text and answers with edits to it. `advance` folds those edits into the
steps made so far, so that the steps always speak of the original text.
**`replay(original, advance(original, steps, edits))` is the current text with the edits made, and
steps ascend without overlapping.**
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple


@dataclass(frozen=True, slots=True)
class RepairStep:
    """One replacement. `start` and `end` are code points of the original text, half-open.

    `before` is `original[start:end]`. `kind` names the damage (see docs/repair.md), `evidence` says
    in one short sentence why it was taken for damage.
    """

    kind: str
    start: int
    end: int
    before: str
    after: str
    evidence: str

    def to_json(self) -> dict[str, Any]:
        """The step as a plain dict, in the order of its fields."""
        return {
            "kind": self.kind,
            "start": self.start,
            "end": self.end,
            "before": self.before,
            "after": self.after,
            "evidence": self.evidence,
        }


class Edit(NamedTuple):
    """Replace `[start, end)` of the text a fixer was given by `after`.

    A tuple, since a badly damaged text has an edit for every tenth character.
    """

    start: int
    end: int
    after: str
    kind: str
    evidence: str


def replay(original: str, steps: Iterable[RepairStep]) -> str:
    """Apply `steps` to the text they were made from, in one pass.

    Raises `ValueError` when a step does not fit the text: it was made from another one.

    >>> replay("漢(hàn)字", [RepairStep("pinyin", 1, 6, "(hàn)", "", "hàn is a reading of 漢")])
    '漢字'
    """
    parts: list[str] = []
    at = 0
    for step in steps:
        if step.start < at or original[step.start : step.end] != step.before:
            raise ValueError(f"the step at {step.start} does not fit this text")
        parts += original[at : step.start], step.after
        at = step.end
    return "".join([*parts, original[at:]])


def origins(length: int, steps: Iterable[RepairStep]) -> list[tuple[int, int]]:
    """Of each character of a repaired text the range of the original that it came from, `length` long.

    >>> origins(7, [RepairStep("pinyin", 1, 6, "(hàn)", "", "hàn is a reading of 漢")])
    [(0, 1), (6, 7)]
    """
    found: list[tuple[int, int]] = []
    at = 0
    for step in steps:
        found += ((place, place + 1) for place in range(at, step.start))
        found += [(step.start, step.end)] * len(step.after)
        at = step.end
    return [*found, *((place, place + 1) for place in range(at, length))]


def apply_edits(text: str, edits: Sequence[Edit]) -> str:
    """Make ascending, non-overlapping edits to `text`.

    >>> apply_edits("漢字", [Edit(0, 1, "汉", "fold", "")])
    '汉字'
    """
    parts: list[str] = []
    at = 0
    for edit in edits:
        parts += text[at : edit.start], edit.after
        at = edit.end
    return "".join([*parts, text[at:]])


@dataclass(frozen=True, slots=True)
class _Piece:
    """A step as it lies in the current text (`start`, `end`) over the original (`from_`, `to`)."""

    start: int
    end: int
    from_: int
    to: int
    step: RepairStep


def _lay_out(steps: Sequence[RepairStep]) -> list[_Piece]:
    pieces: list[_Piece] = []
    shift = 0
    for step in steps:
        start = step.start + shift
        pieces.append(_Piece(start, start + len(step.after), step.start, step.end, step))
        shift += len(step.after) - (step.end - step.start)
    return pieces


def advance(original: str, steps: Sequence[RepairStep], edits: Sequence[Edit]) -> list[RepairStep]:
    """The steps that make, of `original`, the current text with `edits` applied to it.

    `steps` made the current text; `edits` ascend and do not overlap. An edit that touches what an
    earlier step wrote is merged with it into one step under the edit's kind.
    """
    if not edits:
        return list(steps)
    if not steps:
        first = (
            RepairStep(e.kind, e.start, e.end, original[e.start : e.end], e.after, e.evidence) for e in edits
        )
        return [step for step in first if step.before != step.after]
    pieces = _lay_out(steps)
    result: list[RepairStep] = []
    current = replay(original, steps)
    at, shift = 0, 0  # next piece; current offset minus original offset, after the pieces so far
    for group in _runs(edits, pieces):
        start, end = group[0].start, group[-1].end
        while at < len(pieces) and pieces[at].end <= start:
            result.append(pieces[at].step)
            shift = pieces[at].end - pieces[at].to
            at += 1
        merged: list[_Piece] = []
        while at < len(pieces) and (pieces[at].start < end or pieces[at].start == start):
            merged.append(pieces[at])
            at += 1
        low, high = _bounds(start, end, shift, merged)
        cut_low = min([start, *(piece.start for piece in merged)])
        cut_high = max([end, *(piece.end for piece in merged)])
        after = _rewrite(current, group, cut_low, cut_high)
        if merged:
            shift = merged[-1].end - merged[-1].to
        result += _step(original, low, high, after, group, merged)
    return [*result, *(piece.step for piece in pieces[at:])]


def _runs(edits: Sequence[Edit], pieces: Sequence[_Piece]) -> list[list[Edit]]:
    """Group edits that share an earlier piece, since one step cannot be split between two."""
    groups: list[list[Edit]] = []
    reach, at = -1, 0
    for edit in edits:
        if groups and edit.start < reach:
            groups[-1].append(edit)
        else:
            groups.append([edit])
        reach = max(reach, edit.end)
        while at < len(pieces) and (pieces[at].start < edit.end or pieces[at].start == edit.start):
            if pieces[at].end > edit.start:
                reach = max(reach, pieces[at].end)
            at += 1
    return groups


def _bounds(start: int, end: int, shift: int, merged: Sequence[_Piece]) -> tuple[int, int]:
    """Where the current span [start, end) with its pieces lies in the original text."""
    if not merged:
        return start - shift, end - shift
    first, last = merged[0], merged[-1]
    low = first.from_ - max(0, first.start - start)
    high = last.to + max(0, end - last.end)
    return low, high


def _rewrite(current: str, group: Sequence[Edit], low: int, high: int) -> str:
    shifted = [Edit(e.start - low, e.end - low, e.after, e.kind, e.evidence) for e in group]
    return apply_edits(current[low:high], shifted)


def _step(
    original: str, low: int, high: int, after: str, group: Sequence[Edit], merged: Sequence[_Piece]
) -> list[RepairStep]:
    before = original[low:high]
    if before == after:
        return []
    # What an edit takes out whole needs no account of the repairs inside it.
    inner = [] if not after else [piece.step.evidence for piece in merged]
    reasons = dict.fromkeys([*inner, *(edit.evidence for edit in group)])
    return [RepairStep(group[-1].kind, low, high, before, after, "; ".join(reasons))]
