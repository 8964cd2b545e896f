"""How do templates call functions? As they are, since none of ours asks for the template's context.

Jinja looks at each function that is called whether it wants to be handed the context, and that takes longer
than most of ours, of which a page of results calls a hundred. Invariant: what a page says does not depend on
this; what is not known here is called as Jinja does.
"""

from __future__ import annotations

from types import FunctionType, MethodType
from typing import Any

from jinja2.runtime import Context

from webapp.language import Messages

_AS_THEY_ARE = frozenset({FunctionType, MethodType, Messages})


class PlainCalls(Context):
    """The values that a template sees."""

    def call(self, called: Any, /, *args: Any, **given: Any) -> Any:
        """What a function of a template gives back."""
        if type(called) not in _AS_THEY_ARE:
            return super().call(called, *args, **given)
        # Jinja means these for the context, and adds them to the calls within loops and blocks.
        given.pop("_loop_vars", None)
        given.pop("_block_vars", None)
        return called(*args, **given)
