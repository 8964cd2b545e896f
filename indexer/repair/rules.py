"""Which lines are page furniture? Rules held as data, ours in furniture.toml and the user's beside them.

A rule is a regular expression that must match a whole line. Lines and patterns are compared folded:
Simplified, half-width, lower case, without space, so one pattern serves every script.
**A rule carries an example it must match and a counter-example it must not; loading checks both.**
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

from indexer.errors import ConfigError
from indexer.repair.language_model import UNSEEN, language_model
from indexer.repair.scan import Sign, brackets

Strength = Literal["strong", "weak"]
BUILT_IN = Path(__file__).with_name("furniture.toml")
LONGEST = 120  # characters of a line that is furniture, unless a rule says otherwise
_SPACE = re.compile(r"\s+")
_HALF = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_LATIN_BY_FREQUENCY = " etaoinshrdlucmfgypwbvkjxqz"
_KEYS = {"name", "kind", "strength", "hints", "pattern", "example", "counter_example"}


def folded(line: str) -> str:
    """A line as rules see it.

    >>> folded("　昵稱　驗證碼： ABC")
    '昵称验证码:abc'
    """
    return _SPACE.sub("", language_model().fold(line.translate(_HALF))).lower()


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of furniture line. A strong rule drops a line by itself; a weak one needs company."""

    name: str
    kind: str
    strength: Strength
    longest: int
    hints: tuple[str, ...]
    pattern: re.Pattern[str]
    example: tuple[str, ...]
    counter_example: tuple[str, ...]

    def matches(self, folded_line: str) -> bool:
        """Whether the whole line (already folded) is this furniture."""
        return len(folded_line) <= self.longest and self.pattern.fullmatch(folded_line) is not None


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules, in order: the first that matches names the line."""

    furniture: tuple[Rule, ...]
    hint: re.Pattern[str]  # finds, in raw text, every line that a rule could match
    strong_hint: re.Pattern[str]  # and that a strong rule could match
    strong_signs: tuple[Sign, ...]  # without one of which `strong_hint` finds nothing

    def find(self, folded_line: str) -> Rule | None:
        """The first rule that matches, or None for prose."""
        return next((rule for rule in self.furniture if rule.matches(folded_line)), None)


def load_rules(extra: Path | None = None) -> Rules:
    """The built-in rules and those of the user's file after them.

    Raises `ConfigError` naming file and rule for a missing file, bad TOML, an unknown or missing
    key, a bad pattern, or a rule that fails its own example or counter-example.
    """
    built_in = _built_in()
    return built_in if extra is None else _assemble((*built_in.furniture, *_read(extra)))


@cache
def _built_in() -> Rules:
    return _assemble(_read(BUILT_IN))


def _assemble(furniture: tuple[Rule, ...]) -> Rules:
    strong = {hint for rule in furniture if rule.strength == "strong" for hint in rule.hints}
    every = {hint for rule in furniture for hint in rule.hints}
    return Rules(furniture, hint_pattern(every), hint_pattern(strong), _signs(strong))


def _signs(hints: Iterable[str]) -> tuple[Sign, ...]:
    """What the hints show: the rarest three characters of each, of short ones all; Latin letters apart."""
    shown: dict[tuple[int, bool], list[str]] = {}
    for hint in sorted(hints):
        width = min(len(hint), 3)
        pieces = (hint[at : at + width] for at in range(len(hint) - width + 1))
        shown.setdefault((width, width == 3 and hint.isascii()), []).append(max(pieces, key=_rarity))
    columns = (zip(*pieces, strict=True) for pieces in shown.values())
    forms = ([{form for c in column for form in _forms(c)} for column in each] for each in columns)
    return tuple(Sign(*map(brackets, each)) for each in forms)


def hint_pattern(hints: Iterable[str]) -> re.Pattern[str]:
    """One expression that finds any of the hints, at its rarest character, in text that is not folded.

    Branches are grouped by that character, so that a search passes over other text fast.

    >>> hint_pattern(["验证码", "theend"]).search("請輸入驗證碼")[0]
    '驗證碼'
    """
    branches: dict[str, set[str]] = {}
    for hint in hints:
        at = _rarest(hint)
        classes = [f"[{re.escape(''.join(_forms(character)))}]" for character in hint]
        tail = "".join(classes[at + 1 :])
        for form in _forms(hint[at]):
            before = f"(?<={''.join(classes[:at])}{re.escape(form)})" if at else ""
            branches.setdefault(form, set()).add(before + tail)
    grouped = (f"{re.escape(c)}(?:{'|'.join(sorted(tails))})" for c, tails in sorted(branches.items()))
    return re.compile("|".join(grouped))


def _rarest(hint: str) -> int:
    """Where the rarest character of a hint stands; one of Latin text is none where there are others."""
    return max(range(len(hint)), key=lambda at: _rarity(hint[at]))


def _rarity(piece: str) -> tuple[int, float]:
    """How rare characters are: how many are not of Latin text, and what all cost."""
    model = language_model()
    costs = (
        _LATIN_BY_FREQUENCY.find(c) if c.isascii() else model.single.get(model.classed(c), UNSEEN)
        for c in piece
    )
    return sum(not c.isascii() for c in piece), sum(costs)


def _forms(character: str) -> list[str]:
    """What a character of a hint may be in a text."""
    return [character, *_other_forms(character), *_variants().get(character, [])]


@cache
def _variants() -> dict[str, list[str]]:
    """The characters that fold to each character."""
    variants: dict[str, list[str]] = {}
    for code, target in language_model().fold_table.items():
        variants.setdefault(target, []).append(chr(code))
    return variants


def _other_forms(character: str) -> list[str]:
    """Upper case and full width of an ASCII character."""
    if not "!" <= character <= "~":
        return ["\u3000", "\xa0"] if character == " " else []
    upper = [character.upper()] if character.isalpha() else []
    return [*upper, *(chr(ord(c) + 0xFEE0) for c in [character, *upper])]


def _read(file: Path) -> tuple[Rule, ...]:
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise ConfigError(f"{file}: no such file; [repair] furniture names it") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{file}: cannot be read: {error}") from error
    rules = table.get("rule", [])
    if set(table) - {"rule"} or not isinstance(rules, list) or not all(isinstance(r, dict) for r in rules):
        raise ConfigError(f"{file}: furniture rules are written as [[rule]] tables and nothing else")
    return tuple(_rule(values, f"{file}: rule {number}") for number, values in enumerate(rules, 1))


def _rule(values: Mapping[str, Any], where: str) -> Rule:
    for key in [*(values.keys() - _KEYS - {"longest"}), *(_KEYS - values.keys())]:
        raise ConfigError(f"{where}: key {key!r} is {'unknown' if key in values else 'missing'}")
    where = f"{where} ({values['name']})"
    if values["strength"] not in get_args(Strength):
        raise ConfigError(f"{where}: strength is strong or weak, not {values['strength']!r}")
    longest = values.get("longest", LONGEST)
    if not isinstance(longest, int) or longest < 1:
        raise ConfigError(f"{where}: longest is a number of characters, not {longest!r}")
    try:
        pattern = re.compile(language_model().fold(values["pattern"]))
    except (re.error, TypeError, AttributeError) as error:
        raise ConfigError(f"{where}: bad pattern: {error}") from error
    lists = {key: _strings(values[key], f"{where}: {key}") for key in ("hints", "example", "counter_example")}
    rule = Rule(
        str(values["name"]), str(values["kind"]), values["strength"], longest, pattern=pattern, **lists
    )
    hint = hint_pattern(rule.hints)
    for line in rule.example:
        if not rule.matches(folded(line)):
            raise ConfigError(f"{where}: does not match its own example {line!r}")
        if not hint.search(line):
            raise ConfigError(f"{where}: no hint of it is in its example {line!r}")
    for line in rule.counter_example:
        if rule.matches(folded(line)):
            raise ConfigError(f"{where}: matches its counter-example {line!r}")
    return rule


def _strings(value: object, where: str) -> tuple[str, ...]:
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        return tuple(value)
    raise ConfigError(f"{where} must be a list of strings, not empty")
