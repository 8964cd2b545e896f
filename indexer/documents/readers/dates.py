"""Which day does a written date mean? Text → ISO 8601, or None where it can be read two ways.

Nothing is completed: a date without a year, or with a two-digit one, is no date.
"""

from __future__ import annotations

import re
from datetime import date, time

DATE = re.compile(
    r"""
    (?<!\d)(?P<year>(?:1\d|20)\d\d)
    (?: (?P<mark>[-/.])(?P<month>\d\d?)(?P=mark)(?P<day>\d\d?)
      | \s?年\s?(?P<month_han>\d\d?)\s?月\s?(?P<day_han>\d\d?)\s?日 )
    (?: (?:[Tt]|\s*) (?P<hour>\d\d?)[:：](?P<minute>\d\d) (?:[:：](?P<second>\d\d)(?:\.\d+)?)?
        (?:\s?(?P<zone>[Zz]|[+-]\d\d:?\d\d))? )?
    (?!\d)
    """,
    re.VERBOSE,
)
"""A date with its year, and the time of day after it where one follows."""


def iso_date(text: str) -> str | None:
    """The one date that `text` consists of: `YYYY-MM-DD`, or with `THH:MM:SS` where it states a time.

    >>> iso_date("2025年2月4日 15:52")
    '2025-02-04T15:52:00'
    >>> iso_date("2025-02-04T15:52:00+0800")
    '2025-02-04T15:52:00+08:00'
    >>> iso_date("2023-03-11")
    '2023-03-11'
    >>> iso_date("03/11/2023") is None
    True
    """
    match = DATE.fullmatch(text.strip())
    return iso_of(match) if match else None


def iso_of(match: re.Match[str]) -> str | None:
    """The ISO 8601 form of a match of `DATE`; None where there is no such day or time."""
    try:
        month, number = match["month"] or match["month_han"], match["day"] or match["day_han"]
        day = date(int(match["year"]), int(month), int(number))
        if match["hour"] is None:
            return day.isoformat()
        clock = time(int(match["hour"]), int(match["minute"]), int(match["second"] or 0))
    except ValueError:
        return None
    zone = (match["zone"] or "").upper()
    if len(zone) == 5:
        zone = f"{zone[:3]}:{zone[3:]}"
    return f"{day.isoformat()}T{clock.isoformat()}{zone}"
