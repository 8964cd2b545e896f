"""What does a document look like elsewhere? One line of JSON with all of its fields.

Invariant: lines are made one at a time, whatever the index holds; `text` of a document without repairs is the
same either way.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

_ELSEWHERE = ("original", "steps")


def exported(records: Iterable[Mapping[str, Any]], *, original: bool = False) -> Iterator[str]:
    """A line for each record, with its line break: the repaired text, or the text as it came.

    `repairs` counts the steps between the two. Fields that a document does not state are null or absent.

    >>> [*exported([{"id": "a", "text": "無錫", "original": "無(wú)錫", "steps": [{}]}])]
    ['{"id": "a", "text": "無錫", "repairs": 1}\\n']
    >>> [*exported([{"id": "a", "text": "無錫", "original": "無(wú)錫", "steps": [{}]}], original=True)]
    ['{"id": "a", "text": "無(wú)錫", "repairs": 1}\\n']
    """
    for record in records:
        fields = {name: value for name, value in record.items() if name not in _ELSEWHERE}
        fields["repairs"] = len(record.get("steps", ()))
        if original and "original" in record:
            fields["text"] = record["original"]
        yield json.dumps(fields, ensure_ascii=False) + "\n"
