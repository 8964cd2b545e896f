"""A date is ISO 8601 where the text can be read one way only, else nothing."""

from __future__ import annotations

import pytest

from indexer.documents.readers.dates import iso_date


@pytest.mark.parametrize(
    ("written", "iso"),
    [
        ("2025年02月04日 15:52", "2025-02-04T15:52:00"),
        ("2025年2月4日", "2025-02-04"),
        ("2025 年 2 月 4 日", "2025-02-04"),
        ("2023-03-11 16:31:37", "2023-03-11T16:31:37"),
        ("2023/3/11", "2023-03-11"),
        ("2023.03.11", "2023-03-11"),
        ("2024-08-12T07:30:00.123Z", "2024-08-12T07:30:00Z"),
        ("2024-08-12T07:30:00+0800", "2024-08-12T07:30:00+08:00"),
        (" 2024-08-12 ", "2024-08-12"),
        ("2024-02-29", "2024-02-29"),
    ],
)
def test_one_meaning(written: str, iso: str) -> None:
    """A full date is normalized; a time and a zone are kept where they are stated."""
    assert iso_date(written) == iso


@pytest.mark.parametrize(
    "written",
    ["03/11/2023", "2023-02-29", "2023-13-01", "2月4日", "23-03-11", "2023年3月", "2023", "昨天", "",
     "2023-3/11", "2023-03-11 25:00", "2023-03-111", "12023-03-11"],
)  # fmt: skip
def test_no_or_several_meanings(written: str) -> None:
    """What is incomplete, impossible or ambiguous is no date."""
    assert iso_date(written) is None
