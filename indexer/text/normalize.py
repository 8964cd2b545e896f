"""Which characters count as the same? str → str of equal length, for matching only.

Every character is replaced by the representative of its class, one code point for one code point, so
offsets into the folded text are offsets into the text. The classes are those of the OpenCC character
tables (Traditional/Simplified, Taiwan and Hong Kong variants, read in both directions and closed
transitively) with the additions below and the rare forms in `variants.txt` (遶 of 绕, 劒 of 剑), joined to
Unicode compatibility and case folding, and to Latin letters without their accents, where those stay one to
one. Folding has no context: what is the same stays the same in every substring, which is what lets any
substring of a document find it. What is stored and shown is never folded.

Invariants: `len(normalize(s)) == len(s)`; `normalize` is idempotent and works on each character by itself.
This is the only module that imports opencc. Where the extension `_text` was built it replaces
`str.translate`, which takes ten times as long and gives the same.
"""

from __future__ import annotations

import hashlib
import re
import sys
import unicodedata
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from itertools import chain

import opencc

from indexer import native

_TABLES = (
    "TSCharacters",
    "STCharacters",
    "TWVariants",
    "TWVariantsRev",
    "HKVariants",
    "HKVariantsRev",
)

# Variants that a reader takes for the same character and the tables above keep apart. The last row is
# what only OpenCC's phrase tables exchange (沉没/沈沒, 并州/幷州, 熏香/薰香, 坐落/座落, 乙酰/乙醯, 俱/具).
ADDITIONS = (
    "什甚 阔濶 青靑 告吿 户戸 躲躱 高髙 裙裠 朵朶 雁鴈 鹅鵞 略畧 岛嶋 煮煑 糖餹 秋秌 和龢 净浄 嘴咀 闹閙 "
    "碗椀盌 你妳 它祂 步歩 每毎 德徳 戏戱 村邨 效効 杂襍 砖甎 罚罸 遍徧 阱穽 麻蔴 黏粘 齿歯 龟亀 哲喆 奶嬭 "
    "暖煖 溪谿 睹覩 窗窻窓 箸筯 蚊蟁 逼偪 鞍鞌 鞋鞵 岩巌 "
    "沈沉 并幷竝 熏薰 坐座 酰醯 具俱"
)

# Compatibility and case mappings live in these ranges; elsewhere a character is its own form.
_COMPATIBILITY_RANGES = (
    (0, 0x3400),
    (0xA640, 0xAC00),
    (0xF900, 0x10000),
    (0x10400, 0x1FC00),
    (0x2F800, 0x2FA20),
)

# The comma of sentences, which is not that of numbers: 1,234 is one, 第25，26届 names two.
_COMMA = "，"
_COMMAS = frozenset("，﹐︐")

# Latin letters with an accent, and what those are without it that Unicode does not take apart.
_ACCENTED = re.compile("[\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff]")
_CROSSED = dict(zip("ĐđĦħıŁłØøŦŧ", "ddhhilloott", strict=True))

_RADICAL_FORMS: Mapping[str, str] = {
    # CJK Radicals Supplement has no compatibility mappings except two; these are the forms that print
    # alike and turn up where a PDF was copied (Unicode code chart U+2E80, "see" references).
    "⺁": "厂", "⺄": "乙", "⺆": "冂", "⺈": "刀", "⺊": "卜", "⺌": "小", "⺍": "小", "⺎": "兀",
    "⺏": "尢", "⺐": "尢", "⺑": "尢", "⺓": "幺", "⺔": "彑", "⺖": "忄", "⺗": "心", "⺘": "手",
    "⺙": "攵", "⺛": "无", "⺜": "日", "⺝": "月", "⺞": "歹", "⺟": "母", "⺠": "民", "⺡": "水",
    "⺢": "水", "⺣": "火", "⺤": "爪", "⺥": "爪", "⺦": "爿", "⺧": "牛", "⺨": "犬", "⺩": "王",
    "⺫": "目", "⺬": "示", "⺭": "礻", "⺮": "竹", "⺯": "糸", "⺰": "纟", "⺱": "网", "⺲": "网",
    "⺳": "网", "⺴": "网", "⺶": "羊", "⺷": "羊", "⺸": "羊", "⺹": "老", "⺺": "聿", "⺻": "聿",
    "⺼": "肉", "⺽": "臼", "⺾": "艹", "⺿": "艹", "⻀": "艹", "⻁": "虎", "⻂": "衤", "⻃": "西",
    "⻄": "西", "⻅": "见", "⻆": "角", "⻇": "角", "⻈": "讠", "⻉": "贝", "⻊": "足", "⻋": "车",
    "⻌": "辶", "⻍": "辶", "⻎": "辶", "⻏": "阝", "⻐": "钅", "⻑": "长", "⻒": "长", "⻓": "长",
    "⻔": "门", "⻕": "阜", "⻖": "阝", "⻗": "雨", "⻘": "青", "⻙": "韦", "⻚": "页", "⻛": "风",
    "⻜": "飞", "⻝": "食", "⻞": "食", "⻟": "食", "⻠": "饣", "⻡": "首", "⻢": "马", "⻣": "骨",
    "⻤": "鬼", "⻥": "鱼", "⻦": "鸟", "⻧": "卤", "⻨": "麦", "⻩": "黄", "⻪": "黾", "⻫": "齐",
    "⻬": "齐", "⻭": "齿", "⻮": "齿", "⻯": "龙", "⻰": "龙", "⻱": "龟", "⻲": "龟", "⻳": "龟",
}  # fmt: skip


def normalize(text: str) -> str:
    """Fold `text` for matching: equal length, every character by itself.

    >>> normalize("無錫（國家）軟件園"), normalize("Ｗｕｘｉ　甚麼")
    ('无锡(国家)软件园', 'wuxi 什么')
    """
    return _translated(text, _FOLDED)


def _translated(text: str, table: str) -> str:
    extension = native.compiled("_text")
    found: str = extension.fold(text, table) if extension else text.translate(table)
    return found


def spelled(text: str) -> str:
    """`text` folded as by `normalize`, but with the accents of its Latin letters: what ranks, not what finds.

    >>> spelled("Café 無錫"), normalize("Café 無錫")
    ('café 无锡', 'cafe 无锡')
    """
    return with_accents(normalize(text), text)


def with_accents(folded: str, text: str) -> str:
    """What `normalize` made of `text`, with the accents of its Latin letters."""
    if not _ACCENTED.search(text):
        return folded
    characters = [*folded]
    for accented in _ACCENTED.finditer(text):
        lower = accented.group().lower()
        characters[accented.start()] = lower if len(lower) == 1 else characters[accented.start()]
    return "".join(characters)


def folded_query(text: str) -> str:
    """What two queries are the same by: folded, white space as single spaces.

    >>> folded_query(" 無錫　高新區 ")
    '无锡 高新区'
    """
    return " ".join(normalize(text).split())


def variants(character: str) -> str:
    """All characters that fold as `character` does, itself among them, in code point order.

    >>> variants("绕")
    '繞绕遶'
    """
    folded = normalize(character)
    return "".join(sorted({folded, character, *_members().get(folded, "")}))


def table_digest() -> str:
    """SHA-256 of the fold table, for the fingerprint of an index."""
    return _DIGEST


def phrase_rows(table: str) -> Iterator[tuple[str, list[str]]]:
    """The rows of one of OpenCC's tables, by its name without `.txt`: a key and its values, best first.

    >>> dict(phrase_rows("TWPhrases"))["三極管"]
    ['三極體']
    """
    text = files(opencc).joinpath("dictionary", f"{table}.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        key, _, values = line.partition("\t")
        yield key, values.split()


def _pairs(groups: Sequence[str]) -> Iterator[tuple[str, str]]:
    for table in _TABLES:
        for key, values in phrase_rows(table):
            yield from ((key, value) for value in values if len(key) == len(value) == 1)
    for group in groups:
        yield from ((other, group[0]) for other in group[1:])


def _classes(pairs: Iterable[tuple[str, str]]) -> list[set[str]]:
    """Join pairs into classes (union-find)."""
    parent: dict[str, str] = {}

    def find(item: str) -> str:
        parent.setdefault(item, item)
        while parent[item] != item:
            parent[item] = item = parent[parent[item]]
        return item

    for left, right in pairs:
        parent[find(left)] = find(right)
    classes: dict[str, set[str]] = defaultdict(set)
    for item in parent:
        classes[find(item)].add(item)
    return list(classes.values())


def representatives(groups: Sequence[str]) -> Mapping[str, str]:
    """Character → representative: what most of its class simplify to, the earliest code point if even.

    `groups` join characters besides those of the tables: one of them, then its other forms.
    """
    rows = phrase_rows("TSCharacters")
    simplified = {key: values[0] for key, values in rows if len(values[0]) == len(key) == 1}
    for group in groups:
        simplified |= dict.fromkeys(group[1:], simplified.get(group[0], group[0]))
    table: dict[str, str] = {}
    for members in _classes(_pairs(groups)):
        votes = [simplified.get(member, member) for member in members]
        most = max(map(votes.count, votes))
        table |= dict.fromkeys(members, min(vote for vote in votes if votes.count(vote) == most))
    return table


@cache
def _representatives() -> Mapping[str, str]:
    rare = files(__package__).joinpath("variants.txt").read_text(encoding="utf-8").splitlines()
    return representatives([*ADDITIONS.split(), *(line for line in rare if not line.startswith("#"))])


def _compatible(character: str) -> str:
    """NFKC, lower case and no accent where the result is one character, else the character itself."""
    if character in _COMMAS:
        return _COMMA
    character = _RADICAL_FORMS.get(character, character)
    form = unicodedata.normalize("NFKC", character)
    character = form if len(form) == 1 else character
    if _ACCENTED.match(character):
        base = _CROSSED.get(character) or unicodedata.normalize("NFD", character)[0]
        character = base if base.isascii() else character
    form = character.lower()
    return form if len(form) == 1 else character


def _table() -> Mapping[int, str]:
    classes = _representatives()
    table = {ord(character): best for character, best in classes.items() if character != best}
    for character in _changing():
        folded = _compatible(character)
        folded = classes.get(folded, folded)
        if folded != character:
            table[ord(character)] = folded
    return table


def _changing() -> Iterator[str]:
    """All characters that have another form for compatibility or in lower case, and some that have not."""
    characters = [*map(chr, chain.from_iterable(range(*bounds) for bounds in _COMPATIBILITY_RANGES))]
    # All at once, kept apart by a character of private use: one by one takes three times as long.
    forms = unicodedata.normalize("NFKD", "\ue000".join(characters)).lower().split("\ue000")
    yield from (character for character, form in zip(characters, forms, strict=True) if character != form)
    yield from _RADICAL_FORMS
    yield from _CROSSED


def _folding() -> tuple[str, str]:
    """The folded form of each code point in their order, and the SHA-256 of those that are changed.

    Code points beyond the end fold to themselves.
    """
    table = _table()
    codes = sorted(table)
    folded = array("I", range(codes[-1] + 1))
    for code in codes:
        folded[code] = ord(table[code])
    # One format for all: a string for each takes twice as long, in every process.
    changed = "%x%s" * len(codes) % tuple(chain.from_iterable((code, table[code]) for code in codes))
    characters = folded.tobytes().decode(f"utf-32-{sys.byteorder[0]}e", "surrogatepass")
    return characters, hashlib.sha256(changed.encode()).hexdigest()


@cache
def _members() -> Mapping[str, str]:
    members: dict[str, list[str]] = defaultdict(list)
    for character, best in _representatives().items():
        members[best].append(character)
    return {best: "".join(characters) for best, characters in members.items()}


@cache
def _one_script() -> tuple[frozenset[str], frozenset[str]]:
    to_traditional = {key: values for key, values in phrase_rows("STCharacters")}
    to_simplified = {key: values for key, values in phrase_rows("TSCharacters")}
    simplified = {s for s, values in to_traditional.items() if s not in values and s not in to_simplified}
    traditional = {t for t, values in to_simplified.items() if t not in values and t not in to_traditional}
    return frozenset(simplified), frozenset(traditional)


_FOLDED, _DIGEST = _folding()
SIMPLIFIED_ONLY, TRADITIONAL_ONLY = _one_script()


def one_script(text: str) -> tuple[int, int]:
    """How many characters only Simplified writing has, and how many only Traditional.

    >>> one_script("无錫軟件園")
    (1, 3)
    """
    classes = _translated(text, _script_classes())
    return classes.count("s"), classes.count("t")


@cache
def _script_classes() -> str:
    """For each code point "s", "t" or " "; those beyond the end are in neither script alone."""
    classes = [" "] * (ord(max(SIMPLIFIED_ONLY | TRADITIONAL_ONLY)) + 1)
    for letter, characters in (("s", SIMPLIFIED_ONLY), ("t", TRADITIONAL_ONLY)):
        for character in characters:
            classes[ord(character)] = letter
    return "".join(classes)
