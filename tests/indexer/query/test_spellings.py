"""Other spellings are those of the index, and asking for them has an end."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from indexer.query.spellings import spellings


class Texts:
    """An index of texts whose terms are parted by spaces."""

    def __init__(self, *texts: str) -> None:
        self.documents = [tuple(text.split()) for text in texts]

    def frequencies(self, field: str, terms: Sequence[str]) -> list[int]:
        """How many texts hold each term."""
        return [sum(term in document for document in self.documents) for term in terms]

    def hold(self, field: str, sequences: Sequence[Sequence[str]]) -> list[bool]:
        """Whether any text holds each sequence."""
        rows = [(document, at) for document in self.documents for at in range(len(document))]
        return [
            any(document[at : at + len(parts)] == tuple(parts) for document, at in rows)
            for parts in sequences
        ]


@pytest.mark.parametrize(
    ("query", "texts", "expected"),
    [
        ("wifi", ["wi fi"], [("wi", "fi")]),
        ("wi-fi", ["wifi"], [("wifi",)]),
        ("wi fi", ["wifi"], [("wifi",)]),
        ("wifi", ["fi wi", "wi x fi"], []),
        ("wifi 与 e mail", ["email", "wi fi"], [("wi", "fi"), ("email",)]),
        ("13800001234", ["138 0000 1234", "1380000 1234"], [("138", "0000", "1234"), ("1380000", "1234")]),
        ("138 0000 1234", ["13800001234"], [("13800001234",)]),
        ("978-7-111-40701-9", ["9787111407019"], [("9787111407019",)]),
        ("2023", ["20 23"], []),
        ("covid-19", ["covid19"], []),
        ("无锡 wi，fi", ["wifi"], []),
        ("the", ["t he"], []),
        ("无锡", ["无 锡"], []),
    ],
)
def test_spellings(query: str, texts: Sequence[str], expected: list[tuple[str, ...]]) -> None:
    """Joined or divided, in two parts for words and up to five for long numbers, where the index has it."""
    found = [spelling.other for spelling in spellings(query, Texts(*texts))]
    assert sorted(found) == sorted(expected)


def test_asking_has_an_end() -> None:
    """An index that has every string is asked for some dozens of divisions at a time, some times."""

    class Everything(Texts):
        asked = 0

        def frequencies(self, field: str, terms: Sequence[str]) -> list[int]:
            return [1] * len(terms)

        def hold(self, field: str, sequences: Sequence[Sequence[str]]) -> list[bool]:
            self.asked += 1
            assert len(sequences) <= 64
            return [True] * len(sequences)

    index = Everything()
    assert spellings(" ".join(str(10**15 + number) for number in range(20)), index)
    assert index.asked <= 40
