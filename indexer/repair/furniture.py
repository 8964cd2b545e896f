"""Which lines of a page are not the article? Those a rule names, and paragraphs printed twice.

Works on whole lines of text that is otherwise repaired. A strong rule is evidence by itself; a weak
one counts beside other furniture, or in a document whose text is damaged.
**A line that no rule matches is kept, except the second print of a paragraph and a headline cut off
in the middle that the next line repeats: in doubt, keep.**
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from indexer.repair.rules import Rules, folded
from indexer.repair.scan import HINTS, places
from indexer.repair.steps import Edit

LONG = 30  # characters of a paragraph that hardly comes twice by chance
SURE = 45  # and of one that, twice in a row, certainly does not
COMPANY = 3  # this many kinds of furniture make a weak line credible anywhere in the document
LONGEST = 600  # a line longer than this is prose, whatever it says


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    end: int  # without its line break
    blank: bool


@dataclass(frozen=True, slots=True)
class _Verdict:
    """Why a line goes, what kind of furniture it is, and whether that is certain without company."""

    evidence: str
    kind: str
    certain: bool


def has_furniture(text: str, rules: Rules, hinted: bool = True) -> bool:
    """Whether anything in the text needs a closer look; a cheap answer for clean text.

    `hinted`: it may have one of the rules' `strong_signs`. A page of one line has no furniture: there would
    be nothing else on it.
    """
    return "\n" in text and (
        _repeats_at_once(text)
        or (
            hinted
            and any(
                (rule := rules.find(folded(line))) and rule.strength == "strong"
                for line in _hinted(text, rules)
            )
        )
    )


def _hinted(text: str, rules: Rules) -> Iterator[str]:
    """The lines, not too long, that have a strong hint."""
    end = -1
    for place in places(text, HINTS, rules.strong_signs):
        if place <= end:
            continue
        start, end = text.rfind("\n", 0, place) + 1, text.find("\n", place)
        end = len(text) if end < 0 else end
        if end - start <= LONGEST and rules.strong_hint.search(text, start, end):
            yield text[start:end]


def _repeats_at_once(text: str) -> bool:
    """Whether a long line is followed by itself, blank lines aside."""
    if len(text) < 2 * SURE or "\n" not in text:
        return False
    full = [line for line in text.split("\n") if len(line) >= SURE]
    if len(set(full)) == len(full):
        return False
    full = [line for line in text.split("\n") if line]
    return any(len(line) >= SURE and line == below for line, below in pairwise(full))


def drop_furniture(text: str, rules: Rules, damaged: bool) -> list[Edit]:
    """Edits that take furniture lines out, each with its line break and the blank lines it leaves.

    `damaged`: the text showed other damage, so that weak rules are believed.
    """
    lines = _lines(text)
    verdicts = _named(text, lines, rules)
    _mark_repeated(text, lines, verdicts)
    if not verdicts:
        return []
    _mark_cut_headlines(text, lines, verdicts)
    _acquit(lines, verdicts, damaged)
    return _edits(text, lines, verdicts)


def _lines(text: str) -> list[_Line]:
    lines: list[_Line] = []
    at = 0
    for raw in text.split("\n"):
        lines.append(_Line(at, at + len(raw), not raw or raw.isspace()))
        at += len(raw) + 1
    return lines


def _named(text: str, lines: Sequence[_Line], rules: Rules) -> dict[int, _Verdict]:
    """Verdicts by line number for the lines that a rule names."""
    starts = [line.start for line in lines]
    verdicts: dict[int, _Verdict] = {}
    at = 0
    while (match := rules.hint.search(text, at)) is not None:
        number = bisect_right(starts, match.start()) - 1
        line = lines[number]
        at = line.end + 1
        if line.end - line.start <= LONGEST:
            rule = rules.find(folded(text[line.start : line.end]))
            if rule is not None:
                verdicts[number] = _Verdict(
                    f"furniture line: {rule.name}", rule.kind, rule.strength == "strong"
                )
    return verdicts


def _mark_repeated(text: str, lines: Sequence[_Line], verdicts: dict[int, _Verdict]) -> None:
    """The second print of a long paragraph goes; the first stays. At once after it is certain."""
    seen: set[str] = set()
    last = ""
    for number, line in enumerate(lines):
        if line.blank or number in verdicts:
            continue
        here = text[line.start : line.end].strip()
        if len(here) >= LONG:
            if here in seen:
                verdicts[number] = _Verdict(
                    "the same paragraph is printed above", "repeated", here == last and len(here) >= SURE
                )
            seen.add(here)
        last = here


def _mark_cut_headlines(text: str, lines: Sequence[_Line], verdicts: dict[int, _Verdict]) -> None:
    """A headline cut in the middle, printed before a furniture line that begins with it."""
    for number in [number - 1 for number in verdicts if number]:
        here = text[lines[number].start : lines[number].end].strip()
        below = text[lines[number + 1].start : lines[number + 1].end].strip()
        if len(here) >= 8 and below.startswith(here) and below != here:
            verdicts.setdefault(number, _Verdict("a headline cut off and repeated below", "headline", False))


def _acquit(lines: Sequence[_Line], verdicts: dict[int, _Verdict], damaged: bool) -> None:
    """Take back each uncertain verdict without company: nothing certain in the furniture it stands in."""
    certain = {number for number, verdict in verdicts.items() if verdict.certain}
    if damaged or (certain and len({verdict.kind for verdict in verdicts.values()}) >= COMPANY):
        return
    run: list[int] = []
    for number, line in enumerate([*lines, None]):
        if number in verdicts:
            run.append(number)
        elif line is None or not line.blank:
            if not certain.intersection(run):
                for weak in run:
                    del verdicts[weak]
            run = []


def _edits(text: str, lines: Sequence[_Line], verdicts: dict[int, _Verdict]) -> list[Edit]:
    edits: list[Edit] = []
    kept_end: int | None = None  # end of the last kept line that is not blank
    after_blank = True  # the kept text so far ends with a blank line, or is empty
    number = 0
    while number < len(lines):
        verdict, line = verdicts.get(number), lines[number]
        number += 1
        if verdict is None:
            after_blank = line.blank
            kept_end = kept_end if line.blank else line.end
            continue
        while after_blank and number < len(lines) and lines[number].blank:
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
        edit._replace(start=start, end=max(start, end))
        for edit, start, end in zip(tail, starts, ends, strict=True)
    ]
    return [*edits[: -len(tail)], *stretched]
