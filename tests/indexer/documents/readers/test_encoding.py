"""Bytes are read in the encoding they were written in, however short, or refused."""

from __future__ import annotations

import random
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.documents.readers.encoding import canonical, clean, decode
from indexer.documents.sources import read_source
from indexer.errors import ReadError

ROOT = Path(__file__).parents[4]
TABLE = tomllib.loads((ROOT / "tests/cases/encoding.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", TABLE["case"], ids=lambda case: case["label"])
def test_encoding_is_found(case: dict[str, Any]) -> None:
    """The text comes back as it was written, with the encoding named."""
    text, encoding = decode(case["text"].encode(case["write"]), case.get("declared"))
    assert (text, encoding) == (case["text"].removeprefix("\ufeff"), case["expect"])


@pytest.mark.parametrize("case", TABLE["unreadable"], ids=lambda case: case["label"])
def test_what_is_no_text_is_refused(case: dict[str, Any]) -> None:
    """Bytes that are no text in any encoding raise, and are never decoded with replacements."""
    with pytest.raises(ReadError):
        decode(bytes.fromhex(case["hex"]))


@pytest.mark.parametrize(
    ("folders", "encoding"),
    [(("mainland",), "gbk"), (("taiwan", "hongkong"), "big5hkscs"), (("taiwan", "hongkong"), "gbk")],
)
def test_short_snippets(folders: tuple[str, ...], encoding: str) -> None:
    """Of 400 snippets of 4 to 20 characters of our own documents, at least 99 in 100 are read right."""
    texts = [d.text for folder in folders for d in read_source(ROOT / "seeds" / folder) if hasattr(d, "text")]
    generator = random.Random(2)
    right = 0
    for _ in range(400):
        text, length = generator.choice(texts), generator.randint(4, 20)
        start = generator.randrange(len(text) - length)
        data = text[start : start + length].encode(encoding, "ignore")
        right += decode(data)[0] == data.decode(encoding)
    assert right >= 396


@pytest.mark.parametrize("declared", ["iso-8859-1", "big5", "utf-8", None])
def test_long_documents(declared: str | None) -> None:
    """Beyond what is judged, readings of different length are still compared over the same bytes."""
    text = "今天的末班地铁晚了十分钟，出租车在软件园门口排队。\n" * 5000
    assert decode(text.encode("gbk"), declared) == (text, "gb18030")


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1))
def test_utf8_han_is_never_taken_for_anything_else(text: str) -> None:
    """Strict UTF-8 with three-byte characters settles the matter, rare characters or not."""
    assert decode(text.encode()) == (text, "utf-8")


@given(
    st.binary(max_size=200), st.sampled_from([None, "gbk", "big5", "utf-16", "punycode", "latin-1", "\x00"])
)
def test_any_bytes_are_text_or_refused(data: bytes, declared: str | None) -> None:
    """No bytes and no declared charset raise anything but `ReadError`."""
    try:
        text, _ = decode(data, declared)
    except ReadError:
        return
    clean(text).encode()


@given(st.text(st.characters()))
def test_clean_text_can_be_stored(text: str) -> None:
    """Cleaned text encodes as UTF-8, ends its lines in U+000A alone, and is clean already."""
    cleaned = clean(text)
    cleaned.encode()
    assert "\r" not in cleaned and "\x00" not in cleaned
    assert clean(cleaned) == cleaned


@pytest.mark.parametrize(
    ("label", "name"),
    [
        (" UTF8 ", "utf-8"),
        ("GB2312-80", "gb18030"),
        ("Big5", "big5hkscs"),
        ("hex", None),
        ("x-user", None),
        ("", None),
    ],
)
def test_labels(label: str, name: str | None) -> None:
    """A label means the encoding that writers use under it; one that is no charset means nothing."""
    assert canonical(label) == name
