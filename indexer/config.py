"""What is configured? config.toml and HANSOU_* variables as frozen values.

The order of authority: command-line flag, then `HANSOU_<SECTION>_<KEY>`, then config.toml, then the
defaults below. A section is a dataclass and a key is a field of it, so this file is also the list of
settings; an unknown key is an error that names the one probably meant. Relative paths are relative to
the configuration file.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, get_type_hints

from indexer.errors import ConfigError


@dataclass(frozen=True, slots=True)
class IndexSettings:
    """`[index]`: where generations live and how they are built."""

    directory: Path = Path(".hansou")
    keep: int = 2
    workers: int = 1
    memory_mb: int = 256


@dataclass(frozen=True, slots=True)
class AnalysisSettings:
    """`[analysis]`: what the analyzer does; part of the fingerprint."""

    hmm: bool = False
    user_dictionary: Path | None = None
    stop_words: Path | None = None


@dataclass(frozen=True, slots=True)
class RepairSettings:
    """`[repair]`: whether and how damaged text is repaired."""

    enabled: bool = True
    furniture: Path | None = None
    seconds: float = 5.0


@dataclass(frozen=True, slots=True)
class SearchSettings:
    """`[search]`: limits and defaults of a query."""

    page_size: int = 10
    deadline_s: float = 2.0
    synonyms: Path | None = None
    query_log: Path | None = None


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """`[server]`: where and for whom the pages are served."""

    host: str = "127.0.0.1"
    port: int = 8137
    processes: int = 0
    threads: int = 4
    allowed_hosts: tuple[str, ...] = ()
    cors_origins: tuple[str, ...] = ()
    rate_limit_per_minute: int = 0
    trusted_proxies: int = 0


@dataclass(frozen=True, slots=True)
class SourceSettings:
    """`[[source]]`: one file or folder of documents."""

    path: Path = Path("seeds")


@dataclass(frozen=True, slots=True)
class Config:
    """All settings. `base` is the directory of the configuration file."""

    base: Path = field(default_factory=Path.cwd)
    index: IndexSettings = IndexSettings()
    analysis: AnalysisSettings = AnalysisSettings()
    repair: RepairSettings = RepairSettings()
    search: SearchSettings = SearchSettings()
    server: ServerSettings = ServerSettings()
    sources: tuple[SourceSettings, ...] = (SourceSettings(),)


SECTIONS: Mapping[str, type[Any]] = {
    "index": IndexSettings,
    "analysis": AnalysisSettings,
    "repair": RepairSettings,
    "search": SearchSettings,
    "server": ServerSettings,
}


def load_config(path: str | Path = "config.toml", environ: Mapping[str, str] | None = None) -> Config:
    """Read a configuration file and the HANSOU_* variables over it.

    Raises `ConfigError` for a missing file, bad TOML, an unknown key or a value of the wrong type.
    """
    file = Path(path)
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"{file}: no such file; name one with --config FILE") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{file}: cannot be read: {error}") from error
    _reject_unknown(table, [*SECTIONS, "source"], str(file))
    base = file.resolve().parent
    environment = os.environ if environ is None else environ
    sections = {
        name: _section(kind, name, table.get(name, {}), environment, base, str(file))
        for name, kind in SECTIONS.items()
    }
    return Config(base=base, sources=_sources(table.get("source"), base, str(file)), **sections)


def _sources(tables: object, base: Path, where: str) -> tuple[SourceSettings, ...]:
    if tables is None:
        return (SourceSettings(base / "seeds"),)
    if not isinstance(tables, list) or not all(isinstance(t, dict) and "path" in t for t in tables):
        raise ConfigError(f'{where}: a source is written as [[source]] with path = "…"')
    return tuple(_section(SourceSettings, "source", t, {}, base, where) for t in tables)


def _section(
    kind: type[Any], name: str, table: object, environ: Mapping[str, str], base: Path, where: str
) -> Any:
    if not isinstance(table, dict):
        raise ConfigError(f"{where}: {name} must be a table, written [{name}]")
    hints = get_type_hints(kind)
    _reject_unknown(table, list(hints), f"{where} [{name}]")
    prefix = f"HANSOU_{name}_".upper()
    set_here = {variable: text for variable, text in environ.items() if variable.startswith(prefix)}
    _reject_unknown(set_here, [f"{prefix}{key.upper()}" for key in hints], "environment")
    values = {key: _coerce(hints[key], value, base, f"{where} {name}.{key}") for key, value in table.items()}
    for key, hint in hints.items():
        variable = f"HANSOU_{name}_{key}".upper()
        if variable in environ:
            values[key] = _coerce(hint, _from_text(hint, environ[variable], variable), base, variable)
    defaults = {f.name: f.default for f in fields(kind) if isinstance(f.default, Path)}
    return kind(**{key: base / path for key, path in defaults.items()} | values)


def _reject_unknown(table: Mapping[str, object], known: list[str], where: str) -> None:
    for key in table:
        if key not in known:
            close = difflib.get_close_matches(key, known, 1)
            hint = f"did you mean {close[0]}?" if close else f"known: {', '.join(known)}"
            raise ConfigError(f"{where}: unknown key {key!r}; {hint}")


def _from_text(hint: Any, text: str, where: str) -> object:
    if hint is bool:
        if text.lower() not in ("1", "true", "yes", "on", "0", "false", "no", "off"):
            raise ConfigError(f"{where}: {text!r} is neither true nor false")
        return text.lower() in ("1", "true", "yes", "on")
    if hint in (int, float):
        try:
            return hint(text)
        except ValueError:
            raise ConfigError(f"{where}: {text!r} is not a number") from None
    return [part for part in text.split(",") if part] if hint == tuple[str, ...] else text


def _coerce(hint: Any, value: object, base: Path, where: str) -> object:
    if hint == tuple[str, ...]:
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(value)
        raise ConfigError(f"{where}: a list of strings is needed, not {value!r}")
    if hint in (Path, Path | None):
        if isinstance(value, str) and value:
            return base / value
        raise ConfigError(f"{where}: a path is needed, not {value!r}")
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if type(value) is not hint:
        raise ConfigError(f"{where}: {hint.__name__} is needed, not {value!r}")
    if hint in (int, float) and value < 0:  # type: ignore[operator]
        raise ConfigError(f"{where}: must not be negative, is {value!r}")
    return value
