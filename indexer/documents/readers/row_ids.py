"""What is a row called that has no id of its own? After what it says, so that rows beside it may come and go.

**The id of a row does not depend on where it stands**, but for rows of a file that say the same: the second
of these has `-2` behind its id.
"""

from __future__ import annotations

from collections import Counter
from hashlib import blake2b

from indexer.documents.document import Document

_BETWEEN = "\x1f"
_DIGEST_BYTES = 8


class RowIds:
    """Gives the rows of the file `name` their ids. State: how often each content came.

    A row that is `alone`, being all that the file holds, is called like the file.
    """

    def __init__(self, name: str, alone: bool = False) -> None:
        self._name, self._alone = name, alone
        self._times: Counter[bytes] = Counter()

    def named(self, document: Document) -> Document:
        """The document of a row, with an id if it has none (the empty string).

        >>> ids, row = RowIds("notes.jsonl"), Document("", "夜市")
        >>> ids.named(row).id, ids.named(row).id
        ('notes.jsonl#e44837484098a1ca', 'notes.jsonl#e44837484098a1ca-2')
        """
        if document.id:
            return document
        if self._alone:
            return document._replace(id=self._name)
        stated = (
            document.text,
            document.title,
            document.url,
            document.date,
            document.source,
            document.author,
        )
        content = _BETWEEN.join(part or "" for part in stated).encode("utf-8", "surrogatepass")
        digest = blake2b(content, digest_size=_DIGEST_BYTES)
        self._times[digest.digest()] += 1
        times = self._times[digest.digest()]
        again = f"-{times}" if times > 1 else ""
        return document._replace(id=f"{self._name}#{digest.hexdigest()}{again}")
