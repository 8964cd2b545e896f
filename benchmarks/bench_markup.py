"""Does the time to read a page grow faster than the page? `python benchmarks/bench_markup.py`.

Reads pages of many families of a kind each, of one, two and four times a size, and prints the seconds of
computing and by how much each doubling multiplied them. Exit code 1 where that was more than `LIMIT`, and the
page took long enough to tell.
"""

from __future__ import annotations

import argparse
import io
import sys
import time
from collections.abc import Callable, Mapping
from itertools import pairwise
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from indexer.documents.limits import Budget
from indexer.documents.readers import readers
from indexer.documents.reading import FileReader, Member

LIMIT, TELLING_S = 3.0, 0.5
HEAD = "<html><body><p>無錫的軟件園在湖邊。無錫的軟件園在湖邊。</p>"

REPEATED: Mapping[str, tuple[str, str]] = {
    "one attribute again": ("<p ", "a=1 "),
    "nested blocks": ("", "<div>"),
    "nested inline and block": ("", "<b><p>"),
    "unclosed paragraphs": ("", "<p>無錫"),
    "unclosed inline": ("", "<b>x"),
    "crossed tags": ("", "<b><i></b>x"),
    "links in links": ("", "<a href=x>y"),
    "comments": ("", "<!--x-->"),
    "an open comment": ("<!--", "x-"),
    "open comments": ("", "<!-- "),
    "instructions": ("", "<?x?>"),
    "entities": ("", "&#x4e00;"),
    "entities without an end": ("", "&amp"),
    "a long entity": ("&", "a"),
    "ampersands": ("", "&"),
    "nested tables": ("", "<table><tr><td>"),
    "tables": ("", "<table><tr><td>無錫</td></tr></table>"),
    "cells": ("<table><tr>", "<td>x"),
    "rows": ("<table>", "<tr><td>x"),
    "less-than signs": ("", "<"),
    "less-than signs apart": ("", "< "),
    "half an end tag": ("", "</"),
    "half a declaration": ("", "<!"),
    "open CDATA": ("", "<![CDATA["),
    "CDATA": ("", "<![CDATA[x]]>"),
    "open scripts": ("", "<script>"),
    "scripts": ("", "<script>x</script>"),
    "a script that nearly ends": ("<script>", "</scrip>"),
    "nested lists": ("", "<ul><li>"),
    "a list of links": ("<ul>", "<li><a href=x>y</a>"),
    "forms": ("", "<form>"),
    "selections": ("", "<select><option>"),
    "headings": ("", "<h1>無錫"),
    "titles": ("", "<title>無錫"),
    "descriptions": ("", "<meta name=description content=x>"),
    "open readings": ("", "<ruby>無<rt>wu"),
    "readings": ("", "<ruby>無<rt>wu</rt></ruby>"),
    "name spaces": ("", "<x:y xmlns:x=z>"),
    "a long tag": ("<", "x"),
    "a long value": ('<p a="', "x"),
    "quotes without an end": ("", '<p a="'),
    "NUL": ("", "\0"),
    "spaces": ("", " "),
    "line ends": ("", "\n"),
    "breaks": ("", "<br>"),
    "one line": ("", "無錫的"),
    "dates": ("", "<p>2024-01-01</p>"),
    "times": ("", "<time datetime=2024-01-01>"),
    "frames": ("", "<frameset><frame src=x>"),
    "drawings": ("", "<svg><g>"),
    "end tags": ("", "</div>"),
    "preformatted lines": ("<pre>", "x\n"),
    "quotations": ("", "<blockquote>"),
    "definitions": ("", "<dl><dt>x<dd>"),
    "hidden": ("", '<p style="display:none">x</p>'),
    "links": ("", "<a href=x>無</a> "),
    "pictures": ("", "<img src=x alt=y>"),
    "charsets": ("", "<meta charset=utf-8>"),
}
"""Family → what stands before, and what is repeated."""

NUMBERED: Mapping[str, Callable[[int], str]] = {
    "attributes": lambda number: f"{'' if number else '<p '}a{number}=1 ",
    "tags of their own": lambda number: f"<x{number}>",
}


def page(family: str, size: int) -> bytes:
    """A page of a family, of about so many characters."""
    if family in NUMBERED:
        body = "".join(map(NUMBERED[family], range(size // 8)))
    else:
        before, repeated = REPEATED[family]
        body = before + repeated * (size // len(repeated))
    return (HEAD + body).encode()


def seconds(content: bytes) -> float:
    """How long it takes to read a page."""
    started = time.process_time()
    for _ in FileReader(readers({})).events(Member("a.html", io.BytesIO(content)), Budget.of(len(content))):
        pass
    return time.process_time() - started


def main() -> int:
    """Measure every family."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--size", type=int, default=100_000)
    size = parser.parse_args().size
    seconds(HEAD.encode())  # what is imported late is no part of it
    steep = []
    for family in (*REPEATED, *NUMBERED):
        times = [seconds(page(family, size * times)) for times in (1, 2, 4)]
        factors = [later / earlier for earlier, later in pairwise(times)]
        shown = [*(f"{value:8.3f}" for value in times), *(f"  ×{factor:.1f}" for factor in factors)]
        print(f"{family:26}", *shown)
        if times[-1] > TELLING_S and min(factors) > LIMIT:
            steep.append(family)
    count = len(REPEATED) + len(NUMBERED)
    print(f"{count} families; faster than their size grow: {', '.join(steep) or 'none'}")
    return int(bool(steep))


if __name__ == "__main__":
    sys.exit(main())
