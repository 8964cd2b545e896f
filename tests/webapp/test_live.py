"""The searcher of a process: opened late, kept current, closed once."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

import pytest

from indexer import Config, ConfigError, IndexCorrupt, IndexMissing, rebuild
from webapp import create_app
from webapp.live import LiveIndex


class Opener:
    """Opens what it is given, in turn; an exception is raised instead."""

    def __init__(self, *results: Any) -> None:
        self.results = list(results)
        self.calls = 0

    def __call__(self, config: Config) -> Any:
        """The next result."""
        self.calls += 1
        result = self.results.pop(0)
        if isinstance(result, Exception):
            raise result
        return result


def test_an_index_that_appears_is_used(searcher: Any) -> None:
    """A server that started before the first build finds the index with the next request."""
    live = LiveIndex(Config(), Opener(IndexMissing("none"), searcher))
    with pytest.raises(IndexMissing):
        live.searcher()
    assert live.searcher() is searcher


def test_warming_needs_no_index(searcher: Any) -> None:
    """Warming loads what analysis needs, and passes over a missing index."""
    live = LiveIndex(Config(), Opener(IndexMissing("none"), searcher))
    live.warm()
    live.warm()
    assert live.searcher() is searcher


def test_one_searcher_for_all_requests(searcher: Any) -> None:
    """The index is opened once."""
    opener = Opener(searcher)
    live = LiveIndex(Config(), opener)
    assert live.searcher() is live.searcher() and opener.calls == 1


def test_a_broken_index_is_not_checked_for_every_request(
    searcher: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within a second of a failed check the failure stands; then the index is tried again."""
    now = 100.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    opener = Opener(IndexCorrupt("flipped"), searcher)
    live = LiveIndex(Config(), opener)
    for _ in range(3):
        with pytest.raises(IndexCorrupt):
            live.searcher()
    assert opener.calls == 1
    now = 101.5
    assert live.searcher() is searcher


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time that `time.monotonic` tells, to be changed."""
    now = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    return now


def test_a_failed_change_is_noted_once_and_the_old_state_answers(
    searcher: Any, clock: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    """However many requests come, each distinct failure is one line of the log, until there is none."""
    live = LiveIndex(Config(), Opener(searcher))
    assert live.searcher() is searcher and live.stale is None
    for message in ("synonyms.txt:2: one", "synonyms.txt:2: one", "synonyms.txt:5: another"):
        searcher.unusable = ConfigError(message)
        for _ in range(3):
            clock[0] += 1.5
            assert live.searcher() is searcher and live.stale is searcher.unusable
    assert [record.getMessage().partition(": ")[2] for record in caplog.records] == [
        "synonyms.txt:2: one",
        "synonyms.txt:5: another",
    ]
    searcher.unusable = None
    clock[0] += 1.5
    assert live.searcher() is searcher and live.stale is None
    searcher.unusable = ConfigError("synonyms.txt:5: another")
    live.searcher()
    assert len(caplog.records) == 3


def test_a_failed_change_is_not_tried_for_every_request(searcher: Any, clock: list[float]) -> None:
    """Within a second of a failure the files are left alone."""
    live = LiveIndex(Config(), Opener(searcher))
    live.searcher()
    searcher.unusable = IndexCorrupt("half a copy")
    live.searcher()
    searcher.unusable = None
    assert live.searcher() is searcher and live.stale is not None
    clock[0] += 1.5
    assert live.searcher() is searcher and live.stale is None


def test_an_unforeseen_failure_is_logged_with_its_trace(
    searcher: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """What is no error of ours does not stop the old state either, and can be looked into."""
    live = LiveIndex(Config(), Opener(searcher))
    live.searcher()
    searcher.unusable = KeyError("bug")
    assert live.searcher() is searcher
    assert "Traceback" in caplog.text and "KeyError" in caplog.text


def test_a_failure_to_open_is_logged_once(
    searcher: Any, clock: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    """Pages do not show where the index is; the log does."""
    live = LiveIndex(Config(), Opener(*[IndexCorrupt("/srv/index: flipped")] * 3, searcher))
    for _ in range(3):
        clock[0] += 1.5
        with pytest.raises(IndexCorrupt):
            live.searcher()
        assert live.stale is None
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    assert "/srv/index: flipped" in caplog.text
    clock[0] += 1.5
    assert live.searcher() is searcher and live.stale is None


def test_broken_synonyms_of_a_real_index(
    own_config: Config, clock: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    """Other synonyms make other answers under other ETags; broken ones change nothing, and are told of."""
    synonyms = own_config.base / "synonyms.txt"
    synonyms.write_text("", encoding="utf-8")
    config = replace(own_config, search=replace(own_config.search, synonyms=synonyms))
    rebuild(config)
    client = create_app(config).test_client()
    path = "/search?q=科技城"
    nothing = client.get(path)
    assert "<mark>" not in nothing.text
    synonyms.write_text("科技城, 軟件園\n", encoding="utf-8")
    found = client.get(path, headers={"If-None-Match": nothing.headers["ETag"]})
    assert found.status_code == 200 and "<mark>軟件園</mark>" in found.text
    synonyms.write_text("科技城, 軟件園\n軟件園\n", encoding="utf-8")
    for _ in range(3):
        assert client.get(path, headers={"If-None-Match": found.headers["ETag"]}).status_code in (200, 304)
        assert "<mark>軟件園</mark>" in client.get(path).text
        clock[0] += 1.5
    ready = client.get("/readyz")
    assert ready.status_code == 200 and ready.json and ready.json["stale"]["code"] == "bad-configuration"
    assert len(caplog.records) == 1 and f"{synonyms}:2: " in caplog.text
    for page in (path, "/status", "/readyz"):
        assert str(own_config.base) not in client.get(page).text
    synonyms.write_text("科技城, 軟件園\n", encoding="utf-8")
    clock[0] += 1.5
    assert client.get("/readyz").json.keys() == {"status", "generation", "state"}


def test_a_server_goes_back_by_itself(
    own_config: Config, clock: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    """Damage that a request meets costs no request: the index before answers, and the log says it once."""
    # So many terms that postings are in another block than what is verified at opening.
    many = "軟件園的第一篇。" + "".join(map(chr, range(0x4E00, 0x9F00)))
    (own_config.base / "documents/a.txt").write_text(many, encoding="utf-8")
    first = rebuild(own_config).generation.name
    (own_config.base / "documents/b.txt").write_text("軟件園的第二篇。", encoding="utf-8")
    second = rebuild(own_config).generation.name
    client = create_app(own_config).test_client()
    assert client.get("/readyz").json["generation"] == second
    (segment,) = (own_config.index.directory / "generations" / second).glob("*.arrays")
    raw = segment.read_bytes()
    segment.write_bytes(raw[:4096] + bytes([raw[4096] ^ 1]) + raw[4097:])
    for app in (client, create_app(own_config).test_client()):
        page = app.get("/search?q=軟件園")
        assert page.status_code == 200 and "第一篇" in page.text and "第二篇" not in page.text
        for _ in range(3):
            ready = app.get("/readyz").json
            assert ready["generation"] == first and ready["stale"]["code"] == "index-corrupt"
            assert app.get("/api/v1/search?q=軟件園").json["total"]["value"] == 1
            clock[0] += 1.5
        assert "hansou_stale 1.0" in app.get("/metrics").text
        assert "damaged" in app.get("/status?hl=en").text
    assert len(caplog.records) == 2 and str(segment) in caplog.text
    third = rebuild(own_config).generation.name
    assert client.get("/readyz").json["generation"] == third and "stale" not in client.get("/readyz").json


def test_another_analysis_under_a_running_server(own_config: Config) -> None:
    """A rebuild with other settings of the analysis is taken over like any other."""
    rebuild(own_config)
    client = create_app(own_config).test_client()
    assert client.get("/api/v1/search?q=軟件園").json["total"]["value"] == 1
    analysis = replace(own_config.analysis, stop_words=own_config.base / "stop.txt")
    analysis.stop_words.write_text("的\n", encoding="utf-8")
    built = rebuild(replace(own_config, analysis=analysis)).generation.name
    assert client.get("/readyz").json.keys() == {"status", "generation", "state"}
    assert client.get("/readyz").json["generation"] == built
    assert client.get("/api/v1/search?q=軟件園").json["total"]["value"] == 1


def test_broken_synonyms_at_the_start(own_config: Config, caplog: pytest.LogCaptureFixture) -> None:
    """There is nothing sound to answer from: 503 without a path, which is in the log with the line."""
    synonyms = own_config.base / "synonyms.txt"
    synonyms.write_text("軟件園\n", encoding="utf-8")
    config = replace(own_config, search=replace(own_config.search, synonyms=synonyms))
    rebuild(config)
    client = create_app(config).test_client()
    for path in ("/", "/search?q=園", "/readyz", "/api/v1/search?q=園"):
        response = client.get(path)
        assert response.status_code == 503 and str(own_config.base) not in response.text
    assert len(caplog.records) == 1 and f"{synonyms}:1: " in caplog.text
