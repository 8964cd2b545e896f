"""What do the producers write? Letters made of the sample documents.

A letter is a title, who wrote it and when, and paragraphs.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

SEEDS = Path(__file__).parents[2] / "seeds"
_PHRASE = re.compile(r"[^。！？；\n]{6,40}[。！？；]")


class Missing(Exception):
    """The program that would write the file is not installed."""


@dataclass(frozen=True)
class Letter:
    """A text to be written in some format. `date` is ISO 8601 with time and zone."""

    title: str
    author: str
    date: str
    url: str
    paragraphs: tuple[str, ...]

    @property
    def phrases(self) -> list[str]:
        """The sentences that a reader must find again."""
        return [phrase for paragraph in self.paragraphs for phrase in _PHRASE.findall(paragraph)]


def _letter(path: str, title: str, author: str) -> Letter:
    lines = (SEEDS / path).read_text(encoding="utf-8").splitlines()
    paragraphs = tuple(line.strip() for line in lines if len(line.strip()) > 30)
    return Letter(title, author, "2025-02-04T15:52:00+08:00", "https://news.example.org/a/1", paragraphs)


LETTERS = {
    "hans": _letter("mainland/park-europe.txt", "无锡国家软件园在欧洲落地", "赵小禾"),
    "hant": _letter("taiwan/park-europe.txt", "無錫國家軟體園在歐洲落地", "趙小禾"),
}


def run(*command: str) -> None:
    """Run a program that has to be there; raises `Missing` where it is not."""
    if shutil.which(command[0]) is None:
        raise Missing(f"{command[0]} is not installed")
    subprocess.run(command, check=True, capture_output=True, timeout=120)


def converted(content: bytes, suffix: str, target: str) -> bytes:
    """A file as LibreOffice converts it; `target` is its name for a format, perhaps with a filter's."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / f"letter.{suffix}").write_bytes(content)
        run(
            "soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", target,
            "--outdir", f"{folder}/out", f"{folder}/letter.{suffix}",
        )  # fmt: skip
        written = list((Path(folder) / "out").glob("letter.*")) if (Path(folder) / "out").exists() else []
        if not written:
            raise Missing(f"this soffice does not write {target}")
        return written[0].read_bytes()


def page(letter: Letter, style: str = "") -> str:
    """The letter as a web page."""
    body = "".join(f"<p>{paragraph}</p>" for paragraph in letter.paragraphs)
    return (
        f'<!doctype html><html lang="zh"><head><meta charset="utf-8"><title>{letter.title}</title>'
        f'<meta name="author" content="{letter.author}"><style>{style}</style></head>'
        f"<body><h1>{letter.title}</h1>{body}</body></html>"
    )
