"""What was asked of a concordance, or of an export? Their parameters beside those of a search.

Invariant: as with `SearchParams`, whatever the query string holds becomes a valid value and a list of what
had to be put right.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

from werkzeug.datastructures import MultiDict

from indexer import LINES_ON_A_PAGE
from webapp.params import Args, Problem, SearchParams, choice, number

LineSort = Literal["document", "date", "left", "right"]
Unit = Literal["character", "word"]
Format = Literal["jsonl", "csv", "bibtex", "ris"]
LINE_SORTS: tuple[LineSort, ...] = ("document", "date", "left", "right")
UNITS: tuple[Unit, ...] = ("character", "word")
FORMATS: tuple[Format, ...] = ("jsonl", "csv", "bibtex", "ris")
KINDS = ("hits", "lines")
MOST_BESIDE = 3
MAX_LINES = 1_000
_LAST_PAGE = 10**7
_OWN = ("page", "size", "sort")


@dataclass(frozen=True, slots=True)
class LineParams:
    """One page of a concordance: of `search`, in an order, by so many characters or words beside."""

    search: SearchParams
    sort: LineSort = "document"
    by: int = 1
    unit: Unit = "character"
    page: int = 1
    size: int = LINES_ON_A_PAGE

    @classmethod
    def parse(cls, args: Args) -> LineParams:
        """Read a query string; never raises."""
        problems: list[Problem] = []
        search = SearchParams.parse(_without(args, _OWN))
        found = cls(
            search,
            choice(args, "sort", LINE_SORTS, problems),
            number(args, "by", 1, MOST_BESIDE, problems),
            choice(args, "unit", UNITS, problems),
            number(args, "page", 1, _LAST_PAGE, problems),
            number(args, "size", LINES_ON_A_PAGE, MAX_LINES, problems),
        )
        return replace(found, search=replace(search, problems=(*search.problems, *problems)))

    @property
    def arguments(self) -> dict[str, Any]:
        """The keyword arguments of `Searcher.concordance`."""
        own = {"sort": self.sort, "by": self.by, "unit": self.unit, "page": self.page, "size": self.size}
        return own | {"mode": self.search.mode} | self.search.narrowing

    def query(self, **changes: Any) -> dict[str, Any]:
        """The canonical query string as a dict, after changes; another order begins at the first page.

        >>> LineParams(SearchParams(q="園"), page=3).query(sort="left")
        {'q': '園', 'sort': 'left'}
        """
        defaults = {"sort": "document", "by": 1, "unit": "character", "page": 1, "size": LINES_ON_A_PAGE}
        page = {} if changes.keys() <= {"page"} else {"page": 1}
        own = {name: changes.get(name, {**page}.get(name, getattr(self, name))) for name in defaults}
        search = {name: value for name, value in changes.items() if name not in defaults}
        shown = {name: str(value) for name, value in own.items() if value != defaults[name]}
        return replace(self.search, page=1).query(**search) | shown


def _without(args: Args, names: tuple[str, ...]) -> Args:
    if isinstance(args, MultiDict):
        return MultiDict([(name, value) for name, value in args.items(multi=True) if name not in names])
    return {name: value for name, value in args.items() if name not in names}
