"""Examples find something, and are looked up once for a state of the searcher."""

from __future__ import annotations

from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from indexer import DeadlineExceeded, Document, Searcher, load_config, rebuild
from webapp.examples import SYNTAX

SEEDS = Path(__file__).parents[2] / "seeds"


@pytest.fixture(scope="module")
def sample_searcher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Searcher]:
    """An index of the sample documents."""
    base = tmp_path_factory.mktemp("samples")
    settings = f'[index]\ndirectory = "index"\n[[source]]\npath = "{SEEDS}"\n'
    (base / "config.toml").write_text(settings, encoding="utf-8")
    config = load_config(base / "config.toml", {})
    rebuild(config)
    with Searcher.open(config) as searcher:
        yield searcher


def examples(client: FlaskClient) -> str:
    """The part of the home page with the examples; empty where there are none."""
    return client.get("/").text.partition('class="examples"')[2].partition("</p>")[0]


def test_only_what_is_found_is_shown(client: FlaskClient, searcher: Any) -> None:
    """A candidate without a hit is not an example."""
    assert "創新" in examples(client) and "颱風" not in examples(client)


def test_a_new_generation_has_its_own(client: FlaskClient, searcher: Any) -> None:
    """They are kept for a generation and found anew for the next."""
    examples(client)
    searcher.documents = (Document("x", "颱風過境。"),)
    assert "颱風" not in examples(client)
    searcher.generation = "g2"
    assert "颱風" in examples(client) and "創新" not in examples(client)


def test_other_synonyms_have_their_own(client: FlaskClient, searcher: Any) -> None:
    """What an example finds depends on the synonyms too."""
    examples(client)
    searcher.documents = (Document("x", "颱風過境。"),)
    searcher.synonyms = "changed"
    assert "颱風" in examples(client)


def test_a_failing_search_is_no_example(client: FlaskClient, searcher: Any) -> None:
    """The home page is there even where no example can be searched."""
    searcher.failure = DeadlineExceeded("slow")
    assert client.get("/").status_code == 200 and examples(client) == ""


def test_help_links_what_finds_something(client: FlaskClient, searcher: Any) -> None:
    """A line of the help page is a link only where it finds something; the source is one of the index."""
    searcher.documents = (Document("x", 'title:软件 夜市 OR 食堂 source:"新華社"'),)
    searcher.generation = "g3"
    page = unescape(client.get("/help").text)
    assert page.count("/search?q=") == 3 and '<code>source:"新華社"</code></a>' in page
    assert '<th scope="row"><code lang="zh">author:欧阳小雨</code>' in page


def test_help_needs_no_index(unbuilt: FlaskClient) -> None:
    """The syntax can be read before anything is indexed."""
    page = unbuilt.get("/help")
    assert page.status_code == 200 and "/search?q=" not in page.text and "OR" in page.text


def test_every_piece_of_the_syntax_finds_a_sample_document(sample_searcher: Searcher) -> None:
    """On the sample documents the first example of each is shown."""
    for meaning, queries in SYNTAX.items():
        assert sample_searcher.search(queries[0]).total.value, meaning
