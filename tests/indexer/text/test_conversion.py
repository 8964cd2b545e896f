"""Our conversion is that of opencc-python-reimplemented on its tables, and keeps every length."""

from __future__ import annotations

import random
from importlib.resources import files

import opencc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.text.conversion import Stage, parts
from indexer.text.normalize import phrase_rows

CONFIGURATIONS = {
    "s2t": [("STPhrases", "STCharacters")],
    "t2s": [("TSPhrases", "TSCharacters")],
    "t2tw": [("TWVariants", "TWVariants")],
    "t2hk": [("HKVariants", "HKVariants")],
    "s2tw": [("STPhrases", "STCharacters"), ("TWVariants", "TWVariants")],
}


def table(name: str) -> dict[str, str]:
    """A table of the installed package, the first choice of each row."""
    return {key: values[0] for key, values in phrase_rows(name)}


@pytest.fixture(scope="module", params=CONFIGURATIONS)
def both(request: pytest.FixtureRequest) -> tuple[opencc.OpenCC, list[Stage]]:
    """A converter of the package, and ours over the same tables."""
    stages = [
        Stage(table(phrases), table(characters)) for phrases, characters in CONFIGURATIONS[request.param]
    ]
    return opencc.OpenCC(request.param), stages


def test_equal_to_the_package(both: tuple[opencc.OpenCC, list[Stage]]) -> None:
    """Pieces of phrases that run into one another, in a thousand texts, with signs between some."""
    package, stages = both
    rng = random.Random(20260301)
    phrases = [*table("STPhrases"), *table("TSPhrases"), *table("STCharacters"), "，", "A", "\n", "发", "干"]
    for _ in range(1000):
        text = "".join(rng.choice(phrases)[rng.randint(0, 2) :][: rng.randint(1, 6)] for _ in range(12))
        ours = text
        for stage in stages:
            ours = stage(ours)
        assert ours == package.convert(text), text


@settings(max_examples=200, deadline=None, derandomize=True)
@given(text=st.text(st.sampled_from("发布干后里面只乾隆无锡龙🀀𠮷a \n，\ud800"), max_size=40))
def test_any_text_keeps_its_length(text: str) -> None:
    """Nothing is refused, and in parts the result is the same."""
    stage = Stage(
        {"发布": "發佈", "后面": "後面", "一": "二三"}, {"发": "發", "后": "后", "里": "裏", "长": "長度"}
    )
    assert len(stage(text)) == len(text)
    assert "".join(map(stage, parts(text, 3))) == stage(text)


def test_parts_are_the_text() -> None:
    """Parts end where no phrase can be, unless there is no such place for long."""
    text = "無錫，" * 10 + "園" * 50 + "。尾"
    assert "".join(parts(text, 7)) == text
    assert next(parts(text, 7)) == "無錫，無錫，無錫，"
    assert [*parts("", 7)] == [""]


@pytest.mark.parametrize(
    ("frequencies", "text", "expected"),
    [
        ({}, "甲乙丙", "甲Ｘ丙"),
        ({"乙丙": 9}, "甲乙丙", "甲乙Ｙ"),
        ({"乙丙": 9}, "甲乙丙丁", "甲ＺＺＺ"),
        ({"甲乙": 9}, "甲乙", "甲Ｘ"),
    ],
)
def test_of_equal_phrases_the_more_frequent(frequencies: dict[str, int], text: str, expected: str) -> None:
    """Longer ones win, then more frequent ones, then the first."""
    stage = Stage({"甲乙": "甲Ｘ", "乙丙": "乙Ｙ", "乙丙丁": "ＺＺＺ"}, {}, frequencies)
    assert stage(text) == expected


@pytest.mark.parametrize("text", ["发" * 200_000, "甲乙丙" * 70_000, "干" * 200_000])
def test_long_runs(text: str) -> None:
    """Phrases that overlap all along a text take time in proportion to it."""
    assert len(Stage(table("STPhrases"), table("STCharacters"))(text)) == len(text)


def test_the_package_has_its_dictionary() -> None:
    """The tables that these tests compare are where they are looked for."""
    assert files(opencc).joinpath("dictionary", "STPhrases.txt").is_file()
