"""What is configured, and what is allowed? Settings as frozen values that hold nothing impossible.

allowed     types with their ranges; the check of every section
settings    the sections, their keys and defaults
loading     config.toml and variables → Config
"""

from __future__ import annotations

from indexer.config.allowed import ALL, Seen, meant
from indexer.config.loading import FILE, load_config, ranges
from indexer.config.settings import (
    SECTIONS,
    AccessSettings,
    AnalysisSettings,
    Config,
    DocumentSettings,
    EngineSettings,
    IndexSettings,
    RankingSettings,
    RepairSettings,
    SearchSettings,
    ServerSettings,
    SiteSettings,
    SourceSettings,
)

__all__ = [
    "ALL",
    "FILE",
    "SECTIONS",
    "AccessSettings",
    "AnalysisSettings",
    "Config",
    "DocumentSettings",
    "EngineSettings",
    "IndexSettings",
    "RankingSettings",
    "RepairSettings",
    "SearchSettings",
    "Seen",
    "ServerSettings",
    "SiteSettings",
    "SourceSettings",
    "load_config",
    "meant",
    "ranges",
]
