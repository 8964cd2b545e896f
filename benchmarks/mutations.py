"""How is a file changed that is almost whole? Some bytes, or some of one member of an archive."""

from __future__ import annotations

import io
import random
import zipfile

LONGEST = 4_096
_PIECES = (b"<", b">", b'"', b"&#", b"\0", b"\xff", b"\\u", b"{", b"[", b"\n---\n", b"0", b"-", b"]]>", b"/")


def mutated(seed: bytes, chance: random.Random, most: int = 4 * LONGEST) -> bytes:
    """Bytes of which some were changed, left out, doubled or put in; at most `most`, or as many as before."""
    data = bytearray(seed)
    for _ in range(chance.choice((1, 2, 5, 30))):
        at = chance.randrange(len(data) + 1)
        size = chance.choice((1, 1, 2, 8, 64))
        kind = chance.randrange(4)
        if kind == 0:
            data[at : at + size] = chance.randbytes(size)
        elif kind == 1:
            del data[at : at + size]
        elif kind == 2:
            data[at:at] = data[at : at + size] * chance.choice((1, 2, 50))
        else:
            data[at:at] = chance.choice(_PIECES)
    return bytes(data[: max(most, len(seed))])


def mutated_file(seed: bytes, chance: random.Random) -> bytes:
    """The same of a file; of a zip archive half of the time inside one member, whose sum then fits."""
    if not seed.startswith(b"PK\3\4") or chance.random() < 0.5:
        return mutated(seed, chance)
    found = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(seed)) as before, zipfile.ZipFile(found, "w") as after:
        unlucky = chance.choice(before.namelist())
        for name in before.namelist():
            content = before.read(name)
            after.writestr(name, mutated(content, chance) if name == unlucky else content)
    return found.getvalue()


def drawn(chance: random.Random) -> bytes:
    """Bytes for a target to draw from: as many as it may take, or few."""
    return chance.randbytes(chance.choice((8, 64, 512, LONGEST)))
