"""In which words do the pages speak? The three languages of the interface and their messages.

Invariant: every message exists in every language (messages.toml holds them side by side). The
language is `?hl=`, else the best of Accept-Language, else Simplified Chinese.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, g, request

from webapp.params import Problem

LANGUAGES = {"zh-Hans": "简体", "zh-Hant": "繁體", "en": "English"}
"""Language tag → its own name."""

_ACCEPTED = {
    "zh-Hans": "zh-Hans", "zh-CN": "zh-Hans", "zh-SG": "zh-Hans", "zh-MY": "zh-Hans", "zh-Hans-CN": "zh-Hans",
    "zh-Hant": "zh-Hant", "zh-TW": "zh-Hant", "zh-HK": "zh-Hant", "zh-MO": "zh-Hant",
    "zh-Hant-TW": "zh-Hant", "zh-Hant-HK": "zh-Hant",
    "zh": "zh-Hans", "en": "en",
}  # fmt: skip

MONTHS = ("", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAY = "(0[1-9]|[12][0-9]|3[01])(?:T[0-9:.]+(?:Z|[+-][0-9:]+)?)?"
_DATE = re.compile(f"([0-9]{{4}})(?:-(0[1-9]|1[0-2])(?:-{_DAY})?)?")


@dataclass(frozen=True, slots=True)
class Messages:
    """The messages of one language; calling it with a key and values gives the text."""

    language: str
    table: Mapping[str, str]

    def __call__(self, key: str, **values: Any) -> str:
        """The message `key` with `values` filled in; raises KeyError for an unknown key.

        >>> messages("zh-Hant")("results.count", n="1,234", seconds="0.032")
        '1,234 筆結果（0.032 秒）'
        """
        return self.table[key].format(**values)

    def date(self, stated: str) -> str | None:
        """An ISO 8601 date, whole or cut short, as this language writes it; None for anything else.

        >>> messages("zh-Hans").date("2023-03-11T16:31:37"), messages("en").date("2023-03-11")
        ('2023年3月11日', 'Mar 11, 2023')
        >>> messages("zh-Hant").date("2023-03"), messages("zh-Hant").date("唐")
        ('2023年3月', None)
        """
        found = _DATE.fullmatch(stated)
        if found is None:
            return None
        year, month, day = (int(part or 0) for part in found.groups())
        kind = "day" if day else "month" if month else "year"
        return self(f"date.{kind}", year=year, month=self.month(month), day=day)

    def month(self, number: int) -> str:
        """A month as this language writes it in dates.

        >>> messages("en").month(3), messages("zh-Hans").month(3)
        ('Mar', '3')
        """
        return MONTHS[number] if self.language == "en" else str(number)

    def problem(self, problem: Problem) -> str:
        """Why a parameter could not be taken; it is called as the form calls it, or by its name.

        >>> messages("zh-Hant").problem(Problem("from", "day"))
        '「起始日期」的格式應為 YYYY-MM-DD'
        """
        label = f"search.{problem.name}"
        name = self.get(label) or problem.name
        return self(f"problem.{problem.kind}", name=name, **problem.values)

    def get(self, key: str) -> str | None:
        """The message `key`, which needs no values; None where there is none.

        >>> messages("zh-Hant").get("lang.zh-Hans"), messages("zh-Hant").get("lang.la")
        ('簡體', None)
        """
        return self.table.get(key)


@cache
def messages(language: str) -> Messages:
    """The messages of a language of `LANGUAGES`."""
    column = list(LANGUAGES).index(language)
    return Messages(language, {key: texts[column] for key, texts in message_table().items()})


@cache
def message_table() -> Mapping[str, list[str]]:
    """messages.toml: key → the text in each of `LANGUAGES`, in that order."""
    file = Path(__file__).with_name("messages.toml")
    table: dict[str, list[str]] = tomllib.loads(file.read_text(encoding="utf-8"))
    return table


def register(app: Flask) -> None:
    """Choose the language of every request and keep an explicit choice in every link."""

    @app.before_request
    def choose() -> None:
        wanted = request.args.get("hl", "")
        g.chosen = wanted if wanted in LANGUAGES else None
        g.messages = messages(g.chosen or accepted_language())

    @app.url_defaults
    def keep(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint.startswith(("pages.", "browse.")) and getattr(g, "chosen", None):
            values.setdefault("hl", g.chosen)


def accepted_language() -> str:
    """The language of the interface that Accept-Language likes best."""
    for tag in request.accept_languages.values():
        for known, language in _ACCEPTED.items():
            if tag.lower() == known.lower() or (known == "en" and tag.lower().startswith("en-")):
                return language
    return "zh-Hans"
