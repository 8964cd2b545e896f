"""Where do the scores of a few documents come from? The walk of the evaluator, recorded.

**The parts of an account add up to the score.**
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from indexer.arrays import Array
from indexer.engine.answers import Account, Part
from indexer.engine.embedded.kernel.vectorized import locate
from indexer.engine.embedded.search.evaluator import Evaluator
from indexer.engine.embedded.search.recording import Note, Recorder
from indexer.engine.embedded.search.request import Request
from indexer.engine.embedded.search.statistics import UNIT
from indexer.query.nodes import Node
from indexer.query.ranking import inverse_frequency


def explained(
    request: Request, query: Node, alike: Callable[[str], Array], documents: Sequence[int]
) -> list[Account]:
    """The account of each document's score; `alike` as for `Evaluator`."""
    accounts = dict.fromkeys(documents, Account())
    for number, leaf in enumerate(request.collection.leaves):
        here = sorted({document - leaf.base for document in documents})
        docs = np.array([doc for doc in here if 0 <= doc < leaf.count], np.uint32)
        if not len(docs):
            continue
        part = Evaluator(request, number, alike, recorder := Recorder(docs))
        part.within = docs
        matching, _ = part.union(part.evaluate(query))
        recorder.keep(0, matching)
        parts: dict[int, list[Part]] = {doc: [] for doc in docs[locate(matching, docs)[1]].tolist()}
        for note in recorder.notes:
            for doc, own in _parts(request, note):
                parts[doc].append(own)
        for doc, found in parts.items():
            accounts[doc + leaf.base] = Account(tuple(found), recorder.shares.get(doc))
    return [accounts[document] for document in documents]


def _parts(request: Request, note: Note) -> Iterator[tuple[int, Part]]:
    """What a term gave to each document."""
    origin = note.origin
    scale = request.statistics.scale(origin.field)
    idf, weight = 1.0, note.weight / UNIT
    if scale is not None:
        idf = inverse_frequency(origin.documents, request.statistics.count)
        weight /= idf * (scale.k1 + 1)
    for doc, frequency, units in zip(
        note.docs.tolist(), note.frequencies.tolist(), note.units.tolist(), strict=True
    ):
        yield (
            doc,
            Part(
                origin.field,
                origin.term,
                frequency,
                origin.documents,
                idf,
                weight,
                units / UNIT,
                origin.sequence,
                origin.apart,
                origin.choice,
            ),
        )
