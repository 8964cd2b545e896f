"""indexer.repair.spacing: a space between all characters."""

from __future__ import annotations

import pytest

from indexer.repair.spacing import join_spaced
from indexer.repair.steps import apply_edits


@pytest.mark.parametrize(
    ("spaced", "joined"),
    [
        ("館 方 說 ， 下 週 一 起 延 長 開 放 到 九 點 。", "館方說，下週一起延長開放到九點。"),
        ("他 在 Hong Kong 住 了 3 年 ， 常 坐 渡 輪 。", "他在Hong Kong住了3年，常坐渡輪。"),
        ("2 0 2 3 年 五 月 ， 圖 書 館 重 新 開 門 。", "2023年五月，圖書館重新開門。"),
        ("館  方  說  ，  下  週  起  延  長  開  放  。", "館方說，下週起延長開放。"),
        ("館　方　說　，　下　週　起　延　長　開　放　。", "館方說，下週起延長開放。"),
        (
            "標 題 的 字 也 分 開 了 ， 是 嗎 ？\n第二行沒有分開。",
            "標題的字也分開了，是嗎？\n第二行沒有分開。",
        ),
    ],
)
def test_running_text_is_joined(spaced: str, joined: str) -> None:
    """The gap that stands everywhere goes, wider gaps and those between words stay."""
    assert apply_edits(spaced, join_spaced(spaced)) == joined


@pytest.mark.parametrize(
    "text",
    [
        "天 地 日 月 山 水 火 木 金 土 人 口 手 足",
        "王 小 明\n李 大 同\n陳 志 遠\n林 雅 文",
        "目 錄",
        "用 Python 寫 程式",
        "",
    ],
)
def test_lists_and_headings_stay(text: str) -> None:
    """Characters that stand apart because they are apart."""
    assert join_spaced(text) == []
