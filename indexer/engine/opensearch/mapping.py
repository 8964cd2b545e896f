"""How does a cluster hold the fields of an index? Settings and mapping, from `FIELDS` and the ranking.

Terms come analyzed; the cluster parts them at line breaks. **A term of `SCORED_THERE` scores
`boost · tf / (tf + K)`**, with the K of `indexer.query.ranking` for the length of the field, which Lucene
keeps in the byte that our lengths are rounded to; one of another field scores `boost · tf`, and the query
does the rest. What a term weighs, its idf among it, is the boost that a query gives it: so a score does not
depend on the shard that computes it. Ends of sentences are no part of a length: they are in a field beside.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from indexer.engine.fields import FIELDS
from indexer.engine.opensearch.entries import (
    BREAK,
    LINK,
    STORED_UNITS,
    positional_fields,
    scored_fields,
)
from indexer.query.ranking import Scale
from indexer.text.units import STOP

FORMAT = 2
"""Bump when an index of the release before cannot be searched."""
SCORED_THERE = ("words", "grams")
"""The fields that most queries ask of. Each takes a script of its own, and a node compiles few a minute."""
LINES, UNITS, STOPS, EITHER = "lines", "units", "stops", "either"
"""Analyzers: terms as they come, pairs and openings, ends of sentences, alternatives at one position."""
_FREQUENCY = "frequency"
_LONGEST = 10_000
_WINDOW = 1_000_000
_COUNTS: Mapping[str, Any] = {"type": "integer", "index": False}
_PLACES: Mapping[str, Any] = {"type": "long", "index": False}
_SHOWN: Mapping[str, Any] = {"type": "keyword", "index": False, "doc_values": False, "store": True}

Json = dict[str, Any]


_LOADING: Mapping[str, Any] = {
    "number_of_replicas": 0,
    "refresh_interval": -1,
    "translog.durability": "async",
}


def index_of(scales: Mapping[str, Scale], shards: int) -> Json:
    """What an index is made with: settings for loading it, similarities and mapping."""
    return {
        "settings": {
            **_LOADING,
            "number_of_shards": shards,
            "max_result_window": _WINDOW,
            "similarity": _similarities(scales),
            "analysis": _ANALYSIS,
        },
        "mappings": {"dynamic": "strict", "_source": {"enabled": False}, "properties": properties()},
    }


def clone_of(scales: Mapping[str, Scale]) -> Json:
    """What a clone of an index is made with: it has the same fields, and scores by its own averages."""
    settings = {**_LOADING, "blocks.write": False, "similarity": _similarities(scales)}
    return {"settings": {"index": settings}}


def _similarities(scales: Mapping[str, Scale]) -> Json:
    found = {name: _scripted(saturation("doc.freq", "doc.length", scales[name])) for name in SCORED_THERE}
    return {**found, _FREQUENCY: _scripted("doc.freq")}


def _scripted(score: str) -> Json:
    return {
        "type": "scripted",
        "discount_overlaps": False,
        "weight_script": {"source": "return query.boost;"},
        "script": {"source": f"return weight * {score};"},
    }


def saturation(frequency: str, length: str, scale: Scale) -> str:
    """tf / (tf + K) in the cluster's language, of expressions for the frequency and the length.

    >>> saturation("f", "n", Scale(0.5, 0.5, 1.0, 8.0))
    'f / (f + 0.25 + 0.25 * (n / 8.0))'
    """
    share = f"({length} / {scale.average!r})"
    if scale.beta != 1:
        share = f"Math.pow({length} / {scale.average!r}, {scale.beta!r})"
    return f"{frequency} / ({frequency} + {scale.k1 * (1 - scale.b)!r} + {scale.k1 * scale.b!r} * {share})"


_ANALYSIS: Json = {
    "tokenizer": {
        LINES: {"type": "char_group", "tokenize_on_chars": [BREAK], "max_token_length": _LONGEST},
    },
    "filter": {
        "linked": {"type": "pattern_replace", "pattern": LINK, "replacement": ""},
        "opening": {"type": "pattern_replace", "pattern": f"{LINK}.*", "replacement": ""},
        "pairs": {"type": "multiplexer", "filters": ["linked", "opening"], "preserve_original": False},
        "unstopped": {"type": "stop", "stopwords": [STOP]},
        "stops": {"type": "keep", "keep_words": [STOP]},
        "lined": {"type": "pattern_capture", "preserve_original": False, "patterns": [f"([^{BREAK}]+)"]},
    },
    "analyzer": {
        LINES: {"type": "custom", "tokenizer": LINES},
        UNITS: {"type": "custom", "tokenizer": LINES, "filter": ["pairs", "unstopped"]},
        STOPS: {"type": "custom", "tokenizer": LINES, "filter": ["stops"]},
        EITHER: {"type": "custom", "tokenizer": "keyword", "filter": ["lined"]},
    },
}


def properties() -> Json:
    """The fields of a mapping.

    `number` is in the order of ids (`numbering`), `group` the number of the first document of a group of
    several, `characters` how many positions of `grams` are no ends of sentences, `mark_a` and `mark_b` are
    parts of a digest of what was sent.
    """
    found: Json = {"number": _PLACES, "group": {"type": "long"}, "scatter": _PLACES, "record": _SHOWN}
    found |= {"mark_a": _COUNTS, "mark_b": _COUNTS, "characters": _COUNTS}
    for name, kind in FIELDS.items():
        if kind == "key":
            found[name] = {"type": "keyword", "doc_values": name == "title"}
        elif kind == "value":
            found[name] = {"type": "keyword", "doc_values": name == "source"}
            found[f"{name}_code"] = _PLACES
    found |= {"day": {"type": "integer"}, "added": {"type": "long"}}
    for name in scored_fields():
        positional = name in positional_fields()
        found[name] = {
            "type": "text",
            "analyzer": UNITS if positional else LINES,
            "search_analyzer": LINES,
            "similarity": name if name in SCORED_THERE else _FREQUENCY,
            "index_options": "positions" if positional else "freqs",
        }
        if positional:
            stops = {"type": "text", "analyzer": STOPS, "search_analyzer": LINES, "norms": False}
            found[name]["fields"] = {STOPS: {**stops, "similarity": _FREQUENCY}}
        found[f"{name}_length"] = _COUNTS
    return found | {f"{name}_units": _SHOWN for name in STORED_UNITS}
