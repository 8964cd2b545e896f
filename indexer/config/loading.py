"""How are settings read? config.toml and HANSOU_* variables as frozen values.

The order of authority: command-line flag, then `HANSOU_<SECTION>_<KEY>`, then config.toml, then the
defaults of `settings`. An unknown key is an error that names the one probably meant. Relative paths are
relative to the configuration file.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, get_origin

from indexer.config.allowed import Names, allowed, hints, meant, shown
from indexer.config.settings import SECTIONS, Config, SourceSettings
from indexer.errors import ConfigError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_Made = TypeVar("_Made")
FILE = "config.toml"
"""The file that is read where none is named."""
_SWITCH = dict.fromkeys(("1", "true", "yes", "on"), True) | dict.fromkeys(("0", "false", "no", "off"), False)


def load_config(path: str | Path | None = None, environ: Mapping[str, str] | None = None) -> Config:
    """Read a configuration file and the HANSOU_* variables over it.

    Without a `path` that is ./config.toml, and where there is none the defaults, relative to the working
    directory. Raises `ConfigError` for a named file that is missing, bad TOML, an unknown key, or a value
    that is not allowed.
    """
    file = Path(FILE if path is None else path)
    table = {} if path is None and not os.path.lexists(file) else _read(file)
    _reject_unknown(table, [*SECTIONS, "source"], str(file))
    base = file.resolve().parent
    environment = os.environ if environ is None else environ
    sections = {
        name: _section(kind, name, table.get(name, {}), environment, base, str(file))
        for name, kind in SECTIONS.items()
    }
    sources = _sources(table.get("source"), base, str(file))
    return _made(Config, str(file), base=base, sources=sources, **sections)


def ranges(section: type[DataclassInstance]) -> dict[str, tuple[float, float]]:
    """The least and the greatest value of each key of a section that has both.

    >>> from indexer.config import RankingSettings
    >>> ranges(RankingSettings)["b"]
    (0.0, 1.0)
    """
    metas = {k: hint.__metadata__[0] for k, hint in hints(section).items() if get_origin(hint) is Annotated}
    return {
        key: (float(meta.ge), float(meta.le))
        for key, meta in metas.items()
        if meta.ge is not None and meta.le is not None
    }


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise ConfigError(f"{file}: no such file; name one with --config FILE") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{file}: cannot be read: {error}") from error


def _sources(tables: object, base: Path, where: str) -> tuple[SourceSettings, ...]:
    if tables is None:
        return (_section(SourceSettings, "source", {}, {}, base, where),)
    if not (isinstance(tables, list) and tables and all(isinstance(t, dict) and "path" in t for t in tables)):
        raise ConfigError(f'{where}: a source is written as [[source]] with path = "…"')
    return tuple(_section(SourceSettings, "source", t, {}, base, where) for t in tables)


def _section(
    kind: type[DataclassInstance],
    name: str,
    table: object,
    environ: Mapping[str, str],
    base: Path,
    where: str,
) -> Any:
    if not isinstance(table, dict):
        raise ConfigError(f"{where}: {name} must be a table, written [{name}]")
    keys = hints(kind)
    prefix = f"HANSOU_{name}_".upper()
    variables = {f"{prefix}{key.upper()}": hint for key, hint in keys.items()}
    _reject_unknown(table, keys, f"{where} [{name}]")
    _reject_unknown((each for each in environ if each.startswith(prefix)), variables, "environment")
    values = {each.name: base / each.default for each in fields(kind) if isinstance(each.default, Path)}
    for key, value in table.items():
        values[key] = allowed(value, keys[key], f"{where}: {name}.{key} = {shown(value)}", base=base)
    for key, (variable, hint) in zip(keys, variables.items(), strict=True):
        if variable in environ:
            text = environ[variable]
            where_it_is = f"{variable} = {text!r}"
            values[key] = allowed(_from_text(text, hint), hint, where_it_is, base=base, strict=False)
    return _made(kind, where, **values)


def _made(make: Callable[..., _Made], where: str, /, **values: Any) -> _Made:
    """What is made of values, each of which is allowed; where they do not go together, that says where."""
    try:
        return make(**values)
    except ConfigError as error:
        raise ConfigError(f"{where}: {error}") from None


def _reject_unknown(found: Iterable[str], known: Collection[str], where: str) -> None:
    for key in found:
        if key not in known:
            home = [f"[{name}]" for name, kind in SECTIONS.items() if key in kind.__annotations__]
            instead = f"it belongs to {home[0]}" if home else meant(key, known)
            raise ConfigError(f"{where}: unknown key {key!r}; {instead}")


def _from_text(text: str, hint: Any) -> str | bool | list[str]:
    """The text of a variable as far as msgspec would not understand it: it reads numbers itself."""
    text = text.strip()
    if hint is bool:
        return _SWITCH.get(text.lower(), text)
    return [part.strip() for part in text.split(",") if part.strip()] if hint == Names else text
