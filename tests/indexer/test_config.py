"""Settings come from one file and the environment, and a mistake is named where it was made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import FrozenInstanceError, fields, replace
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import pytest
from msgspec import Meta

from indexer import Config, ConfigError, load_config
from indexer.config import SECTIONS, SourceSettings, ranges


def write(base: Path, text: str) -> Path:
    """A configuration file."""
    path = base / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_empty_file_gives_defaults_beside_it(tmp_path: Path) -> None:
    """Nothing configured: the index and the seeds lie beside the file, served on this machine only."""
    config = load_config(write(tmp_path, ""), {})
    assert config.index.directory == tmp_path / ".hansou"
    assert [source.path for source in config.sources] == [tmp_path / "seeds"]
    assert (config.server.host, config.server.port) == ("127.0.0.1", 8137)
    assert config.analysis.user_dictionary is None


def test_without_a_file_the_defaults_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No file named and none in the working directory: what an empty one would say there, variables too."""
    monkeypatch.chdir(tmp_path)
    environ = {"HANSOU_SERVER_PORT": "9000"}
    assert load_config(environ=environ) == load_config(write(tmp_path, ""), environ)
    write(tmp_path, "[search]\npage_size = 7\n")
    assert load_config(environ={}).search.page_size == 7


def test_paths_are_relative_to_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The working directory does not matter; absolute paths stay."""
    monkeypatch.chdir("/")
    text = (
        '[index]\ndirectory = "索引"\n[analysis]\nuser_dictionary = "詞.txt"\n'
        '[[source]]\npath = "甲"\n[[source]]\npath = "/乙"\n'
    )
    config = load_config(write(tmp_path, text), {})
    assert config.index.directory == tmp_path / "索引"
    assert config.analysis.user_dictionary == tmp_path / "詞.txt"
    assert [source.path for source in config.sources] == [tmp_path / "甲", Path("/乙")]


def test_environment_overrides_file(tmp_path: Path) -> None:
    """HANSOU_<SECTION>_<KEY> wins over the file, converted to the setting's type."""
    environ = {
        "HANSOU_SERVER_PORT": "9000",
        "HANSOU_ANALYSIS_HMM": " yes ",
        "HANSOU_SEARCH_DEADLINE_S": "0.5",
        "HANSOU_SERVER_ALLOWED_HOSTS": "a.example, b.example,",
        "HANSOU_INDEX_DIRECTORY": "elsewhere",
    }
    config = load_config(write(tmp_path, "[server]\nport = 8000\n"), environ)
    assert config.server.port == 9000
    assert config.analysis.hmm is True
    assert config.search.deadline_s == 0.5
    assert config.server.allowed_hosts == ("a.example", "b.example")
    assert config.index.directory == tmp_path / "elsewhere"


def test_real_environment_is_the_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an explicit mapping the process environment is read."""
    monkeypatch.setenv("HANSOU_SERVER_PORT", "9001")
    assert load_config(write(tmp_path, "")).server.port == 9001


@pytest.mark.parametrize(
    ("text", "value"),
    [*dict.fromkeys(["1", "true", "YES", "on"], True).items(), ("0", False), ("Off", False)],
)
def test_switches_in_the_environment(tmp_path: Path, text: str, value: bool) -> None:
    """The usual words for true and false are understood."""
    assert load_config(write(tmp_path, ""), {"HANSOU_ANALYSIS_HMM": text}).analysis.hmm is value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[index]\ndirectry = "x"', "unknown key 'directry'; did you mean directory?"),
        ("[serch]\n", "unknown key 'serch'; did you mean search?"),
        ("[index]\nzzz = 1", "known: directory"),
        ("[server]\npage_size = 5", "[server]: unknown key 'page_size'; it belongs to [search]"),
        ("port = 80", "unknown key 'port'; it belongs to [server]"),
        ('[engine]\nindex = "Hansou"', "engine.index = 'Hansou': must be small letters, digits, - and _"),
        ('[engine]\nkind = "embeded"', "unknown; did you mean embedded?"),
        ("[engine]\nkind = 3", "engine.kind = 3: unknown; known: embedded, opensearch"),
        ('[server]\nport = "80"', "server.port = '80': must be a whole number from 0 to 65535"),
        ("[server]\nport = true", "server.port = true: must be a whole number from 0 to 65535"),
        ("[server]\nport = 99999", "server.port = 99999: must be a whole number from 0 to 65535"),
        ("[search]\ndeadline_s = nan", "search.deadline_s = nan: must be a number above 0, at most 3600"),
        ("[analysis]\nhmm = 1", "analysis.hmm = 1: must be true or false"),
        ("[analysis]\nstop_words = 3", "analysis.stop_words = 3: must be a path"),
        ('[analysis]\nstop_words = ""', "analysis.stop_words = '': must be a path"),
        ('[server]\nallowed_hosts = "a"', "server.allowed_hosts = 'a': must be a list of strings"),
        ("[server]\nallowed_hosts = [1]", "server.allowed_hosts = [1]: must be a list of strings"),
        ('[server]\ncors_origins = [""]', "must be a list of strings, none of them empty"),
        ('[server]\nhost = ""', "server.host = '': must be a string that is not empty"),
        ('[index]\ndirectory = "\\u0000"', "must be a path"),
        ("index = 3", "index must be a table, written [index]"),
        ('source = "seeds"', "a source is written as [[source]]"),
        ("source = []", "a source is written as [[source]]"),
        ("[[source]]\n", "a source is written as [[source]]"),
        ('[[source]]\npath = "a"\nkind = "b"', "unknown key 'kind'"),
        *(
            (f'[[source]]\npath = "a"\nprefix = "{bad}"', 'must be a path such as "office"')
            for bad in (
                "",
                "/a",
                "a/",
                "a//b",
                "..",
                "a/../b",
                "./a",
                "a#b",
                "a!/b",
                "a!",
                r"a\u0000",
                r"a\n",
            )
        ),
        ("[index", "cannot be read"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, text: str, message: str) -> None:
    """The message names the file and what is wrong with it."""
    path = write(tmp_path, text)
    with pytest.raises(ConfigError) as error:
        load_config(path, {})
    assert message in str(error.value) and str(path) in str(error.value)


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("HANSOU_SERVER_PORT", "many", "HANSOU_SERVER_PORT = 'many': must be a whole number from 0 to 65535"),
        ("HANSOU_ANALYSIS_HMM", "perhaps", "HANSOU_ANALYSIS_HMM = 'perhaps': must be true or false"),
        ("HANSOU_INDEX_DIRECTORY", "", "must be a path"),
        ("HANSOU_INDEX_KEEP", "-2", "must be a whole number from 1 to 1000"),
        ("HANSOU_ENGINE_KIND", "lucene", "HANSOU_ENGINE_KIND = 'lucene': unknown; known: embedded"),
        ("HANSOU_INDEX_DIRECTRY", "x", "did you mean HANSOU_INDEX_DIRECTORY?"),
    ],
)
def test_mistakes_in_the_environment_are_named(
    tmp_path: Path, variable: str, value: str, message: str
) -> None:
    """The message names the variable."""
    with pytest.raises(ConfigError) as error:
        load_config(write(tmp_path, ""), {variable: value})
    assert message in str(error.value) and variable in str(error.value)


def numbers() -> Iterator[tuple[str, str, type, Meta]]:
    """(section, key, int or float, what is allowed) of every setting that is a number."""
    for section, kind in SECTIONS.items():
        for key, hint in get_type_hints(kind, include_extras=True).items():
            number = get_args(hint)[0] if get_origin(hint) is Annotated else hint
            if number in (int, float):
                # A number without a range fails here.
                yield section, key, number, hint.__metadata__[0]


NUMBERS = [*numbers()]


def refused(number: type, allowed: Meta) -> list[str]:
    """Values just outside, and what is no such number at all, as TOML and the environment write them."""
    low, high = allowed.gt if allowed.ge is None else allowed.ge - 1, allowed.le
    assert low is not None and high is not None
    return [
        str(low),
        str(high + 1),
        f"-{high}",
        "1" + 30 * "0",
        "nan",
        "inf",
        "-inf",
        *["2.5"] * (number is int),
    ]


@pytest.mark.parametrize(("section", "key", "number", "allowed"), NUMBERS)
def test_numbers_outside_their_range(
    tmp_path: Path, section: str, key: str, number: type, allowed: Meta
) -> None:
    """Below, above, not finite, and what is no number: refused, with the setting, the value and the range."""
    needed = f"must be {allowed.description}"
    for value in [*refused(number, allowed), "true", "'5'", "[5]", "1979-05-27", "{}"]:
        path = write(tmp_path, f"[{section}]\n{key} = {value}\n")
        with pytest.raises(ConfigError) as error:
            load_config(path, {})
        assert str(error.value).startswith(f"{path}: {section}.{key} = ") and needed in str(error.value), (
            value
        )
    for value in [*refused(number, allowed), "true", "many", "", "0x10"]:
        variable = f"HANSOU_{section}_{key}".upper()
        with pytest.raises(ConfigError) as error:
            load_config(write(tmp_path, ""), {variable: value})
        assert str(error.value) == f"{variable} = {value!r}: {needed}"


@pytest.mark.parametrize(("section", "key", "number", "allowed"), NUMBERS)
def test_numbers_at_the_ends_of_their_range(
    tmp_path: Path, section: str, key: str, number: type, allowed: Meta
) -> None:
    """The least and the greatest are allowed, in the file and in the environment."""
    for value in (number(0.001) if allowed.ge is None else allowed.ge, allowed.le):
        path, variable = write(tmp_path, f"[{section}]\n{key} = {value}\n"), f"HANSOU_{section}_{key}".upper()
        for config in load_config(path, {}), load_config(write(tmp_path, ""), {variable: f"{value} "}):
            found = getattr(getattr(config, section), key)
            assert found == value and type(found) is number


def test_missing_and_unreadable_files(tmp_path: Path) -> None:
    """A missing file says how to name one; a directory and bytes that are no UTF-8 are refused."""
    with pytest.raises(ConfigError, match="no such file; name one with --config FILE"):
        load_config(tmp_path / "none.toml", {})
    with pytest.raises(ConfigError, match="cannot be read"):
        load_config(tmp_path, {})
    (tmp_path / "gbk.toml").write_bytes("# 设置".encode("gbk"))
    with pytest.raises(ConfigError, match="cannot be read"):
        load_config(tmp_path / "gbk.toml", {})


def test_byte_order_mark(tmp_path: Path) -> None:
    """An editor that begins UTF-8 with a mark does no harm."""
    path = write(tmp_path, "\ufeff[search]\npage_size = 7\n")
    assert load_config(path, {}).search.page_size == 7


def test_integer_where_a_number_is_needed(tmp_path: Path) -> None:
    """`seconds = 3` is as good as `3.0`."""
    assert load_config(write(tmp_path, "[repair]\nseconds = 3"), {}).repair.seconds == 3.0


def test_settings_are_frozen_and_hashable() -> None:
    """Settings are values: they cannot be changed, and serve as keys."""
    config = Config()
    with pytest.raises(FrozenInstanceError):
        config.server.port = 1  # type: ignore[misc]
    assert hash(config) == hash(Config(base=config.base))


def test_every_section_is_a_field() -> None:
    """The list of sections and the fields of `Config` do not drift apart."""
    assert {*SECTIONS} == {f.name for f in fields(Config)} - {"base", "sources", "seen"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[access]\nname_header = "X-User"', "trusted_proxies"),
        ('[access]\ntokens = "t"\n[access.names]\nlin = ["*"]', "name_header"),
        ('[access]\nproxies = ["proxy.example"]', "'proxy.example' is no address"),
        ('[access]\nname_header = "X_User"', "must be the name of a header"),
        ('[access]\nstatus = "shut"', "unknown"),
        ('[access.names]\nlin = "信件"', "must be a table from names to lists"),
    ],
)
def test_rules_that_would_let_in_the_wrong_people(tmp_path: Path, text: str, said: str) -> None:
    """A header that anybody may write, rules that nothing asks, an address that is none: refused."""
    with pytest.raises(ConfigError, match=said) as raised:
        load_config(write(tmp_path, text), {})
    assert str(raised.value).startswith(f"{tmp_path / 'config.toml'}: access")


@pytest.mark.parametrize("section", [*SECTIONS.values(), SourceSettings])
def test_impossible_settings_cannot_be_made(section: Any) -> None:
    """Not in Python either: a value out of range, or of another kind, is refused in the words of the file."""
    for key, (low, high) in ranges(section).items():
        for impossible in (low - 1, high + 1, "1"):
            with pytest.raises(ConfigError, match=rf"^{section.SECTION}\.{key} = "):
                section(**{key: impossible})
            with pytest.raises(ConfigError):
                replace(section(), **{key: impossible})
        assert getattr(section(**{key: int(high)}), key) == high
    for field in fields(section):
        with pytest.raises(ConfigError, match=rf"^{section.SECTION}\.{field.name} = <object"):
            section(**{field.name: object()})
