"""Tuning: what there is to gain is found, what is reported is of unseen queries, chance is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, fields, replace
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from indexer import Config, ReadError, load_config
from indexer.config import RankingSettings, ranges
from indexer.measure.judgments import read_judged_set
from indexer.measure.tuning import FOLDS, TUNED, Values, climb, fold_of, tune, values_to_try

SHIPPED = RankingSettings()


def going(candidates: int) -> Callable[[], bool]:
    """Time for so many candidates."""
    asked = count()
    return lambda: next(asked) < candidates


def test_parameters_exist_and_have_ranges() -> None:
    """What is tuned is a part of [ranking], with bounds that hold its shipped value."""
    assert {*TUNED} <= {field.name for field in fields(RankingSettings)}
    for name in TUNED:
        low, high = ranges(RankingSettings)[name]
        assert low <= getattr(SHIPPED, name) <= high


@pytest.mark.parametrize("name", TUNED)
@pytest.mark.parametrize("turn", [1, 2])
def test_values_to_try_are_allowed(name: str, turn: int) -> None:
    """Other values than the present one, within what config.toml takes, from 0 and from the bounds too."""
    low, high = ranges(RankingSettings)[name]
    for present in (low, getattr(SHIPPED, name), high):
        found = values_to_try(replace(SHIPPED, **{name: present}), name, turn)
        assert found and present not in found and all(low <= value <= high for value in found)


def hill(queries: int) -> Callable[[RankingSettings], Values]:
    """Queries that all fare best with b around 0.3 and words at twice their weight."""

    def values(ranking: RankingSettings) -> Values:
        return np.full(queries, 1 - (ranking.b - 0.3) ** 2 - (ranking.word - 2 * SHIPPED.word) ** 2 / 10)

    return values


def test_the_top_is_found_by_all_folds() -> None:
    """Where all queries agree, every fold comes to the same place, and nothing else is changed."""
    folds = np.arange(50) % FOLDS
    found = climb(SHIPPED, hill(50), folds, lambda: True)
    assert len(found) == FOLDS + 1 and len({*found}) == 1
    assert abs(found[0].b - 0.3) < 0.05 and found[0].word == 2 * SHIPPED.word
    assert replace(found[0], b=SHIPPED.b, word=SHIPPED.word) == SHIPPED


def test_a_fold_is_not_asked_for_its_own_choice() -> None:
    """What only the queries of one fold gain by is chosen for all others, and not for that fold."""
    folds = np.repeat(np.arange(FOLDS), 10)

    def values(ranking: RankingSettings) -> Values:
        return np.where(folds == 2, 0.2 * (ranking.b < SHIPPED.b), 0.5)

    everywhere, *without = climb(SHIPPED, values, folds, lambda: True)
    assert everywhere.b < SHIPPED.b
    assert [ranking.b < SHIPPED.b for ranking in without] == [fold != 2 for fold in range(FOLDS)]


def test_little_is_no_gain() -> None:
    """A hundredth of a query in fifty changes nothing."""
    folds = np.arange(50) % FOLDS
    found = climb(SHIPPED, lambda ranking: np.full(50, ranking.b / 10_000), folds, lambda: True)
    assert {*found} == {SHIPPED}


def test_time_ends_the_climb() -> None:
    """When the time is up, what was found by then is given, and only what was measured is chosen."""
    measured: list[RankingSettings] = []

    def values(ranking: RankingSettings) -> Values:
        measured.append(ranking)
        return hill(50)(ranking)

    found = climb(SHIPPED, values, np.arange(50) % FOLDS, going(9))
    assert {*found} <= {*measured, SHIPPED} and len({*measured}) <= 10


def test_queries_of_a_document_are_in_one_fold() -> None:
    """Folds hold together what shares its first relevant document, and are all used."""
    assert fold_of({"甲": 1, "乙": 0}) == fold_of({"甲": 3}) == fold_of({"甲": 1, "甲乙": 1})
    assert {fold_of({f"文{number}": 1}) for number in range(100)} == {*range(FOLDS)}


@pytest.fixture
def judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Queries whose long document is right, which says more of the words than the short one; b is tuned."""
    monkeypatch.setattr("indexer.measure.tuning.TUNED", ("b",))
    names = [chr(0x4E00 + 97 * number) + chr(0x4F00 + 89 * number) for number in range(24)]
    documents = [
        {"id": f"{kind}-{number}", "text": text}
        for number, name in enumerate(names)
        for kind, text in (("long", f"{name}在湖邊。" * 4 + "路也很長，" * 40), ("short", f"{name}在此。"))
    ]
    lines = [json.dumps(document, ensure_ascii=False) for document in documents]
    (tmp_path / "docs.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "queries.tsv").write_text("".join(f"{n}\t{name}\n" for n, name in enumerate(names)), "utf-8")
    (tmp_path / "qrels.tsv").write_text("".join(f"{n}\tlong-{n}\n" for n in range(24)), "utf-8")
    return tmp_path


def test_command_prints_a_section_to_paste(
    make_config: Callable[..., Config], hansou: Callable[..., Any], judged: Path
) -> None:
    """Where length should not count, a lower b is found, and config.toml takes what is printed."""
    result = hansou(make_config(), "evaluate", str(judged), "--tune", "--quiet")
    assert result.code == 0 and "# more than chance" in result.out
    (judged / "config.toml").write_text(result.out, encoding="utf-8")
    found = load_config(judged / "config.toml", {}).ranking
    assert found.b < SHIPPED.b
    assert {name for name, value in asdict(found).items() if value != getattr(SHIPPED, name)} <= {*TUNED}


def test_command_keeps_what_cannot_be_bettered(
    make_config: Callable[..., Config], hansou: Callable[..., Any], judged: Path
) -> None:
    """Where the short document is right all is well: the shipped values stay, and no section is set."""
    (judged / "qrels.tsv").write_text("".join(f"{n}\tshort-{n}\n" for n in range(24)), "utf-8")
    arguments = ("evaluate", str(judged), "--tune", "--quiet")
    out = hansou(make_config(), *arguments).out
    assert "keep what you have" in out and all(line.startswith("#") for line in out.splitlines())
    found = hansou(make_config(), *arguments, "--json").json()
    assert found["recommended"] is False and found["ranking"] == {} and found["held_out"]["before"] == 1.0


def test_too_few_queries(make_config: Callable[..., Config], judged: Path) -> None:
    """With fewer than twenty answered queries nothing is tuned."""
    lines = (judged / "qrels.tsv").read_text(encoding="utf-8").splitlines(keepends=True)
    (judged / "qrels.tsv").write_text("".join(lines[:19]), encoding="utf-8")
    with pytest.raises(ReadError, match="19 queries have a relevant document"):
        tune(make_config(), read_judged_set(judged), 1.0)


def test_command_does_one_thing(make_config: Any, hansou: Callable[..., Any], judged: Path) -> None:
    """--tune beside a comparison is refused, exit 2."""
    compare = ("--compare", str(judged / "qrels.tsv"))
    assert hansou(make_config(), "evaluate", str(judged), "--tune", *compare).code == 2
