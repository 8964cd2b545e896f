"""Where do readers come from? From a process that forks: `python -m …nursery FD SECONDS MEMORY`.

It has imported what readers need and has no threads, so a fork is ready in milliseconds and safe. It ends
with the process that started it, and its forks with it, however that ends: the socket between them says so.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
import struct
import sys
from contextlib import suppress
from importlib import import_module

from indexer.documents.isolation.reader import Limits, serve

_NUMBER = struct.Struct("!i")
_SLOW = (
    "lxml.html",
    "pypdfium2",
    "email.parser",
    "warcio.archiveiterator",
)


def main() -> None:
    """Fork a reader for each socket that comes in, and say how those that are asked after have ended."""
    # Ctrl-C reaches every process of a terminal; what becomes of the reading is the parent's to say.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    control = socket.socket(fileno=int(sys.argv[1]))
    limits = Limits(float(sys.argv[2]), int(sys.argv[3]))
    for name in _SLOW:
        import_module(name)
    gc.freeze()
    children: set[int] = set()
    try:
        while _answer(control, children, limits):
            pass
    finally:
        for child in children:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)


def _answer(control: socket.socket, children: set[int], limits: Limits) -> bool:
    """One request: a socket for a new reader, or the number of one that has ended. False at the end."""
    request, sockets, _, _ = socket.recv_fds(control, _NUMBER.size, 1)
    if len(request) < _NUMBER.size:
        return False
    (child,) = _NUMBER.unpack(request)
    if not sockets:
        children.discard(child)
        control.sendall(_NUMBER.pack(os.waitpid(child, 0)[1]))
        return True
    child = os.fork()
    if child == 0:
        control.close()
        _live(sockets[0], limits)
    os.close(sockets[0])
    children.add(child)
    control.sendall(_NUMBER.pack(child))
    return True


def _live(number: int, limits: Limits) -> None:
    """A reader's life; it ends here, whatever happens."""
    status = 1
    try:
        with socket.socket(fileno=number) as connection:
            serve(connection, limits)
        status = 0
    finally:
        os._exit(status)


if __name__ == "__main__":
    main()
