"""Examples find something, and are looked up once for a generation."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient

from indexer import DeadlineExceeded, Document


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


def test_a_failing_search_is_no_example(client: FlaskClient, searcher: Any) -> None:
    """The home page is there even where no example can be searched."""
    searcher.failure = DeadlineExceeded("slow")
    assert client.get("/").status_code == 200 and examples(client) == ""
