"""What decides an analysis: read from the configuration, kept with an index."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from indexer import ConfigError, IndexCorrupt
from indexer.config import AnalysisSettings
from indexer.text.analysis import Analysis


def test_what_is_kept_is_read(tmp_path: Path) -> None:
    """Settings and the texts of both lists, without the mark at their beginning."""
    words, stop = tmp_path / "words.txt", tmp_path / "stop.txt"
    words.write_text("\ufeff晉瑋經 300 nr\n", encoding="utf-8")
    stop.write_text("的\r\n", encoding="utf-8", newline="")
    analysis = Analysis.of(AnalysisSettings(hmm=True, user_dictionary=words, stop_words=stop))
    assert analysis == Analysis(True, "晉瑋經 300 nr\n", "的\n")
    analysis.write(tmp_path / "kept")
    assert Analysis.read(tmp_path / "kept") == analysis != replace(analysis, stop_words="")


@pytest.mark.parametrize("content", [None, "詞".encode("gbk")])
@pytest.mark.parametrize("setting", ["user_dictionary", "stop_words"])
def test_unreadable_word_lists(tmp_path: Path, setting: str, content: bytes | None) -> None:
    """A missing file and one that is no UTF-8 are errors of the configuration that name it."""
    path = tmp_path / "words.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match=rf"words\.txt: the {setting.replace('_', ' ')} cannot be read"):
        Analysis.of(AnalysisSettings(**{setting: path}))


@pytest.mark.parametrize("content", [b"", b"[]", b'{"hmm": true, "more": 1}', b"\xff"])
def test_anything_else_is_damage(tmp_path: Path, content: bytes) -> None:
    """What `write` did not write is no analysis."""
    (tmp_path / "kept").write_bytes(content)
    with pytest.raises(IndexCorrupt, match="kept"):
        Analysis.read(tmp_path / "kept")
