"""Is a title or an author in a file's properties somebody's word, or a program's?

What programs fill in is dropped.
"""

from __future__ import annotations

import re

_FILE_NAME = re.compile(
    r"(?:.*[\\/])?[^\\/]+\.(?:docx?|wps|rtf|txt|pdf|indd|qxd|dvi|tex|cdr|pptx?|xlsx?|html?|pub|pmd|odt|ods|odp)",
    re.I,
)
_PROGRAM = re.compile(
    r"(?:microsoft (?:word|powerpoint|excel)|打印|列印|print)\s*[-–]\s*.*"
    r"|(?:powerpoint|word|excel)?\s*(?:presentation|演示文稿|簡報|演示文稿\d*)"
    r"|(?:slide|幻灯片|投影片|文档|文檔|文件|document|book|工作簿|活頁簿|新建.{2,20}文[档檔]|book)\s*\d*"
    r"|untitled.*|无标题.*|無標題.*|未命名.*|新文件.*|no title|\(?anonymous\)?|file:.*|https?:.*|[\W\d_]*",
    re.I,
)
_NOBODY = re.compile(
    r"(?:the )?(?:administrator|admin|user|owner|author|unknown|anonymous|微软用户|微軟使用者|microsoft"
    r"|windows|lenovo|dell|hp|acer|asus|mac|root|guest|test|user\d*|walkinnet|china|作者|佚名)"
    r"[\s\W\d]*(?:用户|使用者|user|系统|pc)?|python-docx|python-pptx|openpyxl|[\W\d_]*",
    re.I,
)


def title_of(value: str | None, name: str) -> str | None:
    """A title that a file's properties state, or None where a program filled it in.

    >>> title_of("無錫國家軟件園在歐洲落地", "a.pdf"), title_of("Microsoft Word - 通知.doc", "a.pdf")
    ('無錫國家軟件園在歐洲落地', None)
    """
    title = " ".join((value or "").split())
    stem = name.rpartition("/")[2].rpartition(".")[0]
    if not title or title == stem or _FILE_NAME.fullmatch(title) or _PROGRAM.fullmatch(title):
        return None
    return title


def author_of(value: str | None) -> str | None:
    """An author that a file's properties state, or None for the name of a machine or an account.

    >>> author_of("趙小禾"), author_of("Administrator"), author_of("微软用户")
    ('趙小禾', None, None)
    """
    author = " ".join((value or "").split())
    return None if not author or _NOBODY.fullmatch(author) else author
