"""Marked-up texts, made here."""

from __future__ import annotations

import quopri
from html import escape

from benchmarks.producers.letter import Letter, page


def tei(letter: Letter) -> bytes:
    """A TEI edition whose lines break in the middle of words."""
    body = "".join(f"<p>{text[:7]}<lb/>{text[7:]}</p>" for text in letter.paragraphs)
    return (
        '<?xml version="1.0" encoding="utf-8"?><TEI xmlns="http://www.tei-c.org/ns/1.0"><teiHeader><fileDesc>'
        f"<titleStmt><title>{letter.title}</title><author>{letter.author}</author></titleStmt>"
        f'<publicationStmt><date when="{letter.date[:10]}"/></publicationStmt></fileDesc></teiHeader>'
        f"<text><body>{body}</body></text></TEI>"
    ).encode()


def alto(letter: Letter) -> bytes:
    """A scanned page in ALTO: lines of a few characters."""
    blocks = ""
    for text in letter.paragraphs:
        lines = "".join(
            f'<TextLine><String CONTENT="{escape(text[at : at + 9])}"/></TextLine>'
            for at in range(0, len(text), 9)
        )
        blocks += f"<TextBlock>{lines}</TextBlock>"
    return (
        '<?xml version="1.0"?><alto xmlns="http://www.loc.gov/standards/alto/ns-v3#"><Layout><Page><PrintSpace>'
        f"{blocks}</PrintSpace></Page></Layout></alto>"
    ).encode()


def hocr(letter: Letter) -> bytes:
    """A scanned page in hOCR: each character a word."""
    body = ""
    for text in letter.paragraphs:
        lines = ""
        for at in range(0, len(text), 9):
            words = " ".join(f"<span class='ocrx_word'>{character}</span>" for character in text[at : at + 9])
            lines += f"<span class='ocr_line'>{words}</span>\n"
        body += f"<p class='ocr_par'>{lines}</p>"
    return (
        '<?xml version="1.0" encoding="UTF-8"?><html xmlns="http://www.w3.org/1999/xhtml"><head>'
        "<meta name='ocr-system' content='tesseract'/><title></title></head>"
        f"<body><div class='ocr_page'>{body}</div></body></html>"
    ).encode()


def rss(letter: Letter) -> bytes:
    """A feed with an item for each paragraph."""
    items = "".join(
        f"<item><title>{letter.title}</title><link>{letter.url}</link><dc:creator>{letter.author}</dc:creator>"
        "<pubDate>Tue, 04 Feb 2025 15:52:00 +0800</pubDate>"
        f"<description>{escape(f'<p>{text}</p>')}</description></item>"
        for text in letter.paragraphs
    )
    return (
        '<?xml version="1.0"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>'
        f"<title>園區</title>{items}</channel></rss>"
    ).encode()


def atom(letter: Letter) -> bytes:
    """The same as Atom."""
    entries = "".join(
        f'<entry><title>{letter.title}</title><link href="{letter.url}"/>'
        f"<author><name>{letter.author}</name></author><published>{letter.date}</published>"
        f'<content type="html">{escape(f"<p>{text}</p>")}</content></entry>'
        for text in letter.paragraphs
    )
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>園區</title>{entries}</feed>'.encode()


def other_xml(letter: Letter) -> bytes:
    """Elements of nobody's standard."""
    rows = "".join(f"<row><no>{n}</no><body>{text}</body></row>" for n, text in enumerate(letter.paragraphs))
    return f"<export>{rows}</export>".encode()


def srt(letter: Letter, mark: str = ",", head: str = "") -> bytes:
    """Subtitles of two lines each, in italics."""
    cues = []
    for number, text in enumerate(letter.phrases, 1):
        half = len(text) // 2
        times = f"00:{number:02}:00{mark}000 --> 00:{number:02}:09{mark}000"
        cues.append(f"{number}\n{times}\n<i>{text[:half]}</i>\n{text[half:]}\n")
    return (head + "\n".join(cues)).encode()


def tex(letter: Letter) -> bytes:
    """An article in LaTeX."""
    body = "\n\n".join(f"\\textbf{{{text[:3]}}}{text[3:]}% 註" for text in letter.paragraphs)
    return (
        f"\\documentclass{{ctexart}}\n\\title{{{letter.title}}}\\author{{{letter.author}}}\n"
        f"\\begin{{document}}\n\\maketitle\n\\section{{一}}\n{body}\n\\end{{document}}\n"
    ).encode()


def rtf(letter: Letter) -> bytes:
    """RTF as old Word wrote it: bytes of GBK or Big5."""
    page_code, codec, charset = (950, "cp950", 136) if "軟" in letter.title else (936, "gbk", 134)

    def written(text: str) -> str:
        return "".join(
            character
            if character.isascii()
            else "".join(f"\\'{byte:02x}" for byte in character.encode(codec))
            for character in text
        )

    body = "".join(f"\\pard\\f0 {written(text)}\\par\n" for text in letter.paragraphs)
    return (
        f"{{\\rtf1\\ansi\\ansicpg{page_code}\\deff0{{\\fonttbl{{\\f0\\fnil\\fcharset{charset} SimSun;}}}}\n"
        f"{{\\info{{\\title {written(letter.title)}}}{{\\author {written(letter.author)}}}}}\n{body}}}"
    ).encode("ascii")


def _escaped(text: str) -> str:
    r"""Characters as RTF has them since Unicode: a signed number, and what an old reader shows instead."""
    units = memoryview(text.encode("utf-16-le")).cast("h")
    return "".join(chr(unit) if 0 < unit < 128 else f"\\u{unit}?" for unit in units)


def unicode_rtf(letter: Letter) -> bytes:
    """RTF as programs write it today: ASCII with escapes, properties, and groups that say nothing."""
    stated = f"{{\\info{{\\title {_escaped(letter.title)}}}{{\\author {_escaped(letter.author)}}}}}"
    body = "".join(f"{{\\rtlch\\ltrch\\loch {_escaped(text)}}}\\par\n" for text in letter.paragraphs)
    return f"{{\\rtf1\\ansi\\deff0{{\\*\\generator X;}}{stated}\\uc1\n{body}}}".encode("ascii")


def office_page(letter: Letter) -> bytes:
    """A page saved by an old office program: GBK or Big5, never closed paragraphs, elements of its own."""
    codec, label = ("big5hkscs", "big5") if "軟" in letter.title else ("gb18030", "gb2312")
    body = "".join(
        f"<p class=MsoNormal><span lang=ZH>{text}<o:p></o:p></span>\r\n" for text in letter.paragraphs
    )
    head = f'<meta http-equiv=Content-Type content="text/html; charset={label}"><title>{letter.title}</title>'
    return f'<html xmlns:o="urn:o">\r\n<head>{head}</head><body>{body}</body></html>'.encode(codec)


def quoted_mhtml(letter: Letter) -> bytes:
    """A page as Internet Explorer saved it: one part, quoted-printable, in the page's own encoding."""
    label = "big5" if "軟" in letter.title else "gb2312"
    head = f"From: <Saved by Microsoft>\r\nMIME-Version: 1.0\r\nContent-Location: {letter.url}\r\n"
    head += (
        f'Content-Type: text/html; charset="{label}"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
    )
    return head.encode() + quopri.encodestring(office_page(letter))


def mhtml(letter: Letter) -> bytes:
    """A page as browsers save it with its pictures."""
    head = (
        f"From: <Saved by Blink>\r\nSnapshot-Content-Location: {letter.url}\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/related; type="text/html"; boundary="----b"\r\n\r\n'
        "------b\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n"
        f"Content-Location: {letter.url}\r\n\r\n"
    )
    picture = (
        "\r\n------b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0K\r\n"
    )
    return head.encode() + quopri.encodestring(page(letter).encode()) + f"{picture}------b--\r\n".encode()


def rst(letter: Letter) -> bytes:
    """A page in reStructuredText."""
    body = "\n\n".join(letter.paragraphs)
    return f"{'=' * 30}\n{letter.title}\n{'=' * 30}\n\n.. 註釋\n\n{body}\n".encode()


PRODUCERS = {
    "html": {"page": lambda letter: page(letter).encode(), "office": office_page},
    "md": {"page": lambda letter: "\n\n".join([f"# {letter.title}", *letter.paragraphs]).encode()},
    "rst": {"page": rst},
    "xml": {"tei": tei, "alto": alto, "rss": rss, "atom": atom, "other": other_xml},
    "hocr": {"tesseract": hocr},
    "srt": {"subtitles": srt, "windows": lambda letter: srt(letter).replace(b"\n", b"\r\n")},
    "vtt": {"subtitles": lambda letter: srt(letter, ".", "WEBVTT\n\nNOTE a note\n\n")},
    "tex": {"article": tex},
    "rtf": {"word": rtf, "unicode": unicode_rtf},
    "mhtml": {"browser": mhtml, "explorer": quoted_mhtml},
}
