"""Garbled, spaced out, escaped: damage that is found in the wild, on text of our own, comes back."""

from __future__ import annotations

import importlib.util
import random
import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from pathlib import Path
from types import ModuleType

import pytest

from indexer.documents.sources import read_source
from indexer.repair import repair_text, replay

ROOT = Path(__file__).parents[3]
EACH = 30


def load(name: str) -> ModuleType:
    """A module beside this file; tests are no package."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


simulator = load("misread")
HAN = re.compile("[一-鿿]")
TEXTS = {
    script: [
        line
        for folder in folders
        for d in read_source(ROOT / "seeds" / folder)
        if hasattr(d, "text")
        for line in d.text.split("\n")
        if len(HAN.findall(line)) > 15
    ]
    for script, folders in (("hant", ("taiwan", "hongkong")), ("hans", ("mainland",)))
}


def snippets(script: str, codec: str, seed: int, shortest: int = 16, longest: int = 120) -> Iterator[str]:
    """Pieces of our own documents that the codec can write."""
    rng = random.Random(f"{script} {codec} {seed}")
    found = 0
    while found < EACH:
        line = rng.choice(TEXTS[script])
        length = rng.randint(shortest, longest)
        start = rng.randrange(max(1, len(line) - length))
        text = line[start : start + length].strip().replace("\u3000", "")
        if len(HAN.findall(text)) > len(text) / 2:
            try:
                text.encode(codec)
            except UnicodeEncodeError:
                continue
            found += 1
            yield text


@pytest.mark.parametrize("script", ["hant", "hans"])
@pytest.mark.parametrize("kind", simulator.LOSSLESS)
def test_what_lost_nothing_comes_back(kind: str, script: str) -> None:
    """At least 29 of 30 are exactly what was written; all steps replay, and repairing again finds nothing."""
    codec, damage = simulator.LOSSLESS[kind]
    if script == "hans" and codec in ("big5", "big5hkscs"):
        pytest.skip("Big5 has no Simplified characters")
    exact = 0
    for text in snippets(script, codec, 1, shortest=30 if kind.startswith("spaces") else 12):
        if kind.startswith("spaces"):
            text += "。"
        damaged = damage(text)
        repair = repair_text(damaged)
        assert replay(damaged, repair.steps) == repair.text
        exact += repair.text == text
    assert exact >= EACH - 1


@pytest.mark.parametrize("script", ["hant", "hans"])
@pytest.mark.parametrize("kind", simulator.LOSSY)
def test_what_lost_a_little_is_told_or_marked(kind: str, script: str) -> None:
    """Nine tenths of the characters are restored, hardly one wrongly; the others are one 〓 each."""
    alike = 0.0
    wrong = written = 0
    for text in snippets(script, "utf-8", 2, shortest=60, longest=200):
        damaged = simulator.LOSSY[kind](text)
        got = repair_text(damaged).text
        matcher = SequenceMatcher(None, got, text, autojunk=False)
        alike += matcher.ratio()
        written += len(text)
        wrong += sum(c != "〓" for op, i, j, _, _ in matcher.get_opcodes() if op != "equal" for c in got[i:j])
    assert alike / EACH >= 0.88
    assert wrong / written < 0.012


@pytest.mark.parametrize("kind", simulator.RUINOUS)
def test_what_lost_most_is_not_guessed(kind: str) -> None:
    """What survived is shown and the rest is 〓, one for a character: few are others than were written."""
    wrong = written = shown = 0
    for text in snippets("hant", "big5", 3, shortest=60, longest=200):
        got = repair_text(simulator.RUINOUS[kind](text)).text
        matcher = SequenceMatcher(None, got, text, autojunk=False)
        written += len(text)
        shown += len(got)
        wrong += sum(c != "〓" for op, i, j, _, _ in matcher.get_opcodes() if op != "equal" for c in got[i:j])
    assert wrong / written < (0.06 if "taken for" in kind else 0.006)
    assert 0.98 < shown / written < 1.01


@pytest.mark.parametrize("script", ["hant", "hans"])
def test_short_strings_come_back(script: str) -> None:
    """Menus and titles of four to nine characters: nine of ten are exactly what was written."""
    for kind in ("GBK read as Latin-1", "UTF-8 read as Latin-1", "UTF-8 read as Windows-1252"):
        codec, damage = simulator.LOSSLESS[kind]
        texts = [t for t in snippets(script, codec, 4, 4, 9) if len(HAN.findall(t)) >= 4]
        exact = sum(repair_text(damage(text)).text == text for text in texts)
        assert exact >= 0.9 * len(texts), kind
