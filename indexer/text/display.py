"""In which script is a text shown? As it came, or in 简体, 繁體（臺灣） or 繁體（香港）, by OpenCC's tables.

The tables (`conversions.tsv.gz`, Apache License 2.0, made by `benchmarks/build_conversions.py`) are read by
the first conversion. Of phrases that overlap the more frequent is taken, by jieba's dictionary: 被发布 is
被 and 发布, not 被发. To Traditional writing each line is converted by what it is: Traditional text is not
taken for Simplified (干擾 is not 幹擾), only its characters that no Traditional text has are.
**The length stays, so marks stay where they are.**
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from itertools import groupby

from indexer.text.conversion import Stage, parts
from indexer.text.normalize import SIMPLIFIED_ONLY, one_script

SCRIPTS = ("hans", "hant", "hant-hk")
"""Simplified; Traditional by the standards of Taiwan and of Hong Kong."""
_STANDARDS = {"hant": "TWVariants", "hant-hk": "HKVariants"}
# What one place alone writes, and what the tables have a row for: these go out from the latter.
_LOCAL_FORMS = dict(zip("衞枱敍説鈎鋭閲藴醖緼輼鰛裡麵", "衛檯敘說鉤銳閱蘊醞縕轀鰮裏麪", strict=True))


def convert(text: str, script: str) -> str:
    """`text` as it is written in one of `SCRIPTS`; of a long one each line may be converted by itself.

    >>> convert("乾隆皇帝的软件园", "hant"), convert("乾隆皇帝的軟件園", "hans")
    ('乾隆皇帝的軟件園', '乾隆皇帝的软件园')
    >>> convert("在里面说明", "hant"), convert("在里面说明", "hant-hk")
    ('在裡面說明', '在裏面説明')
    >>> convert("衞生閲讀", "hans"), convert("衞生閲讀", "hant"), convert("裡面的麵條", "hant-hk")
    ('卫生阅读', '衛生閱讀', '裏面的麪條')
    """
    if script == "hans":
        return _through("TS", text)
    return _through(_STANDARDS[script], "".join(_traditional(text, script)))


def _through(stage: str, text: str) -> str:
    return "".join(map(_stage(stage), parts(text)))


def _traditional(text: str, script: str) -> Iterator[str]:
    """The lines of a text in Traditional characters; one that tells nothing is taken for what the text is."""
    simplified, traditional = one_script(text)
    whole = traditional > simplified

    def is_traditional(line: str) -> bool:
        own, other = one_script(line)
        return other > own if own or other else whole

    for already, lines in groupby(text.splitlines(keepends=True), is_traditional):
        if already:
            yield _through("Rest", "".join(lines))
        else:
            converted = _through("ST", "".join(lines))
            # 發布 and 公布 by Taiwan's standard, 發佈 and 公佈 in Hong Kong.
            yield converted.replace("佈", "布") if script == "hant" else converted


@cache
def _stage(name: str) -> Stage:
    tables = _tables()
    if name == "Rest":
        characters = tables["STCharacters"]
        return Stage({}, {key: characters[key] for key in SIMPLIFIED_ONLY & characters.keys()})
    characters = tables.get(f"{name}Characters") or tables[name]
    characters = characters | {own: characters.get(usual, usual) for own, usual in _LOCAL_FORMS.items()}
    frequencies = {word: int(count) for word, count in tables["frequencies"].items()}
    return Stage(tables[f"{name}Phrases"], characters, frequencies if name == "ST" else None)


@cache
def _tables() -> Mapping[str, dict[str, str]]:
    """The tables by their names."""
    packed = files(__package__).joinpath("conversions.tsv.gz").read_bytes()
    found: dict[str, dict[str, str]] = {}
    for line in gzip.decompress(packed).decode().splitlines():
        if line.startswith("["):
            rows = found[line[1:-1]] = {}
        elif not line.startswith("#"):
            key, value = line.split("\t")
            rows[key] = value
    return found
