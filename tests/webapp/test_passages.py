"""Passages are found again by their words, and cited as is usual."""

from __future__ import annotations

from datetime import date

import pytest
from flask.testing import FlaskClient

from indexer import Document
from webapp.passages import cited, located, opening_of

TEXT = "無錫的軟件園。\n\n第二段：太湖。\n第三段也說太湖。"


@pytest.mark.parametrize(
    ("quote", "paragraph", "found"),
    [
        ("太湖", 2, "太湖"), ("太湖", 3, "太湖"), ("太湖", 99, "太湖"), ("无锡", 1, "無錫"),
        ("西湖", 1, None), ("", 1, None),
    ],
)  # fmt: skip
def test_words_are_found_again(quote: str, paragraph: int, found: str | None) -> None:
    """In either script, the nearest to the paragraph that is named."""
    mark = located(TEXT, quote, paragraph)
    assert (mark and TEXT[slice(*mark)]) == found
    if quote == "太湖" and mark:
        assert TEXT[: mark[0]].count("\n") == (2 if paragraph == 2 else 3)


def test_a_passage_after_an_update() -> None:
    """What was put before it does not matter."""
    quote = opening_of(TEXT, 3)
    assert quote == "第三段也說太湖。" and opening_of(TEXT, 4) is None
    longer = "新的一段。\n" * 5 + TEXT
    mark = located(longer, quote, 3)
    assert mark and longer[slice(*mark)] == quote


def test_citations() -> None:
    """GB/T 7714 and Chicago; what a document does not state is left out."""
    document = Document("a", "", author="李明", source="新華社", date="2023-03-11T08:00:00")
    found = cited(document, "無錫軟件園", "http://x/a", date(2026, 11, 29))
    assert found.national == "李明. 無錫軟件園[EB/OL]. 新華社, (2023-03-11)[2026-11-29]. http://x/a."
    assert found.chicago == ("李明. “無錫軟件園.” 新華社, Mar 11, 2023. Accessed Nov 29, 2026. http://x/a.")
    bare = cited(Document("a", ""), "無題", "http://x/a", date(2026, 1, 2))
    assert bare.national == "無題[EB/OL]. [2026-01-02]. http://x/a."
    assert bare.chicago == "“無題.” Accessed Jan 2, 2026. http://x/a."


def test_the_page_of_a_passage(client: FlaskClient) -> None:
    """Its words are marked; each paragraph offers its address; words that are gone are said to be."""
    page = client.get("/document/園區/2016.txt?p=1&quote=软件园").text
    assert '<mark id="m1">軟件園</mark>' in page and 'href="?cite=2#p2"' in page and '<p id="p2">' in page
    assert "这段引文已不在" in client.get("/document/園區/2016.txt?p=1&quote=西湖").text
    cite = client.get("/document/園區/2016.txt?cite=2").text
    assert "p=2&amp;quote=這裡有" in cite and "GB/T 7714" in cite and '<details class="cite" open>' in cite
    by_place = client.get("/document/園區/2016.txt?at=2&to=5").text
    assert '<mark id="m1">軟件園</mark>' in by_place
