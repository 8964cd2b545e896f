"""indexer.documents.readers.plausibility: would anybody have written this?"""

from __future__ import annotations

import pytest

from indexer.documents.readers.plausibility import is_plausible, likelihood


@pytest.mark.parametrize(
    "text",
    [
        "今天的會議",
        "今天的会议",
        "明日の会議",
        "내일 회의",
        "© André, 36°C",
        "plain text",
        "Москва",
        "□□春風□□",
    ],
)
def test_what_people_write(text: str) -> None:
    """Chinese, Japanese, Korean, alphabets, texts with signs for lost characters."""
    assert is_plausible(text)


@pytest.mark.parametrize(
    "text",
    [
        "涓滃悍璺槸鍙锋ゼ鐨勭儹闂ㄨ瘽棰樹箣涓€锛屾瘡澶╅兘鏈変汉鍦ㄨ繖閲岀瓑杞",
        "\x01\x02\x03\x04\x05",
        "\ue000\ue001\ue002\ue003",
        "鈭璁閿撶敓鏂ゆ嫹鐑",
    ],
)
def test_what_nobody_writes(text: str) -> None:
    """Garbled text, controls, private characters."""
    assert not is_plausible(text)


def test_big5_is_held_to_traditional_writing() -> None:
    """Readings are compared in the writing system that the encoding was used for."""
    assert likelihood("国会", "gb18030") > likelihood("国会", "big5hkscs")
