"""Which settings are there? A section is a dataclass, and a key a field with what is allowed there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal

from msgspec import Meta

from indexer.config.allowed import (
    ALL,
    Columns,
    Door,
    Folder,
    Header,
    Indices,
    Name,
    Names,
    Prefix,
    Rules,
    Seconds,
    Seen,
    Settings,
    Share,
    Weight,
    between,
    from_to,
)
from indexer.errors import ConfigError


@dataclass(frozen=True, slots=True)
class IndexSettings(Settings):
    """`[index]`: where generations live and how they are built."""

    SECTION = "index"

    directory: Path = Path(".hansou")
    keep: Annotated[int, from_to(1, 1000)] = 2
    workers: Annotated[int, from_to(1, 256)] = 1
    memory_mb: Annotated[int, from_to(16, 65536)] = 256
    readable_by: Literal["owner", "group", "everybody"] = "owner"


@dataclass(frozen=True, slots=True)
class EngineSettings(Settings):
    """`[engine]`: what keeps the index and searches it; all but `kind` is about a cluster.

    `index` is what the names of its indices begin with. The password is read from `password_file`, or is what
    HANSOU_ENGINE_PASSWORD has. With `shards` = 0 there are as many as the documents ask for. An index of more
    than `exact_up_to` documents scores common terms last (`indexer.engine.opensearch.common_terms`).
    """

    SECTION = "engine"

    kind: Literal["embedded", "opensearch"] = "embedded"
    hosts: Names = ("http://127.0.0.1:9200",)
    index: Indices = "hansou"
    ca: Path | None = None
    user: Annotated[str, Meta(description="a string")] = ""
    password: Annotated[str, Meta(description="a string")] = field(default="", repr=False)
    password_file: Path | None = None
    shards: Annotated[int, from_to(0, 1024)] = 0
    replicas: Annotated[int, from_to(0, 10)] = 1
    exact_up_to: Annotated[int, from_to(0, 10_000_000_000)] = 1_000_000


@dataclass(frozen=True, slots=True)
class AnalysisSettings(Settings):
    """`[analysis]`: what the analyzer does; part of the fingerprint."""

    SECTION = "analysis"

    hmm: bool = False
    user_dictionary: Path | None = None
    stop_words: Path | None = None


@dataclass(frozen=True, slots=True)
class RepairSettings(Settings):
    """`[repair]`: whether and how damaged text is repaired."""

    SECTION = "repair"

    enabled: bool = True
    furniture: Path | None = None
    seconds: Seconds = 5.0


@dataclass(frozen=True, slots=True)
class SearchSettings(Settings):
    """`[search]`: limits and defaults of a query."""

    SECTION = "search"

    page_size: Annotated[int, from_to(1, 100)] = 10
    deadline_s: Seconds = 2.0
    synonyms: Path | None = None
    query_log: Path | None = None


@dataclass(frozen=True, slots=True)
class RankingSettings(Settings):
    """`[ranking]`: what a document's score is made of. docs/ranking.md has the formula and how it was chosen.

    `k1`, `b` and `beta` say how frequencies saturate and lengths count; `word`, `pair`, `character` and
    `exact` (the whole query as it stands) are what a kind of term counts for; `usual` is the least that a
    word counts for because everybody uses it; a document with less than the share `least` of a query is no
    hit. The best `depth` are scored again, by shares of the best score: `answered` for a title that asks
    the same, `closeness` and `closeness_characters` for pairs and characters of the query that stand within
    `closeness_width` positions.
    """

    SECTION = "ranking"

    k1: Weight = 0.8
    b: Share = 0.85
    beta: Annotated[float, between(0, 2)] = 0.75
    word: Weight = 0.7
    pair: Weight = 1.0
    character: Weight = 0.7
    exact: Weight = 2.0
    usual: Share = 0.2
    least: Share = 0.06
    depth: Annotated[int, from_to(1, 1000)] = 50
    answered: Weight = 0.8
    closeness: Weight = 0.3
    closeness_characters: Weight = 0.3
    closeness_width: Annotated[int, from_to(1, 1000)] = 20


@dataclass(frozen=True, slots=True)
class ServerSettings(Settings):
    """`[server]`: where and for whom the pages are served."""

    SECTION = "server"

    host: Name = "127.0.0.1"
    port: Annotated[int, from_to(0, 65535)] = 8137
    processes: Annotated[int, from_to(0, 256)] = 0
    threads: Annotated[int, from_to(1, 256)] = 2
    allowed_hosts: Names = ()
    cors_origins: Names = ()
    trusted_proxies: Annotated[int, from_to(0, 16)] = 0
    prefix: Prefix = ""
    originals: bool = False
    export_limit: Annotated[int, from_to(1, 1_000_000_000)] = 1_000_000


@dataclass(frozen=True, slots=True)
class SiteSettings(Settings):
    """`[site]`: what the home page says of the archive."""

    SECTION = "site"

    name: Annotated[str | None, Meta(description="a string")] = None
    introduction: Annotated[str | None, Meta(description="a string")] = None


@dataclass(frozen=True, slots=True)
class AccessSettings(Settings):
    """`[access]`: who may read which collections; without headers and tokens everybody may read all.

    Raises `ConfigError` where a proxy is no address.
    """

    SECTION = "access"

    name_header: Header = ""
    groups_header: Header = ""
    proxies: Names = ("127.0.0.1", "::1")
    tokens: Path | None = None
    everybody: Names = ()
    names: Rules = field(default_factory=dict, hash=False)
    groups: Rules = field(default_factory=dict, hash=False)
    status: Door = "open"
    metrics: Door = "open"

    def __post_init__(self) -> None:
        Settings.__post_init__(self)
        for each in self.proxies:
            try:
                ip_network(each)
            except ValueError:
                raise ConfigError(f"access.proxies: {each!r} is no address and no network") from None

    @property
    def headers(self) -> tuple[str, ...]:
        """The headers that say who asks."""
        return tuple(filter(None, (self.name_header, self.groups_header)))

    @property
    def is_on(self) -> bool:
        """Whether anybody is told from anybody else."""
        return bool(self.headers or self.tokens)


@dataclass(frozen=True, slots=True)
class SourceSettings(Settings):
    """`[[source]]`: one file or folder of documents.

    `prefix` stands before the names of its files, as a folder would that they lie in.
    """

    SECTION = "source"

    path: Path = Path("seeds")
    name: Annotated[str | None, Meta(description="a string")] = None
    prefix: Folder = None
    include: Names = ()
    exclude: Names = ()
    fields: Columns = field(default_factory=dict, hash=False)

    @property
    def before(self) -> str:
        """What the names of its files begin with, as they are told from those of other sources."""
        return f"{self.prefix}/" if self.prefix else ""


@dataclass(frozen=True, slots=True)
class DocumentSettings(Settings):
    """`[documents]`: how files are read, and what reading one of them may take."""

    SECTION = "documents"

    ocr: bool = False
    readers: Annotated[int, from_to(0, 256)] = 2
    seconds: Seconds = 20.0
    memory_mb: Annotated[int, from_to(64, 65536)] = 1024


@dataclass(frozen=True, slots=True)
class Config:
    """All settings. `base` is the directory of the configuration file.

    `seen` is what whoever uses these settings sees of the index; no file says it. Raises `ConfigError` where
    settings do not go together.
    """

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
    access: AccessSettings = AccessSettings()
    sources: tuple[SourceSettings, ...] = (SourceSettings(),)
    seen: Seen = ALL

    def __post_init__(self) -> None:
        if self.access.headers and not self.server.trusted_proxies:
            raise ConfigError(
                f"access: {self.access.headers[0]} is believed of a proxy only; set [server] trusted_proxies"
            )
        if (self.access.names or self.access.groups) and not self.access.headers:
            raise ConfigError(
                "access: rules for names and groups, and nothing that says who asks; set name_header"
            )


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
    "access": AccessSettings,
}
