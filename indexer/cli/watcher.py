"""How is an index kept up to date beside what goes on in this process? By `hansou watch` in one of its own.

**It ends with this process**, however that ends: asked to where it is put away, by itself where it finds that
its parent has gone.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from threading import Thread

_PROGRAM = "from indexer.cli import main; main()"
_ERRORS = 2
"""The descriptor of standard error: what `hansou watch` says belongs into the log."""
_END_S = 10.0
"""So long an update may take to put away what it has begun."""
logger = logging.getLogger("hansou")


class Watcher:
    """`hansou watch` on a configuration. State: its process, None where none is to run."""

    def __init__(self, config_file: str | None) -> None:
        named = () if config_file is None else ("--config", config_file)
        self._command = [sys.executable, "-P", "-c", _PROGRAM, *named, "watch", "--beside", str(os.getpid())]
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Watch, in a process that the Ctrl-C of a terminal does not reach; its end is logged."""
        self.process = subprocess.Popen(
            self._command, stdin=subprocess.DEVNULL, stdout=_ERRORS, start_new_session=True
        )
        Thread(target=self._attend, args=(self.process,), name="watcher", daemon=True).start()

    def _attend(self, process: subprocess.Popen[bytes]) -> None:
        code = process.wait()
        if process is self.process:
            logger.error(
                "hansou watch has ended (exit code %d): the index stays as it is until the server is started"
                " anew, or `hansou update` is run",
                code,
            )

    def end(self) -> None:
        """Ask the process to end, and wait for it; where there is none nothing is done."""
        process, self.process = self.process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(_END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
