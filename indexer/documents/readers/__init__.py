"""Which reader is for which kind of file? One table: `READERS` is the seam.

A reader is a function of a file's name and bytes that yields documents and members. It never invents a
field, and a file that it cannot read costs that file alone. A new format is a module, an entry here, a
suffix in `indexer.documents.kinds`, and a case.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from importlib.util import find_spec
from shutil import which

from indexer.documents.containers.mail import read_eml, read_mbox, read_mhtml
from indexer.documents.containers.sevenzip import read_7z
from indexer.documents.containers.tar import read_tar
from indexer.documents.containers.warc import read_wacz, read_warc
from indexer.documents.containers.zip import read_zip
from indexer.documents.readers.columns import Columns
from indexer.documents.readers.docx import read_docx
from indexer.documents.readers.epub import read_epub
from indexer.documents.readers.hocr import read_hocr
from indexer.documents.readers.html import read_html
from indexer.documents.readers.jsonl import read_jsonl
from indexer.documents.readers.markdown import read_markdown
from indexer.documents.readers.ocr import read_image
from indexer.documents.readers.odf import read_odp, read_ods, read_odt
from indexer.documents.readers.pdf import read_pdf
from indexer.documents.readers.plain import read_plain
from indexer.documents.readers.pptx import read_pptx
from indexer.documents.readers.row_ids import Rows
from indexer.documents.readers.rst import read_rst
from indexer.documents.readers.rtf import read_rtf
from indexer.documents.readers.subtitles import read_subtitles
from indexer.documents.readers.tables import read_csv, read_json, read_parquet
from indexer.documents.readers.tex import read_tex
from indexer.documents.readers.xlsx import read_xlsx
from indexer.documents.readers.xml import read_xml
from indexer.documents.reading import Reader

READERS: Mapping[str, Reader] = {
    "txt": read_plain,
    "md": read_markdown,
    "rst": read_rst,
    "html": read_html,
    "hocr": read_hocr,
    "mhtml": read_mhtml,
    "xml": read_xml,
    "srt": read_subtitles,
    "vtt": read_subtitles,
    "tex": read_tex,
    "rtf": read_rtf,
    "pdf": read_pdf,
    "docx": read_docx,
    "pptx": read_pptx,
    "xlsx": read_xlsx,
    "odt": read_odt,
    "odp": read_odp,
    "ods": read_ods,
    "epub": read_epub,
    "eml": read_eml,
    "mbox": read_mbox,
    "zip": read_zip,
    "tar": read_tar,
    "7z": read_7z,
    "warc": read_warc,
    "wacz": read_wacz,
    "csv": read_csv,
    "tsv": read_csv,
    "json": read_json,
    "jsonl": read_jsonl,
    "parquet": read_parquet,
}
_ROWS = {"csv": read_csv, "tsv": read_csv, "jsonl": read_jsonl}
_TABLES = {**_ROWS, "json": read_json, "parquet": read_parquet}

ADVICE: Mapping[str, str] = {
    "doc": "an old Word file; save it as .docx (soffice --convert-to docx FILE)",
    "xls": "an old Excel file; save it as .xlsx (soffice --convert-to xlsx FILE)",
    "ppt": "an old PowerPoint file; save it as .pptx (soffice --convert-to pptx FILE)",
    "wps": "a WPS file; save it as .docx",
    "et": "a WPS table; save it as .xlsx",
    "dps": "a WPS presentation; save it as .pptx",
    "msg": "an Outlook mail; save it as .eml",
    "pst": "an Outlook mailbox; export it as .mbox or .eml (readpst)",
    "rar": "a RAR archive; unpack it, or pack it as .zip",
    "caj": "a CAJ file; print it as PDF",
    "mobi": "a Kindle book; convert it to .epub",
    "azw3": "a Kindle book; convert it to .epub",
    "chm": "a help file; convert it to .epub or .html",
    "djvu": "a DjVu scan; convert it to PDF with its text",
    "image": "a picture; [documents] ocr = true reads the text in it",
    "ole": "a file of an old office program, or one that is encrypted; save it anew, without a password",
}
"""What to do with files that no reader is for, by suffix or kind."""


def readers(fields: Mapping[str, str], ocr: bool = False, rows: Rows | None = None) -> Mapping[str, Reader]:
    """The readers for a source: `fields` names the columns of its tables, with `ocr` pictures are read.

    Of a file of rows, `rows` says which are known, and learns which are read.
    """
    columns = Columns(fields)
    tables: dict[str, Reader] = {}
    if fields:
        tables |= {kind: partial(reader, columns=columns) for kind, reader in _TABLES.items()}
    if rows is not None:
        tables |= {kind: partial(reader, columns=columns, rows=rows) for kind, reader in _ROWS.items()}
    pictures: dict[str, Reader] = {"image": read_image, "pdf": partial(read_pdf, ocr=True)} if ocr else {}
    return {**READERS, **tables, **pictures}


def read_by() -> tuple[str, ...]:
    """The optional parts that are there: with others some files are read otherwise, or not at all."""
    modules = [name for name in ("pyarrow", "py7zr", "brotli") if find_spec(name)]
    return (*modules, *filter(which, ("tesseract",)))
