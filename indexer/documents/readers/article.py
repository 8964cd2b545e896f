"""Which blocks of a page are its article? All but navigation, told by links and by where a block stands.

The article is what stands in the innermost element that holds nearly all sentences, the head lines before
it, sections beside it, and sentences elsewhere. Left out are menus before it, lists of other pages' titles
after it or under a heading that says so, and notices at the end; a list of links between sentences, a table,
a caption stays. If that keeps too little of what is no link, all of the page is taken for the article. No
class and no id counts.
**Text is left out only for its links, its place, or words that name it as something else.**
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from indexer.documents.readers.blocks import Block
from indexer.documents.readers.dates import DATE

# Of the letters of all sentences, so many are in the element that is taken for the article; and of the
# letters of all that is no link, so many are kept, or else everything is.
_MOST, _FLOOR = 0.8, 0.6
_SENTENCE = re.compile(r"[。！？；!?;]|[，,、].*[，,、。：:]")
_SHORTEST_SENTENCE = 10
_HEADINGS = frozenset(("h2", "h3", "h4", "h5"))
# A block is links if so much of it is; of long ones with sentences more may be.
_LINKED, _LONG = 0.6, 60
# Titles are longer than names: links of a list that are this long on the average lead to other articles.
_TITLE_LENGTH = 8
_HEAD_LINES, _HEAD_LENGTH = 6, 80
_HEAD = re.compile("(?:来源|來源|稿源|作者|记者|記者|发布|發布|發佈|编辑|編輯|时间|時間|日期)\\s*[:：]")
# What headings and labels of something else begin with, in either script.
_OTHERS = (
    "相关 相關 推荐 推薦 热门 熱門 精彩 延伸 更多 最新 随机 隨機 往期 其他 其它 本周 本日 今日 编辑 "
    "編輯 站内 站內 近期 同类 同類 图文 圖文 精选 精選"
).split()
_THINGS = (
    "新闻 新聞 文章 阅读 閱讀 推荐 推薦 报道 報道 報導 资讯 資訊 链接 連結 鏈接 内容 內容 话题 話題 "
    "专题 專題 视频 影片 帖子 主题 主題 图片 圖片 精选 精選 点击 點擊 排行 热文 熱文 热点 熱點 评论 "
    "評論 留言 搜索 搜尋 消息 回顾 回顧"
).split()
_SAYINGS = (
    "排行榜 阅读排行 閱讀排行 点击排行 點擊排行 新闻排行 新聞排行 热门排行 熱門排行 上一篇 下一篇 "
    "上一页 下一页 上一頁 下一頁 上一则 下一则 上一則 下一則 前一篇 后一篇 後一篇 标签 標籤 标籤 "
    "关键词 關鍵詞 关键字 關鍵字 友情链接 友情鏈接 友站連結 网站地图 網站地圖 网站导航 網站導覽 "
    "分享到 分享至 分享給 分享给 猜你喜欢 猜你喜歡 大家都在看 你可能 您可能 看了又看 所属专题 "
    "返回首页 返回首頁 返回列表 返回顶部 返回頂部 回到首頁 回到頂端 您现在的位置 您現在的位置 "
    "当前位置 當前位置 目前位置 所在位置 你在这里 你在這裡 归档 歸檔 网站分类 網站分類 文章分类 "
    "文章分類"
).split()
_ELSEWHERE = re.compile(
    rf"[\W_]*(?:(?:{'|'.join(_OTHERS)})(?:{'|'.join(_THINGS)})|{'|'.join(_SAYINGS)}|tags?\b)", re.I
)
_LONGEST_LABEL = 60
_NOTICE = re.compile(
    "©|copyright|all rights reserved|版权所有|版權所有|著作權所有|ICP[备证備]|公网安备|网信?备"
    "|违法和?不良信息|不良信息举报|许可证(?:号|编号)?[:：]|建议使用.{0,20}浏览|建議使用.{0,20}瀏覽",
    re.I,
)


def article(blocks: Sequence[Block]) -> list[Block]:
    """The blocks of a page's article, in order."""
    seen = [block for block in blocks if block.frame != "nav"]
    sentences = [block for block in seen if _is_sentence(block)]
    if sum(block.frame == "form" for block in sentences) * 2 > len(sentences):
        # Some servers put every page into one form.
        for block in seen:
            block.frame = "" if block.frame == "form" else block.frame
    if not sentences:
        return _without_menus(seen) or list(blocks)
    root = _root(sentences)
    found = _chosen(seen, root)
    if root is not None and _letters(found) < _letters(seen) * _FLOOR:
        found = _chosen(seen, None)
    return found


def _letters(blocks: Sequence[Block]) -> int:
    """How much of some blocks is text that stands in no frame and is no link."""
    return sum(block.length - block.linked for block in blocks if not block.frame)


def _chosen(seen: Sequence[Block], root: int | None) -> list[Block]:
    """The article where its blocks are those inside the element `root`, or anywhere."""
    inside = seen if root is None else [block for block in seen if root in block.parents]
    chosen = {id(block) for block in _without_lists(inside)}
    if root is not None:
        chosen |= {id(block) for block in _elsewhere(seen, root)}
    return _without_tail([block for block in seen if id(block) in chosen])


def _is_linked(block: Block) -> bool:
    told = block.length >= _LONG and "。" in block.text
    return block.linked >= block.length * (1 + _LINKED if told else 2 * _LINKED) / 2


def _is_sentence(block: Block) -> bool:
    """Whether a block is running text that may be part of an article."""
    return (
        block.length >= _SHORTEST_SENTENCE
        and not _is_linked(block)
        and block.frame not in ("foot", "aside", "head")
        and bool(_SENTENCE.search(block.text))
        and not _NOTICE.search(block.text)
    )


def _root(sentences: Sequence[Block]) -> int | None:
    """The number of the innermost element that holds most of what is said; None for the whole page."""
    held: Counter[int] = Counter()
    blocks: Counter[int] = Counter()
    depths: dict[int, int] = {}
    for block in sentences:
        # The element of one sentence is a paragraph: there are lines around it.
        for depth, number in enumerate(block.parents[:-1] if len(sentences) == 1 else block.parents):
            held[number] += block.length
            blocks[number] += 1
            depths[number] = depth
    whole = sum(block.length for block in sentences)
    enough = [n for n in held if held[n] >= whole * _MOST and (blocks[n] > 1 or len(sentences) == 1)]
    return max(enough, key=depths.__getitem__, default=None)


def _elsewhere(blocks: Sequence[Block], root: int) -> Iterator[Block]:
    """What is outside of the article and not marked as something else."""
    first = next(at for at, block in enumerate(blocks) if root in block.parents)
    around = blocks[first].parents
    above = around[: around.index(root)]
    yield from (block for block in blocks[max(first - _HEAD_LINES, 0) : first] if _is_head(block))
    sections: dict[tuple[bool, int], list[Block]] = {}
    for at, block in enumerate(blocks):
        if root in block.parents or block.frame:
            continue
        if above and block.parents[: len(above)] == above != block.parents:
            sections.setdefault((at > first, block.parents[len(above)]), []).append(block)
        elif not block.links and _is_sentence(block):
            yield block
    for (after, _), section in sections.items():
        yield from _beside(section, headed=after and section[0].kind in _HEADINGS)


def _is_head(block: Block) -> bool:
    """Whether a block before the article is its heading, or says when, where or by whom it was published."""
    if block.frame == "aside" or _is_linked(block) or block.length > _HEAD_LENGTH or _is_label(block):
        return False
    return block.kind == "h1" or bool(DATE.search(block.text) or _HEAD.search(block.text))


def _beside(section: Sequence[Block], *, headed: bool) -> Iterator[Block]:
    """What of an element beside an article belongs to it: sentences, values, what has a heading after it."""
    told = headed or any(map(_is_solid, section))
    if told and not _are_titles(section) and not _is_label(section[0]):
        yield from section if headed else _without_lists(section)


def _are_titles(blocks: Sequence[Block]) -> bool:
    """Whether the links of some blocks are as long as titles are."""
    links = sum(block.links for block in blocks)
    return links > 1 and sum(block.linked for block in blocks) >= links * _TITLE_LENGTH


def _without_menus(blocks: Sequence[Block]) -> list[Block]:
    """The blocks of a page without a sentence: a list of titles stays, short links do not."""
    found: list[Block] = []
    for start, end in _runs(blocks):
        part = blocks[start:end]
        if not _is_linked(part[0]) or _are_titles(part) or sum(block.links for block in part) < 3:
            found += (block for block in part if block.frame not in ("foot", "head", "form"))
    return _without_tail(found)


def _without_lists(blocks: Sequence[Block]) -> Iterator[Block]:
    """Blocks without menus and lists of other pages."""
    solid = [at for at, block in enumerate(blocks) if _is_solid(block)]
    first, last = (solid[0], solid[-1]) if solid else (0, len(blocks))
    for start, end in _runs(blocks):
        part = blocks[start:end]
        if not _is_linked(part[0]):
            yield from (block for block in part if not block.frame or _SENTENCE.search(block.text))
        elif start > first and not _leads_elsewhere(blocks, start, end, after=start > last):
            yield from part


def _is_solid(block: Block) -> bool:
    """Whether a block is text of the article beyond doubt: a sentence, or a row with values."""
    return _is_sentence(block) or (block.kind == "tr" and not _is_linked(block) and block.length > 3)


def _runs(blocks: Sequence[Block]) -> Iterator[tuple[int, int]]:
    """The ranges of neighbors that are links or are not; a label begins one and is left out."""
    start = 0
    for at in range(1, len(blocks) + 1):
        alike = at < len(blocks) and _is_linked(blocks[at]) == _is_linked(blocks[start])
        if alike and not _is_label(blocks[at]):
            continue
        if not _is_label(blocks[start]):
            yield start, at
        elif start + 1 < at and not _is_linked(blocks[start]):
            yield start + 1, at
        start = at


def _is_label(block: Block) -> bool:
    """Whether a block names something else than the article: a heading of a list, a line of links."""
    if block.length > _LONGEST_LABEL or not (named := _ELSEWHERE.match(block.text)):
        return False
    rest = block.text[named.end() :]
    return _is_linked(block) or not (_SENTENCE.search(block.text) or (rest.lstrip() and rest[0].isalnum()))


def _leads_elsewhere(blocks: Sequence[Block], start: int, end: int, *, after: bool) -> bool:
    """Whether a run of links leads to other articles: it is said so, or it is a list of titles at the end."""
    if start and _is_label(blocks[start - 1]):
        return True
    return after and _are_titles(blocks[start:end])


def _without_tail(blocks: list[Block]) -> list[Block]:
    """Blocks without the notices at their end, and the links around those."""
    end = len(blocks)
    while end and (_NOTICE.search(blocks[end - 1].text) and blocks[end - 1].length < 200):
        end -= 1
        while end and _is_linked(blocks[end - 1]) and blocks[end - 1].links > 1:
            end -= 1
    return blocks[:end] or blocks
