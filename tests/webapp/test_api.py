"""The JSON interface: the indexer's own words, unchanged."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from indexer import Config
from webapp import create_app
from webapp.openapi import description

HIT = {
    "id", "title", "url", "score", "date", "source", "author", "collection", "lang", "repairs", "copies",
    "part", "snippets",
}  # fmt: skip


def test_search(client: FlaskClient, searcher: Any) -> None:
    """The body is `ResultPage.to_json`, in readable characters."""
    response = client.get("/api/v1/search?q=軟件園&size=1")
    assert response.json == searcher.search("軟件園", size=1).to_json()
    assert response.json["hits"][0].keys() == HIT and "軟件園" in response.text


def test_title_is_null_where_none_is_stated(client: FlaskClient) -> None:
    """A document without a title has none in the API either."""
    response = client.get("/api/v1/search?q=创新")
    assert response.json and response.json["hits"][0]["title"] is None


@pytest.mark.parametrize(
    "query",
    [
        "?q=x&page=0",
        "?q=x&size=101",
        "?q=x&from=2016",
        "?q=x&mode=y",
        "?q=x&page=11&size=100",
        "?q=" + "x" * 257,
        "?q=x&source=" + "y" * 257,
    ],
)
def test_bad_parameters_are_refused(client: FlaskClient, query: str) -> None:
    """What a page would put right is a 400 here, as problem+json."""
    response = client.get("/api/v1/search" + query)
    assert (response.status_code, response.mimetype) == (400, "application/problem+json")


def test_document(client: FlaskClient, searcher: Any) -> None:
    """A document is reached by path or by parameter, with the marks of the query."""
    expected = searcher.document("園區/2016.txt", "軟件").to_json()
    for address in ("/api/v1/documents/園區/2016.txt?q=軟件", "/api/v1/documents?id=園區/2016.txt&q=軟件"):
        body = client.get(address).get_json()
        assert body["text"] == expected["text"] and body["marks"] == [[2, 4]]
        assert body["repair_steps"][0]["before"] == "(chuàng)"


def test_suggest_has_the_form_browsers_know(client: FlaskClient) -> None:
    """Suggestions are OpenSearch's `[prefix, [completion, …]]`; no prefix or too long a one gives none."""
    response = client.get("/api/v1/suggest?q=軟件")
    assert response.mimetype == "application/x-suggestions+json"
    assert response.get_json(force=True) == ["軟件", ["軟件園", "軟件園區"]]
    assert client.get("/api/v1/suggest").get_json(force=True) == ["", []]
    assert client.get("/api/v1/suggest?q=" + "x" * 300).status_code == 400


def test_trace(site_config: Config) -> None:
    """A passage in JSON, in the other script, is found with its offsets in both texts."""
    client = create_app(site_config).test_client()
    passage = "据说清晨的园区很安静，只有送早餐的车声"
    response = client.post("/api/v1/trace", json={"text": passage}, headers={"Host": "localhost"})
    traced = response.get_json()
    (match,) = traced["matches"]
    assert match.keys() == description()["components"]["schemas"]["Parallel"]["properties"].keys()
    assert match["id"] == "taiwan.txt" and match["text"] == "清晨的園區很安靜，只有送早餐的車聲"
    assert passage[slice(*match["passage"])] == "清晨的园区很安静，只有送早餐的车声"
    assert 0.8 < match["coverage"] < 1 and match["changed"] == 0 and traced["complete"]


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({"text": ""}, "1 to 5000"),
        ({"text": "天" * 5001}, "5001"),
        ({"text": "Linux"}, "no Chinese"),
        ({"text": 5}, "1 to 5000"),
        ([], "1 to 5000"),
    ],
)
def test_what_cannot_be_traced(site_config: Config, body: object, detail: str) -> None:
    """Nothing, too much, nothing Chinese, or no text: each refused with its reason."""
    client = create_app(site_config).test_client()
    response = client.post("/api/v1/trace", json=body, headers={"Host": "localhost"})
    assert response.status_code == 400 and response.mimetype == "application/problem+json"
    assert detail in response.get_json(force=True)["errors"][0]["detail"]


def test_analyze_and_stats(client: FlaskClient, searcher: Any) -> None:
    """Both are what the searcher says; a text is needed."""
    assert client.get("/api/v1/analyze?text=軟件").json == searcher.analyze("軟件")
    assert client.get("/api/v1/stats").json == searcher.stats()
    assert client.get("/api/v1/analyze").status_code == 400
    assert client.get("/api/v1/analyze?text=" + "x" * 2001).status_code == 400


@pytest.mark.parametrize(
    "path", ["/api/v1/search?q=軟件園", "/search?q=軟件園", "/", "/document/b", "/search.rss?q=園"]
)
def test_unchanged_answers_are_304(client: FlaskClient, searcher: Any, path: str) -> None:
    """The same request to the same state is answered 304 without a search; to another it is not."""
    first = client.get(path)
    tag = first.headers["ETag"]
    searcher.searches.clear()
    again = client.get(path, headers={"If-None-Match": tag})
    assert (again.status_code, again.data, searcher.searches) == (304, b"", [])
    assert again.headers["ETag"] == tag and "Accept-Language" in again.headers["Vary"]
    for change in ({"synonyms": "changed"}, {"generation": "g2"}):
        vars(searcher).update(change)
        answer = client.get(path, headers={"If-None-Match": tag})
        assert answer.status_code == 200
        tag = answer.headers["ETag"]


def test_etags_differ_where_answers_do(client: FlaskClient) -> None:
    """Query, parameters and language each change the ETag."""
    paths = ["/search?q=a", "/search?q=b", "/search?q=a&sort=date_desc", "/api/v1/search?q=a"]
    tags = {client.get(path).headers["ETag"] for path in paths}
    tags.add(client.get("/search?q=a", headers={"Accept-Language": "en"}).headers["ETag"])
    assert len(tags) == 5


def test_an_answer_that_was_overtaken_has_no_etag(
    client: FlaskClient, searcher: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the searcher moves on during a request, nobody can say which state its answer is of."""
    search = searcher.search

    def overtaken(*arguments: Any, **options: Any) -> Any:
        searcher.generation = "g2"
        return search(*arguments, **options)

    monkeypatch.setattr(searcher, "search", overtaken)
    assert "ETag" not in client.get("/api/v1/search?q=軟件園").headers
    assert "ETag" in client.get("/api/v1/search?q=軟件園").headers


def test_problems_are_named_in_english(client: FlaskClient) -> None:
    """Whatever the language of the pages, a program reads what was wrong with which parameter."""
    reasons = {
        "q=x&from=2017-01-01&to=2016-01-01": "from (2017-01-01) is after to (2016-01-01)",
        "q=x&page=101": "page is at most 100 here: a search shows its first 1,000 hits",
        "q=x&size=101": "size is at most 100",
        "q=x&sort=price": "sort is one of relevance, date_desc, date_asc, added_desc, title, source",
        "q=x&to=2016": "to is a day written YYYY-MM-DD",
        "q=" + "x" * 300: "q is at most 256 characters, and this is 300",
    }
    for query, reason in reasons.items():
        problem = client.get(f"/api/v1/search?{query}&hl=zh-Hant").get_json()
        assert problem["detail"] == reason
        assert [error["detail"] for error in problem["errors"]] == [reason]
