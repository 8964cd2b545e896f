"""What is done with bytes that may be anything, and what must hold then? A function for each target.

A target takes a `Draw`, makes of it what it tries, and raises where something does not hold: any error but
those that are for users, a result that differs between an extension and its twin in Python, a repair that
does not replay. `fuzz.py` drives them.
"""

from __future__ import annotations

import atexit
import io
import random
import shutil
import sys
import tempfile
import time
from array import array
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))

import numpy as np
from damages import LETTERS, build, changed, kernel_questions
from flask.testing import FlaskClient
from mutations import mutated_file

from benchmarks.producers import LETTERS as LETTERS_WRITTEN
from benchmarks.producers import PRODUCERS, Missing
from indexer import Config, HansouError, IndexCorrupt, Searcher, native, repair_text
from indexer.arrays import Section
from indexer.derived.duplicates.sketches import sketches
from indexer.documents import Document
from indexer.documents.limits import Budget
from indexer.documents.outcomes import Ignored, Indexed, Skipped
from indexer.documents.readers import READERS
from indexer.documents.reading import FileReader, Member, accounted
from indexer.engine.embedded.arrays.packing import pack
from indexer.engine.embedded.arrays.places import split
from indexer.engine.embedded.arrays.postings import BLOCK, FieldPostings
from indexer.engine.embedded.kernel import active
from indexer.engine.embedded.kernel.sorting import encode_terms
from indexer.query.syntax import parse, positive
from indexer.repair import replay
from indexer.text.normalize import normalize
from indexer.text.segmenter import BLOCKS, load_segmenter, slices
from indexer.text.units import seen, units
from webapp import create_app

SECONDS = 30
"""More than any file may take here, whatever else the machine does."""
SYNTAX = ' "()-*?~:3OR NOT AND title:source:author:　「」﹕＊？'
ODD = "\ud800\udfff\U0010ffff\U0001f600\U00020000\u200b\ufe0f\u0000\r\n\t\x85\u2028ａ９Éıß"


class Draw:
    """Numbers, choices and texts out of bytes; out of no more bytes come zeros."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def number(self, low: int, high: int) -> int:
        """A number from `low` to `high`, both inclusive."""
        size = (max(high - low, 1).bit_length() + 7) // 8
        part = self._data[self._at : self._at + size]
        self._at += size
        return low + int.from_bytes(part, "little") % (high - low + 1)

    def pick(self, choices: Sequence[Any]) -> Any:
        """One of some."""
        return choices[self.number(0, len(choices) - 1)]

    def text(self, most: int, alphabet: str = LETTERS) -> str:
        """A text of at most so many characters, most of them of an alphabet, some of any kind."""
        count = self.number(0, most)
        return "".join(self._character(alphabet) for _ in range(count) if self._at < len(self._data))

    def _character(self, alphabet: str) -> str:
        kind = self.number(0, 15)
        if kind < 12:
            return str(self.pick(alphabet))
        return str(self.pick(ODD)) if kind < 15 else chr(self.number(0, 0x10FFFF))

    def rest(self) -> bytes:
        """What is left."""
        return self._data[self._at :]

    def chance(self) -> random.Random:
        """A generator that one of 2³² numbers starts."""
        return random.Random(self.number(0, 2**32 - 1))


def both(ask: Callable[[], Any]) -> None:
    """Ask with extensions and without: equal results, and the same refusal."""
    found = []
    for extensions in (True, False):
        with native.using(extensions):
            try:
                found.append(repr(ask()))
            except (HansouError, ValueError) as error:
                found.append(type(error).__name__)
    assert found[0] == found[1], f"{found[0]} with extensions, {found[1]} without"


# ---- kernel -------------------------------------------------------------------------------------------


def find_spans(draw: Draw) -> None:
    """Terms are found where they are, in arrays that are whole; those that are not are refused or lie."""
    texts = sorted({draw.text(4) for _ in range(draw.number(0, 40))})
    blob, offsets = encode_terms(texts)
    terms = [text.encode("utf-8", "surrogatepass") for text in texts]
    starts = np.cumsum([0, *(1 + len(term) % 3 for term in terms)])
    kinds = [draw.pick((np.uint32, np.uint64)) for _ in "12"]
    parts = [blob, offsets.astype(kinds[0]), starts.astype(kinds[1])]
    asked = [*terms[:9], draw.text(4).encode("utf-8", "surrogatepass")]
    for term, (start, end) in zip(asked, active().find_spans(*parts, asked), strict=True):
        whole = terms.index(term) if term in terms else -1
        assert (start, end) == ((int(starts[whole]), int(starts[whole + 1])) if whole >= 0 else (0, 0))
    chance = draw.chance()
    place = chance.randrange(3)
    if len(parts[place]):
        parts[place] = changed(parts[place], chance)
    for extensions in (True, False):
        with native.using(extensions):
            for term in asked:
                refused(lambda term=term: active().find_spans(*map(section, parts), [term]))
            refused(lambda: active().merge_terms([tuple(map(section, parts[:2])), (blob, offsets)]))


def section(part: Any) -> Section:
    """An array as the kernel gets it of a file."""
    return Section(part, "terms")


def refused(ask: Callable[[], Any]) -> None:
    """Ask what may be refused."""
    try:
        ask()
    except (IndexCorrupt, ValueError, TypeError, OverflowError):
        pass


def postings(draw: Draw) -> None:
    """Both kernels find the same in whole arrays; those that are not are refused or lie."""
    count = draw.number(1, 20_000)
    chance = draw.chance()
    field = random_field(count, chance)
    seed = chance.random()
    with native.using(True):
        asked = list(kernel_questions(active(), field, count, random.Random(seed)))
    with native.using(False):
        truth = list(kernel_questions(active(), field, count, random.Random(seed)))
    for one, other in zip(asked, truth, strict=True):
        assert plain(one()) == plain(other())
    for name in ("postings", "frequent", "positions", "far", "block_positions", "starts"):
        part = getattr(field, name)
        if part is not None and len(part) and chance.random() < 0.4:
            setattr_frozen(field, name, Section(changed(part.whole(), chance), name))
    for extensions in (True, False):
        with native.using(extensions):
            for ask in kernel_questions(active(), field, count, random.Random(seed)):
                refused(ask)


def plain(found: Any) -> Any:
    """Arrays as lists."""
    if isinstance(found, tuple | list):
        return [plain(part) for part in found]
    return found.tolist() if isinstance(found, np.ndarray) else found


def setattr_frozen(field: FieldPostings, name: str, part: Section) -> None:
    """Put another array in the place of one."""
    object.__setattr__(field, name, part)


def random_field(count: int, chance: random.Random) -> FieldPostings:
    """The arrays of a field of some terms over so many documents."""
    rng = np.random.default_rng(chance.randrange(2**32))
    sizes = [min(count, chance.choice((1, 2, 130, 3_000))) for _ in range(chance.randint(1, 5))]
    docs = np.concatenate([np.sort(rng.choice(count, size, replace=False)) for size in sizes]).astype(
        np.uint32
    )
    freqs = np.maximum(1, rng.integers(-3, chance.choice((2, 9, 300)), len(docs)))
    ends = np.concatenate([[0], np.cumsum(freqs, dtype=np.int64)])
    gaps = rng.integers(1, chance.choice((3, 90)), ends[-1])
    places = np.concatenate([np.cumsum(part) for part in np.split(gaps, ends[1:-1])]).astype(np.uint32)
    blocks = np.append(ends[np.arange(0, len(docs), BLOCK)], ends[-1]).astype(np.uint32)
    near, far = split(places) if chance.random() < 0.7 else (places, np.zeros(0, np.uint32))
    terms = sorted(LETTERS[: len(sizes)])
    blob, offsets = encode_terms(terms)
    packed, frequent = pack(docs, freqs)
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.uint32)
    heads = np.maximum.reduceat(freqs, np.arange(0, len(docs), BLOCK))
    parts = [blob, offsets, starts, packed, frequent, near, far, blocks, heads]
    return FieldPostings("grams", *(Section(part, "part") for part in parts), None, None)


# ---- what extensions are given ------------------------------------------------------------------------


def numbers(draw: Draw) -> Any:
    """An array of some type and any content, or what is none."""
    raw = draw.rest()[: draw.number(0, 64)] if draw.number(0, 7) else draw.text(5)
    if isinstance(raw, str):
        return draw.pick((raw, None, 3, [1, 2], array("d", [1.0])))
    kind = draw.pick("BHIQIIII")
    size = array(kind).itemsize
    found = array(kind, raw[: len(raw) // size * size])
    for at in range(len(found)):
        # Most numbers are small: those are what passes the first checks.
        found[at] = found[at] % draw.pick((2, 5, 9, 60, 1 << 7)) if draw.number(0, 9) else found[at]
    return memoryview(found)[draw.number(0, 2) :] if draw.number(0, 9) == 0 else found


def arguments(draw: Draw) -> None:
    """Every function of the extensions refuses what it cannot take."""
    text = partial(draw.text, 30, LETTERS + "abc 12.,+#")
    names = ("_text", "_segmenter", "_kernel", "_marks")
    texts, segmenter, kernel, marks = map(native.compiled, names)
    if not (texts and segmenter and kernel and marks):
        return
    strings = tuple(text() for _ in range(draw.number(0, 4)))
    refused(lambda: marks.covered(text(), strings))
    known = [(draw.number(0, 3), draw.number(-9, 0), draw.number(0, 30), draw.number(0, 40)) for _ in "123"]
    typed = (text(), strings, draw.pick((array("i", [0, 2, 1, 5, -3, 99]), numbers(draw))))
    refused(lambda: marks.marks(text(), (typed,), draw.pick((known, [])), text()))
    found = [(draw.number(-2, 40), draw.number(-2, 60), each) for each in strings]
    bits = {each: draw.number(0, 1 << 9) for each in strings[: draw.number(0, 4)]}
    refused(lambda: marks.fragments(text(), found, bits, [1.0, 0.5], draw.number(-1, 40)))
    refused(lambda: texts.fold(text(), text()))
    refused(lambda: texts.seen(text(), text(), text()))
    refused(lambda: texts.units(text(), text(), text(), draw.pick(("。", "ab", ""))))
    refused(lambda: texts.signs(text(), numbers(draw), draw.number(-2, 40), draw.number(0, 255)))
    refused(lambda: texts.sketch(text(), numbers(draw), draw.number(0, 9), "。"))
    bulk = draw.pick((False, True))
    refused(
        lambda: segmenter.ends(segmenter.load(*(numbers(draw) for _ in "1234"), 0.5, text(), bulk), text())
    )
    table = kernel.term_table()
    refused(lambda: kernel.intern(table, [draw.pick((text(), text().encode("utf-8", "replace"), 3, None))]))
    refused(lambda: kernel.intern(table, [text() for _ in range(5)]))
    pieces = [(text(), numbers(draw), draw.pick((None, str.isalpha, len))) for _ in range(draw.number(0, 3))]
    refused(lambda: kernel.intern_slices(table, [*pieces, draw.pick((None, text()))]))
    units = [(text(), numbers(draw)) for _ in range(draw.number(0, 3))]
    refused(lambda: kernel.intern_units(table, [*units, draw.pick((None, (text(),)))]))
    refused(lambda: kernel.order_terms(table))
    refused(lambda: kernel.group(*(numbers(draw) for _ in "12345")))
    refused(
        lambda: kernel.group_pairs(*(numbers(draw) for _ in "1234"), draw.number(0, 9), draw.number(0, 9))
    )
    refused(lambda: kernel.merge_terms([(numbers(draw), numbers(draw)) for _ in range(draw.number(0, 3))]))
    refused(lambda: kernel.find_spans(numbers(draw), numbers(draw), numbers(draw), [b"ab", b""]))
    field = tuple(numbers(draw) for _ in range(8))
    terms = [(draw.number(0, 1), draw.number(0, 9), draw.number(0, 20), float(draw.number(0, 9)))]
    lists = [(numbers(draw), numbers(draw))]
    refused(lambda: kernel.union([field], terms, [], draw.number(0, 99)))
    refused(lambda: kernel.gather([field], terms, lists, numbers(draw)))
    refused(lambda: kernel.top_union([field], terms, lists, 9, 5, -1, numbers(draw), numbers(draw)))
    groups = [(draw.number(-1, 2), draw.number(-1, 2)) for _ in range(draw.number(0, 3))]
    refused(lambda: kernel.top_among([field], terms, lists, groups, numbers(draw), 5, -1, numbers(draw)))
    refused(
        lambda: kernel.top_enough(
            [field], terms, lists, groups, float(draw.number(-1, 9)), 9, 5, -1, numbers(draw), numbers(draw)
        )
    )
    refused(lambda: kernel.holdings([field], terms, numbers(draw)))
    refused(lambda: kernel.phrase(field, terms * 2, [(draw.number(-9, 9), draw.number(-9, 9))]))
    refused(lambda: kernel.windows(field, terms, numbers(draw), draw.number(-9, 9)))


# ---- texts --------------------------------------------------------------------------------------------


@cache
def scratch() -> Path:
    """A folder that goes with the process."""
    folder = Path(tempfile.mkdtemp(prefix="hansou-fuzz-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@cache
def segmenters() -> list[Callable[[str], Sequence[int]]]:
    """The segmenter with extensions, and without."""
    found = []
    for extensions in (True, False):
        with native.using(extensions):
            found.append(load_segmenter("", scratch() / str(extensions))[0])
    return found


def texts(draw: Draw) -> None:
    """Folding, units, fingerprints and words: the extensions and Python say the same of any text."""
    text = draw.text(300, LETTERS + "abcABC 12.,+# \n" + BLOCKS)
    both(lambda: (normalize(text), seen(text), [*units(text)[1]], sketches([units(text)]).tolist()))
    words = []
    for segmenter in segmenters():
        words.append(slices(text, segmenter(text)))
        assert "".join(words[-1]) == text
    assert words[0] == words[1]


def repair(draw: Draw) -> None:
    """Whatever a text says, its repair replays."""
    marks = "锟斤拷Ã¤Â&amp;&#x4E2D;<p></div>wúruǎn (wu2)（yuán）�￿1\n2  —— "
    text = draw.text(600, LETTERS + marks)
    found = repair_text(text, seconds=2.0)
    assert replay(text, found.steps) == found.text


def syntax(draw: Draw) -> None:
    """Whatever is typed is a query or too long."""
    text = draw.text(300, LETTERS + SYNTAX)
    try:
        positive(parse(text, exact=bool(draw.number(0, 1))))
    except HansouError:
        pass


# ---- files --------------------------------------------------------------------------------------------


@cache
def samples(kind: str) -> list[bytes]:
    """Whole files of a kind, each by another library."""
    found = []
    for program, produce in PRODUCERS.get(kind, {}).items():
        if program.startswith(SLOW):
            continue
        with suppress(Missing):
            found.append(produce(next(iter(LETTERS_WRITTEN.values()))))
    return found or [SAMPLES.get(kind, "無錫的園區。\n第二行。").encode()]


SLOW = ("chromium", "libreoffice")
"""Programs that take seconds to write a file."""
SAMPLES = {
    "md": "---\ntitle: 無錫\ndate: 2021-03-04\n---\n# 無錫\n\n* 一\n* [二](http://a/b)\n```\nc\n```\n",
    "html": "<html lang='zh'><head><title>無錫</title><meta name=author content='甲'></head><body>"
    "<article><h1>無錫</h1><p a=1>第一段。</p><table><tr><td>一</td></tr></table></article>",
}
KINDS = sorted(READERS)


def readers(draw: Draw) -> None:
    """Whatever a file holds, it is documents, or skipped with a reason; it never takes long."""
    kind = draw.pick(KINDS)
    chance = draw.chance()
    content = mutated_file(chance.choice(samples(kind)), chance)
    member = Member(f"file.{kind}", io.BytesIO(content), kind=kind)
    started = time.process_time()
    for found in accounted(FileReader(READERS).events(member, Budget.of(len(content)))):
        assert isinstance(found, Document | Indexed | Skipped | Ignored)
    assert time.process_time() - started < SECONDS, f"{kind}: {time.process_time() - started:.0f} s"


# ---- what is asked ------------------------------------------------------------------------------------


@cache
def index() -> Config:
    """A small index."""
    return build(scratch() / "index", 120)


@cache
def searcher() -> Searcher:
    """The index, opened."""
    return Searcher.open(index())


def queries(draw: Draw) -> None:
    """Whatever is asked is answered or refused with a reason."""
    text = draw.text(40, LETTERS + SYNTAX)
    options = {
        "page": draw.pick((1, 1, 1, 0, 2, 101)),
        "size": draw.pick((1, 1, 1, 3, 10, 0)),
        "mode": draw.pick(("smart", "exact")),
        "sort": draw.pick(("relevance", "date_desc", "date_asc")),
        "source": draw.pick((None, None, "湖邊報", draw.text(3))),
        "date_from": draw.pick((None, None, "2021", draw.text(10, "0123456789-"))),
        "near": draw.pick((None, None, "7", draw.text(2))),
        "explain": draw.number(0, 15) == 0,
    }
    found = searcher()
    asked: tuple[Callable[[], Any], ...] = (
        lambda: found.suggest(text),
        lambda: found.document(draw.pick(("3", text)), text),
        lambda: found.similar(draw.pick(("3", text))),
    )
    which = draw.number(0, 63)
    try:
        asked[which]() if which < len(asked) else found.search(text, **options)
    except (HansouError, ValueError):
        pass


@cache
def client() -> FlaskClient:
    """A client of the server's application."""
    return create_app(index()).test_client()


PATHS = (
    *("/", "/search", "/search.rss", "/document/", "/document", "/original/", "/original", "/analyze"),
    *("/api/v1/search", "/api/v1/suggest", "/api/v1/documents/", "/api/v1/documents", "/api/v1/analyze"),
)
NAMES = (
    *("q", "q", "page", "size", "sort", "mode", "source", "lang", "date_from", "date_to", "near", "explain"),
    *("id", "text", "hl", "verbatim", "compare", "collection", "format"),
)
VALUES = (
    *("1", "0", "-1", "1e9", "99999999999999999999", "", "relevance", "date_asc", "exact", "2021-02-30"),
    *("zh-Hant", "en", "湖邊報", "3"),
)


def pages(draw: Draw) -> None:
    """Whatever a client asks, no page and no answer of the API fails."""
    path = draw.pick(PATHS)
    if path.endswith("/") and path != "/":
        path += quoted(draw.pick(("3", draw.text(9))))
    given = [
        (draw.pick(NAMES), draw.pick((draw.pick(VALUES), draw.text(20, LETTERS + SYNTAX))))
        for _ in range(draw.number(0, 5))
    ]
    query = "&".join(f"{name}={quoted(value)}" for name, value in given)
    language = "".join(map(draw.pick, ["zh-HansTWen;q=0.1,*"] * draw.number(0, 9)))
    answer = client().get(path, query_string=query, headers={"Accept-Language": language})
    assert answer.status_code < 500, f"{path}?{query}: {answer.status}"


def quoted(text: str) -> str:
    """A text as part of an address."""
    return quote(text, errors="surrogatepass")


TARGETS: Mapping[str, Callable[[Draw], None]] = {
    "find_spans": find_spans,
    "postings": postings,
    "arguments": arguments,
    "texts": texts,
    "repair": repair,
    "syntax": syntax,
    "readers": readers,
    "queries": queries,
    "pages": pages,
}
