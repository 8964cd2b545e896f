"""What does the JSON interface promise? openapi.json with this version's number.

Invariant: every route for programs is described: /api, feeds and probes (tests/webapp/test_openapi.py).
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from webapp.conditional import VERSION

OPEN = ("/healthz", "/readyz", "/openapi.json", "/opensearch.xml")
"""What everybody may ask, whatever `[access]` says."""
REFUSED = {
    "401": {"$ref": "#/components/responses/NotSignedIn"},
    "403": {"$ref": "#/components/responses/OutOfBounds"},
}


@cache
def description() -> dict[str, Any]:
    """The OpenAPI 3.1 document."""
    text = Path(__file__).with_name("openapi.json").read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text)
    document["info"]["version"] = VERSION
    for path, operations in document["paths"].items():
        for operation in operations.values() if path not in OPEN else ():
            operation["security"] = [{}, {"token": []}]
            operation["responses"] |= REFUSED
    return document
