"""Under which licence is each package of the lock file? A table; exit code 1 where one is not free.

A package that states several licences may be used under any of them. GPL and AGPL would bind whoever passes
Hansou on; a package that states nothing is looked into by hand, and named in `KNOWN` with what was found.
"""

from __future__ import annotations

import re
import sys
from importlib.metadata import Distribution, distributions
from pathlib import Path

LOCK = Path(__file__).resolve().parent.parent / "requirements.lock"
BINDING = re.compile(r"(?<!L)GPL|(?<!Lesser )General Public License|Affero", re.IGNORECASE)
FREE = re.compile(
    r"MIT|BSD|Apache|ISC|PSF|Python|MPL|Mozilla|LGPL|Lesser|Zlib|Unlicense|CC0|HPND|0BSD|Public Domain",
    re.IGNORECASE,
)
KNOWN: dict[str, str] = {}
"""Package → licence, where its metadata say nothing that can be read."""


def canonical(name: str) -> str:
    """A package's name as package indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def locked() -> set[str]:
    """The packages of the lock file."""
    return {canonical(name) for name in re.findall(r"(?m)^([\w.-]+)==", LOCK.read_text(encoding="utf-8"))}


def stated(package: Distribution) -> list[str]:
    """The licences that a package states: by expression, by classifiers, or in words."""
    metadata = package.metadata
    if expression := metadata.get("License-Expression"):
        return re.split(r" OR ", expression)
    trove = [line for line in metadata.get_all("Classifier") or () if line.startswith("License :: ")]
    said = [line.rpartition(" :: ")[2] for line in trove if not line.endswith("OSI Approved")]
    # A text of many lines is the licence itself; its first line is what it is called.
    words = metadata.get("License") or KNOWN.get(canonical(metadata["Name"]), "")
    return said or [words.strip().split("\n")[0]]


def accepted(licences: list[str]) -> bool:
    """Whether one of the licences that may be chosen is free to combine."""
    return any(FREE.search(licence) and not BINDING.search(licence) for licence in licences)


def main() -> int:
    """Print the table, what is not accepted last."""
    wanted, rows = locked(), {}
    for package in distributions():
        name = canonical(package.metadata["Name"])
        if name in wanted:
            rows[name] = package.version, stated(package)
    refused = {name for name, (_, licences) in rows.items() if not accepted(licences)}
    for name in sorted(rows, key=lambda name: (name in refused, name)):
        version, licences = rows[name]
        print(f"{name:30} {version:16} {' or '.join(licences) or 'states none'}")
    if refused:
        print(f"not free to combine, or not told: {', '.join(sorted(refused))}", file=sys.stderr)
    return int(bool(refused))


if __name__ == "__main__":
    sys.exit(main())
