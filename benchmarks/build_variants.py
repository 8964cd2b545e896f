"""Which characters are other forms of a common one? Writes `indexer/text/variants.txt` from two tables.

    python benchmarks/build_variants.py Unihan_Variants.txt OPENCC_DATA > variants.txt

`Unihan_Variants.txt` is of the Unicode Character Database, OPENCC_DATA a folder with the tables of a current
OpenCC. A character is taken up where it is rare itself (neither in GB 2312 nor in the frequent part of Big5)
and its semantic and z-variants, or what it is the Japanese form of, belong to one class of common characters;
and where current OpenCC converts it and the tables that `indexer.text.normalize` reads do not.
"""

from __future__ import annotations

import sys
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from indexer.text.normalize import ADDITIONS, representatives

KINDS = ("kSemanticVariant", "kZVariant")
HEADER = """\
# Forms of a character that a reader takes for the same: what it folds to, then the forms.
# From the Unihan database of the Unicode Character Database (kSemanticVariant, kZVariant), Copyright Unicode,
# Inc., Unicode License; and from TSCharacters, STCharacters and JPShinjitaiCharacters of OpenCC, Apache
# License 2.0. Selected and modified by benchmarks/build_variants.py.
"""
NO_FORM = frozenset("卍")
"""A sign that is read like its variant, but is not taken for it."""
FREQUENT = range(0xA440, 0xC67F)
"""The code range of Big5's frequent characters."""


CLASSES = representatives(ADDITIONS.split())
"""Character → representative, without the table that is made here."""
MEMBERS: dict[str, set[str]] = defaultdict(set)
for member, best in CLASSES.items():
    MEMBERS[best].add(member)


def folded(character: str) -> str:
    """The representative of a character's class."""
    return CLASSES.get(character, character)


def family(character: str) -> set[str]:
    """A character's class."""
    return {folded(character)} | MEMBERS[folded(character)]


def is_common(character: str) -> bool:
    """Whether a character is in GB 2312 or among the frequent ones of Big5.

    >>> is_common("绕"), is_common("繞"), is_common("遶")
    (True, True, False)
    """
    if character.encode("gb2312", "ignore"):
        return True
    return int.from_bytes(character.encode("big5", "ignore"), "big") in FREQUENT


def rows(path: Path) -> Iterator[tuple[str, list[str]]]:
    """The rows of an OpenCC table: a character and what it becomes, the usual first."""
    for line in path.read_text(encoding="utf-8").splitlines():
        key, _, values = line.partition("\t")
        yield key, [value for value in values.split() if len(value) == len(key) == 1]


def unihan(path: Path) -> Iterator[tuple[str, list[str]]]:
    """A character and its semantic or z-variants."""
    for line in path.read_text(encoding="utf-8").splitlines():
        code, _, rest = line.partition("\t")
        kind, _, values = rest.partition("\t")
        if kind in KINDS and code.startswith("U+"):
            yield chr(int(code[2:], 16)), [chr(int(v.split("<")[0][2:], 16)) for v in values.split()]


def converted(folder: Path) -> Iterator[tuple[str, str]]:
    """What current OpenCC converts, and to what."""
    for table in ("TSCharacters", "STCharacters"):
        yield from ((key, values[0]) for key, values in rows(folder / f"{table}.txt") if values)


def rare_forms(database: Path, folder: Path) -> Iterator[tuple[str, str]]:
    """Rare characters and the one class of common characters that each belongs to."""
    classes: dict[str, set[str]] = defaultdict(set)
    for key, values in (*unihan(database), *rows(folder / "JPShinjitaiCharacters.txt")):
        if not any(map(is_common, family(key))):
            classes[key].update(map(folded, values))
    for key, found in classes.items():
        common = [each for each in found if any(map(is_common, family(each)))]
        if len(common) == 1:
            yield key, common[0]


def main(database: Path, folder: Path) -> None:
    """Print the table."""
    groups: dict[str, set[str]] = defaultdict(set)
    for form, same in (*converted(folder), *rare_forms(database, folder)):
        compatible = unicodedata.normalize("NFKC", form) != form  # folds without a table
        if form not in NO_FORM and not compatible and folded(form) != folded(same):
            groups[folded(same)].add(form)
    print(HEADER, end="")
    for same, forms in sorted(groups.items()):
        print(same + "".join(sorted(forms)))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
