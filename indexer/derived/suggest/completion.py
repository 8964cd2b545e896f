"""What may someone be typing? Entries that continue it: by Han prefix, by pinyin, by initials.

Kinds of match never mix: **all Han (or Latin) prefix matches come before pinyin, pinyin before initials,
initials before a mixture of both**. Within a kind the most useful entry comes first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, product

from indexer.derived.suggest.sounds import chunks, initials, is_han, letters, splits
from indexer.derived.suggest.table import Table
from indexer.text.normalize import normalize

_HAN_THEN_LETTERS = re.compile(r"([\u4e00-\u9fff]+)\s*([a-z' ]+)$")
SEARCHED = 400  # entries of a Han prefix that are compared with the letters after it
SHORTEST_INITIALS = 2


def complete(table: Table, typed: str, size: int) -> list[str]:
    """Up to `size` entries as they are shown, for what is typed so far in any script or in pinyin."""
    folded = normalize(" ".join(typed.split()))
    found: dict[int, None] = {}
    if not folded:
        return []
    for numbers in _matches(table, folded, size + 1):
        for number in numbers:
            if table.text(number) != folded:
                found.setdefault(number)
        if len(found) >= size:
            break
    return [table.shown(number) for number in islice(found, size)]


def _matches(table: Table, folded: str, size: int) -> Iterator[Iterable[int]]:
    yield table.range_best(table.texts.starting(folded), size)
    if " " in folded:
        yield table.range_best(table.texts.starting(folded.replace(" ", "")), size)
    if mixed := _HAN_THEN_LETTERS.search(folded):
        # An apostrophe is no letter.
        if mixed.start() == 0 and (typed := letters(mixed[2])):
            yield _han_then_letters(table, mixed[1], typed, size)
        return
    typed = letters(folded)
    if not typed or not folded.isascii():
        return
    yield _by_pinyin(table, typed, size)
    if len(typed) >= SHORTEST_INITIALS:
        yield table.best(table.spelled("initials", typed), size)
        yield _by_mixture(table, tuple(chunks(folded)), size)


def _by_pinyin(table: Table, typed: str, size: int) -> list[int]:
    """Best entries by pinyin: what is spelled so and no longer (wuxi: 无锡) before what begins so.

    Of these, those where the typed letters are whole syllables come first (xin: 新, then 星).
    """
    exact = _spelled(table, "pinyin", typed, size)
    numbers = table.best(table.spelled("pinyin", typed), size * 4)
    longer = sorted(numbers, key=lambda number: not _whole(table, number, typed))
    return [*dict.fromkeys([*exact, *longer])][:size]


def _whole(table: Table, number: int, typed: str) -> bool:
    for spelling in table.sounds.spellings("".join(filter(is_han, table.text(number)))):
        rest = typed
        for syllable in spelling:
            if not rest or not rest.startswith(syllable):
                break
            rest = rest[len(syllable) :]
        if not rest:
            return True
    return False


def _han_then_letters(table: Table, han: str, typed: str, size: int) -> list[int]:
    """Entries that start with `han` and go on as the letters say, in full or by initials."""
    fitting = []
    for number in table.range_best(table.texts.starting(han), SEARCHED):
        rest = "".join(filter(is_han, table.text(number)[len(han) :]))
        # Most entries go on with another letter: those are not spelled.
        if not rest or not any(reading[0] == typed[0] for reading in table.sounds.of(rest[0])):
            continue
        spellings = table.sounds.spellings(rest)
        if any("".join(s).startswith(typed) or initials(s).startswith(typed) for s in spellings):
            fitting.append(number)
            if len(fitting) == size:
                break
    return fitting


def _by_mixture(table: Table, parts: Sequence[str], size: int) -> list[int]:
    """Entries where some typed parts are pinyin and others initials (`wuxi gxq`)."""
    if len(parts) < 2:
        return []
    each = [splits(part, table.syllables) for part in parts]
    short = "".join(part if s is None else initials(s) for part, s in zip(parts, each, strict=True))
    wanted = [syllable for part, s in zip(parts, each, strict=True) for syllable in s or part]
    fitting = (
        number
        for number in table.best(table.spelled("initials", short), SEARCHED)
        if any(
            all(map(str.startswith, spelling, wanted))
            for spelling in table.sounds.spellings("".join(filter(is_han, table.text(number))))
        )
    )
    return list(islice(fitting, size))


def from_pinyin(table: Table, typed: str, size: int) -> list[str]:
    """Han texts that the typed letters spell, best first; none where the index has the letters themselves."""
    parts = tuple(chunks(typed))
    if not parts or not typed.isascii() or all(map(table.holds, parts)) or table.holds(normalize(typed)):
        return []
    each = [splits(part, table.syllables) for part in parts]
    if any(syllables is None for syllables in each):
        return _by_initials(table, parts, size)
    found = dict.fromkeys(map(table.shown, _spelled(table, "pinyin", "".join(parts), size)))
    if len(found) < size:
        spans = [_cover(table, syllables or (), size) for syllables in each]
        found |= dict.fromkeys(map("".join, islice(product(*spans), size)))
    return list(islice(found, size))


def _by_initials(table: Table, parts: Sequence[str], size: int) -> list[str]:
    short = "".join(parts)
    if len(parts) > 1 or len(short) <= SHORTEST_INITIALS:
        return [table.shown(number) for number in _by_mixture(table, parts, size)]
    return [table.shown(number) for number in _spelled(table, "initials", short, size)]


def _spelled(table: Table, which: str, key: str, size: int) -> list[int]:
    """Best entries whose whole spelling is `key`."""
    strings = table.pinyin if which == "pinyin" else table.initials
    same = strings.equal(key)
    return table.best(table.spelled_in(which, same), size)


def _cover(table: Table, syllables: Sequence[str], size: int) -> list[str]:
    """Texts for a row of syllables: single entries, else the fewest entries that make it up."""
    if whole := _spelled(table, "pinyin", "".join(syllables), size):
        return [table.shown(number) for number in whole]
    best: dict[int, tuple[int, int, str]] = {0: (0, 0, "")}
    for end in range(1, len(syllables) + 1):
        for start in range(max(0, end - 6), end - 1):
            if start in best and (part := _spelled(table, "pinyin", "".join(syllables[start:end]), 1)):
                words, ranks, text = best[start]
                option = (words + 1, ranks + int(table.rank[part[0]]), text + table.shown(part[0]))
                best[end] = min(option, best.get(end, option))
    return [best[len(syllables)][2]] if syllables and len(syllables) in best else []
