"""What did the visitor ask for? Query-string parameters as one frozen value.

Invariant: whatever the query string holds, `SearchParams.parse` returns a valid value and a list of
what it had to put right. A page shows that list, the API turns it into a 400.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Literal, TypeVar

from werkzeug.datastructures import MultiDict

from indexer import MAX_WINDOW, normalize

Mode = Literal["smart", "exact"]
Sort = Literal["relevance", "date_desc", "date_asc", "added_desc", "title", "source"]
Script = Literal["orig", "hans", "hant", "hant-hk"]
Choice = TypeVar("Choice", bound=str)
Values = str | tuple[str, ...] | None
"""One value of a filter, or several, any of which will do."""
Args = Mapping[str, Any]
"""What a query string holds: werkzeug's dict of several values, or any other of one or a tuple of them."""

MODES: tuple[Mode, ...] = ("smart", "exact")
SORTS: tuple[Sort, ...] = ("relevance", "date_desc", "date_asc", "added_desc", "title", "source")
SCRIPTS: tuple[Script, ...] = ("orig", "hans", "hant", "hant-hk")
LANGS = ("zh-Hans", "zh-Hant")

MAX_QUERY = 256
MAX_TEXT = 2000
MAX_SIZE = 100
MAX_VALUES = 32


@dataclass(frozen=True, slots=True)
class Problem:
    """One parameter that could not be taken as it was given.

    The message `problem.<kind>` says why in each language, with the parameter's name and `values` filled in.
    """

    name: str
    kind: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SearchParams:
    """One search request. `default_size` is the configured page size, left out of URLs."""

    q: str = ""
    page: int = 1
    size: int = 10
    mode: Mode = "smart"
    sort: Sort = "relevance"
    date_from: str | None = None
    date_to: str | None = None
    source: Values = None
    collection: Values = None
    author: Values = None
    lang: Values = None
    kind: Values = None
    near: str | None = None
    collapse: bool = True
    explain: bool = False
    script: Script = "orig"
    verbatim: bool = False
    default_size: int = 10
    problems: tuple[Problem, ...] = field(default=(), compare=False)
    typed: Mapping[str, str] = field(default_factory=dict, compare=False)
    """The filters of the form as they were typed, taken or not: the form shows them again."""

    @classmethod
    def parse(cls, args: Args, default_size: int = 10) -> SearchParams:
        """Read a query string; never raises.

        >>> params = SearchParams.parse({"q": " 軟件園 ", "page": "兩", "sort": "date_desc"})
        >>> params.q, params.page, params.sort, [problem.name for problem in params.problems]
        ('軟件園', 1, 'date_desc', ['page'])
        """
        problems: list[Problem] = []
        size = number(args, "size", default_size, MAX_SIZE, problems)
        page = number(args, "page", 1, max(1, MAX_WINDOW // size), problems)
        since, until = _period(args, problems)
        return cls(
            q=args.get("q", "").strip(),
            page=page,
            size=size,
            mode=choice(args, "mode", MODES, problems),
            sort=choice(args, "sort", SORTS, problems),
            date_from=since,
            date_to=until,
            source=_texts(args, "source", problems),
            collection=_texts(args, "collection", problems),
            author=_texts(args, "author", problems),
            lang=_langs(args, problems),
            kind=_texts(args, "kind", problems),
            near=_text(args, "near", problems, MAX_TEXT),
            collapse=choice(args, "collapse", ("1", "0"), problems) == "1",
            explain=choice(args, "explain", ("0", "1"), problems) == "1",
            script=choice(args, "script", SCRIPTS, problems),
            verbatim=args.get("verbatim") == "1",
            default_size=default_size,
            problems=tuple(problems),
            typed={name: each[0] for name in TYPED if len(each := _listed(args, name)) == 1},
        )

    @property
    def mistyped(self) -> bool:
        """Whether a filter of the form could not be taken."""
        return any(problem.name in TYPED for problem in self.problems)

    @property
    def filtered(self) -> bool:
        """Whether anything but the words narrows the result."""
        return any(getattr(self, name) for name in _NARROWING)

    @property
    def unfiltered(self) -> SearchParams:
        """The same request without its filters, from the first page on."""
        return replace(self, page=1, **_NO_FILTERS)

    @property
    def search_arguments(self) -> dict[str, Any]:
        """The keyword arguments of `Searcher.search` for this request."""
        always = {name: getattr(self, name) for name in ("page", "size", "mode", "sort", "collapse")}
        return always | self.narrowing

    @property
    def narrowing(self) -> dict[str, Any]:
        """The filters as keyword arguments, those that are used."""
        filters = {name: getattr(self, name) for name in _NARROWING}
        return {name: value for name, value in filters.items() if value is not None}

    def query(self, **changes: Any) -> dict[str, Any]:
        """The canonical query string as a dict, after `changes`; defaults are dropped.

        A change of anything but the page or the display script starts again at page 1.

        >>> SearchParams(q="高新區", page=3, script="hans").query(sort="date_desc")
        {'q': '高新區', 'sort': 'date_desc', 'script': 'hans'}
        """
        if not changes.keys() <= {"page", "script"}:
            changes = {"page": 1, "verbatim": False} | changes
        shown = {}
        for name, default in _SHOWN.items():
            value = changes.get(name, getattr(self, name))
            if value != (self.default_size if name == "size" else default):
                shown[URL_NAMES.get(name, name)] = value if isinstance(value, tuple) else _written(value)
        return shown

    @property
    def unpaged(self) -> dict[str, Any]:
        """The search in an address of another view of it: without page, size and order."""
        return replace(self, sort="relevance", size=self.default_size).query(page=1)

    def chosen(self, name: str) -> tuple[str, ...]:
        """The values of a filter, none where it is not used."""
        value = getattr(self, name)
        return (value,) if isinstance(value, str) else value or ()

    def toggled(self, name: str, value: str) -> Values:
        """What the filter `name` is with one more value, or without that where it has it in any script.

        >>> params = SearchParams(source="甲報")
        >>> params.toggled("source", "乙報"), params.toggled("source", "甲报")
        (('甲報', '乙報'), None)
        """
        before = self.chosen(name)
        after = tuple(each for each in before if normalize(each) != normalize(value))
        return _one_or_several(after if len(after) < len(before) else (*before, value))


TYPED = ("from", "to", "source", "collection")
"""The filters that the form has fields for."""
SEVERAL = ("collection", "source", "author", "lang", "kind")
"""The filters that may have several values."""
_FILTERS = (*SEVERAL, "near")
_NARROWING = ("date_from", "date_to", *_FILTERS)
_NO_FILTERS: Mapping[str, Any] = dict.fromkeys(_NARROWING)
URL_NAMES = {"date_from": "from", "date_to": "to"}
_SHOWN: Mapping[str, Any] = {
    name: getattr(SearchParams(), name)
    for name in (
        "q", "page", "size", "mode", "sort", "date_from", "date_to", *_FILTERS, "script", "collapse",
        "verbatim",
    )
}  # fmt: skip
"""What an address says of a search, in its order, with what is left out as understood."""


def _written(value: object) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)


def number(args: Args, name: str, default: int, most: int, problems: list[Problem]) -> int:
    """A parameter that is a number from 1 to `most`; what had to be put right is added to `problems`."""
    text = _first(args, name)
    if not text:
        return min(default, most)
    if not re.fullmatch(r"[0-9]{1,9}", text) or int(text) < 1:
        problems.append(Problem(name, "number", {"most": most}))
        return min(default, most)
    if int(text) > most:
        kind = name if name in ("size", "page") else "number"
        problems.append(Problem(name, kind, {"most": most, "window": f"{MAX_WINDOW:,}"}))
    return min(int(text), most)


def choice(args: Args, name: str, choices: tuple[Choice, ...], problems: list[Problem]) -> Choice:
    """A parameter that is one of `choices`, the first of which it is where it is left out."""
    text = _first(args, name)
    for each in choices:
        if text == each:
            return each
    if text:
        problems.append(Problem(name, "choice", {"choices": ", ".join(filter(None, choices))}))
    return choices[0]


def _period(args: Args, problems: list[Problem]) -> tuple[str | None, str | None]:
    since, until = _date(args, "from", problems), _date(args, "to", problems)
    if since and until and since > until:
        problems.append(Problem("from", "reversed", {"since": since, "until": until}))
        return None, None
    return since, until


def _date(args: Args, name: str, problems: list[Problem]) -> str | None:
    text = _first(args, name).strip()
    if not text:
        return None
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return date.fromisoformat(text).isoformat()
    except ValueError:
        pass
    problems.append(Problem(name, "day"))
    return None


def _text(args: Args, name: str, problems: list[Problem], most: int = MAX_QUERY) -> str | None:
    text = _first(args, name).strip()
    if len(text) > most:
        problems.append(Problem(name, "long", {"most": most, "length": len(text)}))
        return None
    return text or None


def _texts(args: Args, name: str, problems: list[Problem]) -> Values:
    """The values of a filter, each once."""
    found = (_text({name: each}, name, problems) for each in _listed(args, name))
    return _one_or_several(tuple(dict.fromkeys(filter(None, found)))[:MAX_VALUES])


def _langs(args: Args, problems: list[Problem]) -> Values:
    found = (choice({"lang": each}, "lang", ("", *LANGS), problems) for each in _listed(args, "lang"))
    return _one_or_several(tuple(dict.fromkeys(filter(None, found))))


def _first(args: Args, name: str) -> str:
    """The first value of a parameter, empty where it is left out."""
    # werkzeug's own `get` raises and catches an error page for each that is left out, and nearly all are.
    found: str = args[name] if name in args else ""
    return found


def _listed(args: Args, name: str) -> list[str]:
    if isinstance(args, MultiDict):
        return args.getlist(name)
    given = args.get(name, ())
    return [given] if isinstance(given, str) else [*given]


def _one_or_several(values: tuple[str, ...]) -> Values:
    return values if len(values) > 1 else values[0] if values else None
