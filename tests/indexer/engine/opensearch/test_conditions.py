"""What a cluster lacks is said before it is missed."""

from __future__ import annotations

from typing import Any

import pytest

from indexer.engine.opensearch.clauses import SETTING
from indexer.engine.opensearch.conditions import conditions


class Told:
    """A cluster that answers to what it is asked for."""

    def __init__(self, status: str, clauses: int) -> None:
        part: dict[str, Any] = {"max_clause_count": str(clauses)}
        for name in ("bool", "query", "indices"):
            part = {name: part}
        self._answers = {
            "/": {"version": {"number": "2.19.6"}},
            "/_cluster/health": {"status": status, "number_of_nodes": 3},
            "/_cluster/settings": {"defaults": part},
        }

    def ask(self, method: str, path: str, **_: object) -> dict[str, Any]:
        """The answer."""
        return self._answers[path]


@pytest.mark.parametrize(
    ("status", "clauses", "fine"),
    [
        ("green", 8192, [True, True]),
        ("yellow", 20_000, [True, True]),
        ("red", 8192, [False, True]),
        ("green", 1024, [True, False]),
    ],
)
def test_a_cluster_is_fit_or_says_what_is_to_be_done(status: str, clauses: int, fine: list[bool]) -> None:
    """Shards without a place and too few clauses are wrong; each line says what to look at or to set."""
    found = [*conditions(Told(status, clauses))]  # type: ignore[arg-type]
    assert [ok for ok, _ in found] == fine
    assert "2.19.6" in found[0][1] and status in found[0][1]
    assert f"{clauses:,}" in found[1][1] and (fine[1] or SETTING in found[1][1])
