"""Is anything in the way? What is configured, held against what this machine has.

`CHECKS` is the list: a name and a function that gives `(ok, message)` of each thing it looked at. Invariant:
nothing is changed (the compiled dictionary may be made anew), and a check that fails keeps no other from
being made. A message that is not ok says what to do.
"""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from indexer.access import read_tokens
from indexer.config import Config, meant
from indexer.documents.readers.ocr import languages
from indexer.documents.sources import lies_in
from indexer.engine import open_engine
from indexer.errors import ConfigError, HansouError
from indexer.native import TWINS, compiled, used
from indexer.repair import load_rules
from indexer.searcher import Searcher
from indexer.text.analysis import Analysis
from indexer.text.vocabulary import load_vocabulary

LEAST_FILES = 256
"""Open files that a process should be allowed; building and serving take some hundred."""
_MOST_LISTED = 100_000
_WRITABLE = os.W_OK | os.X_OK
_BEGIN = "`hansou init FOLDER`"

Said = tuple[bool, str]
"""Whether something is as it should be, and what was seen or is to be done."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check came to: its name, whether all is well, and what was seen or is to be done."""

    check: str
    ok: bool
    message: str


def diagnose(load: Callable[[], Config], file: Path) -> list[Finding]:
    """Everything that was looked at, in order; where `load` refuses its `file`, only that."""
    try:
        config = load()
    except ConfigError as error:
        return [Finding("config", False, str(error))]
    there = (
        "settings can be read" if file.exists() else f"is not there, so defaults hold; {_BEGIN} writes one"
    )
    findings = [Finding("config", True, f"{file}: {there}")]
    return findings + [
        Finding(name, *said) for name, check in CHECKS.items() for said in _made(check, config)
    ]


def _made(check: Callable[[Config], Iterable[Said]], config: Config) -> Iterator[Said]:
    try:
        yield from check(config)
    except (HansouError, OSError) as error:
        yield False, str(error)


def _sources(config: Config) -> Iterator[Said]:
    for source in config.sources:
        yield _source(source.path, config.index.directory)


def _source(path: Path, index: Path) -> Said:
    if not os.path.exists(path):
        return False, f"{path}: is not there; correct [[source]] path or mount the disk ({_BEGIN} names one)"
    if not os.access(path, os.R_OK | (os.X_OK if path.is_dir() else 0)):
        return False, f"{path}: may not be read by this user; give it the right, or run as another user"
    if path.is_file():
        return True, f"{path}: a file"
    if lies_in(path, index):
        return False, f"{path}: lies in the index's own directory, which may be cleared; move it out of there"
    count = 0
    for _, folders, files in os.walk(path):
        folders[:] = [folder for folder in folders if not folder.startswith(".")]
        count += sum(not name.startswith(".") for name in files)
        if count > _MOST_LISTED:
            return True, f"{path}: more than {_MOST_LISTED:,} files"
    if not count:
        return False, f"{path}: holds no file; is a disk missing, or the path wrong?"
    return True, f"{path}: {count:,} {'file' if count == 1 else 'files'}"


def _access(config: Config) -> Iterator[Said]:
    """Collections that a rule names and no source has: whoever the rule is for sees less than was meant."""
    access = config.access
    if not access.is_on:
        if access.everybody:
            yield (
                False,
                "[access] everybody is without effect, so all is seen by all; set name_header or tokens",
            )
        return
    known = sorted({source.name for source in config.sources if source.name})
    rules = [("[access] everybody", access.everybody)]
    rules += [(f"[access.names] {name}", names) for name, names in access.names.items()]
    rules += [(f"[access.groups] {name}", names) for name, names in access.groups.items()]
    if access.tokens:
        rules += [(f"{access.tokens}: {t.name}", t.collections) for t in read_tokens(access.tokens)]
    wrong = [(rule, name) for rule, names in rules for name in names if name != "*" and name not in known]
    for rule, name in wrong:
        yield (
            False,
            f"{rule}: no [[source]] has the name {name!r}, so it shows nothing; {_meant(name, known)}",
        )
    if not wrong:
        yield True, f"rules: {len(rules)}; every collection in them is the name of a [[source]]"


def _meant(name: str, known: Sequence[str]) -> str:
    return meant(name, known) if known else "no [[source]] has a name yet"


def _words(config: Config) -> Iterator[Said]:
    """Files with words and rules, each read as it will be."""
    Analysis.of(config.analysis)
    load_vocabulary(config.search.synonyms)
    load_rules(config.repair.furniture)
    named = (config.analysis.user_dictionary, config.analysis.stop_words, config.search.synonyms)
    for path in (*named, config.repair.furniture):
        if path is not None:
            yield True, f"{path}: can be read"


def _index(config: Config) -> Iterator[Said]:
    yield from open_engine(config).conditions()
    with Searcher.open(config) as searcher:
        found = searcher.stats()
    built = f"{found['documents']:,} documents, built {found['built_at']}"
    yield True, f"{built}; `hansou check` compares every byte of it"
    if found["skipped"]:
        yield True, f"{found['skipped']:,} files or lines were skipped; `hansou ledger --skipped` names them"


def _permissions(config: Config) -> Iterator[Said]:
    yield _writable(config.index.directory, "the index")
    if log := config.search.query_log:
        if log.is_dir():
            yield (
                False,
                f"{log}: is a folder, and no search is noted in it; name a file in [search] query_log",
            )
        else:
            yield _writable(log if log.exists() else log.parent, "the query log")


def _writable(path: Path, what: str) -> Said:
    """Whether a place can be written to, or be made where there is nothing yet."""
    place = next(each for each in (path, *path.parents) if each.exists())
    if os.access(place, _WRITABLE if place.is_dir() else os.W_OK):
        return True, f"{path}: {what} can be written"
    return False, f"{place}: this user may not write {what} there; change its owner, or run as that user"


def _space(config: Config) -> Iterator[Said]:
    """Room for one more generation, which stands beside the live one until it is whole."""
    place = next(each for each in (config.index.directory, *config.index.directory.parents) if each.exists())
    free = shutil.disk_usage(place).free
    engine = open_engine(config)
    if not engine.documents():
        yield (
            True,
            f"{place}: {_size(free)} free; an index takes about as much as its texts",
        )
        return
    snapshot = engine.open()
    needed = snapshot.generation.bytes
    snapshot.close()
    advice = (
        "" if free > needed else "; make room, or the next rebuild may fail (the index goes on answering)"
    )
    yield free > needed, f"{place}: {_size(free)} free, and the index has {_size(needed)}{advice}"


def _size(count: float) -> str:
    for unit in ("bytes", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:,.0f} {unit}"
        count /= 1000
    return f"{count:,.1f} TB"


def _limits(_: Config) -> Iterator[Said]:
    try:
        import resource  # there is none on Windows
    except ImportError:
        return
    allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    unlimited = allowed == resource.RLIM_INFINITY
    if unlimited or allowed >= LEAST_FILES:
        yield True, f"{'any number of' if unlimited else format(allowed, ',')} open files are allowed"
    else:
        yield False, f"only {allowed} open files are allowed; raise it with ulimit -n or LimitNOFILE="


def _server(config: Config) -> Iterator[Said]:
    server = config.server
    where = f"{server.host}:{server.port}"
    try:
        family, *_, address = min(socket.getaddrinfo(server.host, server.port, type=socket.SOCK_STREAM))
        with socket.socket(family) as asked:
            asked.settimeout(1.0)
            taken = server.port != 0 and asked.connect_ex(address) == 0
    except (OSError, UnicodeError) as error:  # the second for what can be no name of a host: a..b
        yield False, f"{where}: {getattr(error, 'strerror', None) or error}; correct [server] host"
        return
    yield True, f"{where}: {'something answers there already' if taken else 'nothing listens there yet'}"
    if server.allowed_hosts and not server.trusted_proxies:
        yield (
            True,
            "[server] trusted_proxies is 0: what a proxy in front says of its clients is not believed",
        )


def _optional(config: Config) -> Iterator[Said]:
    missing = [name for name in TWINS if compiled(name) is None]
    if not missing:
        yield True, "compiled extensions: in use"
    elif not used():
        yield True, "compiled extensions: set aside by HANSOU_KERNEL=off"
    else:
        yield (
            True,
            "compiled extensions: not built, so all is slower; install a wheel, or gcc first",
        )
    for package, extra, what in EXTRAS:
        found = find_spec(package) is not None
        yield True, f"{what}: {'can be read' if found else f'not installed; pip install “hansou[{extra}]”'}"
    yield _ocr(config.documents.ocr)


def _ocr(wanted: bool) -> Said:
    known = sorted(language for language in languages() if language.startswith("chi_"))
    pillow = find_spec("PIL") is not None
    if pillow and known:
        return True, f"scans: can be read ({', '.join(known)}){'' if wanted else '; [documents] ocr is off'}"
    lacking = "" if pillow else "pip install “hansou[ocr]”; "
    lacking += "" if known else "install tesseract with chi_sim and chi_tra"
    return not wanted, f"scans: cannot be read; {lacking.removesuffix('; ')}"


EXTRAS = (("pyarrow", "parquet", ".parquet"), ("py7zr", "sevenzip", ".7z"))
"""Package, extra that brings it, and what it reads."""

CHECKS: Mapping[str, Callable[[Config], Iterable[Said]]] = {
    "sources": _sources,
    "access": _access,
    "words": _words,
    "index": _index,
    "permissions": _permissions,
    "space": _space,
    "limits": _limits,
    "server": _server,
    "optional": _optional,
}
"""What is looked at: a name as `hansou doctor --json` has it, and what gives the findings."""
