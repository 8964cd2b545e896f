"""Nobody sees by any address or command what they may not: found out by asking all there are, as everybody.

Routes and commands are read off the application and the command line, so that later ones join by themselves.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import click
import pytest
from flask import Flask
from werkzeug.routing import Rule

from indexer import Config, load_config, rebuild
from indexer.access import add_token
from indexer.cli import cli
from webapp import create_app

COMMON = "漕運糧船每年春天沿著運河北上，經過許多閘口，船工們唱著號子，兩岸的人都出來觀看。" * 2
COLLECTIONS = {"公報": "pub", "信件": "let", "密檔": "sec", "": "una"}
"""Collection → how its marker begins; what is in no collection has one too."""
PASSAGE = "沿著運河北上，經過許多閘口"
Run = Callable[..., Any]


class Role(NamedTuple):
    """Who asks: the collections that are seen, the headers of a request, and who --as names."""

    sees: frozenset[str]
    headers: Mapping[str, str]
    who: str


def marker(collection: str) -> str:
    """What only documents of a collection say: a word, Han that nobody else has, and pinyin to find it by."""
    return f"{COLLECTIONS[collection]}zqxj"


def rows(collection: str) -> Iterator[dict[str, str]]:
    """Documents of a collection: all but one are near-identical to one of each other collection."""
    own, code = marker(collection), COLLECTIONS[collection]
    han = {"pub": "鷗鷺", "let": "鸞鳳", "sec": "鼉鼊", "una": "麒麟"}[code]
    for number in range(3):
        yield {
            "id": f"{code}/{number}",
            "title": f"{han}{own}{number}記",
            "text": f"{COMMON}第{'一二三'[number]}段{PASSAGE * 3}。{own}{number}。"
            if number
            else f"{han}{own}。",
            "source": f"{own}報",
            "author": f"{own}君",
            "url": f"https://{own}.example/{number}",
            "date": f"20{10 + len(own) + number}-0{number + 1}-02",
        }


def site(base: Path, collections: Mapping[str, str], access: str = "") -> Config:
    """An index of some collections, built."""
    base.mkdir()
    sections = []
    for name, code in collections.items():
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows(name))
        (base / f"{code}.jsonl").write_text(lines + "{}\n", encoding="utf-8")
        sections.append(f'[[source]]\npath = "{code}.jsonl"\n' + (f'name = "{name}"\n' if name else ""))
    text = f'{access}\n[index]\ndirectory = "index"\n{"".join(sections)}'
    (base / "config.toml").write_text(text, encoding="utf-8")
    config = load_config(base / "config.toml", {})
    rebuild(config)
    return replace(config, server=replace(config.server, originals=True))


ACCESS = """
[server]
trusted_proxies = 1
[access]
name_header = "X-Forwarded-User"
groups_header = "X-Forwarded-Groups"
tokens = "tokens.json"
everybody = ["公報"]
[access.names]
lin = ["信件"]
[access.groups]
archivists = ["*"]
keepers = ["密檔", "信件"]
"""


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Config:
    """An archive of four collections of which not everybody may read all."""
    return site(tmp_path_factory.mktemp("archive") / "all", COLLECTIONS, ACCESS)


@pytest.fixture(scope="module")
def roles(archive: Config) -> Mapping[str, Role]:
    """Everybody there is."""
    token = add_token(archive.base / "tokens.json", "crawler", ["密檔"])
    everything = frozenset(COLLECTIONS)
    return {
        "nobody": Role(frozenset({"公報"}), {}, "everybody"),
        "a name": Role(frozenset({"公報", "信件"}), {"X-Forwarded-User": "lin"}, "name:lin"),
        "a group": Role(
            frozenset({"公報", "信件", "密檔"}), {"X-Forwarded-Groups": "x, keepers"}, "group:keepers"
        ),
        "who sees all": Role(everything, {"X-Forwarded-Groups": "archivists"}, "group:archivists"),
        "a program": Role(frozenset({"公報", "密檔"}), {"Authorization": f"Bearer {token}"}, "token:crawler"),
    }


ROLES = ("nobody", "a name", "a group", "who sees all", "a program")
IDS = tuple(f"{code}/{number}" for code in COLLECTIONS.values() for number in (0, 1))
ASKED: tuple[Mapping[str, str], ...] = (
    {},
    {"q": "運河", "size": "100", "explain": "1", "collapse": "0", "text": PASSAGE},
    {"q": "閘口 春天", "near": "sec/1", "sort": "date_desc", "text": COMMON},
    {"q": "z", "text": "漕運"},
    {"q": "qi"},
    {"q": "-運河 *zqx*", "size": "50"},
)


def addresses(app: Flask) -> Iterator[tuple[str, str, Mapping[str, str]]]:
    """(method, path, parameters) of every route, for each document and for several questions."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint == "static":
            continue
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            for id in IDS if rule.arguments else ("",):
                for asked in ASKED[1:2] if rule.arguments else ASKED:
                    yield method, path_of(rule, id), asked
            if not rule.arguments:
                yield from ((method, rule.rule, {"id": id, "q": "運河", "document": id}) for id in IDS[1::2])


def path_of(rule: Rule, id: str) -> str:
    """The address of a rule for a document."""
    return re.sub(r"<[^>]*>", id, rule.rule)


def hidden(role: Role) -> tuple[str, ...]:
    """What must be in no answer."""
    names = [name for name in COLLECTIONS if name not in role.sees]
    return tuple(word for name in names for word in (name or marker(""), marker(name)))


def answer(app: Flask, role: Role, method: str, path: str, asked: Mapping[str, str]) -> tuple[int, str]:
    """The status, and headers and body as one text."""
    body = {"json": dict(asked)} if path.startswith("/api/") else {"data": asked}
    options: dict[str, Any] = {"query_string": asked} if method == "GET" else body
    headers = {"Host": "localhost", **role.headers}
    response = app.test_client().open(path, method=method, headers=headers, **options)
    found = response.status_code, f"{response.headers}\n{response.get_data(as_text=True)}"
    response.close()
    return found


@pytest.mark.parametrize("name", ROLES)
def test_no_address_shows_what_is_hidden(archive: Config, roles: Mapping[str, Role], name: str) -> None:
    """0 leaks: no answer to any question at any route has a word, a name or an address that is hidden."""
    app, role = create_app(archive), roles[name]
    leaks, answered = [], 0
    for method, path, asked in addresses(app):
        status, found = answer(app, role, method, path, asked)
        answered += status == 200
        leaks += [(word, method, path, asked) for word in hidden(role) if word in found]
    assert leaks == [] and answered > 100


VARIES = re.compile(
    r'\d{8}T\d+-\w{6}|"took_ms":[\d.]+|\d+\.\d+ (?:秒|s)|[\d-]+T[\d:]+Z|\d+:\d+ UTC|W/"\w+"|（[\d.]+ 秒）'
    r"|(?:Content-Length|Vary|Cache-Control|Date|ETag): [^\n]*\n"
    r"|\d+ [A-Z][a-z]{2} \d{4}[ \d:]*(?:GMT|\+0000)?"
)
"""What differs between two indexes of the same documents, and what caches are told."""
OWN = ("/status", "/metrics", "/readyz", "/api/v1/stats")
"""Routes that say of the whole how it was built, to who sees all of it."""


@pytest.mark.parametrize("name", ["nobody", "a name", "a program"])
def test_answers_are_those_of_an_index_of_what_is_seen(
    archive: Config, roles: Mapping[str, Role], name: str, tmp_path: Path
) -> None:
    """Every answer is that of an open archive of the permitted collections: scores and counts too."""
    role = roles[name]
    shown = {each: code for each, code in COLLECTIONS.items() if each in role.sees}
    alone, app = create_app(site_like(archive, tmp_path / "alone", shown)), create_app(archive)
    everybody = Role(role.sees, {}, "")
    for method, path, asked in addresses(app):
        if path.startswith(OWN):
            continue
        expected, found = (
            answer(alone, everybody, method, path, asked),
            answer(app, role, method, path, asked),
        )
        assert found[0] == expected[0], (path, asked)
        assert VARIES.sub("", found[1]) == VARIES.sub("", expected[1]), (path, asked)


def site_like(archive: Config, base: Path, collections: Mapping[str, str]) -> Config:
    """The same of some collections, open to everybody."""
    config = site(base, collections)
    return replace(config, server=replace(config.server, trusted_proxies=archive.server.trusted_proxies))


BLOCKING = ("serve", "watch")
"""Commands that do not end, or that begin with what the others are held against."""
WORDS = {
    "query": "運河",
    "text": PASSAGE,
    "prefix": "z",
    "id": "sec/1",
    "document": "sec/1",
    "name": "another",
}


def commands(
    group: click.Group = cli, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command there is, by its name."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        elif name not in BLOCKING:
            yield (*path, name), command


def arguments(command: click.Command, folder: Path) -> list[str]:
    """Something for every argument of a command, and for every option that it cannot do without."""
    found = []
    for parameter in command.params:
        given = WORDS.get(str(parameter.name), str(folder / "given.tar.gz"))
        if isinstance(parameter, click.Argument):
            found.append(given)
        elif parameter.required:
            found += (
                [parameter.opts[0]] if getattr(parameter, "is_flag", False) else [parameter.opts[0], given]
            )
    return found


@pytest.mark.parametrize("name", [role for role in ROLES if role != "who sees all"])
def test_no_command_shows_what_is_hidden(
    archive: Config,
    roles: Mapping[str, Role],
    name: str,
    hansou: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """0 leaks: what a command prints or writes, asked --as a reader, has nothing that is hidden."""
    monkeypatch.chdir(tmp_path)
    role, leaks = roles[name], []
    for path, command in commands():
        for options in ((), *([["--json"]] if any("--json" in p.opts for p in command.params) else [])):
            given = tmp_path / "given.tar.gz"
            given.unlink(missing_ok=True)
            ran = hansou(archive, "--as", role.who, *path, *options, *arguments(command, tmp_path))
            written = given.read_bytes() if given.exists() else b""
            shown = ran.out + ran.err + written.decode("utf-8", "replace")
            leaks += [(word, path, options) for word in hidden(role) if word in shown]
            # A tar would have them packed.
            assert not (written and ran.code == 0 and path == ("backup",))
    assert leaks == []


def test_hidden_is_the_same_as_absent(archive: Config, roles: Mapping[str, Role]) -> None:
    """By its id a hidden document is answered like one that there is not, word for word."""
    app = create_app(archive)
    for route in ("/document/{}", "/api/v1/documents/{}", "/original/{}", "/search"):
        absent, there = (
            answer(app, roles["nobody"], "GET", route.format(id), {"q": "運河", "near": id})
            for id in ("sec/7", "sec/1")
        )
        same = [VARIES.sub("", re.sub("sec(/|%2F)[17]", "", each[1])) for each in (absent, there)]
        assert absent[0] == there[0] and same[0] == same[1]
