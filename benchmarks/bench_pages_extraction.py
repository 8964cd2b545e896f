"""How much of an article is kept, and how much of what is around it is taken in? 200 layouts of pages.

    python -m benchmarks.bench_pages_extraction [--pages 200] [--seed 1] [--show N]

Pages are put together from what pages are made of: containers (article, sections with telling ids, tables
for layout, bare divs, text with <br>), parts of an article (lists with links, infoboxes, captions, readings,
tables, quotations) and furniture (menus, breadcrumbs, sidebars, related articles, notices), in either script,
with class names that mean nothing here, or the opposite. All words are our own. Every extractor that can be
imported is measured beside `hansou`: trafilatura, resiliparse, readability (in an environment of its own:
`pip install resiliparse trafilatura readability-lxml`).

kept      of the Han characters of the articles, those whose eight neighbors came out in a row
taken in  of the Han characters that came out, those of the furniture
"""

from __future__ import annotations

import argparse
import random
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

from indexer.text.display import convert

Extractor = Callable[[str], str]

_WINDOW = 8
_SUBJECTS = (
    "街坊 巡護隊 圖書館員 茶農 渡輪船長 校工 漁會 里長 木匠 氣象站 合唱團 修鞋師傅 園丁 郵差 夜班護士 導覽員"
).split()
_PLACES = (
    "南門外 河堤邊 老車站 三號倉庫 半山腰 舊碼頭 菜市場二樓 後院 鐘樓下 水塔旁 球場 渡口 涼亭 操場 "
    "巷口 觀景台"
).split()
_DEEDS = (
    "清點了新到的種子 修好了漏水的屋頂 量了一整天的水位 重新排了值班表 把舊報紙裝訂成冊 "
    "教孩子們辨認鳥的叫聲 討論路燈該裝在哪裡 抄下每一塊門牌 試了三種不同的泡法 替木船上了新漆 "
    "收回借出去的梯子 畫了一張沒有人要的地圖"
).split()
_TIMES = "清晨 中午 傍晚 入夜以後 下雨之前 開學那天 收攤時 停電的時候 月底 第二天 冬至前後 週末".split()
_NAMES = (
    "雙溪口 白石崗 舊鐵橋 柚子林 石燈籠 龍眼坪 望潮亭 三叉路 竹篙厝 煙囪公園 鹽田尾 榕樹頭 燈塔角 水磨坊"
).split()
_MENU = "首頁 新聞 人物 影像 地圖 活動 論壇 副刊 投書 關於我們 聯絡方式 訂閱 登入 註冊 招募 招標".split()
# Names that extractors have been known to remove, and names that say nothing.
_CLASSES = (
    "yinshi yinyong pinyin zhuyin sidebar-text comment-body share-story footer-note related-work "
    "hidden-gem menu-of-the-day ad-hoc promo-tour social-history nav-history widget x1 a b3 wrap "
    "inner col-8 text txt c1 p12 entry post bd"
).split()
_IDS = "main main_elements content main-content intro notes part1 s3 top section-2 article-list".split()


@dataclass(slots=True)
class Maker:
    """What makes pages: a source of chance, and what has been written as article and as furniture."""

    rng: random.Random
    article: list[str] = field(default_factory=list)
    furniture: list[str] = field(default_factory=list)
    serial: int = 0

    def sentence(self) -> str:
        """A sentence like no other."""
        pick, self.serial = self.rng.choice, self.serial + 1
        number = "".join("〇一二三四五六七八九"[int(digit)] for digit in f"{self.serial:03}")
        return f"{pick(_TIMES)}，{pick(_PLACES)}的{pick(_SUBJECTS)}{pick(_DEEDS)}，記在第{number}頁。"

    def prose(self, least: int = 1, most: int = 4) -> str:
        """Some sentences."""
        return "".join(self.sentence() for _ in range(self.rng.randint(least, most)))

    def title(self) -> str:
        """A title like no other."""
        return self.sentence().rstrip("。").replace("，記在", "：")

    def name(self) -> str:
        """A short name like few others."""
        self.serial += 1
        return self.rng.choice(_NAMES) + "甲乙丙丁戊己庚辛壬癸"[self.serial % 10] + "號"

    def own(self, text: str) -> str:
        """`text`, of the article."""
        self.article.append(text)
        return text

    def other(self, text: str) -> str:
        """`text`, of the furniture."""
        self.furniture.append(text)
        return text

    def attributes(self) -> str:
        """A class, an id, both or neither."""
        rng = self.rng
        found = f' class="{rng.choice(_CLASSES)}"' if rng.random() < 0.6 else ""
        return found + (f' id="{rng.choice(_IDS)}"' if rng.random() < 0.2 else "")

    # ---- parts of an article

    def paragraph(self) -> str:
        """A paragraph, some of it bold or a link."""
        text = self.own(self.prose())
        at = self.rng.randrange(4, len(text) - 6)
        tag = self.rng.choice(["b", "a href='/x'", "em", "span", "font color=red", ""])
        if not tag:
            return f"<p{self.attributes()}>{text}</p>"
        inner = f"<{tag}>{text[at : at + 4]}</{tag.split()[0]}>"
        return f"<p>{text[:at]}{inner}{text[at + 4 :]}</p>"

    def heading(self) -> str:
        """A heading within the article."""
        return f"<h{(level := self.rng.choice('2334'))}>{self.own(self.name() + '的來歷')}</h{level}>"

    def linked_list(self) -> str:
        """Names that are links, with and without a word beside them."""
        items = []
        for _ in range(self.rng.randint(2, 6)):
            name, beside = self.own(self.name()), self.rng.choice(["", "：始建於前朝", "，沿河可達"])
            items.append(
                f"<li><a href='/w/{self.serial}'>{name}</a>{self.own(beside) if beside else ''}</li>"
            )
        return f"<ul{self.attributes()}>{''.join(items)}</ul>"

    def last_list(self) -> str:
        """The same at the end of a section."""
        return self.heading() + self.linked_list() if self.rng.random() < 0.5 else ""

    def infobox(self) -> str:
        """A table of facts, values partly links."""
        rows = []
        for label in self.rng.sample(["面積", "海拔", "別名", "鄰里", "創立", "管理單位"], 4):
            name = self.own(f"{label}{self.name()}"[2:])
            value = f"<a href='/i/{self.serial}'>{name}</a>" if self.rng.random() < 0.4 else name
            rows.append(f"<tr><th>{self.own(label)}</th><td>{value}</td></tr>")
        return f"<table{self.attributes()}>{''.join(rows)}</table>"

    def table(self) -> str:
        """A table of values."""
        rows = [
            "<tr>" + "".join(f"<td>{self.own(self.name())}</td>" for _ in range(3)) + "</tr>"
            for _ in range(self.rng.randint(2, 5))
        ]
        return f"<table border=1>{''.join(rows)}</table>"

    def figure(self) -> str:
        """A picture with its caption."""
        return f"<figure><img src=a.jpg><figcaption>{self.own('圖：' + self.title())}</figcaption></figure>"

    def ruby(self) -> str:
        """A paragraph of which two characters have readings."""
        text = self.own(self.prose(2, 3))
        rubies = "".join(f"<ruby>{c}<rp>(</rp><rt>ㄅㄚ</rt><rp>)</rp></ruby>" for c in text[3:5])
        return f"<p>{text[:3]}{rubies}{text[5:]}</p>"

    def quotation(self) -> str:
        """A quotation, or a box with a class that says nothing good."""
        text = self.own(self.prose(1, 2))
        return self.rng.choice(
            [
                f"<blockquote><p>{text}</p></blockquote>",
                f"<div class={self.rng.choice(_CLASSES)}>{text}</div>",
                f"<details open><summary>{text[:9]}</summary>{text[9:]}</details>",
                f"<aside{self.attributes()}><p>{text}</p></aside>",
            ]
        )

    def broken_lines(self) -> str:
        """Paragraphs parted by <br>."""
        return f"<div>{'<br><br>'.join('　　' + self.own(self.prose()) for _ in range(3))}</div>"

    def definitions(self) -> str:
        """A list of terms."""
        pairs = (f"<dt>{self.own(self.name())}</dt><dd>{self.own(self.prose(1, 1))}</dd>" for _ in range(3))
        return f"<dl>{''.join(pairs)}</dl>"

    # ---- furniture

    def links(self, texts: list[str], tag: str = "li") -> str:
        """Links, each an item."""
        return "".join(
            f"<{tag}><a href='/l/{n}'>{self.other(text)}</a></{tag}>" for n, text in enumerate(texts)
        )

    def menu(self) -> str:
        """A menu of the site."""
        texts = self.rng.sample(_MENU, self.rng.randint(5, 10))
        return self.rng.choice(
            [
                f"<nav><ul>{self.links(texts)}</ul></nav>",
                f"<div{self.attributes()}><ul>{self.links(texts)}</ul></div>",
                f"<div>{' | '.join(self.links([text], 'span') for text in texts)}</div>",
                f"<table width=100%><tr>{self.links(texts, 'td')}</tr></table>",
                f"<header><div role=navigation>{self.links(texts, 'b')}</div></header>",
            ]
        )

    def breadcrumb(self) -> str:
        """Where one is on the site."""
        steps = " &gt; ".join(self.links([text], "span") for text in _MENU[:2])
        return f"<div>{self.other('當前位置：')}{steps}</div>"

    def related(self) -> str:
        """Titles of other articles, with a heading that says so, or none."""
        heading = self.rng.choice(["相關閱讀", "推薦文章", "熱門新聞", "延伸閱讀", "最新文章", "閱讀排行"])
        level = self.rng.choice(["h2", "h3", "div", "p", "strong"])
        titles = [self.title() for _ in range(self.rng.randint(3, 8))]
        return f"<{level}>{self.other(heading)}</{level}><ul>{self.links(titles)}</ul>"

    def neighbors(self) -> str:
        """The article before and the one after."""
        before, after = (self.links([self.title()], "span") for _ in range(2))
        return f"<p>{self.other('上一篇：')}{before}</p><p>{self.other('下一篇：')}{after}</p>"

    def sharing(self) -> str:
        """Where to share a page."""
        return f"<div>{self.other('分享到：')}{self.links(['微博', '噗浪', '電郵'], 'span')}</div>"

    def labels(self) -> str:
        """Labels of a page."""
        return f"<div>{self.other('標籤：')}{self.links([self.name() for _ in range(3)], 'span')}</div>"

    def form(self) -> str:
        """A form, with the words beside its fields."""
        options = f"<select><option>{self.other('請選擇分類')}</option></select>"
        button = f"<button>{self.other('搜尋')}</button>"
        return f"<form>{self.other('站內搜尋')}<input name=q>{options}{button}</form>"

    def foot(self) -> str:
        """Who made the site."""
        notice = self.other(
            f"版權所有 © 雙溪口{self.rng.choice(['觀察網', '周報', '文史室'])} 未經同意請勿轉載"
        )
        tag = self.rng.choice(["footer", "div", "p", "td"])
        menu = self.links(self.rng.sample(_MENU, 4), "span")
        inner = f"<{tag}>{menu} {notice}</{tag}>"
        return f"<table><tr>{inner}</tr></table>" if tag == "td" else inner

    def script(self) -> str:
        """What no reader sees."""
        hidden = self.other("這是看不見的文字，不應該出現在結果裡。")
        return self.rng.choice(
            [
                f"<script>var 訊息 = '{hidden}'</script>",
                f"<div style='display:none'>{hidden}</div>",
                f"<template><p>{hidden}</p></template>",
                f"<style>.甲::after {{content: '{hidden}'}}</style>",
            ]
        )


def body_of(maker: Maker) -> list[str]:
    """The parts of an article, in order."""
    parts = [
        maker.heading, maker.linked_list, maker.table, maker.figure, maker.ruby, maker.quotation,
        maker.broken_lines, maker.definitions,
    ]  # fmt: skip
    opening = [maker.infobox()] if maker.rng.random() < 0.25 else []
    plain = [maker.paragraph() for _ in range(maker.rng.randint(1, 4))]
    rest = [
        maker.rng.choice([*parts, maker.paragraph, maker.paragraph])() for _ in range(maker.rng.randint(0, 8))
    ]
    return [*opening, *plain, *rest, maker.paragraph(), maker.last_list()]


def contained(maker: Maker, parts: list[str], extra: str) -> str:
    """An article in one of the containers that pages have, with furniture inside of it at its end."""
    rng, whole = maker.rng, "".join(parts)
    boxes = "".join(f"<div{maker.attributes()}>{part}</div>" for part in parts)
    cut = rng.randint(1, len(parts))
    return rng.choice(
        [
            lambda: f"<article>{whole}{extra}</article>",
            lambda: f"<main><div{maker.attributes()}>{whole}</div>{extra}</main>",
            lambda: f"<div class=content><div class=inner>{whole}{extra}</div></div>",
            lambda: f"<div{maker.attributes()}>{whole}</div><div>{extra}</div>",
            lambda: (
                f"<section id=intro>{''.join(parts[:cut])}</section>"
                f"<section id={rng.choice(_IDS)}>{''.join(parts[cut:])}</section>{extra}"
            ),
            lambda: f"<table><tr><td valign=top>{whole}{extra}</td></tr></table>",
            lambda: f"<div id=main>{boxes}{extra}</div>",
            lambda: f"{whole}{extra}",
            lambda: f"<center><font size=2>{whole}</font></center>{extra}",
        ]
    )()


def page(seed: int) -> tuple[str, list[str], list[str]]:
    """A page, the texts of its article, the texts of its furniture; the same for the same seed."""
    maker = Maker(random.Random(seed))
    rng = maker.rng
    title = maker.title()
    before = [maker.menu(), *(part() for part in (maker.breadcrumb, maker.form) if rng.random() < 0.5)]
    heading = f"<h1>{title}</h1>" if rng.random() < 0.7 else ""
    parts = body_of(maker)
    inner = [
        part()
        for part in (maker.sharing, maker.labels, maker.neighbors, maker.related)
        if rng.random() < 0.35
    ]
    side = f"<div{maker.attributes()}>{maker.related()}</div>" if rng.random() < 0.6 else ""
    side = f"<aside>{side}</aside>" if side and rng.random() < 0.3 else side
    text = heading + contained(maker, parts, "".join(inner))
    middle = rng.choice([side + text, text + side, f"<table><tr><td>{side}</td><td>{text}</td></tr></table>"])
    body = "".join(before) + maker.script() + middle + maker.foot()
    head = f"<head><meta charset=utf-8><title>{title}</title></head>"
    html = f"<!DOCTYPE html><html>{head}<body>{body}</body></html>"
    texts = html, maker.article, maker.furniture
    if seed % 2:
        return texts
    return (
        convert(html, "hans"),
        [convert(text, "hans") for text in maker.article],
        [convert(text, "hans") for text in maker.furniture],
    )


def han(text: str) -> str:
    """The Han characters of a text."""
    return "".join(re.findall("[\u3400-\u9fff〇]", text))


def windows(text: str) -> Iterator[str]:
    """Every eight characters in a row, or the whole of a shorter text."""
    yield from (text[at : at + _WINDOW] for at in range(max(1, len(text) - _WINDOW + 1)))


def kept(texts: list[str], found: str, but: str = "") -> tuple[int, int]:
    """How many Han characters of texts came out, and how many there are; what `but` holds does not count."""
    held = whole = 0
    for text in filter(None, map(han, texts)):
        there = [window in found and window not in but for window in windows(text)]
        held += round(len(text) * sum(there) / len(there))
        whole += len(text)
    return held, whole


def extractors() -> dict[str, Extractor]:
    """Every extractor that can be imported, by its name."""
    found: dict[str, Extractor] = {}
    try:
        import trafilatura

        found["trafilatura"] = lambda html: (
            trafilatura.extract(html, favor_recall=True, include_comments=False) or ""
        )
    except ImportError:
        pass
    try:
        from resiliparse.extract.html2text import extract_plain_text

        found["resiliparse"] = partial(extract_plain_text, main_content=True, links=False, alt_texts=False)
    except ImportError:
        pass
    try:
        import lxml.html
        from readability import Document

        found["readability"] = lambda html: lxml.html.fromstring(Document(html).summary()).text_content()
    except ImportError:
        pass
    from indexer.documents.readers.html import page_text

    return {**found, "hansou": page_text}


def measure(
    extract: Extractor, pages: list[tuple[str, list[str], list[str]]]
) -> tuple[float, float, float, int]:
    """What is kept, what is taken in, megabytes a second, and how many pages keep less than 95 %."""
    held = whole = taken = came = short = 0
    started = time.perf_counter()
    outs = [han(extract(html)) for html, _, _ in pages]
    seconds = time.perf_counter() - started
    for out, (html, article, furniture) in zip(outs, pages, strict=True):
        got, of = kept(article, out)
        held, whole, came = held + got, whole + of, came + len(out)
        taken += kept(furniture, out, " ".join([han(html[: html.index("</title>")]), *map(han, article)]))[0]
        short += got < 0.95 * of
    size = sum(len(html.encode()) for html, _, _ in pages)
    return held / whole, taken / max(came, 1), size / seconds / 1e6, short


def main() -> None:
    """Print a line for each extractor."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--pages", type=int, default=200)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--show", type=int, help="Print what is lost and taken in of one page.")
    chosen = options.parse_args()
    pages = [page(chosen.seed * 1000 + number) for number in range(chosen.pages)]
    if chosen.show is not None:
        show(pages[chosen.show])
        return
    print(f"{'extractor':14}{'kept':>9}{'taken in':>10}{'MB/s':>8}{'pages under 95 %':>18}")
    for name, extract in extractors().items():
        share, taken, speed, short = measure(extract, pages)
        print(f"{name:14}{share:9.2%}{taken:10.2%}{speed:8.2f}{short:18}")


def show(made: tuple[str, list[str], list[str]]) -> None:
    """Print a page, and what of it is lost or taken in."""
    html, article, furniture = made
    out = han(extractors()["hansou"](html))
    print(html)
    for label, texts, wrong in (("lost", article, False), ("taken in", furniture, True)):
        for text in texts:
            if han(text) and (han(text) in out) is wrong:
                print(f"{label}: {text}")


if __name__ == "__main__":
    main()
