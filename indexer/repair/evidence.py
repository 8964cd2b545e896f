"""Do the readings in a text come from damage, or does it speak of readings? What is for it, and against.

Sites annotate each character of a table, wherever it stands and always with the same reading; most tables
are of characters that the Traditional script writes otherwise. Learner's pages, dictionaries and glosses
annotate what is read: any character, rare ones, second readings, every character of a line.
**A sum decides: from `ENOUGH` up the text is damaged. No clean text of the sets we measured comes near it.**
"""

from __future__ import annotations

import re
from typing import NamedTuple

from indexer.repair.language_model import UNSEEN, language_model
from indexer.repair.pinyin import ANNOTATION, HAN, annotated, first_reading, fits, toneless

ENOUGH = 4.0
_TABLE, _OTHER_READING, _TONELESS, _DOUBLED = 2.0, 0.5, 1.0, 2.0
_NO_OTHER_FORM, _CONTRADICTION, _BARE = -20.0, -6.0, -1.0  # against it
_RARE = 9.5  # cost of a character that a text may well gloss
_MOST_OF, _ALL_OF = 0.7, 0.95  # this share of a text annotated may be a lesson, and this is one,
_FEW, _LESSON = 6.0, 24.0  # unless so much says otherwise
_TOLERATED = 0.25  # of the annotations, those that may be missing
_MOST = 40  # annotations that are weighed
_HAN = re.compile(f"[{HAN}]")
_ALONE = re.compile(rf"(?<![{HAN})])[{HAN}]\([^()]{{1,6}}\)(?![{HAN}])")


class _Note(NamedTuple):
    """One validated annotation: the character read, its reading, and whether it stands twice."""

    character: str
    syllable: str
    doubled: bool
    alone: bool


def evidence(text: str) -> float:
    """How much says that the text's annotations are damage; below `ENOUGH` they are the author's.

    >>> evidence("上海廣樹(shù)機(jī)電有限公司") >= ENOUGH
    True
    >>> evidence("你(nǐ)好(hǎo)！我(wǒ)叫(jiào)小(xiǎo)明(míng)。") >= ENOUGH
    False
    """
    if "(" not in text:
        return 0.0
    notes, end = _notes(text)
    if not notes:
        return 0.0
    seen = text[:end]
    weighed = sum(map(_weight, notes))
    readings: dict[str, set[str]] = {}
    for note in notes:
        readings.setdefault(note.character, set()).add(toneless(note.syllable))
    weighed += _CONTRADICTION * sum(len(found) > 1 for found in readings.values())
    if any(not note.syllable.isascii() for note in notes):
        # A table's characters are annotated everywhere.
        standing = sum(map(seen.count, readings))
        weighed += _BARE * max(0, standing - len(notes) - _TOLERATED * len(notes))
    share = len(notes) / max(1, len(_HAN.findall(seen)))
    if share > _MOST_OF:
        needed = _LESSON if share > _ALL_OF else _FEW
        return weighed if weighed >= needed else 0.0
    return weighed


def _notes(text: str) -> tuple[list[_Note], int]:
    """The first annotations of a text, and where the part of it ends that they are in."""
    notes: list[_Note] = []
    last = -1
    for match in ANNOTATION.finditer(text):
        syllable = match[0][1:-1]
        if match.start() == last:
            if notes and notes[-1].syllable == syllable:
                notes[-1] = notes[-1]._replace(doubled=True)
            last = match.end()
            continue
        character = annotated(text, match.start())
        if character and fits(character, syllable):
            alone = _ALONE.match(text, match.start() - 1) is not None if match.start() else False
            notes.append(_Note(character, syllable, False, alone))
            last = match.end()
        if len(notes) >= _MOST:
            return notes, last
    return notes, len(text)


def _weight(note: _Note) -> float:
    model = language_model()
    rare = model.single.get(model.classed(note.character), UNSEEN) > _RARE
    if note.doubled:
        return _DOUBLED
    if note.syllable.isascii():
        return 0.0 if rare or note.alone else _TONELESS
    if model.classed(note.character) == note.character:
        return _NO_OTHER_FORM
    if rare or note.alone or not first_reading(note.character, note.syllable):
        return _OTHER_READING
    return _TABLE
