"""indexer.repair.evidence: are the readings in a text damage?"""

from __future__ import annotations

import pytest

from indexer.repair import repair_text
from indexer.repair.evidence import ENOUGH, evidence


@pytest.mark.parametrize(
    "text",
    [
        "上海廣樹(shù)機(jī)電有限公司",
        "當(dāng)時(shí)無(wú)錫",
        "南沙(sha)(sha)區(qu)的船與(yu)江(jiang)北的橋",
        "歡迎光臨,設(shè)備維修服務(wù)",
    ],
)
def test_a_table_of_readings(text: str) -> None:
    """Characters that the other script writes otherwise and no others; or toneless ones, at times twice."""
    assert evidence(text) >= ENOUGH


@pytest.mark.parametrize(
    "text",
    [
        "他姓單(shàn)。",
        "我(wǒ)愛(ài)學(xué)習(xí)漢(hàn)語(yǔ)。",
        "長(zhǎng)大與長(cháng)短，說(shuō)服與遊說(shuì)。",
        "亳(bo)州、歙(she)縣、黟(yi)縣",
        "你(ni)好(hao)嗎(ma)？我(wo)很(hen)好(hao)。",
        "龍(lóng)：水中神物。\n鳳(fèng)：神鳥。\n龜(guī)：有甲。",
        "電(diàn)腦(nǎo)",
        "說(shuō)明：說這個字，人人會說，說慣了。說(shuō)！",
    ],
)
def test_what_speaks_of_readings(text: str) -> None:
    """A gloss, lessons, two readings, rare characters, a dictionary, words, a character bare elsewhere."""
    assert evidence(text) < ENOUGH


def test_the_page_is_evidence_for_its_title() -> None:
    """One reading is too little by itself; beside a page full of them it is damage."""
    page = "園區(qū)發(fā)布計(jì)劃，與(yǔ)會者參觀(guān)了展廳。"
    assert repair_text("聯(lián)系我們").text == "聯(lián)系我們"
    assert repair_text("聯(lián)系我們", beside=page).text == "聯系我們"
    assert repair_text("你(nǐ)好", beside="沒有注音的一頁。").text == "你(nǐ)好"


def test_a_reading_that_took_its_character_is_shown_as_it_came() -> None:
    """歡(迎)進入 cannot be told from a remark in parentheses."""
    assert repair_text("歡(迎)進入本站").text == "歡(迎)進入本站"
