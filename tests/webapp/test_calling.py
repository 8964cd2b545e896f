"""Templates: functions are called as they are, and whoever asks for the context is called by Jinja."""

from __future__ import annotations

from types import FunctionType

from jinja2 import Environment

from indexer import Config
from webapp import create_app
from webapp.calling import PlainCalls
from webapp.language import messages


def test_nothing_of_ours_asks_for_the_context() -> None:
    """No function that a template can call has Jinja's mark, which would not be looked for."""
    seen = create_app(Config()).jinja_env.globals
    functions = {name for name, each in seen.items() if type(each) is FunctionType}
    assert "search_url" in functions and not [
        name for name in functions if hasattr(seen[name], "jinja_pass_arg")
    ]


def test_calls_in_loops_blocks_and_macros() -> None:
    """Functions, methods, messages, types and macros are called with what the template gives, anywhere."""
    environment = Environment(autoescape=True)
    environment.context_class = PlainCalls
    template = environment.from_string(
        "{% macro bold(text) %}<b>{{ text }}{{ caller() }}</b>{% endmacro %}"
        "{% block all %}{% for n in range(2) %}{% set twice = n * 2 %}"
        "{{ add(twice, to=n) }}{{ t('print.query', q='<') }}{{ 'a'.upper() }}"
        "{% call bold('&') %}{{ add(n) }}{% endcall %}"
        "{% endfor %}{% endblock %}"
    )
    shown = template.render(add=lambda number, to=10: number + to, t=messages("en"))
    query = messages("en")("print.query", q="&lt;")
    assert shown == f"0{query}A<b>&amp;10</b>3{query}A<b>&amp;11</b>"
