"""What is configured? config.toml and HANSOU_* variables as frozen values.

The order of authority: command-line flag, then `HANSOU_<SECTION>_<KEY>`, then config.toml, then the
defaults below. A section is a dataclass and a key is a field of it, so this file is also the list of
settings, each with what is allowed; msgspec holds values against it. An unknown key is an error that
names the one probably meant. Relative paths are relative to the configuration file.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

from msgspec import Meta, ValidationError, convert

from indexer.errors import ConfigError


def _from(lowest: int, highest: int) -> Meta:
    return Meta(ge=lowest, le=highest, description=f"a whole number from {lowest} to {highest}")


def _between(lowest: int, highest: int) -> Meta:
    return Meta(ge=lowest, le=highest, description=f"a number from {lowest} to {highest}")


Share = Annotated[float, _between(0, 1)]
Weight = Annotated[float, _between(0, 100)]
Seconds = Annotated[float, Meta(gt=0, le=3600, description="a number above 0, at most 3600")]
Name = Annotated[str, Meta(min_length=1, description="a string that is not empty")]
Columns = Annotated[
    Mapping[Literal["id", "text", "title", "url", "date", "source", "author"], Name],
    Meta(description="a table from our fields to names of columns"),
]
Prefix = Annotated[
    str, Meta(pattern=r"^(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*/?$", description='a path such as "/search"')
]
Indices = Annotated[
    str, Meta(pattern=r"^[a-z0-9][a-z0-9_-]{0,99}$", description="small letters, digits, - and _")
]
Names = Annotated[tuple[Name, ...], Meta(description="a list of strings, none of them empty")]


@dataclass(frozen=True, slots=True)
class IndexSettings:
    """`[index]`: where generations live and how they are built."""

    directory: Path = Path(".hansou")
    keep: Annotated[int, _from(1, 1000)] = 2
    workers: Annotated[int, _from(1, 256)] = 1
    memory_mb: Annotated[int, _from(16, 65536)] = 256


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """`[engine]`: what keeps the index and searches it; all but `kind` is about a cluster.

    `index` is what the names of its indices begin with. The password is read from `password_file`, or is what
    HANSOU_ENGINE_PASSWORD has. With `shards` = 0 there are as many as the documents ask for.
    """

    kind: Literal["embedded", "opensearch"] = "embedded"
    hosts: Names = ("http://127.0.0.1:9200",)
    index: Indices = "hansou"
    ca: Path | None = None
    user: Annotated[str, Meta(description="a string")] = ""
    password: Annotated[str, Meta(description="a string")] = field(default="", repr=False)
    password_file: Path | None = None
    shards: Annotated[int, _from(0, 1024)] = 0
    replicas: Annotated[int, _from(0, 10)] = 1


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
    seconds: Seconds = 5.0


@dataclass(frozen=True, slots=True)
class SearchSettings:
    """`[search]`: limits and defaults of a query."""

    page_size: Annotated[int, _from(1, 100)] = 10
    deadline_s: Seconds = 2.0
    synonyms: Path | None = None
    query_log: Path | None = None


@dataclass(frozen=True, slots=True)
class RankingSettings:
    """`[ranking]`: what a document's score is made of. docs/ranking.md has the formula and how it was chosen.

    `k1`, `b` and `beta` say how frequencies saturate and lengths count; `word`, `pair`, `character` and
    `exact` (the whole query as it stands) are what a kind of term counts for; `usual` is the least that a
    word counts for because everybody uses it; a document with less than the share `least` of a query is no
    hit. The best `depth` are scored again, by shares of the best score: `answered` for a title that asks
    the same, `closeness` and `closeness_characters` for pairs and characters of the query that stand within
    `closeness_width` positions.
    """

    k1: Weight = 0.8
    b: Share = 0.85
    beta: Annotated[float, _between(0, 2)] = 0.75
    word: Weight = 0.7
    pair: Weight = 1.0
    character: Weight = 0.7
    exact: Weight = 2.0
    usual: Share = 0.2
    least: Share = 0.06
    depth: Annotated[int, _from(1, 1000)] = 50
    answered: Weight = 0.8
    closeness: Weight = 0.3
    closeness_characters: Weight = 0.3
    closeness_width: Annotated[int, _from(1, 1000)] = 20


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """`[server]`: where and for whom the pages are served."""

    host: Name = "127.0.0.1"
    port: Annotated[int, _from(0, 65535)] = 8137
    processes: Annotated[int, _from(0, 256)] = 0
    threads: Annotated[int, _from(1, 256)] = 2
    allowed_hosts: Names = ()
    cors_origins: Names = ()
    trusted_proxies: Annotated[int, _from(0, 16)] = 0
    prefix: Prefix = ""
    originals: bool = False
    export_limit: Annotated[int, _from(1, 1_000_000_000)] = 1_000_000


@dataclass(frozen=True, slots=True)
class SiteSettings:
    """`[site]`: what the home page says of the archive."""

    name: Annotated[str | None, Meta(description="a string")] = None
    introduction: Annotated[str | None, Meta(description="a string")] = None


@dataclass(frozen=True, slots=True)
class SourceSettings:
    """`[[source]]`: one file or folder of documents."""

    path: Path = Path("seeds")
    name: Annotated[str | None, Meta(description="a string")] = None
    include: Names = ()
    exclude: Names = ()
    fields: Columns = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class DocumentSettings:
    """`[documents]`: how files are read, and what reading one of them may take."""

    ocr: bool = False
    readers: Annotated[int, _from(0, 256)] = 2
    seconds: Seconds = 20.0
    memory_mb: Annotated[int, _from(64, 65536)] = 1024


@dataclass(frozen=True, slots=True)
class Config:
    """All settings. `base` is the directory of the configuration file."""

    base: Path = field(default_factory=Path.cwd)
    index: IndexSettings = IndexSettings()
    engine: EngineSettings = EngineSettings()
    analysis: AnalysisSettings = AnalysisSettings()
    documents: DocumentSettings = DocumentSettings()
    repair: RepairSettings = RepairSettings()
    search: SearchSettings = SearchSettings()
    ranking: RankingSettings = RankingSettings()
    server: ServerSettings = ServerSettings()
    site: SiteSettings = SiteSettings()
    sources: tuple[SourceSettings, ...] = (SourceSettings(),)


SECTIONS: Mapping[str, type[Any]] = {
    "index": IndexSettings,
    "engine": EngineSettings,
    "analysis": AnalysisSettings,
    "documents": DocumentSettings,
    "repair": RepairSettings,
    "search": SearchSettings,
    "ranking": RankingSettings,
    "server": ServerSettings,
    "site": SiteSettings,
}

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
    return Config(base=base, sources=_sources(table.get("source"), base, str(file)), **sections)


def ranges(section: type[Any]) -> dict[str, tuple[float, float]]:
    """The least and the greatest value of each key of a section that has both.

    >>> ranges(RankingSettings)["b"]
    (0.0, 1.0)
    """
    hints = get_type_hints(section, include_extras=True)
    metas = {key: hint.__metadata__[0] for key, hint in hints.items() if get_origin(hint) is Annotated}
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
    kind: type[Any], name: str, table: object, environ: Mapping[str, str], base: Path, where: str
) -> Any:
    if not isinstance(table, dict):
        raise ConfigError(f"{where}: {name} must be a table, written [{name}]")
    hints = get_type_hints(kind, include_extras=True)
    prefix = f"HANSOU_{name}_".upper()
    variables = {f"{prefix}{key.upper()}": hint for key, hint in hints.items()}
    _reject_unknown(table, hints, f"{where} [{name}]")
    _reject_unknown((each for each in environ if each.startswith(prefix)), variables, "environment")
    values = {each.name: base / each.default for each in fields(kind) if isinstance(each.default, Path)}
    for key, value in table.items():
        values[key] = _valid(value, hints[key], base, f"{where}: {name}.{key} = {_shown(value)}")
    for key, (variable, hint) in zip(hints, variables.items(), strict=True):
        if variable in environ:
            text = environ[variable]
            values[key] = _valid(_from_text(text, hint), hint, base, f"{variable} = {text!r}", strict=False)
    return kind(**values)


def _reject_unknown(found: Iterable[str], known: Collection[str], where: str) -> None:
    for key in found:
        if key not in known:
            home = [f"[{name}]" for name, kind in SECTIONS.items() if key in kind.__annotations__]
            meant = f"it belongs to {home[0]}" if home else _meant(key, known)
            raise ConfigError(f"{where}: unknown key {key!r}; {meant}")


def _meant(given: str, known: Collection[str]) -> str:
    close = difflib.get_close_matches(given, known, 1)
    return f"did you mean {close[0]}?" if close else f"known: {', '.join(known)}"


def _from_text(text: str, hint: Any) -> str | bool | list[str]:
    """The text of a variable as far as msgspec would not understand it: it reads numbers itself."""
    text = text.strip()
    if hint is bool:
        return _SWITCH.get(text.lower(), text)
    return [part.strip() for part in text.split(",") if part.strip()] if hint == Names else text


def _valid(value: object, hint: Any, base: Path, where: str, *, strict: bool = True) -> Any:
    def located(_: type, path: object) -> Path:
        if isinstance(path, str) and path and "\0" not in path:
            return base / path
        raise ValueError

    try:
        return convert(value, hint, strict=strict, dec_hook=located)
    except ValidationError:
        raise ConfigError(f"{where}: {_needed(hint, value)}") from None


def _needed(hint: Any, value: object) -> str:
    if get_origin(hint) is Literal:
        return f"unknown; {_meant(str(value), get_args(hint))}"
    if get_origin(hint) is Annotated:
        return f"must be {hint.__metadata__[0].description}"
    return "must be true or false" if hint is bool else "must be a path"


def _shown(value: object) -> str:
    """A value as TOML has it."""
    return str(value).lower() if isinstance(value, bool) else repr(value)
