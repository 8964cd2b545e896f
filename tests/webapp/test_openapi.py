"""The description is complete, and what is answered fits it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from indexer import Config
from webapp import create_app
from webapp.openapi import description

PROGRAMS = ("/api/", "/openapi", "/opensearch", "/search.rss", "/healthz", "/readyz", "/metrics")


def test_every_route_is_described() -> None:
    """Each route for programs is in openapi.json, and nothing else is."""
    rules = {re.sub("<path:(.*)>", r"{\1}", rule.rule) for rule in create_app(Config()).url_map.iter_rules()}
    programs = {rule for rule in rules if rule.startswith(PROGRAMS)}
    assert programs == description()["paths"].keys()


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/search?q=軟件園",
        "/api/v1/documents/b",
        "/api/v1/analyze?text=軟件",
        "/api/v1/stats",
        "/api/v1/search",
        "/api/v1/search?page=0",
    ],
)
def test_described_members_are_there(client: FlaskClient, path: str) -> None:
    """A body has every member that its schema describes; some only if they are asked for."""
    response = client.get(path)
    name = {"search": "ResultPage", "documents": "Document", "analyze": "Analysis", "stats": "Stats"}
    kind = "Problem" if response.status_code >= 400 else name[path.split("/")[3].split("?")[0]]
    schema: dict[str, Any] = description()["components"]["schemas"][kind]
    assert response.get_json().keys() >= {*schema.get("required", schema["properties"])}


def test_what_is_explained_is_described(site_config: Config) -> None:
    """With `explain=1` a page has its plan and a hit its explanation: what is described and no more."""
    schemas: dict[str, Any] = description()["components"]["schemas"]
    client = create_app(site_config).test_client()
    page = client.get("/api/v1/search?q=軟件園&explain=1", headers={"Host": "localhost"}).get_json()
    assert page["plan"].keys() == schemas["Plan"]["properties"].keys()
    explanation = page["hits"][0]["explanation"]
    assert explanation.keys() == schemas["Explanation"]["properties"].keys()
    for each in explanation["contributions"]:
        assert each.keys() == schemas["Contribution"]["properties"].keys()
        assert each["kind"] in schemas["Contribution"]["properties"]["kind"]["enum"]
