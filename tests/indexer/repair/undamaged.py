"""What looks damaged and is not? Texts of our own, made by kind from parts, all of them to be left alone."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

from pypinyin import pinyin

SIMPLIFIED = "图书馆早上开门以后读者陆续进来借书还书也有人在窗边写作业老师带着学生参观新的展厅"
TRADITIONAL = "圖書館早上開門以後讀者陸續進來借書還書也有人在窗邊寫作業老師帶著學生參觀新的展廳"
WORDS_S = (
    "银行 行走 音乐 快乐 长江 成长 重新 重量 说服 游说 参加 人参 角色 觉得 睡觉 还是 还书 都市 都是".split()
)
WORDS_T = (
    "銀行 行走 音樂 快樂 長江 成長 重新 重量 說服 遊說 參加 人參 角色 覺得 睡覺 還是 還書 都市 都是".split()
)
RARE = "亳 歙 黟 婺 郫 涪 邕 鄱 荥 郯 郓 蔚 莒 鄄 浚 泷 犍 洪 渑 郏".split()
NAMES = "Besançon Märchen Ærø Ålesund Dvořák Łódź São_Paulo Curaçao Réunion Malmö Zürich Cádiz Niš".split()
PEOPLE = "王小明 李大同 張美芳 陳志遠 林雅文 周明 何靜 吳建國 鄭思源 高曉東".split()
PLACES = "南門 北站 東湖 西街 河濱 山腳 港口 學校 醫院 車站".split()


def sentence(rng: random.Random, script: str) -> str:
    """A sentence of our own in one script."""
    who, where = rng.choice(PEOPLE), rng.choice(PLACES)
    if script == "hans":
        return rng.choice(
            [
                f"今天下午在{rng.randint(1, 30)}号楼开会。",
                "他说这本书很有意思。",
                f"我们{rng.randint(2, 9)}点见面吧。",
            ]
        )
    return rng.choice([f"{who}在{where}等車。", f"{where}旁邊新開了一家書店。", f"{who}說今晚會下雨。"])


def _read(text: str) -> str:
    return "".join(f"{c}({p[0]})" for c, p in zip(text, pinyin(text), strict=True))


def learner(rng: random.Random) -> str:
    """A lesson: every character with its reading, or every new word once."""
    text = rng.choice([SIMPLIFIED, TRADITIONAL])
    start = rng.randrange(len(text) - 12)
    line = text[start : start + rng.randint(6, 12)]
    return f"第{rng.randint(1, 40)}課\n\n{_read(line)}。\n\n{sentence(rng, 'hant')}"


def vocabulary(rng: random.Random) -> str:
    """A list of words with readings and a meaning."""
    words = rng.sample(WORDS_S + WORDS_T, 6)
    return "\n".join(f"{_read(word)} 例：{word}" for word in words)


def dictionary(rng: random.Random) -> str:
    """Entries of a dictionary: one character, all its readings."""
    entries = {
        "行": ["xíng", "háng", "hàng"],
        "樂": ["lè", "yuè", "yào"],
        "長": ["cháng", "zhǎng"],
        "乐": ["lè", "yuè"],
        "說": ["shuō", "shuì", "yuè"],
        "重": ["zhòng", "chóng"],
        "还": ["hái", "huán"],
        "還": ["hái", "huán"],
    }
    chosen = rng.sample(sorted(entries), 3)
    return "\n".join(f"{c}({reading})：{sentence(rng, 'hant')}" for c in chosen for reading in entries[c])


def polyphones(rng: random.Random) -> str:
    """Which reading is right: 说服读 shuō, not shuì."""
    pairs = [
        ("说", "shuō", "shuì", "服"),
        ("粳", "jīng", "gěng", "米"),
        ("呆", "dāi", "ái", "板"),
        ("確", "què", "qiè", "實"),
        ("說", "shuō", "shuì", "服"),
        ("骑", "qí", "jì", "兵"),
        ("癌", "ái", "yán", "症"),
        ("從", "cóng", "zòng", "容"),
    ]
    return (
        "；".join(
            f"{c}{after}讀{c}({right}){after}，不讀{c}({wrong}){after}"
            for c, right, wrong, after in rng.sample(pairs, 3)
        )
        + "。"
    )


def glosses(rng: random.Random) -> str:
    """Rare characters glossed once."""
    chosen = rng.sample(RARE, 4)
    return "他走過" + "、".join(f"{c}({pinyin(c)[0][0]})縣" for c in chosen) + f"。{sentence(rng, 'hant')}"


def directory(rng: random.Random) -> str:
    """A page of telephone numbers."""
    labels = rng.sample(
        ["服务热线", "投诉电话", "舉報電話", "訂閱熱線", "编辑部电话", "客服热线", "监督电话"], 4
    )
    return (
        "\n".join(f"{label}：0510-8{rng.randint(1000000, 9999999)}" for label in labels)
        + f"\n{sentence(rng, 'hans')}"
    )


def inventory(rng: random.Random) -> str:
    """A list of picture files."""
    lines = [
        f"{rng.choice(PLACES)}{rng.choice(['日出', '雨後', '夜景'])}_{n:02}.{rng.choice(['jpg', 'png'])}"
        for n in range(rng.randint(2, 6))
    ]
    return "圖片清單\n\n" + "\n".join(lines)


def script(rng: random.Random) -> str:
    """The last page of a play."""
    end, cast = rng.choice(["THE END", "The End", "—END—"]), "、".join(rng.sample(PEOPLE, 3))
    return f"（燈暗）\n{rng.choice(PEOPLE)}：{sentence(rng, 'hant')}\n\n幕落。\n\n{end}\n\n演員表：{cast}"


def manual(rng: random.Random) -> str:
    """Words of a program's surface, each on a line."""
    words = rng.sample(
        [
            "上一页",
            "下一页",
            "发表评论",
            "驗證碼：",
            "分享到：",
            "打印",
            "關閉窗口",
            "登录",
            "更多>>",
            "收藏",
            "扫一扫",
        ],
        4,
    )
    return (
        "界面上有四個按鈕：\n\n"
        + "\n".join(words)
        + f"\n\n{rng.choice(['點一下就行。', '点它们即可。', '按需要選用。'])}"
    )


def chat(rng: random.Random) -> str:
    """Lines that begin with question marks."""
    return "\n".join(
        f"??{rng.choice(['你到了吗', '还没有', '那我先走', '在哪裡', '真的假的', '好吧'])}"
        for _ in range(rng.randint(3, 6))
    )


def entities(rng: random.Random) -> str:
    """A text about HTML."""
    names = rng.sample(["&lt;", "&gt;", "&amp;", "&nbsp;", "&quot;", "&copy;", "&hellip;"], 4)
    how = rng.choice(["{} 要寫成實體", "HTML 裡用 {} 表示", "应写成 {}，再存盘"])
    return "。".join(how.format(name) for name in names) + f"。{sentence(rng, 'hant')}"


def foreign(rng: random.Random) -> str:
    """Names with accents among Han."""
    return (
        "、".join(name.replace("_", " ") for name in rng.sample(NAMES, 5))
        + f"都去過。Où était l'été? «À bientôt» {sentence(rng, 'hant')}"
    )


def garbling(rng: random.Random) -> str:
    """A text about garbled text."""
    which = rng.choice(["「锟斤拷」", "“烫烫烫”", "「ï»¿」", "「屯屯屯」", "「Ã©」"])
    return f"常見的亂碼有{which}，{sentence(rng, 'hant')}多半是編碼弄錯了。"


def paths(rng: random.Random) -> str:
    """Windows paths, some with characters that end in a backslash byte."""
    folder, inner = rng.choice(["成功", "許可", "功能", "蓋章"]), rng.choice(["資料", "圖片"])
    return f"檔案放在 C:\\{folder}\\{inner}\\{rng.randint(1, 99)}.txt，{sentence(rng, 'hant')}"


def characters(rng: random.Random) -> str:
    """Characters to write, with spaces between."""
    chosen = rng.sample("天地日月山水火木金土人口手足大小多少上下左右東南西北春夏秋冬", 14)
    return f"寫一寫：\n{' '.join(chosen)}\n{sentence(rng, 'hans')}"


def roster(rng: random.Random) -> str:
    """Names and headings set wide."""
    return "姓 名\n" + "\n".join(" ".join(name) for name in rng.sample(PEOPLE, 6)) + "\n目 錄\n第 一 章"


def exclaiming(rng: random.Random) -> str:
    """Marks that pile up."""
    return f"「什麼?！」{rng.choice(PEOPLE)}喊道。「真的?！你走吧?！」{sentence(rng, 'hant')}他說:“好嗎?”"


def rare_verse(rng: random.Random) -> str:
    """Rare characters in a row, one of them unreadable."""
    pool = "璆瑯琛孫憭慄鑠鐳鍥鐨涓鎴銆閿紱檿禋祗犧旂旌鋋鎛鋗鐃餼饋龢龕"
    return (
        "".join(rng.choice(pool) for _ in range(10)) + f"，�{rng.choice(pool)}山。\n{sentence(rng, 'hant')}"
    )


def sql(rng: random.Random) -> str:
    """Code with backslashes and high letters."""
    price = f"價錢是 £{rng.randint(1, 99)}、½ 杯、37°C、20×30"
    return f"在程式裡寫 \"\\n\" 與 '\\\\' 兩種，{price}。{sentence(rng, 'hant')}"


def japanese(rng: random.Random) -> str:
    """Japanese, Korean and Cyrillic beside Han."""
    return rng.choice(
        ["東京(とうきょう)は日本の首都です。", "서울(首爾)은 한국의 수도이다.", "Москва（莫斯科）是首都。"]
    ) + sentence(rng, "hans")


KINDS: tuple[Callable[[random.Random], str], ...] = (
    learner,
    vocabulary,
    dictionary,
    polyphones,
    glosses,
    directory,
    inventory,
    script,
    manual,
    chat,
    entities,
    foreign,
    garbling,
    paths,
    characters,
    roster,
    exclaiming,
    rare_verse,
    sql,
    japanese,
)


def texts(each: int, seed: int) -> Iterator[tuple[str, str]]:
    """(kind, text), so many of each kind."""
    for kind in KINDS:
        rng = random.Random(f"{kind.__name__} {seed}")
        for _ in range(each):
            yield kind.__name__, kind(rng)
