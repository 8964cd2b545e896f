"""What is shown in another script is written as one writes it there, and as long as before."""

from __future__ import annotations

import gzip
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.text.display import SCRIPTS, convert


@pytest.mark.parametrize(
    ("simplified", "taiwan", "hong_kong"),
    [
        ("公告已被发布。", "公告已被發布。", "公告已被發佈。"),
        ("漫长的历程", "漫長的歷程", "漫長的歷程"),
        ("去干扰别人", "去干擾別人", "去干擾別人"),
        ("大家干杯", "大家乾杯", "大家乾杯"),
        ("开一张发票", "開一張發票", "開一張發票"),
        ("海底两万里", "海底兩萬里", "海底兩萬里"),
        ("在里面说明", "在裡面說明", "在裏面説明"),
        ("头发和发现", "頭髮和發現", "頭髮和發現"),
        ("台湾的面粉", "臺灣的麵粉", "台灣的麪粉"),
        ("乾隆", "乾隆", "乾隆"),
        ("皇后在后面", "皇后在後面", "皇后在後面"),
        ("一只猫，只有一只", "一隻貓，只有一隻", "一隻貓，只有一隻"),
    ],
)
def test_to_traditional(simplified: str, taiwan: str, hong_kong: str) -> None:
    """By phrases, in the characters of each place."""
    assert (convert(simplified, "hant"), convert(simplified, "hant-hk")) == (taiwan, hong_kong)


@pytest.mark.parametrize(
    ("hong_kong", "taiwan", "simplified"),
    [
        ("衞生署閲覽室", "衛生署閱覽室", "卫生署阅览室"),
        ("敍述枱上的鈎子", "敘述檯上的鉤子", "叙述台上的钩子"),
        ("這裏的麪條", "這裡的麵條", "这里的面条"),
    ],
)
def test_from_one_place_to_the_other(hong_kong: str, taiwan: str, simplified: str) -> None:
    """What only one of them writes is written as in the other, and simplified."""
    for text in (hong_kong, taiwan):
        shown = (convert(text, "hant-hk"), convert(text, "hant"), convert(text, "hans"))
        assert shown == (hong_kong, taiwan, simplified)


@pytest.mark.parametrize(
    ("traditional", "simplified"),
    [
        ("松原市乾安縣政府", "松原市乾安县政府"),
        ("乾隆年間，乾燥的裡面", "乾隆年间，干燥的里面"),
        ("頭髮發現後面皇后", "头发发现后面皇后"),
        ("简体的软件园", "简体的软件园"),
    ],
)
def test_to_simplified(traditional: str, simplified: str) -> None:
    """Names that keep their characters keep them; what is Simplified stays."""
    assert convert(traditional, "hans") == simplified


@pytest.mark.parametrize("text", ["干擾了他的后里", "公里數與皇后", "只有一隻鬥牛", "範先生與范先生"])
def test_traditional_text_is_not_taken_for_simplified(text: str) -> None:
    """A line in Traditional characters keeps those that are Simplified ones too."""
    assert convert(f"{text}說", "hant") == f"{text}說"


def test_each_line_by_what_it_is() -> None:
    """A quotation in the other script is converted; one that tells nothing is taken for what the text is."""
    text = "他說干擾不大，軟件還在。\n后天干了这杯。\n干擾\n里面是软件。"
    assert convert(text, "hant") == "他說干擾不大，軟件還在。\n後天乾了這杯。\n干擾\n裡面是軟件。"
    assert convert("他說『软件』很好用，軟體也是。", "hant") == "他說『軟件』很好用，軟體也是。"


@settings(max_examples=200, deadline=None, derandomize=True)
@given(text=st.text(st.one_of(st.sampled_from("发發干后后里裏只隻面麵\n，"), st.characters()), max_size=60))
def test_the_length_stays(text: str) -> None:
    """Any text, in any script: marks stay where they are, and lines may be converted one by one."""
    for script in SCRIPTS:
        assert len(convert(text, script)) == len(text)
    lines = text.splitlines(keepends=True)
    assert "".join(convert(line, "hans") for line in lines) == convert(text, "hans")


def test_the_tables_name_their_version_and_licence() -> None:
    """Where the tables come from stands at their top."""
    packed = files("indexer.text").joinpath("conversions.tsv.gz").read_bytes()
    head = gzip.decompress(packed).decode()[:600]
    assert "OpenCC 1.4.2" in head and "Apache License 2.0" in head and "jieba" in head


def test_the_licences_of_data_come_with_it() -> None:
    """Whoever installs the package has the notice and the licence that OpenCC's authors ask for."""
    root = Path(__file__).parents[3]
    project = tomllib.loads(root.joinpath("pyproject.toml").read_text(encoding="utf-8"))["project"]
    shipped = {path.name for pattern in project["license-files"] for path in root.glob(pattern)}
    assert shipped == {"LICENSE", "NOTICE", "Apache-2.0.txt"} and "Apache-2.0" in project["license"]
    notice = root.joinpath("NOTICE").read_text(encoding="utf-8")
    assert "conversions.tsv.gz" in notice and "OpenCC 1.4.2" in notice
