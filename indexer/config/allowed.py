"""What may a setting be? Types with their ranges, and the check that no section is made without.

Invariant: there is no section that holds a value which is not allowed, wherever it was made.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, get_args, get_origin, get_type_hints

from msgspec import Meta, ValidationError, convert

from indexer.errors import ConfigError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def from_to(lowest: int, highest: int) -> Meta:
    """A whole number, both ends included."""
    return Meta(ge=lowest, le=highest, description=f"a whole number from {lowest} to {highest}")


def between(lowest: int, highest: int) -> Meta:
    """Any number, both ends included."""
    return Meta(ge=lowest, le=highest, description=f"a number from {lowest} to {highest}")


Share = Annotated[float, between(0, 1)]
Weight = Annotated[float, between(0, 100)]
Seconds = Annotated[float, Meta(gt=0, le=3600, description="a number above 0, at most 3600")]
Name = Annotated[str, Meta(min_length=1, description="a string that is not empty")]
Columns = Annotated[
    Mapping[Literal["id", "text", "title", "url", "date", "source", "author"], Name],
    Meta(description="a table from our fields to names of columns"),
]
Prefix = Annotated[
    str, Meta(pattern=r"^(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*/?$", description='a path such as "/search"')
]
_PART = r"(?!\.\.?(/|\Z))[^/#\x00-\x1f\x7f]*[^/#!\x00-\x1f\x7f]"
Folder = Annotated[
    Annotated[str, Meta(pattern=rf"^{_PART}(/{_PART})*\Z")] | None,
    Meta(description='a path such as "office" or "office/2024": no "/" at its ends, no "..", "#" or "!/"'),
]
"""Where names may be put: nowhere that would be another address, or take a name for one of a member."""
Indices = Annotated[
    str, Meta(pattern=r"^[a-z0-9][a-z0-9_-]{0,99}$", description="small letters, digits, - and _")
]
Names = Annotated[tuple[Name, ...], Meta(description="a list of strings, none of them empty")]
Header = Annotated[str, Meta(pattern=r"^[A-Za-z0-9-]*$", description="the name of a header")]
Rules = Annotated[
    Mapping[Name, Names], Meta(description='a table from names to lists of collections, as {lin = ["信件"]}')
]
Door = Literal["open", "all", "closed"]
Seen = frozenset[str] | None
"""The collections that somebody sees; None for all that there is, documents of no collection among it."""
ALL: Seen = None


class Settings:
    """A section, which is a frozen dataclass: making one raises `ConfigError` for what is not allowed."""

    __slots__ = ()
    SECTION: ClassVar[str]
    """What config.toml calls it."""

    def __post_init__(self: DataclassInstance) -> None:
        name = getattr(self, "SECTION", type(self).__name__)
        for key, hint in hints(type(self)).items():
            value = getattr(self, key)
            try:
                _converted(value, hint, None, True)
            except ValidationError:
                raise ConfigError(f"{name}.{key} = {shown(value)}: {_needed(hint, value)}") from None


@cache
def hints(section: type[DataclassInstance]) -> Mapping[str, Any]:
    """Each key of a section with its type and what is allowed."""
    found = get_type_hints(section, include_extras=True)
    return {each.name: found[each.name] for each in fields(section)}


def allowed(value: object, hint: Any, where: str, *, base: Path | None = None, strict: bool = True) -> Any:
    """The value as its type, a path from `base` on. Raises `ConfigError` where it is not allowed.

    Unless `strict`, numbers may come as text.
    """
    try:
        return _converted(value, hint, base, strict)
    except ValidationError:
        raise ConfigError(f"{where}: {_needed(hint, value)}") from None


def _converted(value: object, hint: Any, base: Path | None, strict: bool) -> Any:
    def located(_: type, path: object) -> Path:
        if isinstance(path, Path):
            return path
        if base is not None and isinstance(path, str) and path and "\0" not in path:
            return base / path
        raise ValueError

    return convert(value, hint, strict=strict, dec_hook=located)


def meant(given: str, known: Collection[str]) -> str:
    """What was probably meant, or all that there is."""
    close = difflib.get_close_matches(given, known, 1)
    return f"did you mean {close[0]}?" if close else f"known: {', '.join(known)}"


def _needed(hint: Any, value: object) -> str:
    if get_origin(hint) is Literal:
        return f"unknown; {meant(str(value), get_args(hint))}"
    if get_origin(hint) is Annotated:
        return f"must be {hint.__metadata__[0].description}"
    return "must be true or false" if hint is bool else "must be a path"


def shown(value: object) -> str:
    """A value as TOML has it."""
    return str(value).lower() if isinstance(value, bool) else repr(value)
