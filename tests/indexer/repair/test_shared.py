"""The real pages and the simulated set that lie beside the project: quality floors."""

from __future__ import annotations

import gzip
import json
import unicodedata
from itertools import islice
from pathlib import Path

import pytest

from indexer.repair import repair_text, replay

SHARED = Path(__file__).parents[3].parent / "shared"


def shared(*parts: str) -> Path:
    """A file of the shared folder; the test is skipped where there is none."""
    path = SHARED.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"{'/'.join(parts)} is not here")
    return path


def comparable(text: str) -> str:
    """NFKC without white space."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def page(number: str) -> str:
    """A real page as it was crawled."""
    return next(shared("seeds", "pages").glob(f"{number}_*")).read_text(encoding="utf-8")


@pytest.mark.parametrize("number", ["000", "001", "003"])
def test_real_pages_come_back(number: str) -> None:
    """All of the article and of the head lines is there in order, and nothing else."""
    truth = comparable(shared("seeds", "truth", f"{number}.txt").read_text(encoding="utf-8"))
    listed = shared("seeds", "truth", f"{number}.boilerplate.txt").read_text(encoding="utf-8").splitlines()
    head = [comparable(line.split("\t")[1]) for line in listed if line.startswith("meta\t")]
    repaired = repair_text(page(number)).text
    kept = "".join(line for line in map(comparable, repaired.split("\n")) if line not in head)
    assert kept == truth
    assert all(line in comparable(repaired) for line in head)


@pytest.mark.parametrize("number", ["000", "001", "002", "003", "004"])
def test_no_damage_is_left(number: str) -> None:
    """No marker, no annotation, no furniture word; a second repair finds nothing."""
    text = page(number)
    repair = repair_text(text)
    assert replay(text, repair.steps) == repair.text
    assert "\ufffd" not in repair.text
    assert repair_text(repair.text).steps == ()
    for furniture in ("截圖", "THEEND", "驗證碼", "熱線", "排行", "[email", "暫無", "無關", "11:45"):
        assert furniture not in repair.text


def test_simulated_documents() -> None:
    """Of the 400 simulated documents at least 340 come back exactly; the benchmark tells the rate."""
    lines = shared("eval", "damaged_dev.jsonl").read_text(encoding="utf-8").splitlines()[::4]
    rows = [json.loads(line) for line in lines]
    exact = sum(comparable(repair_text(r["damaged_body"]).text) == comparable(r["truth"]) for r in rows)
    assert exact >= 0.85 * len(rows)


@pytest.mark.parametrize("name", ["drcd_dev", "cmrc_trial", "pydocs_cn", "pydocs_tw"])
def test_clean_sets_are_untouched(name: str) -> None:
    """Not one document of the clean sets is changed."""
    lines = shared("eval", name, "docs.jsonl").read_text(encoding="utf-8").splitlines()
    assert [row["id"] for row in map(json.loads, lines) if repair_text(row["text"]).steps] == []


def test_poems_keep_their_unreadable_characters() -> None:
    """Poems, some with a genuine U+FFFD, pass unchanged."""
    with gzip.open(shared("eval", "poems", "docs.jsonl.gz"), "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in islice(lines, 0, 20_000, 4)]
    assert not any(repair_text(text).steps for text in texts)
