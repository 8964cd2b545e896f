"""How are measures printed? One line each, with what chance makes of it."""

from __future__ import annotations

from collections.abc import Sequence

import click

from indexer.cli.terminal import printable
from indexer.measure.comparing import QueryChange, RunComparison
from indexer.measure.evaluate import Evaluation
from indexer.measure.measures import DECIDING, MEASURES
from indexer.measure.significance import RESAMPLES, SEED, Comparison
from indexer.measure.tuning import FOLDS, Tuning, changed

_OTHERS = ("zero_results", "build_s", "index_bytes", "p50_ms", "p95_ms", "p99_ms")


def print_evaluation(found: Evaluation) -> None:
    """Measures with their intervals, sizes and times."""
    click.echo(f"{'documents':13} {found.documents:,}")
    click.echo(f"{'queries':13} {found.queries:,}, of which {found.judged:,} are judged and count")
    for name, interval in found.measures.items():
        click.echo(f"{MEASURES[name][0]:13} {interval.mean:.4f}  [{interval.low:.4f}, {interval.high:.4f}]")
    for name in _OTHERS:
        click.echo(f"{name:13} {getattr(found, name):,}")
    click.echo(f"[…]: 95 % intervals, bootstrap over queries ({RESAMPLES:,} resamples, seed {SEED})")


def print_comparison(compared: RunComparison, top: int) -> None:
    """Each measure before and after, and the `top` queries that fare better and worse."""
    click.echo(f"\nbefore: {compared.name}, after: this index")
    click.echo(f"{'':13} before  after   difference                 better  worse  equal  p")
    for name, found in compared.measures.items():
        click.echo(f"{MEASURES[name][0]:13} {_differs(found)}")
    click.echo(f"p: paired randomization test, two-sided (seed {SEED}); below .05 is more than chance")
    for heading, changes in (("better", compared.better), ("worse", compared.worse)):
        _print_changes(f"{heading} by {MEASURES[DECIDING][0]}", changes, top)


def _differs(found: Comparison) -> str:
    gap = found.difference
    verdict = "more than chance" if found.is_more_than_chance else "may be chance"
    return (
        f"{found.before:.4f}  {found.after:.4f}  {gap.mean:+.4f} [{gap.low:+.4f}, {gap.high:+.4f}]"
        f"  {found.better:6,} {found.worse:6,} {found.equal:6,}  {found.p:.4f}  {verdict}"
    )


def _print_changes(heading: str, changes: Sequence[QueryChange], top: int) -> None:
    if not changes or not top:
        return
    more = f", the first {top:,}" if len(changes) > top else ""
    click.echo(f"\n{heading}: {len(changes):,} queries{more}")
    for change in changes[:top]:
        click.echo(f"{change.before:.4f} → {change.after:.4f}  {change.id}  {printable(change.text)}")


def print_tuning(found: Tuning) -> None:
    """A section to paste into config.toml below what speaks for it as comments, or all as comments."""
    label, ranking = MEASURES[DECIDING][0], changed(found.chosen)
    sample = "" if found.queries == found.judged else f" drawn from {found.judged:,}"
    click.echo(
        f"# {label} of {found.queries:,} queries{sample}, each ranked as chosen without its fold of {FOLDS};"
    )
    click.echo(
        f"# {found.tried:,} candidates tried{'' if found.finished else ', then the time was up (--minutes)'}"
    )
    gap = found.compared.difference
    click.echo(f"# now    {found.compared.before:.4f}\n# chosen {found.compared.after:.4f}")
    click.echo(f"# {gap.mean:+.4f} [{gap.low:+.4f}, {gap.high:+.4f}], p {found.compared.p:.4f}")
    if found.is_recommended:
        click.echo("# more than chance; the section replaces [ranking] in config.toml")
    else:
        click.echo("# no gain that is more than chance: keep what you have. Chosen was")
    lines = [f"{name} = {value}" for name, value in ranking.items()] or ["# all as shipped"]
    for line in ["[ranking]", *lines]:
        click.echo(line if found.is_recommended else f"# {line.removeprefix('# ')}")
