"""webapp.reasons: whatever the ledger says of a file is said in Chinese too."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer.documents.readers import ADVICE
from webapp.reasons import reason_in, reason_table

ROOT = Path(__file__).parents[2]
RAISED = {"ReadError", "Skipped", "Ignored"}


def said(node: ast.expr) -> Iterator[str]:
    """What an expression may say, with a sign for what differs."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=parts):
            yield "".join(str(p.value) if isinstance(p, ast.Constant) else "7" for p in parts)
        case ast.IfExp(body=first, orelse=second):
            yield from said(first)
            yield from said(second)


def reasons() -> Iterator[tuple[str, str]]:
    """The reasons that the readers and containers give, each with the file that says it."""
    for file in sorted((ROOT / "indexer/documents").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            name = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
            if isinstance(node, ast.Call) and name in RAISED and node.args:
                for reason in said(node.args[-1]):
                    yield file.name, reason


@pytest.mark.parametrize(("file", "reason"), [*reasons()])
def test_reasons_of_readers(file: str, reason: str) -> None:
    """Each is known in both scripts, and differs between them or has no characters that do."""
    assert reason_in("zh-Hans", reason) and reason_in("zh-Hant", reason), file
    assert reason_in("en", reason) == reason


@pytest.mark.parametrize(
    "reason",
    [
        *ADVICE.values(),
        "took longer than 20 s to read",
        "its reader crashed (SIGSEGV)",
        "its reader failed: ValueError: what",
        "needs more memory than it may take",
        "given up: 21 of its members ended their reader",
        "ended by the system while it was read; it may need more memory than there is",
        "another document has this id already; give it its own",
        "another document is called this already; give its [[source]] a prefix",
        "its file has another of this name already, which was taken",
        "its id is longer than 2,000 bytes, which no address can hold; give it a shorter one",
        "a mail larger than 64 MB",
        "no reader for .exe files",
        "Permission denied",
    ],
)
def test_other_reasons(reason: str) -> None:
    """What to do with files that nobody reads, and what ends a reader."""
    assert reason_in("zh-Hans", reason) and reason_in("zh-Hant", reason)


def test_what_differs_is_kept() -> None:
    """Numbers, names and what a library said stand where they belong; the most exact row is taken."""
    assert reason_in("zh-Hans", "not text in UTF-8 after line 12") == "第 12 行之后不是 UTF-8 编码的文字"
    assert reason_in("zh-Hant", "not a sound picture: {cut}") == "圖片已損壞：{cut}"
    assert reason_in("zh-Hant", "not a sound zip archive: no end") == "zip archive 已損壞：no end"


def test_rows_fill_alike() -> None:
    """Both texts of a row take as many pieces as the English has."""
    for english, texts in reason_table().items():
        pieces = ["x"] * english.count("{}")
        assert len(texts) == 2 and all(text.format(*pieces) for text in texts)
