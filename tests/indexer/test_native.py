"""Compiled code and Python give the same, for every extension; one switch chooses for all of them."""

from __future__ import annotations

import subprocess
import sys
from array import array
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest

from indexer import native
from indexer.derived.duplicates import sketched
from indexer.engine.embedded.kernel import active
from indexer.query.patterns import covered
from indexer.query.syntax import parse, positive
from indexer.repair import scan
from indexer.results.highlight import make_marker
from indexer.results.snippets import snippets
from indexer.text.analysis import Analysis
from indexer.text.analyzer import analyzer_of
from indexer.text.normalize import normalize
from indexer.text.segmenter import load_segmenter
from indexer.text.units import seen, units
from indexer.trace.alignment import Band, aligned
from indexer.trace.symbols import symbols_of

TEXT = "無錫國家軟件園 C++ 二十年，培育了\u200b一批\n高新技術企業 iPhone15；𠮷野家\ud800。" * 3


def kernel() -> object:
    """Terms numbered, sorted and found by the functions of the index."""
    table, numbers = active().term_table(), array("I")
    active().intern(table, TEXT.split(), numbers)
    places, blob, offsets = active().order_terms(table)
    term = "軟件園".encode()
    return (
        numbers,
        places.tolist(),
        bytes(blob),
        active().find_spans(blob, offsets, np.arange(len(offsets)), [term]),
    )


def segmenter() -> object:
    """Where words end."""
    with TemporaryDirectory() as folder:
        return [*load_segmenter("", Path(folder))[0](normalize(TEXT))]


def text() -> object:
    """What is folded, seen, divided, fingerprinted, and of which classes it has characters."""
    folded = normalize(TEXT)
    own = units(folded)
    return (
        folded,
        seen(TEXT),
        [*own[1]],
        sketched([{"grams": own}])[0]["sketch_a"],
        scan.seen(TEXT, (scan.Sign("錫"),)),
        [*scan.places(TEXT, scan.HINTS, (scan.Sign("錫"),))],
    )


def marks() -> object:
    """What is marked in a text, and what of it is shown."""
    typed = "國家軟件園 高新企業 iPhone"
    with TemporaryDirectory() as folder:
        analyzer = analyzer_of(Analysis(), Path(folder))
    found = make_marker(positive(parse(typed)), analyzer).find(TEXT)
    return (
        covered(normalize(TEXT), ("国家", "家软", "高新", "新技术", "野", "x", "\ud800")),
        found,
        snippets(TEXT, found, length=20),
    )


def align() -> object:
    """A text aligned with what is left of it after changes."""
    symbols = (symbols_of(each).codes for each in (TEXT, TEXT.replace("科技", "").replace("二十", "三百")))
    return aligned(*symbols, Band(0, 40, -20, 30))


TABLE: dict[str, Callable[[], object]] = {
    "_align": align,
    "_kernel": kernel,
    "_marks": marks,
    "_segmenter": segmenter,
    "_text": text,
}


def test_the_table_is_whole() -> None:
    """Every extension is listed here, with a twin that exists."""
    assert TABLE.keys() == native.TWINS.keys()
    assert all(import_module(twin) for twin in native.TWINS.values())


@pytest.mark.parametrize("name", TABLE)
def test_twins_give_the_same(name: str) -> None:
    """Whether the extension computes or Python."""
    with native.using(True):
        if native.compiled(name) is None:
            pytest.skip(f"the extension {name} was not built: no compiler at installation")
        compiled = TABLE[name]()
    with native.using(False):
        assert native.compiled(name) is None
        assert TABLE[name]() == compiled


@pytest.mark.parametrize(("setting", "used"), [("off", False), ("on", True)])
def test_the_environment_chooses(setting: str, used: bool) -> None:
    """`HANSOU_KERNEL=off` leaves all extensions aside."""
    program = "from indexer import native; print(native.used())"
    environment = {"HANSOU_KERNEL": setting}
    shown = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    assert shown.stdout.strip() == str(used)
