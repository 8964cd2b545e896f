"""Rows: whatever editors and other systems write is read, and every row knows its place."""

from __future__ import annotations

import gzip
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.errors import ReadError
from indexer.measure.rows import SPACES, id_of_trec, rows_of, trec_id

TEXT = "1\t无锡国家软件园在哪里\n\n2\t太湖边的高新技术产业开发区\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(tmp_path: Path, encoding: str, ending: str) -> None:
    """Marks, GB18030 and the line ends of any system make no difference; blank lines are counted only."""
    path = tmp_path / "queries.tsv"
    path.write_bytes(TEXT.replace("\n", ending).encode(encoding))
    rows = [*rows_of(path)]
    assert [row.fields() for row in rows] == [
        ["1", "无锡国家软件园在哪里"],
        ["2", "太湖边的高新技术产业开发区"],
    ]
    assert [row.place for row in rows] == [f"{path}:1", f"{path}:3"]


def test_big5(tmp_path: Path) -> None:
    """Big5 is read as well."""
    path = tmp_path / "queries.tsv"
    path.write_bytes("1\t無錫國家軟件園在歐洲的創新中心\n".encode("big5"))
    assert [row.fields()[1] for row in rows_of(path)] == ["無錫國家軟件園在歐洲的創新中心"]


def test_only_line_ends_divide(tmp_path: Path) -> None:
    """Other characters that Unicode calls line ends stay inside a row."""
    path = tmp_path / "queries.tsv"
    path.write_text("1\t無錫\u2028的湖\x0b邊\n", encoding="utf-8")
    assert len([*rows_of(path)]) == 1


def test_fields_are_divided_by_tabs_before_spaces(tmp_path: Path) -> None:
    """Where there is a tab, ids may hold spaces; else any white space divides."""
    path = tmp_path / "qrels.tsv"
    path.write_text("1\ta b.txt\n1  0   a.txt 2\n", encoding="utf-8")
    assert [row.fields() for row in rows_of(path)] == [["1", "a b.txt"], ["1", "0", "a.txt", "2"]]


def test_compressed(tmp_path: Path) -> None:
    """A file that ends in .gz is unpacked, and a damaged one is named."""
    path = tmp_path / "qrels.tsv.gz"
    path.write_bytes(gzip.compress(b"1\ta\n"))
    assert [row.text for row in rows_of(path)] == ["1\ta"]
    path.write_bytes(gzip.compress(b"1\ta\n" * 99)[:-20])
    with pytest.raises(ReadError, match=r"qrels\.tsv\.gz: cannot be read"):
        [*rows_of(path)]


def test_missing_file(tmp_path: Path) -> None:
    """A file that is not there is named."""
    with pytest.raises(ReadError, match=r"qrels\.tsv: no such file"):
        [*rows_of(tmp_path / "qrels.tsv")]


def test_no_text(tmp_path: Path) -> None:
    """Bytes that are no text are refused, and the file is named."""
    path = tmp_path / "queries.tsv"
    path.write_bytes(bytes(range(256)) * 20)
    with pytest.raises(ReadError, match=r"queries\.tsv: cannot be read"):
        [*rows_of(path)]


@given(st.one_of(st.text(min_size=1), st.text("a %2059E38\u3000\u2028\t無", min_size=1)))
def test_ids_of_trec_files_are_read_back(id: str) -> None:
    """Any id is one column, and the same when read."""
    assert trec_id(id).split() == [trec_id(id)] and id_of_trec(trec_id(id)) == id


def test_spaces_are_all_there_are() -> None:
    """Every character that Python takes for white space is escaped."""
    assert [*SPACES] == [chr(code) for code in range(sys.maxunicode + 1) if chr(code).isspace()]
