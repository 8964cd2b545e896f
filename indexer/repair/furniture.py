"""Which lines of a page are not the article? Those a rule names, and paragraphs printed twice.

Works on whole lines of text that is otherwise repaired. A strong rule is evidence by itself; a weak
one counts beside other furniture, or in a document whose text is damaged.
**A line that no rule matches is kept, except the second print of a paragraph and a headline cut off
in the middle that the next line repeats: in doubt, keep.**
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from indexer.repair.rules import Rule, Rules, folded
from indexer.repair.steps import Edit

LONG = 30  # characters of a paragraph that does not come twice by chance
COMPANY = 3  # this many furniture lines make a weak one credible anywhere in the document
LONGEST = 600  # a line longer than this is prose, whatever it says


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    end: int  # without its line break
    folded: str


@dataclass(frozen=True, slots=True)
class _Verdict:
    """Why a line goes: the rule or the words for it."""

    evidence: str
    certain: bool


def drop_furniture(text: str, rules: Rules, damaged: bool) -> list[Edit]:
    """Edits that take furniture lines out, each with its line break and the blank lines it leaves."""
    lines = _lines(text)
    verdicts = [_verdict(line, rules) for line in lines]
    _mark_repeated(lines, verdicts)
    _mark_cut_headlines(lines, verdicts)
    _acquit(lines, verdicts, damaged)
    return _edits(text, lines, verdicts)


def _lines(text: str) -> list[_Line]:
    lines: list[_Line] = []
    at = 0
    for raw in text.split("\n"):
        short = len(raw) <= LONGEST
        lines.append(_Line(at, at + len(raw), folded(raw) if short else raw.strip()))
        at += len(raw) + 1
    return lines


def _verdict(line: _Line, rules: Rules) -> _Verdict | None:
    if not line.folded or line.end - line.start > LONGEST:
        return None
    rule: Rule | None = rules.find(line.folded)
    return None if rule is None else _Verdict(f"furniture line: {rule.name}", rule.strength == "strong")


def _mark_repeated(lines: Sequence[_Line], verdicts: list[_Verdict | None]) -> None:
    """The second print of a long paragraph goes; the first stays."""
    seen: set[str] = set()
    for number, line in enumerate(lines):
        if len(line.folded) < LONG or verdicts[number]:
            continue
        if line.folded in seen:
            verdicts[number] = _Verdict("the same paragraph is printed above", False)
        seen.add(line.folded)


def _mark_cut_headlines(lines: Sequence[_Line], verdicts: list[_Verdict | None]) -> None:
    """A headline cut in the middle, printed before a furniture line that begins with it."""
    for number in range(len(lines) - 1):
        here, below = lines[number].folded, lines[number + 1].folded
        if len(here) >= 8 and verdicts[number + 1] and below.startswith(here) and below != here:
            verdicts[number] = verdicts[number] or _Verdict("a headline cut off and repeated below", False)


def _acquit(lines: Sequence[_Line], verdicts: list[_Verdict | None], damaged: bool) -> None:
    """Take back each uncertain verdict that has no company."""
    found = sum(verdict is not None for verdict in verdicts)
    if damaged or found >= COMPANY:
        return
    full = [number for number, line in enumerate(lines) if line.folded]
    for at, number in enumerate(full):
        verdict = verdicts[number]
        near = [verdicts[other] for other in full[max(0, at - 1) : at] + full[at + 1 : at + 2]]
        if verdict and not verdict.certain and not any(other and other.certain for other in near):
            verdicts[number] = None


def _edits(text: str, lines: Sequence[_Line], verdicts: Sequence[_Verdict | None]) -> list[Edit]:
    edits: list[Edit] = []
    kept_end: int | None = None  # end of the last kept line that is not blank
    after_blank = True  # the kept text so far ends with a blank line, or is empty
    number = 0
    while number < len(lines):
        verdict, line = verdicts[number], lines[number]
        number += 1
        if verdict is None:
            after_blank = not line.folded
            kept_end = line.end if line.folded else kept_end
            continue
        while after_blank and number < len(lines) and not lines[number].folded:
            number += 1  # the blank lines after it would double those before it
        end = lines[number].start if number < len(lines) else len(text)
        edits.append(Edit(line.start, end, "", "furniture", verdict.evidence))
    # A page of nothing but furniture is not a page we understand.
    return [] if kept_end is None else _trim_tail(text, edits, kept_end)


def _trim_tail(text: str, edits: list[Edit], kept_end: int) -> list[Edit]:
    """Stretch the edits after the last kept line so that the text ends there, as it ended before."""
    tail = [edit for edit in edits if edit.start >= kept_end]
    if not tail:
        return edits
    starts = [kept_end, *(edit.start for edit in tail[1:])]
    ends = [*starts[1:], len(text) - text.endswith("\n")]
    stretched = [
        replace(edit, start=start, end=max(start, end))
        for edit, start, end in zip(tail, starts, ends, strict=True)
    ]
    return [*edits[: -len(tail)], *stretched]
