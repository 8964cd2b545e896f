"""Text that we damage ourselves comes back: repair(damage(x)) against x."""

from __future__ import annotations

import importlib.util
import json
import sys
import unicodedata
from pathlib import Path
from types import ModuleType

import pytest

from indexer.repair import repair_text, replay

SHARED = Path(__file__).parents[3].parent / "shared"
PROSE = [
    "昨日上午,園區在新落成的展覽館舉行了揭牌儀式,來自兩地的企業代表、學者和市民共三百多人參加了活動。",
    "根據規劃,高新區將分兩個階段建設一流的科技園區,重點發展人工智能、集成電路和生物醫藥等產業。",
    "他說:“我們必須在激烈的競爭中保持領先。”會後,嘉賓們參觀了實驗室,並與研究人員進行了交流。",
    "長江流域的城市歷史悠久,當地的傳統節日吸引了許多遊客。每年春天,人們都會到河邊放風箏。",
    "这座图书馆建于一九五六年,藏书超过两百万册。近年来,馆方把古籍逐步数字化,供读者在网上查阅。",
    "专家认为,农业技术的进步使粮食产量稳步提高,但是水资源的保护仍然需要各地政府共同努力。",
]


def load_damage() -> ModuleType:
    """The simulator beside this file; tests are no package, so it is loaded by path."""
    spec = importlib.util.spec_from_file_location("damage", Path(__file__).with_name("damage.py"))
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["damage"] = module
    spec.loader.exec_module(module)
    return module


simulator = load_damage()
MECHANISMS = {
    "tones": simulator.Mechanism(),
    "tones, everywhere": simulator.Mechanism(share=1.0),
    "toneless": simulator.Mechanism(share=0.3, toned=False),
    "marks": simulator.Mechanism(marks=True),
    "U+FFFD": simulator.Mechanism(swallows=False),
}


def comparable(text: str) -> str:
    """NFKC without white space: what the error rates are taken over."""
    return "".join(unicodedata.normalize("NFKC", text).split())


@pytest.mark.parametrize("name", MECHANISMS)
def test_prose_comes_back(name: str) -> None:
    """Over all sentences and eight seeds, at least nine of ten damaged texts come back exactly."""
    exact = total = 0
    for seed in range(8):
        for text in PROSE:
            damaged = simulator.damage(text, MECHANISMS[name], seed)
            repair = repair_text(damaged)
            assert replay(damaged, repair.steps) == repair.text
            if damaged.count("(") >= 3:
                total += 1
                exact += comparable(repair.text) == comparable(text)
    assert total >= 30
    assert exact / total >= 0.9


def test_the_simulator_does_what_pages_show() -> None:
    """The bytes of 當地時間 under a table of three characters give what the page shows."""
    how = simulator.Mechanism()
    table = {"數": "shù", "當": "dāng", "時": "shí"}
    raw = simulator.replace_bytes("當地時間".encode("gbk"), table, how)
    assert simulator.decode(raw, how) == "當(dāng)?shù)貢r(shí)間"


def test_the_simulator_loses_bytes_before_marks() -> None:
    """。”無 is A1A3 A1B1 9F6F; a byte put before A3A1 makes it ?！睙o."""
    how = simulator.Mechanism(marks=True)
    assert simulator.decode(simulator.replace_bytes("激烈。”無".encode("gbk"), {}, how), how) == "激烈?！睙o"


@pytest.mark.parametrize("name", ["tones", "U+FFFD"])
def test_other_texts_come_back(name: str) -> None:
    """Of forty encyclopedia paragraphs at least half come back without one wrong character."""
    file = SHARED / "eval" / "cmrc_trial" / "docs.jsonl"
    if not file.exists():
        pytest.skip("the shared evaluation texts are not here")
    lines = file.read_text(encoding="utf-8").splitlines()[:40]
    texts = ["".join(c for c in json.loads(line)["text"] if c.encode("gbk", "ignore")) for line in lines]
    repaired = [repair_text(simulator.damage(text, MECHANISMS[name], 7)).text for text in texts]
    exact = sum(comparable(got) == comparable(text) for got, text in zip(repaired, texts, strict=True))
    assert exact >= 20
