"""The interface speaks three languages, completely."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from webapp.language import LANGUAGES, message_table, messages

TEMPLATES = Path(__file__).parents[2] / "webapp/templates"


@pytest.mark.parametrize(("key", "texts"), message_table().items())
def test_message_is_complete(key: str, texts: list[str]) -> None:
    """A message has every language, with the same values to fill in."""
    assert len(texts) == len(LANGUAGES) and all(texts)
    assert len({frozenset(re.findall(r"{\w+}", text)) for text in texts}) == 1


def test_every_message_is_used_and_exists() -> None:
    """Templates name only messages that exist; a message that no template names has a known family."""
    files = [*TEMPLATES.iterdir(), *TEMPLATES.parent.glob("*.py")]
    source = "".join(path.read_text("utf-8") for path in files)
    named = set(re.findall(r"""\bt\(["']([\w.-]+)["'](?! ~)""", source))
    named |= set(re.findall(r"""["']((?:results|help|zero)\.(?!html)\w+)["']""", source))
    table = set(message_table())
    assert named <= table
    families = (
        "repair.",
        "date.",
        "search.",
        "facet.",
        "lang.",
        "part.",
        "outcome.",
        "error.",
        "status.",
        "help.",
        "problem.",
        "stale.",
        "concordance.",
        "kind.",
        "period.",
        "take.",
    )
    assert {key for key in table - named if not key.startswith(families)} == set()


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("zh-CN,zh;q=0.9", "zh-Hans"), ("zh-TW", "zh-Hant"), ("zh-HK,en;q=0.5", "zh-Hant"),
        ("zh-Hant-TW", "zh-Hant"), ("en-GB,zh;q=0.5", "en"), ("fr,en;q=0.5", "en"), ("fr", "zh-Hans"),
        ("", "zh-Hans"), ("*", "zh-Hans"), (";;;q=x", "zh-Hans"),
    ],
)  # fmt: skip
def test_accepted_language(client: FlaskClient, header: str, language: str) -> None:
    """The page's language is the one the browser likes best of ours."""
    page = client.get("/help", headers={"Accept-Language": header})
    assert f'<html lang="{language}">' in page.text


def test_choice_in_the_address_wins_and_stays(client: FlaskClient) -> None:
    """?hl= overrides the header and is kept by links and by the form."""
    page = client.get("/?hl=en", headers={"Accept-Language": "zh-TW"}).text
    assert '<html lang="en">' in page
    assert 'href="/help?hl=en"' in page and 'name="hl" value="en"' in page


@pytest.mark.parametrize(
    ("stated", "shown"),
    [
        ("2016-11-25", "Nov 25, 2016"), ("2024-08-12T07:30:00+08:00", "Aug 12, 2024"),
        ("2024-08-12T07:30:00.5Z", "Aug 12, 2024"), ("2024-08", "Aug 2024"), ("0960", "960"),
        ("2024-13-01", None), ("2024-01-99", None), ("昨天", None), ("", None), ("20240812", None),
    ],
)  # fmt: skip
def test_dates(stated: str, shown: str | None) -> None:
    """A date is written out as far as it is stated; what is no date is left to be shown as it is."""
    assert messages("en").date(stated) == shown


def test_unknown_message_is_an_error() -> None:
    """A key that does not exist is a mistake of ours, not a blank on the page."""
    with pytest.raises(KeyError):
        messages("en")("no.such.key")


WORDING = tomllib.loads((Path(__file__).parents[1] / "cases/wording.toml").read_text("utf-8"))


@pytest.mark.parametrize(
    ("language", "forbidden"),
    [(language, each) for language, rules in WORDING.items() for each in rules["forbidden"]],
)
def test_wording(language: str, forbidden: str) -> None:
    """No message of a language has what its readers would not say."""
    said = {key: text for key, text in messages(language).table.items() if re.search(forbidden, text)}
    assert said == {}
