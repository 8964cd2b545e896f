"""Which documents are there? The value that travels the pipeline, before and after repair.

A reader makes a `Document` of a file's bytes; every later stage returns a new one (`_replace`) and
changes no field that is not its own. A field that the source does not state is None: nothing is invented.
"""

from __future__ import annotations

from typing import NamedTuple


class Document(NamedTuple):
    """One document. A tuple: there are as many as the corpus has, and each is made three times.

    `id` is unique within an index: the `id` of a .jsonl line, else the POSIX path relative to the
    source. `text` is the body, lines separated by U+000A. `date` is ISO 8601 as stated
    (YYYY-MM-DD, with time where the source states one). `lang` is "zh-Hans" or "zh-Hant", or
    None before it has been determined. `plain` marks running text, whose head lines may state title,
    date, source and author (`indexer.documents.metadata` reads them there).
    """

    id: str
    text: str
    title: str | None = None
    url: str | None = None
    date: str | None = None
    source: str | None = None
    author: str | None = None
    lang: str | None = None
    plain: bool = False
