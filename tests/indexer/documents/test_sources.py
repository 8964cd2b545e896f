"""A source is what its settings say: its name, its patterns, its columns."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from indexer import load_config
from indexer.config import DocumentSettings, SourceSettings
from indexer.documents import Document
from indexer.documents.content import content_of
from indexer.documents.outcomes import Indexed, Skipped
from indexer.documents.sources import (
    FileListed,
    is_wanted,
    list_sources,
    read_files,
    read_listed,
)
from indexer.errors import ConfigError

HERE = DocumentSettings(readers=0)


@pytest.mark.parametrize(
    ("name", "include", "exclude", "wanted"),
    [
        ("a.pdf", [], [], True),
        ("a.pdf", ["*.pdf"], [], True),
        ("2024/一月/a.pdf", ["*.pdf"], [], True),
        ("a.txt", ["*.pdf"], [], False),
        ("a.txt", ["*.pdf", "*.txt"], [], True),
        ("2024/a.txt", ["2024"], [], True),
        ("2024/a.txt", ["2024/*"], [], True),
        ("2024/x/a.txt", ["2024/"], [], True),
        ("12024/a.txt", ["2024"], [], False),
        ("2024/a.txt", [], ["2024"], False),
        ("x/草稿/a.txt", [], ["草稿"], False),
        ("x/a~", [], ["*~"], False),
        ("x/a.txt", ["*.txt"], ["x/a.*"], False),
    ],
)
def test_patterns(name: str, include: list[str], exclude: list[str], wanted: bool) -> None:
    """Patterns are for paths, names and folders; what is left out is left out of what is taken in."""
    assert is_wanted(name, include, exclude) is wanted


def test_settings(tmp_path: Path) -> None:
    """A source's settings are read from the configuration, and reach its documents."""
    folder = tmp_path / "表"
    folder.mkdir()
    (folder / "a.csv").write_text("摘要,正文\n夜市開張,南門外擺起了攤子\n", encoding="utf-8")
    (folder / "b.txt").write_text("不要", encoding="utf-8")
    (tmp_path / "config.toml").write_text(
        '[[source]]\npath = "表"\nname = "市集"\ninclude = ["*.csv"]\n'
        '[source.fields]\ntext = "摘要"\n[documents]\nreaders = 0\nocr = false\n',
        encoding="utf-8",
    )
    config = load_config(tmp_path / "config.toml", {})
    (source,) = config.sources
    document, outcome = read_files(source, config.documents)
    assert isinstance(document, Document)
    assert (document.text, document.collection) == ("夜市開張", "市集")
    assert outcome == Indexed("a.csv", 1)


@pytest.mark.parametrize("line", ['fields = "text"', "fields = { text = 5 }", 'includes = ["*"]', "name = 5"])
def test_bad_settings(tmp_path: Path, line: str) -> None:
    """A setting of the wrong kind is named."""
    (tmp_path / "config.toml").write_text(f'[[source]]\npath = "x"\n{line}\n')
    with pytest.raises(ConfigError, match=r"source|includes"):
        load_config(tmp_path / "config.toml", {})


@pytest.mark.parametrize(
    ("name", "content", "outcome"),
    [
        ("a.csv", "甲,乙\n1,2\n", "which column is the text"),
        ("a.csv", "text,title\n正文\n,沒有正文\n", "no text"),
        ("a.json", '{"a": [', "not valid JSON"),
        ("a.json", json.dumps([{"content": "夜市"}, {"content": None}]), "no text"),
    ],
)
def test_bad_tables(tmp_path: Path, name: str, content: str, outcome: str) -> None:
    """A table without a text, and a row without one, are named."""
    (tmp_path / name).write_text(content, encoding="utf-8")
    skipped = [item for item in read_files(SourceSettings(tmp_path), HERE) if isinstance(item, Skipped)]
    assert [outcome in item.reason for item in skipped] == [True]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", '[{"title": "一", "paragraphs": ["甲", "乙"]}]'),
        ("a.json", '{"count": 1, "items": [{"內容": "甲\\n乙", "標題": "一"}]}'),
        ("a.json", '{"正文": "甲\\n乙", "标题": "一"}'),
        ("a.json", '{"text": "甲\\n乙", "title": "一"}\n{"text": "甲\\n乙", "title": "一"}'),
        (
            "a.json",
            '{"data": {"items": [{"content": {"body": "甲\\n乙"}, "meta": {"title": "一"}}]}}',
        ),
        ("a.jsonl", '{"article": {"text": "甲\\n乙", "title": "一"}, "author": {"name": "王芳"}}'),
        ("a.xls", '標題\t內文\n一\t"甲\n乙"\n'),
        ("a.csv", 'TITLE;Content\n一;"甲\n乙"\n'),
        ("a.tsv", '標題\t全文\n一\t"甲\n乙"\n'),
    ],
)
def test_shapes_of_tables(tmp_path: Path, name: str, content: str) -> None:
    """Records come in several shapes, and their columns have the names that data sets use."""
    (tmp_path / name).write_text(content, encoding="utf-8")
    found = [item for item in read_files(SourceSettings(tmp_path), HERE) if isinstance(item, Document)]
    assert {(d.title, d.text) for d in found} == {("一", "甲\n乙")}


def test_texts_as_bytes(tmp_path: Path) -> None:
    """A binary column of a .parquet file is text in whatever encoding; reasons are one line."""
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    texts = ["園區的夜市開張了".encode(), "园区的夜市开张了，南门外摆起了摊子".encode("gb18030")]
    parquet.write_table(pyarrow.table({"text": pyarrow.array(texts)}), tmp_path / "a.parquet")
    (tmp_path / "b.parquet").write_bytes(b"PAR1" + bytes(40))
    found = list(read_files(SourceSettings(tmp_path), HERE))
    assert [item.text[2:4] for item in found if isinstance(item, Document)] == ["的夜", "的夜"]
    assert ["\n" in item.reason for item in found if isinstance(item, Skipped)] == [False]


@pytest.mark.parametrize("name", ["a.txt", "a.jsonl", "a.zip", "a.pdf"])
def test_the_digest_of_what_was_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """It is that of the file; what was read from end to end is not read again for it."""
    path = tmp_path / name
    line = json.dumps({"text": "夜市的燈籠" * 99}, ensure_ascii=False)
    path.write_text("\n".join([line] * 900), encoding="utf-8")
    if name == "a.zip":
        path.unlink()
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("a.txt", "夜市")
    files = [*list_sources([SourceSettings(path)], HERE)]
    read = [item for item in read_listed(files, HERE) if isinstance(item, FileListed)]
    content = content_of(path, path)
    if name in ("a.txt", "a.jsonl"):
        monkeypatch.setattr("indexer.documents.content.content_of", lambda *_: b"read again")
    assert [listed.content.digest() for listed in read] == [content]
