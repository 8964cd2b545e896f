"""What if a process stands still? A builder, and one of the processes of a server, get SIGSTOP.

Invariant: beside a builder that stands still searching goes on and another builder is told to wait; going on,
it ends as if nothing had been; killed, it holds nothing. Beside a worker that stands still a client that
asks again is answered by others, and another takes its place.
"""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

from benchmarks.battery.archive import Archive, Broken, is_clear, last_line
from benchmarks.battery.serving import Client, Server, search_path, told
from benchmarks.battery.verdict import Verdict

_DOCUMENTS = 1500
_REQUESTS = 100
_TIMEOUT_S = 1.0
_TRIES = 12
_REPLACED_S = 40.0


def run(base: Path, rounds: int, seed: int) -> Verdict:
    """So many builders and workers."""
    archive = Archive.create(base / "archive", _DOCUMENTS)
    archive.build(_DOCUMENTS)
    chance = random.Random(seed)
    broken: list[str] = []
    for number in range(rounds):
        for ending in (signal.SIGCONT, signal.SIGKILL):
            archive.add(f"extra{number}")
            try:
                stop_builder(archive, ending, chance, _DOCUMENTS + number + 1)
            except Broken as error:
                broken.append(f"builder, then {ending.name}: {error}")
    first, asked, slowest = 0, 0, 0.0
    with Server(archive) as server:
        for _ in range(rounds):
            answered, took, problems = stop_worker(server, chance)
            first, asked, slowest = first + answered, asked + _REQUESTS, max(slowest, took)
            broken += problems
    return Verdict(
        f"{2 * rounds} builders stopped amid a build: searching went on, others were told to wait;"
        f" {rounds} workers: {first} of {asked} requests answered at the first try within {_TIMEOUT_S:g} s,"
        f" the others when asked again, replaced after {slowest:.0f} s at most",
        told(broken),
    )


def stop_builder(archive: Archive, ending: signal.Signals, chance: random.Random, documents: int) -> None:
    """Stop a build, look, and let it go on or kill it. Raises `Broken`."""
    before = archive.whole()
    known = {*archive.generations.iterdir()}
    builder = archive.start("rebuild", "--quiet")
    while builder.process.poll() is None and not {*archive.generations.iterdir()} - known:
        time.sleep(0.002)
    time.sleep(chance.uniform(0.0, 0.3))
    builder.process.send_signal(signal.SIGSTOP)
    try:
        if archive.whole(documents) != before:
            return  # it was done already
        code, _, messages = archive.run("rebuild", "--quiet")
        if code != 4 or not is_clear(messages):
            raise Broken(f"another build exits {code}: {last_line(messages)!r}")
    finally:
        builder.process.send_signal(ending)
        if ending is signal.SIGKILL:
            builder.process.send_signal(signal.SIGCONT)
        code, _, messages = builder.end()
    if ending is signal.SIGCONT and code:
        raise Broken(f"going on it exits {code}: {last_line(messages)!r}")
    if archive.whole(documents) == before and ending is signal.SIGCONT:
        raise Broken("the old index is live after it went on and ended")
    if ending is signal.SIGKILL:
        archive.build(documents)


def stop_worker(server: Server, chance: random.Random) -> tuple[int, float, list[str]]:
    """Stop a worker and ask: answers at the first try, seconds until it was replaced, what is wrong."""
    workers = server.workers()
    stopped, began = chance.choice(workers), time.monotonic()
    os.kill(stopped, signal.SIGSTOP)
    first, problems = 0, []
    for number in range(_REQUESTS):
        for attempt in range(_TRIES):
            client = Client(server.port, _TIMEOUT_S)
            status = client.get(search_path("無錫", size=1 + number % 5)).status
            client.close()
            if status == 200:
                first += attempt == 0
                break
        else:
            problems.append(f"request {number} beside a stopped worker: no answer in {_TRIES} tries")
    while time.monotonic() - began < _REPLACED_S:
        if stopped not in (now := server.workers()) and len(now) == len(workers):
            return first, time.monotonic() - began, problems
        time.sleep(0.1)
    os.kill(stopped, signal.SIGCONT)
    return first, _REPLACED_S, [*problems, f"a stopped worker was not replaced within {_REPLACED_S:g} s"]
