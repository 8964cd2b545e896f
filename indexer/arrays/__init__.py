"""How are many arrays kept in one file, so that nothing is believed that was not verified?

    header     16 bytes: magic, format version
    sections   raw little-endian arrays, each starting at a multiple of 64 bytes
    directory  JSON: sections (type, count, offset) and free-form metadata
    sums       of each 64 KiB of all that stands before them the XXH3 of 64 bits
    trailer    48 bytes: where directory and sums start, what the sums and the trailer themselves sum up to

The sum in the trailer covers the sums, and these cover every other byte: it is the **seal** of the file, and
two files with one seal have the same content. Opening reads the trailer, the sums and the directory; of the
sections each block of 64 KiB is verified when it is read for the first time (`sections`).

The invariants: a file is complete once its trailer is there, and is never changed afterwards; **what an
`ArrayFile` hands out was verified before**.
"""

from indexer.arrays.reading import ArrayFile, seal
from indexer.arrays.sections import Array, Flat, Section, damaged, decoded, decoded_parts, taken, verified
from indexer.arrays.writing import SectionWriter, Spool

__all__ = [
    "Array",
    "ArrayFile",
    "Flat",
    "Section",
    "SectionWriter",
    "Spool",
    "damaged",
    "decoded",
    "decoded_parts",
    "seal",
    "taken",
    "verified",
]
