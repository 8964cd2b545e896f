from collections.abc import Sequence

from indexer.arrays import Array, Flat
from indexer.engine.embedded.kernel.sorting import Slices
from indexer.engine.embedded.kernel.vectorized import Field, List, Term
from indexer.text.units import Units

def top_union(
    fields: Sequence[Field],
    terms: Sequence[Term],
    lists: Sequence[List],
    doc_count: int,
    limit: int,
    floor: int,
    allowed: Array | None,
    ranks: Array,
) -> tuple[bytes, bytes]: ...
def top_among(
    fields: Sequence[Field],
    terms: Sequence[Term],
    lists: Sequence[List],
    groups: Sequence[tuple[int, int]],
    docs: Array,
    limit: int,
    floor: int,
    ranks: Array,
) -> tuple[bytes, bytes]: ...
def top_enough(
    fields: Sequence[Field],
    terms: Sequence[Term],
    lists: Sequence[List],
    groups: Sequence[tuple[int, int]],
    least: float,
    doc_count: int,
    limit: int,
    floor: int,
    allowed: Array | None,
    ranks: Array,
) -> tuple[bytes, bytes, bytes]: ...
def union(
    fields: Sequence[Field], terms: Sequence[Term], lists: Sequence[List], doc_count: int
) -> tuple[bytes, bytes]: ...
def union_count(
    fields: Sequence[Field],
    terms: Sequence[Term],
    lists: Sequence[List],
    doc_count: int,
    allowed: Array | None,
) -> tuple[bytes, bytes]: ...
def gather(
    fields: Sequence[Field], terms: Sequence[Term], lists: Sequence[List], docs: Array
) -> tuple[bytes, bytes]: ...
def holdings(fields: Sequence[Field], terms: Sequence[Term], docs: Array) -> tuple[bytes, bytes]: ...
def intersection(
    fields: Sequence[Field], terms: Sequence[Term], lists: Sequence[List]
) -> tuple[bytes, bytes]: ...
def phrase(field: Field, terms: Sequence[Term], steps: Sequence[tuple[int, int]]) -> tuple[bytes, bytes]: ...
def windows(field: Field, terms: Sequence[Term], docs: Array, width: int) -> tuple[bytes, bytes]: ...
def group(
    terms: Array, ranks: Array, docs: Array, counts: Array, positions: Array | None
) -> tuple[bytes, bytes, bytes, bytes | None]: ...
def merge_terms(sources: Sequence[tuple[Flat, Flat]]) -> tuple[bytes, bytes, list[bytes]]: ...
def intern(table: object, terms: Sequence[str]) -> bytes: ...
def intern_slices(table: object, pieces: Sequence[Slices | None]) -> tuple[bytes, bytes]: ...
def order_terms(table: object) -> tuple[bytes, bytes, bytes]: ...
def term_table() -> object: ...
def table_bytes(table: object) -> int: ...
def intern_units(table: object, units: Sequence[Units | None]) -> tuple[bytes, bytes, bytes]: ...
def group_pairs(
    symbols: Array, docs: Array, counts: Array, sizes: Array, low: int, high: int
) -> tuple[bytes, bytes, bytes, bytes, bytes, bytes]: ...
def find_spans(blob: Flat, offsets: Flat, starts: Flat, terms: Sequence[bytes]) -> list[tuple[int, int]]: ...
