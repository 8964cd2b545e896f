"""One error tree; the docstring draws it, and exit codes hang on it."""

from __future__ import annotations

import re

import pytest

import indexer
from indexer import errors

EXIT_CODES = {
    "HansouError": 1, "ConfigError": 6, "ReadError": 3, "BusyError": 4, "IndexUnusable": 5, "IndexMissing": 5,
    "IndexCorrupt": 5, "IndexOutdated": 5, "QueryTooLong": 2, "DocumentNotFound": 1, "DeadlineExceeded": 1,
    "WouldShrink": 7, "OriginalMissing": 1, "PassageRefused": 2,
    "IndexCrowded": 5, "IndexUnreachable": 5, "NotPermitted": 1, "TooManyPlaces": 2,
}  # fmt: skip


def defined() -> dict[str, type[errors.HansouError]]:
    """The error classes of the module."""
    return {
        name: value
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, errors.HansouError)
    }


@pytest.mark.parametrize("name", EXIT_CODES)
def test_exit_codes(name: str) -> None:
    """Scripts rely on the exit codes."""
    assert defined()[name].exit_code == EXIT_CODES[name]


def test_tree_is_drawn_and_exported() -> None:
    """Every error stands in the drawn tree with its base above it, and is part of the Python interface."""
    drawn = re.findall(r"[│├└─ ]*([A-Z]\w+)", (errors.__doc__ or "").split("Every message")[0])
    assert {*drawn} >= {*defined()} == {*EXIT_CODES}
    assert {*defined()} <= {*indexer.__all__}


def test_index_errors_are_one_family() -> None:
    """Who catches `IndexUnusable` catches missing, damaged and outdated indexes."""
    for kind in (errors.IndexMissing, errors.IndexCorrupt, errors.IndexOutdated):
        assert issubclass(kind, errors.IndexUnusable)
