"""Writes the sample documents that are no plain text: `python benchmarks/build_seeds.py` → seeds/formats/.

The texts are our own and may be used freely. Each file is of a kind that archives are full of: a PDF of two
pages, a Word file with ruby, a book of two chapters, a mailbox, a zip whose names are in GBK, and a crawl.
"""

from __future__ import annotations

import io
import mailbox
import struct
import sys
import tempfile
import zipfile
import zlib
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from benchmarks.producers.crawls import response  # noqa: E402

FONT = "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc"
REPORT = (
    "雙溪圖書館年報",
    [
        "去年到雙溪圖書館借書的人比前年多了一成，多出來的大半是下班以後才來的上班族。"
        "館方因此把晚上的關門時間延到九點，並且在門口的公車站牌旁邊裝了一個二十四小時都能還書的箱子。",
        "地方文獻室完成了三千多張老照片的編目。照片裡有沒有拆掉以前的舊車站、還在渡口擺攤的豆花店、"
        "以及每年秋天在河灘上曬的柿餅。志工們一張一張問過村裡的老人家，才把地名和年份寫下來。",
    ],
    [
        "今年的工作有兩件。第一件是把日治時期的地籍圖掃描上網，讓查祖產的人不必再請假跑一趟；"
        "第二件是替山上的三所小學各送一個書箱，每兩個月由圖書車換一次。",
        "預算不多，能省的都省了，只有冷氣不敢省：地方文獻最怕的是潮。",
    ],
)
MINUTES = (
    "小區停車問題協調會紀要",
    "周敏",
    [
        "會議時間是週六上午，地點在物業二樓。到會的有業主代表十一人、物業經理和社區民警。",
        "业主代表提出，地面车位晚上七点以后就停满了，救护车进不来。物业答应把东门的两排绿篱往后移一米，"
        "可以多划出九个车位，消防通道改漆成黄色网格。",
        "充电桩先装六个，电费按度数算，不收服务费。三个月以后再开会，看看够不够用。",
    ],
)
BOOK = (
    "茶山筆記",
    "林夏",
    [
        (
            "採茶",
            "清明前後的茶山，天還沒亮就有人聲。採茶的人腰上繫一個竹簍，兩隻手一起動，只取一心兩葉；"
            "老師傅說，指甲不能碰到茶梗，碰過的地方過一個鐘頭就會發紅。",
        ),
        (
            "炒青",
            "鍋要先燒到潑一滴水會跳，茶青倒下去有細細的爆聲。手在鍋裡翻，感覺葉子從硬到軟，"
            "青草的味道慢慢變成豆子的香，這時候要馬上起鍋，遲半分鐘就焦了。",
        ),
    ],
)
LETTERS = (
    (
        "陽臺堆肥的兩個問題",
        "何家明",
        "Sun, 02 Mar 2025 09:15:00 +0800",
        "陳老師：照您說的，廚餘和乾樹葉一層一層放，兩個星期下來溫度只有三十多度，蓋子一打開有酸味。"
        "是水太多，還是樹葉太少？另外，橘子皮可不可以放？",
    ),
    (
        "Re: 陽臺堆肥的兩個問題",
        "陳素貞",
        "Mon, 03 Mar 2025 20:40:00 +0800",
        "家明：有酸味是因為太濕、空氣進不去。抓一把起來捏，滴水就加碎紙板，翻一次，過兩天溫度會上來。"
        "橘子皮切小塊可以放，一次不要超過一碗。",
    ),
)
NOTES = {
    "采访笔记/渡口.txt": "渡口的老船工姓孟，撑了四十一年船。桥通了以后，一天只有七八个人坐船，"
    "多半是舍不得他的老客。"
    "他说船不能停，停一个夏天，船板就裂了。",
    "采访笔记/面馆.txt": "面馆凌晨三点半开始和面，碱水要看天气，下雨天少放半勺。老板娘记得每个熟客放不放葱，"
    "却记不住自己的手机号码。",
}
PAGES = {
    "https://town.example.org/2025/bridge": (
        "老石橋修好了，週日開放通行",
        "2025-02-09T03:00:00Z",
        "停了八個月的老石橋週日早上重新開放。工程隊沒有換掉一塊石頭，只把橋墩底下被水掏空的地方填實，"
        "再用糯米灰漿照原樣勾縫。七十二歲的石匠說，這座橋再站一百年沒有問題。",
    ),
    "https://town.example.org/2025/ferry": (
        "渡船改班次，學生可以趕上第一節課",
        "2025-02-16T03:00:00Z",
        "從下個月起，渡船早上的第一班提前十五分鐘。對岸的三十幾個學生以前總是跑著進教室，"
        "船公司算過油錢以後答應試行一個學期。",
    ),
}


def pdf() -> bytes:
    """Two pages with a running foot."""
    from fpdf import FPDF

    title, *pages = REPORT
    document = FPDF(format=(148, 210))
    document.set_creation_date(datetime(2025, 1, 6, tzinfo=UTC))
    document.set_title(title)
    document.add_font("serif", fname=FONT, collection_font_number=3)
    for number, paragraphs in enumerate(pages):
        document.add_page()
        document.set_font("serif", size=18 if number == 0 else 11)
        if number == 0:
            document.cell(0, 14, title, new_x="LMARGIN", new_y="NEXT")
        document.set_font("serif", size=11)
        for paragraph in paragraphs:
            document.multi_cell(0, 7, f"　　{paragraph}", new_x="LMARGIN", new_y="NEXT")
    return bytes(document.output())


def docx() -> bytes:
    """Paragraphs, ruby over a word, and a table."""
    title, author, paragraphs = MINUTES
    names = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'

    def run(text: str) -> str:
        return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"

    ruby = (
        "<w:p><w:r><w:ruby><w:rt><w:r><w:t>jìyào</w:t></w:r></w:rt>"
        "<w:rubyBase><w:r><w:t>紀要</w:t></w:r></w:rubyBase></w:ruby></w:r><w:r><w:t>由物業保存，業主可以查閱。</w:t></w:r></w:p>"
    )
    cells = "".join(f"<w:tc>{run(text)}</w:tc>" for text in ("充電樁", "六個"))
    core = (
        '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/'
        'core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/">'
        f"<dc:title>{title}</dc:title><dc:creator>{author}</dc:creator>"
        "<dcterms:created>2025-01-18T03:00:00Z</dcterms:created></cp:coreProperties>"
    )
    body = "".join(map(run, paragraphs)) + ruby + f"<w:tbl><w:tr>{cells}</w:tr></w:tbl>"
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    return packed(
        {
            "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Default Extension="xml" ContentType="{kind}"/></Types>',
            "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
            'officeDocument" Target="word/document.xml"/></Relationships>',
            "docProps/core.xml": core,
            "word/document.xml": f"<w:document {names}><w:body>{body}</w:body></w:document>",
        }
    )


def epub() -> bytes:
    """A book of two chapters."""
    title, author, chapters = BOOK
    numbers = range(len(chapters))
    manifest = "".join(
        f'<item id="c{n}" href="c{n}.xhtml" media-type="application/xhtml+xml"/>' for n in numbers
    )
    spine = "".join(f'<itemref idref="c{n}"/>' for n in numbers)
    headings = [heading for heading, _ in chapters]
    links = "".join(f'<li><a href="c{n}.xhtml">{heading}</a></li>' for n, heading in enumerate(headings))
    nav = '<item id="nav" href="nav.xhtml" properties="nav" media-type="application/xhtml+xml"/>'
    html = 'html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"'
    return packed(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": '<container version="1.0" '
            'xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile '
            'full-path="book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>',
            "book.opf": '<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id">'
            '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
            '<dc:identifier id="id">chashan</dc:identifier>'
            f"<dc:title>{title}</dc:title><dc:creator>{author}</dc:creator><dc:language>zh-Hant</dc:language>"
            f"<dc:date>2025-04-05</dc:date></metadata><manifest>{nav}{manifest}</manifest>"
            f"<spine>{spine}</spine></package>",
            "nav.xhtml": f"<{html}><head><title>{title}</title></head><body>"
            f'<nav epub:type="toc"><ol>{links}</ol>'
            "</nav></body></html>",
            **{
                f"c{n}.xhtml": f"<{html}><head><title>{heading}</title></head><body>"
                f"<h1>{heading}</h1><p>{text}</p>"
                "</body></html>"
                for n, (heading, text) in enumerate(chapters)
            },
        }
    )


def packed(parts: dict[str, str]) -> bytes:
    """A zip of parts, the first one stored, the same whenever it is made."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for number, (name, content) in enumerate(parts.items()):
            entry = zipfile.ZipInfo(name)
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED if number else zipfile.ZIP_STORED)
    return target.getvalue()


def mbox() -> bytes:
    """A question and its answer."""
    with tempfile.TemporaryDirectory() as folder:
        box = mailbox.mbox(Path(folder) / "box")
        for subject, author, date, text in LETTERS:
            message = EmailMessage()
            message["Subject"], message["From"], message["Date"] = (
                subject,
                f"{author} <mail@example.org>",
                date,
            )
            message.set_content(text)
            entry = mailbox.mboxMessage(message)
            entry.set_from("mail@example.org Sun Mar  2 09:15:00 2025")
            box.add(entry)
        box.close()
        return (Path(folder) / "box").read_bytes()


def gbk_zip() -> bytes:
    """Notes whose names and texts are in GBK, as an old program packs them."""
    body, central = b"", b""
    for name, text in NOTES.items():
        raw, data = name.encode("gbk"), text.encode("gbk")
        head = struct.pack(
            "<5H3L2H", 20, 0, 0, 0, 0x5A44, zlib.crc32(data), len(data), len(data), len(raw), 0
        )
        central += b"PK\1\2" + struct.pack("<H", 20) + head
        central += struct.pack("<3H2L", 0, 0, 0, 0, len(body)) + raw
        body += b"PK\3\4" + head + raw + data
    count = len(NOTES)
    return body + central + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, len(central), len(body), 0)


def warc() -> bytes:
    """Two pages of a town's news, one of them met twice."""
    records = []
    for address, (title, date, text) in PAGES.items():
        page = (
            f'<!doctype html><html lang="zh-Hant"><head><meta charset="utf-8"><title>{title}</title>'
            f'<meta property="og:site_name" content="鎮上新聞"></head><body><article><h1>{title}</h1>'
            f"<p>{text}</p></article></body></html>"
        ).encode()
        records.append(response(address, page, date=date))
        if "bridge" in address:
            records.append(response(address, page, date="2025-02-12T03:00:00Z"))
    return b"".join(records)


FILES = {
    "annual-report.pdf": pdf,
    "parking.docx": docx,
    "tea-hills.epub": epub,
    "compost.mbox": mbox,
    "notes-gbk.zip": gbk_zip,
    "town.warc": warc,
}


def main() -> None:
    """Write the files."""
    folder = HERE.parent / "seeds" / "formats"
    folder.mkdir(exist_ok=True)
    for name, make in FILES.items():
        (folder / name).write_bytes(make())


if __name__ == "__main__":
    main()
