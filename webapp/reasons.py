"""Why was a file skipped, in the words of the page? The ledger says it in English, reasons.toml in Chinese.

Invariant: what differs from file to file is kept as it is; a reason that is not in the table stays English.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from webapp.language import LANGUAGES


def reason_in(language: str, reason: str) -> str | None:
    """A reason of the ledger in a language of `LANGUAGES`; None where it is not known there.

    >>> reason_in("zh-Hant", "more than 20,000 pages; split it"), reason_in("zh-Hans", "who knows")
    ('超過 20,000 頁，請拆開', None)
    """
    if language == "en":
        return reason
    column = [*LANGUAGES].index(language)
    for pattern, texts in _patterns().items():
        if found := pattern.fullmatch(reason):
            return texts[column].format(*found.groups())
    return None


@cache
def reason_table() -> Mapping[str, Sequence[str]]:
    """reasons.toml: a reason, {} for what differs → the same in Simplified and Traditional Chinese."""
    return tomllib.loads(Path(__file__).with_name("reasons.toml").read_text(encoding="utf-8"))


@cache
def _patterns() -> Mapping[re.Pattern[str], Sequence[str]]:
    """The table by expressions; those that say most come first."""
    longest = sorted(reason_table().items(), key=lambda row: -len(row[0].replace("{}", "")))
    return {
        re.compile("(.+)".join(map(re.escape, english.split("{}"))), re.DOTALL): texts
        for english, texts in longest
    }
