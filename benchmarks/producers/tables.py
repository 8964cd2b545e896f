"""Tables by Python's csv, by hand as Excel in China writes them, JSON, and Parquet by pyarrow."""

from __future__ import annotations

import csv
import io
import json

from benchmarks.producers.letter import Letter, Missing


def _rows(letter: Letter) -> list[dict[str, str]]:
    shared = {"title": letter.title, "author": letter.author, "date": letter.date, "url": letter.url}
    return [{"text": paragraph, **shared} for paragraph in letter.paragraphs]


def python_csv(letter: Letter, delimiter: str = ",") -> bytes:
    """UTF-8 with a mark, as Python's library writes it."""
    target = io.StringIO()
    writer = csv.DictWriter(target, ["title", "text", "author", "date", "url"], delimiter=delimiter)
    writer.writeheader()
    writer.writerows(_rows(letter))
    return target.getvalue().encode("utf-8-sig")


def chinese_csv(letter: Letter) -> bytes:
    """GB18030 or Big5 with Chinese names of columns."""
    traditional = "軟" in letter.title
    names = "標題,內容,作者,發布日期,連結" if traditional else "标题,正文,作者,发布日期,链接"
    rows = [
        ",".join((row["title"], f'"{row["text"]}"', row["author"], "2025年2月4日 15:52", row["url"]))
        for row in _rows(letter)
    ]
    return "\r\n".join([names, *rows]).encode("big5hkscs" if traditional else "gb18030")


def unicode_text(letter: Letter) -> bytes:
    """What Excel calls Unicode text: UTF-16 with tabs."""
    rows = [
        "\t".join(row[name] for name in ("title", "text", "author", "date", "url")) for row in _rows(letter)
    ]
    return "\r\n".join(["title\ttext\tauthor\tdate\turl", *rows]).encode("utf-16")


def json_answer(letter: Letter) -> bytes:
    """What a program answers: ASCII on one line, records further in, texts in objects of their own."""
    rows = [{"content": {"body": row.pop("text")}, **row} for row in _rows(letter)]
    return json.dumps({"response": {"numFound": len(rows), "docs": rows}}).encode()


def exported_lines(letter: Letter) -> bytes:
    """A record a line as databases export them: ASCII, ids and names as objects."""
    rows = [
        row | {"_id": {"$oid": f"5f{number:022x}"}, "author": {"name": row["author"]}}
        for number, row in enumerate(_rows(letter))
    ]
    return "".join(json.dumps(row) + "\r\n" for row in rows).encode()


def json_list(letter: Letter) -> bytes:
    """A list of records in an object."""
    return json.dumps({"status": "ok", "data": _rows(letter)}, ensure_ascii=False, indent=1).encode()


def json_lines(letter: Letter) -> bytes:
    """A record a line, under names of its own."""
    named = ({"headline": row["title"], "content": row["text"], **row, "text": None} for row in _rows(letter))
    usual = ({key: value for key, value in row.items() if value is not None} for row in named)
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in usual).encode()


def parquet(letter: Letter) -> bytes:
    """Columns as pyarrow writes them."""
    try:
        import pyarrow
        from pyarrow import parquet as library
    except ImportError as error:
        raise Missing("pyarrow is not installed") from error
    target = io.BytesIO()
    library.write_table(pyarrow.Table.from_pylist(_rows(letter)), target)
    return target.getvalue()


PRODUCERS = {
    "csv": {"python": python_csv, "excel": chinese_csv},
    "tsv": {"python": lambda letter: python_csv(letter, "\t"), "excel": unicode_text},
    "json": {"python": json_list, "answer": json_answer},
    "jsonl": {"python": json_lines, "database": exported_lines},
    "ndjson": {"python": json_lines},
    "parquet": {"pyarrow": parquet},
}
