"""A date is ISO 8601 where the text can be read one way only, else nothing."""

from __future__ import annotations

import pytest

from indexer.documents.readers.dates import iso_date, iso_number


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
        ("民國101年5月25日", "2012-05-25"),
        ("中華民國一○九年七月二十日", "2020-07-20"),
        ("民國元年一月一日", "1912-01-01"),
        ("民国一百一十年十二月卅一日", "2021-12-31"),
        ("民國99/05/25", "2010-05-25"),
        ("二〇二三年五月一日", "2023-05-01"),
        ("二○二三年十二月廿五號", "2023-12-25"),
        ("一九九五年七月三十一日 08:30", "1995-07-31T08:30:00"),
        ("２０２１年３月５日", "2021-03-05"),
        ("Fri, 05 Mar 2021 10:00:00 +0800", "2021-03-05T10:00:00+08:00"),
        ("5 Mar 2021 02:00 GMT", "2021-03-05T02:00:00Z"),
        ("Sat Mar  5 21:10:05 2011", "2011-03-05T21:10:05"),
        ("Sat, 5-Mar-2011 21:10:05 GMT", "2011-03-05T21:10:05Z"),
        ("March 5, 2021", "2021-03-05"),
        ("Mon, 1 Jan 2024 00:00:00 +0800 (CST)", "2024-01-01T00:00:00+08:00"),
        ("20210305", "2021-03-05"),
        ("1995", "1995"),
        ("1995-07", "1995-07"),
        ("1995年", "1995"),
        ("1995年7月", "1995-07"),
        ("二〇二三年十月", "2023-10"),
        ("民國84年", "1995"),
        ("民國84年7月", "1995-07"),
    ],
)
def test_one_meaning(written: str, iso: str) -> None:
    """A full date is normalized; a time and a zone are kept where they are stated."""
    assert iso_date(written) == iso


@pytest.mark.parametrize(
    "written",
    ["03/11/2023", "2023-02-29", "2023-13-01", "2月4日", "23-03-11", "2023年13月", "2023-13", "昨天", "",
     "2023-3/11", "2023-03-11 25:00", "2023-03-111", "12023-03-11",
     "20211305", "202103", "101年5月25日", "5 Mar 21", "31 Feb 2021", "二三年五月一日", "民國年五月一日",
     "民國101年13月1日", "Sat Mar 5 2011 29:00:00", "123", "99999", "廿年", "百百百百年"],
)  # fmt: skip
def test_no_or_several_meanings(written: str) -> None:
    """What is incomplete, impossible or ambiguous is no date."""
    assert iso_date(written) is None


@pytest.mark.parametrize(
    ("number", "iso"),
    [
        (1995, "1995"),
        (20210305, "2021-03-05"),
        (1614909600, "2021-03-05T02:00:00Z"),
        (1614909600.5, "2021-03-05T02:00:00Z"),
        (1614909600000, "2021-03-05T02:00:00Z"),
        (0, None),
        (7, None),
        (-5, None),
        (20211305, None),
        (1995.5, None),
        (10**30, None),
        (float("inf"), None),
        (float("nan"), None),
    ],
)
def test_numbers(number: float, iso: str | None) -> None:
    """A number is a year, a day without marks, or seconds (or thousandths) since 1970, by its size."""
    assert iso_number(number) == iso
