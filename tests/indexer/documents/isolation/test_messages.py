"""What is sent arrives as it was, whatever stands in it."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from indexer.documents.document import Captures, Document, PartStart
from indexer.documents.isolation.messages import Frames, event_from_json, event_to_json, frame, receive
from indexer.documents.outcomes import Ignored, Skipped
from indexer.documents.reading import Begun, Ended, Event


class Markup(str):
    """A text as libraries have it."""


EVENTS = [
    Document("1", "夜市", named=True),
    Document("1", "夜市\ud800", parts=(PartStart(0, "page", "\udc00"),), captures=Captures(2, "a", "b")),
    Document("1", Markup("夜市"), title=Markup("\ud800")),
    Begun("夜.zip", True),
    Ended("damaged"),
    Skipped("a.txt", "damaged"),
    Ignored("a.txt", "no reader"),
]


def sent(value: Any) -> Any:
    """A value after it went over a socket to one who waits for it."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(frame(value))
        return receive(theirs)


@pytest.mark.parametrize("event", EVENTS)
def test_events(event: Event) -> None:
    """They are the same afterwards, also where half a pair of surrogates stands in one."""
    found = event_from_json(sent(event_to_json((0, 1), event)))
    assert found == ((0, 1), event)
    assert type(found[1]) is type(event)


def test_several_at_once() -> None:
    """Values are told apart, however they arrive."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        content = frame(["夜"]) + frame(["\ud800"]) + frame([None])
        ours.sendall(content[:-1])
        frames = Frames(theirs)
        assert [value for value, _ in frames.arrived()[0]] == [["夜"], ["\ud800"]]
        ours.sendall(content[-1:])
        assert frames.arrived() == ([([None], len(frame([None])))], False)


def test_what_cannot_be_sent() -> None:
    """Only what JSON has goes over the socket."""
    with pytest.raises(TypeError):
        frame([object()])
