from collections.abc import Sequence

from indexer.codec.container import Array
from indexer.codec.grouping import Keep
from indexer.codec.vectorized import Field, List, Term

def top_union(
    fields: Sequence[Field],
    terms: Sequence[Term],
    lists: Sequence[List],
    doc_count: int,
    limit: int,
    floor: int,
    allowed: Array | None,
) -> tuple[bytes, bytes]: ...
def union(
    fields: Sequence[Field], terms: Sequence[Term], lists: Sequence[List], doc_count: int
) -> tuple[bytes, bytes]: ...
def union_count(
    fields: Sequence[Field],
    terms: Sequence[Term],
    lists: Sequence[List],
    doc_count: int,
    allowed: Array | None,
) -> int: ...
def gather(
    fields: Sequence[Field], terms: Sequence[Term], lists: Sequence[List], docs: Array
) -> tuple[bytes, bytes]: ...
def intersection(
    fields: Sequence[Field], terms: Sequence[Term], lists: Sequence[List]
) -> tuple[bytes, bytes]: ...
def phrase(field: Field, terms: Sequence[Term], steps: Sequence[tuple[int, int]]) -> bytes: ...
def windows(field: Field, terms: Sequence[Term], docs: Array, width: int) -> bytes: ...
def group(
    terms: Array, ranks: Array, docs: Array, counts: Array, positions: Array | None
) -> tuple[bytes, bytes, bytes, bytes | None]: ...
def merge_terms(sources: Sequence[tuple[Array, Array]]) -> tuple[bytes, bytes, list[bytes]]: ...
def intern(
    numbers: dict[object, int],
    table: object,
    dropped: set[object],
    keep: Keep | None,
    terms: Sequence[object],
) -> bytes: ...
def order_terms(numbers: dict[object, int]) -> tuple[bytes, bytes, bytes]: ...
def term_table() -> object: ...
def intern_units(
    numbers: dict[object, int], table: object, units: Sequence[tuple[str, str]]
) -> tuple[bytes, bytes]: ...
def find_span(blob: Array, offsets: Array, starts: Array, term: bytes) -> tuple[int, int]: ...
