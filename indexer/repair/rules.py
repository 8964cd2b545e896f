"""Which lines are page furniture? Rules held as data, ours in furniture.toml and the user's beside them.

A rule is a regular expression that must match a whole line. Lines and patterns are compared folded:
Simplified, half-width, lower case, without space, so one pattern serves every script.
**A rule carries an example it must match and a counter-example it must not; loading checks both.**
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

from indexer.errors import ConfigError
from indexer.repair.language import language_model

Strength = Literal["strong", "weak"]
BUILT_IN = Path(__file__).with_name("furniture.toml")
_SPACE = re.compile(r"\s+")
_HALF = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_KEYS = {"name", "kind", "strength", "pattern", "example", "counter_example"}


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
    pattern: re.Pattern[str]
    example: tuple[str, ...]
    counter_example: tuple[str, ...]

    def matches(self, folded_line: str) -> bool:
        """Whether the whole line (already folded) is this furniture."""
        return self.pattern.fullmatch(folded_line) is not None


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules, in order: the first that matches names the line."""

    furniture: tuple[Rule, ...]

    def find(self, folded_line: str) -> Rule | None:
        """The first rule that matches, or None for prose."""
        return next((rule for rule in self.furniture if rule.matches(folded_line)), None)


def load_rules(extra: Path | None = None) -> Rules:
    """The built-in rules and those of the user's file after them.

    Raises `ConfigError` naming file and rule for a missing file, bad TOML, an unknown or missing
    key, a bad pattern, or a rule that fails its own example or counter-example.
    """
    built_in = _built_in()
    return built_in if extra is None else Rules((*built_in.furniture, *_read(extra)))


@cache
def _built_in() -> Rules:
    return Rules(_read(BUILT_IN))


def _read(file: Path) -> tuple[Rule, ...]:
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"{file}: no such file; [repair] furniture names it") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{file}: cannot be read: {error}") from error
    rules = table.get("rule", [])
    if set(table) - {"rule"} or not isinstance(rules, list) or not all(isinstance(r, dict) for r in rules):
        raise ConfigError(f"{file}: furniture rules are written as [[rule]] tables and nothing else")
    return tuple(_rule(values, f"{file}: rule {number}") for number, values in enumerate(rules, 1))


def _rule(values: Mapping[str, Any], where: str) -> Rule:
    for key in [*(_KEYS - values.keys()), *(values.keys() - _KEYS)]:
        raise ConfigError(f"{where}: key {key!r} is {'unknown' if key in values else 'missing'}")
    where = f"{where} ({values['name']})"
    if values["strength"] not in get_args(Strength):
        raise ConfigError(f"{where}: strength is strong or weak, not {values['strength']!r}")
    try:
        pattern = re.compile(language_model().fold(values["pattern"]))
    except (re.error, TypeError, AttributeError) as error:
        raise ConfigError(f"{where}: bad pattern: {error}") from error
    lists = {key: _strings(values[key], f"{where}: {key}") for key in ("example", "counter_example")}
    rule = Rule(str(values["name"]), str(values["kind"]), values["strength"], pattern, **lists)
    for line in rule.example:
        if not rule.matches(folded(line)):
            raise ConfigError(f"{where}: does not match its own example {line!r}")
    for line in rule.counter_example:
        if rule.matches(folded(line)):
            raise ConfigError(f"{where}: matches its counter-example {line!r}")
    return rule


def _strings(value: object, where: str) -> tuple[str, ...]:
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        return tuple(value)
    raise ConfigError(f"{where} must be a list of strings, not empty")
