"""Which reader is for which kind of file? One table: `READERS` is the seam.

A reader is a function of a file's name and bytes that yields documents and members. It never invents a
field, and a file that it cannot read costs that file alone. A new format is a module, an entry here, a
suffix in `indexer.documents.kinds`, and a case.
"""

from __future__ import annotations

from collections.abc import Mapping

from indexer.documents.containers.mail import read_eml, read_mbox
from indexer.documents.containers.tar import read_tar
from indexer.documents.containers.zip import read_zip
from indexer.documents.readers.html import read_html
from indexer.documents.readers.jsonl import read_jsonl
from indexer.documents.readers.markdown import read_markdown
from indexer.documents.readers.plain import read_plain
from indexer.documents.reading import Reader

READERS: Mapping[str, Reader] = {
    "txt": read_plain,
    "md": read_markdown,
    "html": read_html,
    "jsonl": read_jsonl,
    "zip": read_zip,
    "tar": read_tar,
    "eml": read_eml,
    "mbox": read_mbox,
}

ADVICE: Mapping[str, str] = {}
