"""A crawl gives each page once for each content, at the record's address and date."""

from __future__ import annotations

import gzip
import io
import random
from itertools import accumulate, pairwise
from pathlib import Path

import pytest

from benchmarks.producers import LETTERS
from benchmarks.producers.crawls import chunked, record, response, warcio
from benchmarks.producers.letter import page
from indexer.config import DocumentSettings, SourceSettings
from indexer.documents import Document
from indexer.documents.containers import warc
from indexer.documents.document import Captures
from indexer.documents.outcomes import Ignored, Indexed, Outcome, Skipped
from indexer.documents.sources import read_files

HERE = DocumentSettings(readers=0)
URL = "https://news.example.org/a"
PAGE = page(LETTERS["hant"]).encode()
OTHER = page(LETTERS["hans"]).encode()


def read(tmp_path: Path, content: bytes, name: str = "a.warc") -> tuple[list[Document], list[Outcome]]:
    """The documents of a crawl, and the outcomes."""
    (tmp_path / name).write_bytes(content)
    found = list(read_files(SourceSettings(tmp_path), HERE))
    return [d for d in found if isinstance(d, Document)], [o for o in found if not isinstance(o, Document)]


def test_address_and_date(tmp_path: Path) -> None:
    """They are the record's, whatever the page says of itself."""
    stated = PAGE.replace(
        b"<head>",
        b'<head><link rel="canonical" href="https://x.example/"><meta name="date" content="2001-01-01">',
    )
    (document,), outcomes = read(tmp_path, response(URL, stated))
    assert document.id == f"a.warc!/20250204075200/{URL}"
    assert (document.url, document.date) == (URL, "2025-02-04T07:52:00Z")
    assert document.title == LETTERS["hant"].title
    assert outcomes == [Indexed("a.warc", 1)]


def test_captures(tmp_path: Path) -> None:
    """Of captures with the same content one is left, which says how many there were and from when to when."""
    dates = [f"2025-02-{day:02}T00:00:00Z" for day in (1, 3, 2)]
    same = b"".join(response(URL, PAGE, date=date) for date in dates)
    changed = response(URL, OTHER, date="2025-02-09T00:00:00Z")
    elsewhere = response(f"{URL}/2", PAGE)
    documents, outcomes = read(tmp_path, same + changed + elsewhere)
    assert [document.url for document in documents] == [URL, URL, f"{URL}/2"]
    assert documents[0].captures == Captures(3, dates[0], dates[1])
    assert documents[1].captures is documents[2].captures is None
    assert outcomes == [Indexed("a.warc", 3)]


def test_captures_with_digests(tmp_path: Path) -> None:
    """The same of records as crawlers write them, in a compressed file, with a revisit among them."""
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    target = io.BytesIO()
    writer = WARCWriter(target, gzip=True)
    for day, content in ((1, PAGE), (3, PAGE), (5, OTHER), (2, PAGE)):
        written = writer.create_warc_record(
            URL,
            "response",
            payload=io.BytesIO(content),
            http_headers=StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1"),
            warc_headers_dict={"WARC-Date": f"2025-02-{day:02}T00:00:00Z"},
        )
        writer.write_record(written)
        digest = written.rec_headers.get_header("WARC-Payload-Digest")
        written.raw_stream.close()
        if day == 2:
            again = writer.create_revisit_record(URL, digest, URL, "2025-02-02T00:00:00Z")
            again.rec_headers.replace_header("WARC-Date", "2025-02-08T00:00:00Z")
            writer.write_record(again)
    documents, outcomes = read(tmp_path, target.getvalue(), "a.warc.gz")
    assert [document.captures for document in documents] == [
        Captures(4, "2025-02-01T00:00:00Z", "2025-02-08T00:00:00Z"),
        None,
    ]
    assert outcomes == [Indexed("a.warc.gz", 2)]


def test_what_is_no_page(tmp_path: Path) -> None:
    """Other answers, pictures and pages that cannot be read are named; requests and metadata are none."""
    content = b"".join(
        (
            record("warcinfo", "", b"software: x", "application/warc-fields"),
            record("request", URL, b"GET / HTTP/1.1\r\n\r\n", "application/http; msgtype=request"),
            response(f"{URL}/gone", PAGE, status="404 Not Found"),
            response(f"{URL}/a.png", b"\x89PNG\r\n\x1a\n", "Content-Type: image/png"),
            response(f"{URL}/empty", b"<html></html>"),
            response(f"{URL}/text", "夜市".encode(), "Content-Type: text/plain; charset=utf-8"),
            response(f"{URL}/named", "# 夜市\n\n南門外".encode(), "Content-Type: application/octet-stream"),
            response(f"{URL}/good", PAGE),
        )
    )
    documents, outcomes = read(tmp_path, content)
    assert [str(d.url).removeprefix(URL) for d in documents] == ["/text", "/named", "/good"]
    named = {
        o.path.removeprefix(f"a.warc!/20250204075200/{URL}"): (type(o), getattr(o, "reason", ""))
        for o in outcomes
    }
    assert named.pop("/gone") == (Ignored, "answered with status 404")
    assert named.pop("/a.png") == (Ignored, "no reader for image/png")
    assert named.pop("/empty")[0] is Skipped
    assert named == {"a.warc": (Indexed, "")}


@pytest.mark.parametrize(
    ("headers", "pack"),
    [
        ("Content-Encoding: gzip", gzip.compress),
        ("Transfer-Encoding: chunked", chunked),
        (
            "Transfer-Encoding: chunked\r\nContent-Encoding: gzip",
            lambda content: chunked(gzip.compress(content)),
        ),
        ("Content-Encoding: gzip", lambda content: content),
    ],
)
def test_bodies(tmp_path: Path, headers: str, pack: object) -> None:
    """Packed and chunked bodies are read, also one that says so and is not."""
    assert callable(pack)
    (document,), _ = read(tmp_path, response(URL, pack(PAGE), f"Content-Type: text/html\r\n{headers}"))
    assert document.title == LETTERS["hant"].title


def test_a_cut_off_crawl(tmp_path: Path) -> None:
    """The pages before the cut are read."""
    whole = warcio(LETTERS["hant"], 20)
    documents, outcomes = read(tmp_path, whole[: len(whole) * 3 // 4], "a.warc.gz")
    assert 10 < len(documents) < 20
    assert isinstance(outcomes[-1], Indexed | Skipped)


def test_a_crawl_cut_off_in_a_page(tmp_path: Path) -> None:
    """What has come of the last page is read, and it is said that there is more."""
    content = response(URL, PAGE) + response(f"{URL}/2", OTHER)
    documents, outcomes = read(tmp_path, content[:-300])
    assert [document.url for document in documents] == [URL, f"{URL}/2"]
    assert outcomes == [Skipped("a.warc", "the WARC is cut off in its last record")]


def test_a_crawl_packed_as_a_whole(tmp_path: Path) -> None:
    """Records need not be compressed one by one."""
    head = record("warcinfo", "", b"software: x", "application/warc-fields")
    content = head + response(URL, PAGE) + response(f"{URL}/2", OTHER)
    documents, outcomes = read(tmp_path, gzip.compress(content), "a.warc.gz")
    assert [document.url for document in documents] == [URL, f"{URL}/2"]
    assert outcomes == [Indexed("a.warc.gz", 2)]


def damaged(crawl: bytes, at: int, chance: random.Random) -> bytes:
    """A crawl with a bit, some bytes, or all that follows changed or gone at a place."""
    many = chance.randint(1, 900)
    match chance.choice("flip drop put zero cut".split()):
        case "flip":
            return crawl[:at] + bytes([crawl[at] ^ 1 << chance.randrange(8)]) + crawl[at + 1 :]
        case "drop":
            return crawl[:at] + crawl[at + many :]
        case "put":
            return crawl[:at] + chance.randbytes(many) + crawl[at:]
        case "zero":
            return crawl[:at] + bytes(len(crawl[at : at + many])) + crawl[at + many :]
        case _:
            return crawl[:at] + crawl  # it was begun, cut off, and begun again


@pytest.mark.parametrize("seed", range(40))
def test_a_damaged_crawl_packed_by_record(tmp_path: Path, seed: int) -> None:
    """Whatever happens to some bytes costs the records that they are in, and is said."""
    chance = random.Random(seed)
    packed = [gzip.compress(response(f"{URL}/{number}", PAGE + b"<!-- -->" * number)) for number in range(12)]
    crawl = b"".join(packed)
    at = chance.randrange(len(crawl))
    documents, outcomes = read(tmp_path, damaged(crawl, at, chance), "a.warc.gz")
    ends = list(accumulate(map(len, packed)))
    read_whole = {document.url for document in documents}
    for number, (begin, end) in enumerate(pairwise([0, *ends])):
        assert (end > at - 1 and begin < at + 901) or f"{URL}/{number}" in read_whole
    assert isinstance(outcomes[-1], Skipped) and "damaged" in outcomes[-1].reason


def test_a_damaged_crawl(tmp_path: Path) -> None:
    """A plain one goes on with the next record: behind what is none, and in one shorter than it says."""
    one, two, three = (response(f"{URL}/{number}", PAGE) for number in range(3))
    for crawl, said in {
        one + b"x y z\n" * 9 + two + three: "damaged",
        one[:-200] + two + three: "damaged",
        (one + two + three).replace(b"\r\n", b"\n"): "damaged",  # transferred as if it were text
        one + two + three.replace(b"Content-Length", b"Content-Lxngth", 1) + one: "damaged",
        one + two + three[:-200]: "cut off in its last record",
    }.items():
        documents, outcomes = read(tmp_path, crawl)
        assert {f"{URL}/0", f"{URL}/1"} <= {document.url for document in documents}
        assert isinstance(outcomes[-1], Skipped) and said in outcomes[-1].reason
    documents, outcomes = read(tmp_path, one + two + bytes(70_000))
    assert outcomes == [Indexed("a.warc", 2)]  # a file that was not written to its end


def test_a_crawl_packed_as_a_whole_and_cut_off(tmp_path: Path) -> None:
    """What has come is read, and the file is named."""
    whole = gzip.compress(b"".join(response(f"{URL}/{number}", PAGE) for number in range(9)))
    documents, outcomes = read(tmp_path, whole[:-30], "a.warc.gz")
    assert len(documents) > 5 and isinstance(outcomes[-1], Skipped)
    assert outcomes[-1].reason == "the WARC is damaged or cut off; what could be read of it was"


def test_chance_of_bits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages that share a bit by chance are told apart all the same."""
    monkeypatch.setattr(warc, "_BITS", 8)
    pages = b"".join(response(f"{URL}/{number}", PAGE) for number in range(12))
    documents, _ = read(tmp_path, pages)
    assert [document.captures for document in documents] == [None] * 12
