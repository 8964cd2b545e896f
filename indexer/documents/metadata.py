"""What do a page's own head lines state about it, and which script is it written in?

Runs after repair, when the lines can be read. A field that the source has stated already is left
alone, and a line leaves the text only if every part of it is understood; in doubt the text stays.
Lines are matched folded (`normalize` keeps the length), and fields are cut from the line as written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from indexer.documents import Document
from indexer.documents.posts import read_post_head
from indexer.documents.readers.dates import DATE, iso_of
from indexer.text.normalize import normalize, one_script

Fields = dict[str, str]


def _either(words: str) -> str:
    """Space-separated words as alternatives of a regular expression, longest first, folded."""
    return "|".join(re.escape(normalize(word)) for word in sorted(words.split(), key=len, reverse=True))


def _char_class(characters: str) -> str:
    return "[" + re.escape(normalize(characters)) + "]"


TITLE_LENGTH = 40
_STATED = ("title", "date", "source", "author")
_HEAD_LINES = 6
_PROSE_LENGTH = 10
_LABELS = {
    "title": "标题 题目 文章标题",
    "source": "来源 稿源 出处 文章来源 信息来源 消息来源 新闻来源 资讯来源 稿件来源",
    "author": "作者 记者 撰文 撰稿 文",
    "date": "发布时间 发布日期 发表时间 发表日期 发布于 发表于 时间 日期",
    "editor": "编辑 责编 责任编辑 每经编辑 主编 审核 校对 图 摄影 摄 图片",
}
_LABEL = re.compile("|".join(f"(?P<{name}>{_either(words)})" for name, words in _LABELS.items()))
_LABEL_END = re.compile(r"\s?[:/|]\s?")
_MEDIA_ENDINGS = "新闻 日报 晚报 时报 早报 晨报 周报 周刊 杂志 网 社 报 电视台 广播电台 通讯社 客户端 在线"
_MEDIA = re.compile(rf"[a-z0-9\u4e00-\u9fff·]{{1,12}}?(?:{_either(_MEDIA_ENDINGS)})(?=\s|$)")
_FURNITURE = re.compile(rf"(?:{_either('参与互动 字号 大 中 小 分享 收藏 打印 评论')}|[|/-])(?=\s|$)")
_SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏窦章苏潘葛范彭郎鲁韦马苗凤方"
    "俞任袁柳鲍史唐费薛雷贺倪汤罗毕郝安常乐于傅康齐伍余顾孟黄穆萧尹姚邵汪祁毛狄米贝臧戴宋庞熊纪舒项祝董梁杜阮"
    "蓝闵季贾路江童颜郭梅林钟徐邱骆高夏蔡田樊胡凌霍虞万柯卢莫房丁邓洪包石崔吉龚程邢裴陆翁段侯武刘景龙叶黎白赖"
    "乔谭温庄闫曾简游詹连廖涂易辛冉桂牛关车"
)
_LONG_SURNAMES = "欧阳 司马 上官 诸葛 司徒 慕容 皇甫 尉迟 长孙 夏侯 令狐"
_NAME = (
    rf"(?:(?:{_either(_LONG_SURNAMES)})[\u4e00-\u9fff]{{1,2}}|{_char_class(_SURNAMES)}[\u4e00-\u9fff]{{1,2}})"
)
_PERSON = re.compile(rf"{_NAME}(?=\s|$)")
_GAP = re.compile(r"[\s|]+|$")
_REST = re.compile(r".+")
_VALUE = re.compile(r"[^\s|]{1,30}")
_SENTENCE = re.compile(r"[,。!?;]")
_OPEN_END = re.compile(r"[,。!?;:、.…—\-|]$")
# What a picture says of itself: 图一 …, ▲…, (… 摄).
_PICTURE = _either("图 图片 照片 附图 插图 附表 表 图说 资料图")
_CAPTION = re.compile(
    rf"[▲△▼]|\W*(?:{_PICTURE})\s?(?:[\d一二三四五六七八九十]+(?:[\s:、.]|$)|[:/为])"
    rf"|.*(?:{_either('摄 摄影 供图 资料图')})[)\s]*$"
)
_NUMERAL = re.compile("[〇一二三四五六七八九十百千上中下前后序]")
_NOT_A_TITLE = re.compile(
    rf"https?:|www\.|\.(?:png|jpe?g|gif|webp)\b|[>»|]|{_either('图片来源 资料图 首页 当前位置')}"
)
_DATELINE = re.compile(
    rf"(?P<source>[\u4e00-\u9fff]{{2,10}}?(?:{_either('网 社 报')}))\s?[\u4e00-\u9fff]{{2,8}}?"
    rf"\s?\d{{1,2}}月\d{{1,2}}日(?:{_either('电 讯')})\s*"
    rf"(?:\((?:(?:{_either('记者 通讯员')})\s?)?(?P<author>{_NAME}(?:[\s、]{_NAME})*)\))?"
)
_SCHEME, _UNSEEN = re.compile(r"([A-Za-z][A-Za-z0-9+-]*):"), re.compile(r"[\x00-\x20\x7f-\xa0]+")
_SCHEMES = frozenset("http https ftp ftps sftp file gopher news nntp urn doi hdl ark info".split())


def script_of(text: str) -> str:
    """ "zh-Hant" where characters that only Traditional writing has are more, else "zh-Hans".

    >>> script_of("無錫國家軟件園"), script_of("无锡国家软件园"), script_of("山水")
    ('zh-Hant', 'zh-Hans', 'zh-Hans')
    """
    simplified, traditional = one_script(text)
    return "zh-Hant" if traditional > simplified else "zh-Hans"


def describe(document: Document) -> Document:
    """Fill what the head lines state, remove those lines from the text, and set `lang`.

    A `url` that is no address, such as one that a browser would run, is dropped: whoever shows a document may
    link to what it has. Head lines are read only where the document is marked `plain`; a document whose head
    lines are all it has keeps them.

    >>> page = Document("1", "夜市開張\\n\\n來源：園區日報\\n南門外擺起了三十多個攤子。", plain=True)
    >>> found = describe(page)
    >>> found.title, found.source, found.text
    ('夜市開張', '園區日報', '南門外擺起了三十多個攤子。')
    """
    lang = script_of(f"{document.title or ''}\n{document.text}")
    document = document._replace(lang=lang, url=harmless(document.url))
    if not document.plain:
        return document
    known = {name: value for name in _STATED if (value := getattr(document, name))}
    fields, text = read_head(document.text, known)
    return document._replace(
        text=text,
        title=fields.get("title"),
        date=fields.get("date"),
        source=fields.get("source"),
        author=fields.get("author"),
    )


def harmless(url: str | None) -> str | None:
    """A url that has no scheme, or one by which documents are found; else None.

    >>> harmless("https://example.org/新闻"), harmless("example.org:8080/a"), harmless("新闻/1.html")
    ('https://example.org/新闻', 'example.org:8080/a', '新闻/1.html')
    >>> harmless("javascript:alert(1)"), harmless(" java\\tscript:alert(1)"), harmless("data:text/html,x")
    (None, None, None)
    """
    if not url:
        return url
    # Browsers pass over spaces and control characters here.
    scheme = _SCHEME.match(_UNSEEN.sub("", url))
    return None if scheme and scheme[1].lower() not in _SCHEMES else url


def read_head(text: str, known: Fields | None = None) -> tuple[Fields, str]:
    """The fields that the head lines of a page state, over those `known`, and the text without those lines.

    A line that contradicts what is known stays. With a title known, no line is taken for one.

    >>> read_head("每日經濟新聞 2023-03-11 16:31:37\\n3月10日，服務中心揭牌儀式在南沙區舉行。")
    ({'source': '每日經濟新聞', 'date': '2023-03-11T16:31:37'}, '3月10日，服務中心揭牌儀式在南沙區舉行。')
    """
    if post := read_post_head(text):
        return post[0] | (known or {}), post[1]
    fields = dict(known or {})
    lines = text.split("\n")
    body = 0
    for number, line in _filled(lines):
        stated = _parts(line, fields)
        if not stated and body == 0 and "title" not in fields:
            stated = _title(line)
        if not stated:
            break
        fields = stated | fields
        body = number + 1
    following = [line for _, line in _filled(lines[body:])]
    if not _is_prose(following):
        return known or {}, text
    fields = _dateline(following[0]) | fields
    return fields, "\n".join(lines[body:]).strip() if body else text


def _filled(lines: list[str]) -> Iterator[tuple[int, str]]:
    """The first lines that are not blank, with their numbers."""
    rows = ((number, line.strip()) for number, line in enumerate(lines) if line.strip())
    return (row for row, _ in zip(rows, range(_HEAD_LINES), strict=False))


def _is_prose(following: list[str]) -> bool:
    """Whether one of the next two lines is a sentence, so that what came before was a head."""
    return any(len(line) >= _PROSE_LENGTH and _SENTENCE.search(normalize(line)) for line in following[:2])


def _title(line: str) -> Fields:
    """The line as a title, if it can be one: short, Han, and no sentence."""
    folded = normalize(line)
    han = sum("\u3400" <= character <= "\u9fff" for character in line)
    if len(line) > TITLE_LENGTH or not han or _OPEN_END.search(folded) or "。" in folded:
        return {}
    if han < 2 and (len(line) > 1 or _NUMERAL.match(folded)):
        return {}
    other = _NOT_A_TITLE.search(folded) or _DATELINE.match(folded) or DATE.search(folded)
    other = other or _CAPTION.match(folded)
    return {} if other else {"title": line}


def _parts(line: str, known: Fields) -> Fields:
    """What a line made of nothing but labels, dates and names states; {} for any other line.

    A name of a publication or a person counts without a label only in a line with a date or after a
    title or another head line; whatever is `known` already may come again, but not be contradicted.
    """
    folded = normalize(line)
    found: Fields = {}
    at = 0
    while at < len(folded):
        part = _part(line, folded, at, known | found)
        if part is None:
            return {}
        name, value, at = part
        if name and not _agrees(value, (known | found).get(name, value)):
            return {}
        found |= {name: value} if name else {}
    if not known and found.keys() <= {"source", "author"} and not _LABEL.match(folded):
        return {}
    return found


def _agrees(value: str, known: str) -> bool:
    """The same, or the same day with and without its time."""
    return value.startswith(known) or known.startswith(value)


def _part(line: str, folded: str, at: int, known: Fields) -> tuple[str, str, int] | None:
    """One part of a head line from offset `at`: its field ("" for none), its value, where the next begins."""
    label = _LABEL.match(folded, at)
    separator = _LABEL_END.match(folded, label.end()) if label else None
    if label and separator:
        return _labeled(line, folded, label.lastgroup or "", separator.end())
    if match := DATE.match(folded, at):
        return _part_end(folded, "date", iso_of(match) or "", match.end())
    if match := _FURNITURE.match(folded, at):
        return _part_end(folded, "", "", match.end())
    if match := _MEDIA.match(folded, at):
        return _part_end(folded, "source", line[at : match.end()], match.end())
    if known.keys() & {"source", "date"} and (match := _PERSON.match(folded, at)):
        return _part_end(folded, "author", line[at : match.end()], match.end())
    return None


def _labeled(line: str, folded: str, name: str, start: int) -> tuple[str, str, int] | None:
    if name == "date":
        match = DATE.match(folded, start)
        return _part_end(folded, "date", iso_of(match) or "", match.end()) if match else None
    value = _REST.match(line, start) if name == "title" else _VALUE.match(line, start)
    if value is None or _SENTENCE.search(normalize(value[0])):
        return None
    return _part_end(folded, "" if name == "editor" else name, value[0], value.end())


def _part_end(folded: str, name: str, value: str, end: int) -> tuple[str, str, int] | None:
    """A part ends at white space or a bar; an impossible date is not understood."""
    gap = _GAP.match(folded, end)
    if (name and not value) or gap is None:
        return None
    return name, value, gap.end()


def _dateline(line: str) -> Fields:
    """Source and authors of `中新網無錫2月4日電 (…)`, which stays in the text as part of its sentence."""
    match = _DATELINE.match(normalize(line))
    if not match:
        return {}
    spans = {name: match.span(name) for name in ("source", "author") if match[name]}
    return {name: line[start:end] for name, (start, end) in spans.items()}
