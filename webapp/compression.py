"""How does an answer travel? Packed by zstd, Brotli or gzip, the first of them that the client takes.

Invariant: an answer unpacked is the answer; caches are told that it depends on Accept-Encoding.
"""

from __future__ import annotations

from flask import Flask, Response
from flask_compress import Compress

LEAST = 1_000
"""Bytes below which packing gains nothing: it would be one packet of the network anyhow."""
MOST = 1 << 20
"""Bytes from which a file is not read into memory to be packed."""
TYPES = (
    "text/html",
    "text/css",
    "text/javascript",
    "text/plain",
    "image/svg+xml",
    "application/json",
    "application/problem+json",
    "application/x-suggestions+json",
    "application/rss+xml",
    "application/opensearchdescription+xml",
    "application/x-ndjson",
    "text/csv",
)


def register(app: Flask) -> None:
    """Pack what `app` answers. To be called first: Flask asks last of a response who came first."""
    app.config.update(
        COMPRESS_MIMETYPES=TYPES,
        COMPRESS_MIN_SIZE=LEAST,
        COMPRESS_ALGORITHM=["zstd", "br", "gzip"],
        COMPRESS_STREAMS=False,
    )
    Compress(app)
    app.after_request(_read)


def _read(response: Response) -> Response:
    """A file that is to be packed, such as a style sheet, is read first; others go out as they are."""
    if response.is_streamed and response.mimetype in TYPES and (response.content_length or MOST) < MOST:
        response.direct_passthrough = False
        response.make_sequence()
    return response
