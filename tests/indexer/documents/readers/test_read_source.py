"""A source gives its documents in one order, and says what it could not read."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from indexer.config import DocumentSettings, SourceSettings
from indexer.documents import Document
from indexer.documents.outcomes import Ignored, Indexed, Skipped
from indexer.documents.sources import list_files, read_files, read_source
from indexer.errors import ConfigError

HERE = DocumentSettings(readers=0)

SEEDS = Path(__file__).parents[4] / "seeds"


def test_every_kind_of_text(tmp_path: Path) -> None:
    """Each kind of text has its reader, with and without .gz; what has none is ignored, and named."""
    suffixes = (".txt", ".md", ".html", ".htm", ".jsonl")
    for suffix in suffixes:
        content = '{"text": "夜市"}' if suffix == ".jsonl" else "夜市"
        (tmp_path / f"a{suffix}").write_text(content, encoding="utf-8")
        (tmp_path / f"b{suffix}.gz").write_bytes(gzip.compress(content.encode()))
    (tmp_path / "c.css").write_bytes(b"p {}")
    found = list(read_files(SourceSettings(tmp_path), HERE))
    assert [d.text for d in found if isinstance(d, Document)] == ["夜市"] * 2 * len(suffixes)
    outcomes = [item for item in found if not isinstance(item, Document)]
    assert [item.path for item in outcomes] == [path.name for path in list_files(tmp_path)]
    assert Ignored("c.css", "no reader for .css files") in outcomes
    assert outcomes.count(Indexed("a.md", 1)) == 1
    assert not [item for item in read_source(tmp_path) if not isinstance(item, Document)]


def test_the_rest_goes_on(tmp_path: Path) -> None:
    """A file that cannot be read is named with the reason, between its neighbors."""
    (tmp_path / "a.txt").write_text("甲")
    (tmp_path / "b.txt").write_bytes(b"\x00\x01\x02" * 50)
    (tmp_path / "c.txt.gz").write_bytes(b"\x1f\x8b\x08no gzip")
    (tmp_path / "d.jsonl").write_text('{"text": "乙"}\nx\n')
    (tmp_path / "e.txt").touch()
    kinds = [(d.id if isinstance(d, Document) else d.path, type(d)) for d in read_source(tmp_path)]
    assert kinds == [
        ("a.txt", Document),
        ("b.txt", Skipped),
        ("c.txt.gz", Skipped),
        ("d.jsonl#82d3a012022c52ee", Document),
        ("d.jsonl:2", Skipped),
        ("e.txt", Skipped),
    ]


def test_a_cut_off_file_gives_what_came_before(tmp_path: Path) -> None:
    """The lines of a .jsonl.gz before the cut are documents, and the cut is named."""
    lines = "".join(f'{{"id": "{n}", "text": "{n * 7919 % 1000003} 夜市"}}\n' for n in range(20_000))
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(lines.encode())[:-5000])
    found = list(read_source(tmp_path))
    assert found[-1] == Skipped("a.jsonl.gz", "the gzip file is cut off")
    assert len(found) > 100
    assert [d.id for d in found[:-1] if isinstance(d, Document)] == [str(n) for n in range(len(found) - 1)]


def test_one_file_as_a_source(tmp_path: Path) -> None:
    """Its document is named by the file alone; an unknown kind is not passed over in silence."""
    (tmp_path / "a.txt").write_text("夜市")
    (tmp_path / "a.css").write_text("夜市")
    assert [d.id for d in read_source(tmp_path / "a.txt") if isinstance(d, Document)] == ["a.txt"]
    (ignored,) = read_files(SourceSettings(tmp_path / "a.css"), HERE)
    assert isinstance(ignored, Ignored) and "no reader" in ignored.reason


def test_nothing_there(tmp_path: Path) -> None:
    """A source that does not exist is an error of the configuration, and is named."""
    with pytest.raises(ConfigError, match="nowhere"):
        list(read_source(tmp_path / "nowhere"))


def test_seeds_are_all_read() -> None:
    """The sample documents are read without a loss, each with its own id, and twice the same."""
    found = list(read_source(SEEDS))
    assert not [d for d in found if isinstance(d, Skipped)]
    ids = [d.id for d in found if isinstance(d, Document)]
    assert len(set(ids)) == len(ids) >= 24
    assert found == list(read_source(SEEDS))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("mainland/last-train.txt", "软件园的北门"),
        ("taiwan/last-train.txt", "計程車亮著燈"),
        ("hongkong/last-train.html", "紅色的士排到轉角"),
        ("hongkong/tea.txt.gz", "一盅兩件"),
    ],
)
def test_seeds_in_other_encodings(name: str, words: str) -> None:
    """The GBK, Big5, Big5-HKSCS and gzip samples say what they were written to say."""
    (document,) = (d for d in read_source(SEEDS) if isinstance(d, Document) and d.id == name)
    assert words in document.text
