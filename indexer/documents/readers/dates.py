"""Which day does a written date mean? Text or a number → ISO 8601, or None where it can be read two ways.

Nothing is completed: a date without a year, or with a two-digit one, is no date. One that states no more
than a year, or a year and a month, is a date cut short (1995, 1995-07). Years of the Republic are those since
1911 (民國101年 is 2012).
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time

from indexer.text.normalize import normalize

_YEAR = r"(?:1\d|20)\d\d"
_HAN = "〇○零一二三四五六七八九十百廿卅"
_HAN_YEAR = "[〇○零一二三四五六七八九]{4}"
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_WEEKDAY = r"[（(]?(?:星期|[周週]|[礼禮]拜)[一二三四五六日天][)）]?"
_CLOCK = r"(?P<hour>\d\d?)[:：](?P<minute>\d\d) (?:[:：](?P<second>\d\d)(?:\.\d+)?)?"
DATE = re.compile(
    rf"""
    (?<![\d{_HAN}])
    (?: (?P<year>{_YEAR})(?P<mark>[-/.])(?P<month>\d\d?)(?P=mark)(?P<day>\d\d?)
      | (?:中?华?民[国國]\s?(?P<year_era>\d{{1,3}}|[{_HAN}元]{{1,5}})|(?P<year_han>{_YEAR}|{_HAN_YEAR}))
        \s?(?: 年\s?(?P<month_han>\d\d?|[{_HAN}]{{1,3}})\s?月\s?(?P<day_han>\d\d?|[{_HAN}]{{1,3}})\s?[日号號]
             | (?P<mark_era>[-/.])(?P<month_era>\d\d?)(?P=mark_era)(?P<day_era>\d\d?) ) )
    (?:\s*{_WEEKDAY})?
    (?: (?:[Tt]|\s*) {_CLOCK} (?:\s?(?P<zone>[Zz]|[+-]\d\d:?\d\d))? )?
    (?!\d)
    """,
    re.VERBOSE,
)
"""A date with its year, and the day of the week and the time of day after it where they follow."""
_NAMED = re.compile(
    rf"""
    (?:[a-z]{{3,9}},?\s+)?
    (?: (?P<day>\d\d?)[\s-](?P<month>{"|".join(_MONTHS)})[a-z]*[\s-](?P<year>{_YEAR})(?:\s+{_CLOCK})?
      | (?P<month_first>{"|".join(_MONTHS)})[a-z]*\.?\s+(?P<day_second>\d\d?)
        (?:\s+{_CLOCK.replace("<", "<late_")}\s+|,?\s+)(?P<year_last>{_YEAR}) )
    (?:\s*(?P<zone>z|gmt|utc?|[+-]\d\d:?\d\d))?(?:\s*\([a-z ]+\))?
    """,
    re.VERBOSE | re.IGNORECASE,
)
_SHORT = re.compile(
    rf"(?P<year>{_YEAR})(?:[-/.](?P<month>\d\d?))?"
    rf"|(?:中?华?民[国國]\s?(?P<era>\d{{1,3}}|[{_HAN}元]{{1,5}})"
    rf"|(?P<year_han>{_YEAR}|{_HAN_YEAR}))"
    rf"\s?年(?:\s?(?P<month_han>\d\d?|[{_HAN}]{{1,3}})\s?月)?"
)
_COMPACT = re.compile(rf"(?P<year>{_YEAR})(?P<month>\d\d)(?P<day>\d\d)")
# Seconds since 1970, from 1973 to 2100, and thousandths of them.
_SECONDS = range(100_000_000, 4_102_444_800)
_REPUBLIC = 1911


def iso_date(text: str) -> str | None:
    """The one date that `text` is: `YYYY-MM-DD`, with `THH:MM:SS` where it states a time; or cut short.

    >>> iso_date("2025年2月4日 15:52"), iso_date("民國101年5月25日"), iso_date("二〇二三年五月一日")
    ('2025-02-04T15:52:00', '2012-05-25', '2023-05-01')
    >>> iso_date("2023年5月1日（星期一）"), iso_date("2023-05-01 周一 10:30")
    ('2023-05-01', '2023-05-01T10:30:00')
    >>> iso_date("Fri, 05 Mar 2021 10:00:00 +0800"), iso_date("Sat Mar  5 21:10:05 2011")
    ('2021-03-05T10:00:00+08:00', '2011-03-05T21:10:05')
    >>> iso_date("20210305"), iso_date("1995-07"), iso_date("1995"), iso_date("03/11/2023")
    ('2021-03-05', '1995-07', '1995', None)
    """
    text = normalize(text.strip())
    if match := DATE.fullmatch(text):
        return iso_of(match)
    if match := _NAMED.fullmatch(text):
        return _named(match)
    if match := _COMPACT.fullmatch(text):
        return _day(match["year"], match["month"], match["day"])
    match = _SHORT.fullmatch(text)
    return _short(match) if match else None


def iso_number(number: float) -> str | None:
    """The date that a number means: a year, a day written without marks, or seconds since 1970 in UTC.

    >>> iso_number(1995), iso_number(20210305), iso_number(1614909600), iso_number(7)
    ('1995', '2021-03-05', '2021-03-05T02:00:00Z', None)
    """
    if not -1e15 < number < 1e15:  # neither an infinity nor what is no number
        return None
    seconds = number / 1000 if int(number) // 1000 in _SECONDS else number
    if int(seconds) in _SECONDS:
        return datetime.fromtimestamp(int(seconds), UTC).isoformat().replace("+00:00", "Z")
    return iso_date(str(int(number))) if number == int(number) else None


def iso_of(match: re.Match[str]) -> str | None:
    """The ISO 8601 form of a match of `DATE`; None where there is no such day or time."""
    year = match["year"] or match["year_han"]
    years = str(_number(match["year_era"]) + _REPUBLIC) if match["year_era"] else year
    month = match["month"] or match["month_han"] or match["month_era"]
    day = _day(years, month, match["day"] or match["day_han"] or match["day_era"])
    return _timed(day, match["hour"], match["minute"], match["second"], match["zone"])


def _named(match: re.Match[str]) -> str | None:
    month = (match["month"] or match["month_first"]).lower()
    year, number = match["year"] or match["year_last"], match["day"] or match["day_second"]
    day = _day(year, str(_MONTHS.index(month) + 1), number)
    hour, minute, second = (match[name] or match[f"late_{name}"] for name in ("hour", "minute", "second"))
    return _timed(day, hour, minute, second, match["zone"])


def _short(match: re.Match[str]) -> str | None:
    year = _number(match["year"] or match["year_han"] or match["era"])
    month = match["month"] or match["month_han"]
    year += _REPUBLIC if match["era"] else 0
    if not month:
        return f"{year:04}"
    return f"{year:04}-{_number(month):02}" if 1 <= _number(month) <= 12 else None


def _day(year: str, month: str, day: str) -> str | None:
    try:
        return date(_number(year), _number(month), _number(day)).isoformat()
    except ValueError:
        return None


def _timed(
    day: str | None, hour: str | None, minute: str, second: str | None, zone: str | None
) -> str | None:
    """A day, with a time of day where there is one; None where there is no such time."""
    if day is None or hour is None:
        return day
    try:
        clock = time(int(hour), int(minute), int(second or 0))
    except ValueError:
        return None
    zone = (zone or "").upper()
    if len(zone) == 5:
        zone = f"{zone[:3]}:{zone[3:]}"
    return f"{day}T{clock.isoformat()}{'Z' if zone in ('Z', 'GMT', 'UT', 'UTC') else zone}"


def _number(text: str) -> int:
    """A number in Arabic or Han numerals, read digit by digit or with its tens.

    >>> [_number(text) for text in ("07", "二〇二三", "廿五", "十", "一百零一", "元")]
    [7, 2023, 25, 10, 101, 1]
    """
    if text.isdecimal():
        return int(text)
    if text == "元":
        return 1
    text = text.replace("廿", "二十").replace("卅", "三十")
    digits = {numeral: value for value, numeral in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0}
    if "十" not in text and "百" not in text:
        return int("".join(str(digits[numeral]) for numeral in text))
    whole = held = 0
    for numeral in text:
        if numeral in "十百":
            whole, held = whole + (held or 1) * (10 if numeral == "十" else 100), 0
        else:
            held = digits[numeral]
    return whole + held
