"""What does an archive of a billion documents need? Shards, segments, nodes and hours, by simulation.

    python benchmarks/cluster_plan.py [--documents 1e7 1e8 1e9] [--characters 350] [--shard-gb 40]

A shard is filled as it is on a cluster: buffers become segments, and these are merged as Lucene does
(`TieredMergePolicy` of Lucene 9 with its defaults: ten a tier, 5 GB at most). Buffers are of any size
up to `--buffer-mb`, by chance, for several threads fill them. Printed are how many segments are left, and how
often a byte is written. Then for each number of documents shards, nodes and hours, by what was measured of
poems (docs/scale.md). `--check` has other sizes of shards in MB, to be held against real ones.
"""

from __future__ import annotations

import argparse
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

FLOOR_MB, LARGEST_MB, TIER = 2.0, 5 * 1024.0, 10
NODE_CORES, NODE_TB, FULL = 16, 2.0, 0.7
BYTES, ANALYZED, LOADED = 27, 250_000, 130_000
"""Of poems, 2026-11-29: bytes of index a character, characters a second of a core, here and on a node."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A shard when all is loaded: the sizes of its segments in MB, and how often each byte was written."""

    segments: Sequence[float]
    written: float


def allowed(segments: Sequence[float]) -> int:
    """How many segments a shard may have that are not too large to be merged."""
    left, level = sum(segments), max(min(segments, default=FLOOR_MB), FLOOR_MB)
    count = 0
    while left / level >= TIER and level < LARGEST_MB:
        count += TIER
        left -= TIER * level
        level = min(LARGEST_MB, level * TIER)
    return max(TIER, count + math.ceil(left / level))


def best_merge(segments: Sequence[float]) -> list[int] | None:
    """Which of the segments, the largest first, are merged next: as equal and as small as can be."""
    best: tuple[float, list[int]] | None = None
    for first in range(len(segments)):
        chosen, size, too_large = list[int](), 0.0, False
        for place in range(first, len(segments)):
            if len(chosen) == TIER:
                break
            if size + segments[place] > LARGEST_MB:
                too_large = True
                continue
            chosen.append(place)
            size += segments[place]
        if len(chosen) < 2:
            continue
        floored = sum(max(FLOOR_MB, segments[place]) for place in chosen)
        skew = 1 / TIER if too_large else max(FLOOR_MB, segments[chosen[0]]) / floored
        score = skew * size**0.05
        if best is None or score < best[0]:
            best = score, chosen
    return best[1] if best else None


def filled(shard_mb: float, buffer_mb: float) -> Filled:
    """Fill a shard, buffer after buffer."""
    chance, segments = random.Random(1), list[float]()
    written = loaded = 0.0
    while loaded < shard_mb:
        own = min(chance.uniform(0, buffer_mb), shard_mb - loaded)
        loaded, written = loaded + own, written + own
        segments = sorted([*segments, own], reverse=True)
        while True:
            small = [size for size in segments if size <= LARGEST_MB / 2]
            if len(small) <= allowed(small) or (places := best_merge(small)) is None:
                break
            merged = sum(small[place] for place in places)
            for place in places:
                segments.remove(small[place])
            segments = sorted([*segments, merged], reverse=True)
            written += merged
    return Filled(segments, written / shard_mb)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--documents", type=float, nargs="+", default=[1e7, 1e8, 1e9])
    parser.add_argument("--characters", type=float, default=350, help="of a document")
    parser.add_argument("--shard-gb", type=float, default=40)
    parser.add_argument("--buffer-mb", type=float, default=110, help="of a segment as it comes, at most")
    parser.add_argument("--bytes", type=float, default=BYTES, help="of index a character")
    parser.add_argument("--analyzed", type=float, default=ANALYZED, help="characters a second of a core")
    parser.add_argument("--loaded", type=float, default=LOADED, help="characters a second of a node's core")
    parser.add_argument("--cores", type=int, default=160, help="that analyze")
    parser.add_argument("--replicas", type=int, default=1)
    parser.add_argument("--check", type=float, nargs="*", default=[], help="sizes of shards, MB")
    given = parser.parse_args()
    for size in [*given.check, *(gb * 1024 for gb in (5, 10, 20, 40, 80))]:
        own = filled(size, given.buffer_mb)
        print(
            f"a shard of {size:,.0f} MB: {len(own.segments)} segments, the largest {own.segments[0]:,.0f} MB;"
            f" each byte written {own.written:.1f} times"
        )
    print("documents, primaries TB, shards, nodes, hours of analysis, hours of loading")
    for count in given.documents:
        characters = count * given.characters
        size_tb = characters * given.bytes / 1e12
        shards = math.ceil(size_tb * 1000 / given.shard_gb)
        nodes = max(2, math.ceil(size_tb * (1 + given.replicas) / (NODE_TB * FULL)))
        analysis = characters / given.analyzed / given.cores / 3600
        loading = characters / given.loaded / (nodes * NODE_CORES) / 3600
        print(f"{count:,.0f}  {size_tb:.2f}  {shards}  {nodes}  {analysis:.1f}  {loading:.1f}")


if __name__ == "__main__":
    main()
