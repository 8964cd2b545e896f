"""Which pages show an archive from another side: word by word, and value by value?

Invariant: as everywhere, each view reads its parameters, asks the searcher and renders.
"""

from __future__ import annotations

from flask import Blueprint, g, render_template, request
from flask.typing import ResponseReturnValue

from indexer import normalize
from webapp import narrowing
from webapp.asked import line_params, search_params
from webapp.conditional import conditional
from webapp.errors import BadRequest
from webapp.live import current_searcher
from webapp.params import MAX_QUERY, Problem, SearchParams, choice, number
from webapp.present import Pagination

browse = Blueprint("browse", __name__)
ON_A_PAGE = 300
"""Values of a facet on one page."""


@browse.get("/concordance")
@conditional
def concordance() -> ResponseReturnValue:
    """Each place where what is typed stands; with `view=usage` what stands beside it, and when it is used."""
    asked, searcher = line_params(), current_searcher()
    params = asked.search
    if not params.q:
        raise BadRequest([Problem("q", "needed", {"most": MAX_QUERY})])
    usage = request.args.get("view") == "usage"
    found = None if usage else searcher.concordance(params.q, **asked.arguments)
    return render_template(
        "concordance.html",
        params=params,
        asked=asked,
        found=found,
        usage=searcher.usage(params.q, params.mode, **params.narrowing) if usage else None,
        pagination=Pagination(asked.page, max(1, -(-found.total // asked.size))) if found else None,
        hidden=_hidden(params),
        chips=narrowing.chips(params, g.messages, page="browse.concordance"),
    )


@browse.get("/facets")
@conditional
def facets() -> ResponseReturnValue:
    """All values of a facet, the most frequent first; those under one letter, or with some characters."""
    params, searcher = search_params(), current_searcher()
    problems: list[Problem] = []
    name = choice(request.args, "facet", ("source", *narrowing.FACETS), problems)
    has, letter = request.args.get("has", "").strip()[:64], request.args.get("letter", "")[:1]
    found = searcher.facets(params.q, params.mode, apart=name, **params.narrowing)
    counts = found.counts[name]
    letters = {} if name == "year" else {value: searcher.initial(value) for value in counts}
    fitting = [value for value in counts if _fits(value, has) and letter in ("", letters.get(value))]
    last = max(1, -(-len(fitting) // ON_A_PAGE))
    part = number(request.args, "part", 1, last, [])
    shown = fitting[(part - 1) * ON_A_PAGE : part * ON_A_PAGE]
    chosen, there = narrowing.chosen(params, name), narrowing.folded(shown)
    narrowed = narrowing.folded(chosen)
    return render_template(
        "facets.html",
        params=params,
        name=name,
        total=len(counts),
        entries=[
            narrowing.entry(name, value, counts[value], params, g.messages, narrowed) for value in shown
        ],
        letters=sorted({*letters.values()}, key=lambda each: (each == "#", each)),
        letter=letter,
        has=has,
        hidden=_hidden(params),
        others=[(each, value) for each, value in _hidden(params) if each != name]
        + [(name, value) for value in chosen if normalize(value) not in there],
        part=part,
        kept={"facet": name, "has": has, "letter": letter} | params.query(page=1),
        pages=last,
        chips=narrowing.chips(params, g.messages),
    )


def _fits(value: str, has: str) -> bool:
    """Whether a name has some characters, in whichever script and width."""
    return normalize(has) in normalize(value)


def _hidden(params: SearchParams) -> list[tuple[str, str]]:
    """The search as fields of a form."""
    return [
        (name, each)
        for name, value in params.query(page=1).items()
        for each in (value if isinstance(value, tuple) else (value,))
    ]
