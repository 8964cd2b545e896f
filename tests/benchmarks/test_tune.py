"""Tuning: what is chosen on some collections is measured on others, and is what searching gives."""

from __future__ import annotations

import doctest
import json
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from indexer.config import load_config
from indexer.query.ranking import RANKING

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def tune() -> Iterator[Any]:
    """The program, imported as it is when run: its folder comes first."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(FOLDER))
        yield import_module("tune")
    for name in ("tune", "candidates", "judged_sets"):
        sys.modules.pop(name, None)


def test_examples_hold(tune: Any) -> None:
    """The examples in the program's own documentation are true."""
    assert doctest.testmod(tune).failed == 0


def test_a_collection_has_no_say_in_its_own_choice(tune: Any) -> None:
    """What is best on all others is chosen, however bad it is on the one; each collection counts alike."""
    values = {"a": [0.1, 0.9, 0.2], "b": [0.5, 0.2, 0.6], "c": [0.4, 0.5, 0.6]}
    means = {name: np.array(each) for name, each in values.items()}
    assert [tune.chosen(means, name) for name in means] == [2, 1, 1]
    found = [tune.Tried(np.array([[each]]), np.array([0.0])) for each in (1.0, 0.0, 0.5)]
    assert tune.collection_means(["x", "x", "y"], found) == {"x": [0.5], "y": [0.5]}


def test_unknown_parameter_is_refused(tune: Any) -> None:
    """A name that is no parameter is answered with those that are; a collection needs a name."""
    with pytest.raises(ValueError, match="closeness_width"):
        tune.changed_ranking(["breadth=3"])
    with pytest.raises(ValueError, match="name=DIR"):
        [*tune.collections_of(["eval/drcd"])]


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A set of three documents with two files of queries."""
    base = tmp_path_factory.mktemp("judged")
    directory = base / "園區"
    directory.mkdir()
    texts = {"a": "無錫的園區。" * 9 + "湖邊", "b": "無錫的湖。無錫的園區很長。", "c": "北京的胡同。"}
    lines = [json.dumps({"id": id, "text": text}, ensure_ascii=False) for id, text in texts.items()]
    (directory / "docs.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (directory / "queries.same.tsv").write_text("1\t無錫園區\n2\t胡同\n", encoding="utf-8")
    (directory / "queries.cross.tsv").write_text("3\t北京胡同\n", encoding="utf-8")
    (directory / "qrels.tsv").write_text("1\tb\n2\tc\n3\tc\n", encoding="utf-8")
    (base / "config.toml").write_text("", encoding="utf-8")
    return directory


def run(tune: Any, judged: Path, options: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command, over the set as a collection."""
    base = judged.parent
    fixed = f"tune.py --collections one={judged} --config {base / 'config.toml'} --work {base / 'work'}"
    monkeypatch.setattr(sys, "argv", [*fixed.split(), *options.split()])
    tune.main()


def test_candidates_are_ordered_as_by_the_searcher(tune: Any, judged: Path) -> None:
    """Scoring kept candidates again gives the reciprocal ranks that searching gives, with any parameters."""
    config = load_config(judged.parent / "config.toml", {})
    for asked in tune.read_sets(config, judged, judged.parent / "work", 0, 7):
        for each in (RANKING, replace(RANKING, closeness=2.0, answered=0.0, b=0.0)):
            found = tune.candidates(asked, each)
            assert [*found.reciprocal_ranks(each)] == [answer.reciprocal for answer in asked.answers(each)]
            assert [*found.recall] == [1.0] * len(asked.questions)


def test_leaving_out(
    tune: Any, judged: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """From files to a table: every set with the shipped parameters and with those that were chosen."""
    monkeypatch.setattr(tune, "QUICK", {"b": (0.0, 0.85)})
    monkeypatch.setattr(tune, "ProcessPoolExecutor", ThreadPoolExecutor)
    run(tune, judged, "--quick", monkeypatch)
    printed = " ".join(capsys.readouterr().out.split())
    assert f"{2 * len(tune.settings_of(tune.SECOND))} settings" in printed
    assert printed.count("園區 cross 1 1.0000") == printed.count("園區 same 2 ") == 2


def test_measuring_a_set(
    tune: Any, judged: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two files of queries are two sets, and what is not in first place is shown; an index is built once."""
    run(tune, judged, "--measure", monkeypatch)
    printed = " ".join(capsys.readouterr().out.split())
    assert "園區 cross: 1.0000" in printed and "2 1 無錫園區 (right: b; first: a)" in printed
    generations = judged.parent / "work" / "園區" / "generations"
    built = [*generations.iterdir()]
    run(tune, judged, "--measure --set b=0.0", monkeypatch)
    assert capsys.readouterr().out.startswith("b = 0.0\n") and [*generations.iterdir()] == built
