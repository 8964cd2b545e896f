"""Which pages are there? Each view reads its parameters, asks the searcher once and renders.

Invariant: every page works without JavaScript, and no view formats HTML itself.
"""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

from flask import Blueprint, g, redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.urls import uri_to_iri

from indexer import MAX_PASSAGE, Document, DocumentView, Portion, opening
from webapp import narrowing, passages, present
from webapp.addresses import absolute, document_url, search_url
from webapp.asked import asked_portion, search_params
from webapp.conditional import conditional
from webapp.examples import holdings_of, syntax_examples, working_examples
from webapp.health import stale_code
from webapp.live import current_searcher
from webapp.params import MAX_TEXT, SearchParams
from webapp.searching import search_or_corrected
from webapp.traced import asked_trace

pages = Blueprint("pages", __name__)
HELD = ("collection", "source", "lang")
"""The facets that the home page shows of the whole archive."""
SIMILAR = 5
NUMBERED = 300
"""Paragraphs up to which each has a link to its own address: of more the links would outweigh the text."""
_KEPT = ("id", "hl", "script", "portion")
"""What the address of a passage on the same page keeps of the page's own."""


@pages.get("/")
@conditional
def home() -> ResponseReturnValue:
    """The form, examples that find something, and what the archive holds."""
    searcher, params = current_searcher(), search_params()
    timeline, holdings = holdings_of(searcher)
    return render_template(
        "home.html",
        params=params,
        stats=searcher.stats(),
        examples=working_examples(searcher, g.messages.language),
        timeline=timeline,
        bars=narrowing.bars(timeline, SearchParams(), g.messages),
        ends=narrowing.ends(timeline, g.messages),
        facets=narrowing.facets(holdings.counts, holdings.values, SearchParams(), g.messages, HELD),
    )


@pages.get("/search")
@conditional
def search() -> ResponseReturnValue:
    """Results, or what to try where there are none; without a query the documents there are."""
    return show_results(search_params())


def show_results(params: SearchParams) -> ResponseReturnValue:
    """The page of results that is asked for; of those behind the last, the last."""
    searcher = current_searcher()
    result, corrected = search_or_corrected(params)
    pagination = present.Pagination.of(corrected or result)
    if pagination.last < params.page:
        # Another address has no place for what is to be said of this one.
        if params.problems:
            return show_results(replace(params, page=pagination.last))
        return redirect(search_url(params, page=pagination.last))
    shown = corrected or result
    there = bool(shown.total.value)
    hits = present.hits_in_script(shown.hits, params.script, searcher.convert)
    examples = [] if there else working_examples(searcher, g.messages.language)
    return render_template(
        "results.html",
        params=params,
        result=replace(shown, hits=hits),
        corrected=corrected.query if corrected else None,
        pagination=pagination,
        examples=examples,
        chips=narrowing.chips(params, g.messages, None if there else _count),
        facets=narrowing.facets(shown.facets, shown.values, params, g.messages),
        bars=narrowing.bars(shown.timeline, params, g.messages),
        ends=narrowing.ends(shown.timeline, g.messages),
    )


def _count(params: SearchParams) -> int:
    return current_searcher().count(params.q, params.mode, **params.narrowing)


@pages.get("/document/<path:id>")
@conditional
def document(id: str) -> ResponseReturnValue:
    """One document by the path of its address."""
    return show_document(id)


@pages.get("/document")
@conditional
def document_by_parameter() -> ResponseReturnValue:
    """One document by `?id=`, for ids that a path cannot carry."""
    return show_document(request.args.get("id", ""))


def show_document(id: str) -> str:
    """A document with the query's marks; `?compare=1` sets the original beside the repaired text.

    Of a long one a portion is shown, and nothing else of it converted.
    """
    params = search_params()
    searcher = current_searcher()
    whole, lost = quoted(searcher.document(id, params.q, params.mode))
    view, problems = asked_portion(whole)
    compare = bool(whole.steps) and request.args.get("compare") == "1"
    # Both texts stay as they are where they are compared.
    script = "orig" if compare else params.script
    shown = present.document_in_script(view, script, searcher.convert)
    document = shown.document
    opens, _ = searcher.convert(opening(whole.document.text), (), script)
    return render_template(
        "document.html",
        params=replace(params, problems=(*params.problems, *problems)),
        view=shown,
        document=document,
        portion=shown.portion,
        repairs=len(whole.steps),
        lang=present.shown_lang(document.lang, script),
        heading=document.title or opens,
        lines=present.paragraphs(document.text, shown.marks, shown.portion, request.args.get("at", type=int)),
        compared=present.compared(view.original or "", view.steps, view.document.text, view.marks)
        if compare
        else None,
        kinds=sorted({step["kind"] for step in view.steps}),
        numbered=NUMBERED,
        first=first_paragraph(whole.document.text, shown.portion),
        citing=citing(whole.document, document.title or opens),
        lost=lost,
        here=urlencode([each for each in request.args.items() if each[0] in _KEPT]),
        similar=present.hits_in_script(searcher.similar(id, SIMILAR), params.script, searcher.convert),
        similar_params=SearchParams(script=params.script),
        plain=SearchParams(script=params.script),
    )


def compared_with_marks(view: DocumentView) -> list[present.Row]:
    """Both texts of a document, or of a portion of it, with the marks of the query."""
    return present.compared(view.original or "", view.steps, view.document.text, view.marks)


def quoted(whole: DocumentView) -> tuple[DocumentView, bool]:
    """A document with the passage marked that its address names; whether the words of that are gone."""
    text, quote = whole.document.text, request.args.get("quote", "")[:MAX_TEXT]
    start, end = request.args.get("at", type=int), request.args.get("to", type=int)
    if quote:
        found = passages.located(text, quote, request.args.get("p", 1, type=int))
        return (replace(whole, marks=(found,)), False) if found else (whole, True)
    if start is not None and end is not None and 0 <= start < end <= len(text):
        return replace(whole, marks=((start, end),)), False
    return whole, False


def first_paragraph(text: str, portion: Portion | None) -> int:
    """The number of the first paragraph of a portion."""
    return len(passages.paragraphs(text[: portion.start])) + 1 if portion else 1


def citing(document: Document, heading: str) -> tuple[str, passages.Citation]:
    """The lasting address of a document, or of the paragraph `cite` names, and how it is cited."""
    number = request.args.get("cite", 0, type=int)
    quote = passages.opening_of(document.text, number) if number else None
    there = absolute(
        document_url(document.id, p=str(number), quote=quote) if quote else document_url(document.id)
    )
    there = uri_to_iri(f"{there}#p{number}" if quote else there)
    return there, passages.cited(document, heading, there)


@pages.get("/analyze")
@conditional
def analyze() -> ResponseReturnValue:
    """How a text is repaired, folded and segmented, and which grams it yields."""
    text = request.args.get("text", "").replace("\r\n", "\n").strip()
    analysis = current_searcher().analyze(text[:MAX_TEXT]) if text else None
    return render_template(
        "analyze.html", params=SearchParams(), text=text, analysis=analysis, limit=MAX_TEXT
    )


@pages.get("/trace")
@conditional
def trace() -> ResponseReturnValue:
    """A form for a passage, and where that stands; a short one may come in the address."""
    return show_traced()


@pages.post("/trace")
def trace_posted() -> ResponseReturnValue:
    """Where the passage of the form stands."""
    return show_traced()


def show_traced() -> ResponseReturnValue:
    """The passage that is asked for, its matches, or why there are none."""
    asked = asked_trace()
    page = render_template("trace.html", params=SearchParams(), asked=asked, limit=f"{MAX_PASSAGE:,}")
    return page, 400 if asked.problem else 200


@pages.get("/status")
@conditional
def status() -> ResponseReturnValue:
    """What the live generation holds, and what keeps a newer one from being it."""
    stats = current_searcher().stats()
    return render_template("status.html", params=SearchParams(), stats=stats, stale=stale_code())


@pages.get("/help")
def help() -> ResponseReturnValue:
    """The query syntax; a line that finds something here is a link."""
    return render_template("help.html", params=SearchParams(), examples=syntax_examples())
