"""Tuning: what is chosen on some questions is measured on others, and the climb finds what there is."""

from __future__ import annotations

import doctest
import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from indexer.config import RankingSettings
from indexer.query.ranking import RANKING

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def tune() -> Iterator[Any]:
    """The program, imported as it is when run: its folder comes first."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(FOLDER))
        yield import_module("tune")
    for name in ("tune", "judged_sets"):
        sys.modules.pop(name, None)


def test_examples_hold(tune: Any) -> None:
    """The examples in the program's own documentation are true."""
    assert doctest.testmod(tune).failed == 0


def question(tune: Any, id: str, document: str) -> Any:
    """A question that one document answers."""
    return tune.Question(id, "無錫在哪裡？", frozenset({document}))


def test_folds_keep_a_document_together(tune: Any) -> None:
    """Questions about one document are in one fold; documents are spread over all; the seed matters."""
    questions = [question(tune, f"{d}-{q}", f"文{d}") for d in range(200) for q in range(3)]
    folds = [tune.fold_of(each, 5, 7) for each in questions]
    assert folds == [number for number in folds[::3] for _ in range(3)]
    assert all(60 < folds.count(number) < 180 for number in range(5)) and set(folds) == set(range(5))
    assert folds != [tune.fold_of(each, 5, 8) for each in questions]


def test_climb_finds_the_top(tune: Any) -> None:
    """On a smooth hill the climb comes close to the top, and every round closer."""

    def score(weights: RankingSettings) -> float:
        return -((weights.b - 0.3) ** 2) - (weights.k1 - 2.0) ** 2 - (weights.closeness_width - 9) ** 2 / 100

    found = [tune.climb(RANKING, ["b", "k1", "closeness_width"], rounds, {}, score) for rounds in (0, 1, 4)]
    assert found[0] == RANKING
    assert score(found[0]) < score(found[1]) < score(found[2])
    assert (
        abs(found[2].b - 0.3) < 0.05
        and abs(found[2].k1 - 2.0) < 0.2
        and found[2].closeness_width in (8, 9, 10)
    )
    assert replace(found[2], b=RANKING.b, k1=RANKING.k1, closeness_width=RANKING.closeness_width) == RANKING


def test_climb_stays_where_nothing_is_gained(tune: Any) -> None:
    """Among equals the present weights stay, whatever is tried."""
    assert tune.climb(RANKING, ["b", "word"], 3, {}, lambda weights: 0.5) == RANKING


def test_given_values_are_tried(tune: Any) -> None:
    """A grid stands in for the multiples."""
    asked: list[float] = []
    tune.climb(
        RANKING, ["b"], 1, {"b": [0.1, RANKING.b, 0.9]}, lambda weights: asked.append(weights.b) or 0.0
    )
    assert asked == [RANKING.b, 0.1, 0.9]


def test_unknown_weight_is_refused(tune: Any) -> None:
    """A name that is no weight is answered with those that are."""
    with pytest.raises(ValueError, match="closeness_width"):
        tune.changed_weights(["breadth=3"])


def test_measuring_a_set(
    tune: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """From files to figures: two files of queries are two sets, and what changed is shown."""
    judged = tmp_path / "園區"
    judged.mkdir()
    texts = {"a": "無錫的園區。" * 9 + "湖邊", "b": "無錫的湖。無錫的園區很長。", "c": "北京的胡同。"}
    lines = [json.dumps({"id": id, "text": text}, ensure_ascii=False) for id, text in texts.items()]
    (judged / "docs.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (judged / "queries.same.tsv").write_text("1\t無錫園區\n2\t胡同\n", encoding="utf-8")
    (judged / "queries.cross.tsv").write_text("3\t北京胡同\n", encoding="utf-8")
    (judged / "qrels.tsv").write_text("1\tb\n2\tc\n3\tc\n", encoding="utf-8")
    config = tmp_path / "config.toml"
    config.write_text("", encoding="utf-8")
    arguments = f"tune.py --sets {judged} --config {config} --work {tmp_path / 'work'} --measure"
    monkeypatch.setattr(sys, "argv", arguments.split())
    tune.main()
    printed = " ".join(capsys.readouterr().out.split())
    assert "園區 cross 1 1.0000" in printed and "園區 same 2 0.7500" in printed
    assert "2 1 無錫園區 (right: b; first: a)" in printed
    built = [*(tmp_path / "work" / "園區" / "generations").iterdir()]
    tune.main()
    assert [*(tmp_path / "work" / "園區" / "generations").iterdir()] == built
