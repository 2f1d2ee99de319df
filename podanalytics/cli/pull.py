"""The verb that asks vendors for what is new."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from podanalytics.cli.app import Quiet, Where, app

if TYPE_CHECKING:
    from datetime import datetime

    from podanalytics.pull._run import Pulled, Tell

FIRST = "30d"  # how far back a stream begins that was never pulled
_EVERY = 25  # pages between two lines where there is no terminal


@app.command()
def pull(
    sources: Annotated[
        list[str] | None, typer.Argument(help="github, slack ...; default: all that pod.toml has.")
    ] = None,
    since: Annotated[
        str, typer.Option(help="Begin with what changed within e.g. 90d, 2w, or on 2026-09-01; at first 30d.")
    ] = "",
    workspace: Where = None,
    quiet: Quiet = False,
) -> None:
    """Ask the vendors of pod.toml's [pull] for what is new, and keep their answers below data/raw as they come.

    Pulling again goes on where it stopped. Exit code 1 if anything could not be pulled.
    """
    from podanalytics.pull._run import pull as pulled
    from podanalytics.show.terminal import one_line
    from podanalytics.workspace import find_workspace

    home = find_workspace(workspace)
    with _progress(quiet) as tell:
        done = pulled(home.raw, home.settings.pull, sources or (), _start(since or FIRST), bool(since), tell)
    for line in pulled_lines(done):
        print(one_line(line))
    if any(each.failed for each in done):
        raise typer.Exit(1)


def _start(since: str) -> datetime:
    """The moment that a date or a span of time means, to the day: the same words ask for the same pages again."""
    from datetime import UTC, datetime

    from podanalytics.batch import span

    try:
        return datetime.strptime(since, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    earliest = datetime(1990, 1, 1, tzinfo=UTC)
    return max(today - min(span(since), today - earliest), earliest)


def pulled_lines(done: list[Pulled]) -> Iterator[str]:
    """A line a stream: pages, new ones, waits; its notes and why it stopped; and what to do next."""
    from podanalytics.show.words import plural

    for each in done:
        name = f"{each.vendor} {each.stream}"
        waited = f", {each.waited:.0f} s waited" if each.waited >= 1 else ""
        yield f"{name}: {plural(each.pages, 'page')}, {each.new} new, {plural(each.records, 'record')}{waited}"
        for note in each.notes:
            yield f"{name}: note: {note}"
        if each.failed:
            yield f"{name}: stopped: {each.failed}"
    if any(each.new for each in done):
        yield "Now run: podanalytics load"


@contextmanager
def _progress(quiet: bool) -> Iterator[Tell]:
    """Bars with counts on a terminal, else a line now and then, both on stderr; nothing if quiet."""
    from podanalytics.show.terminal import one_line

    if quiet:
        yield lambda done, doing: None
    elif sys.stderr.isatty():
        with _bars() as tell:
            yield tell
    else:

        def tell(done: Pulled, doing: str) -> None:
            if doing or (done.pages and done.pages % _EVERY == 0 and not done.finished):
                line = f"{done.vendor} {done.stream}: {doing or f'{done.pages} pages, {done.records} records'}"
                print(one_line(line), file=sys.stderr, flush=True)

        yield tell


@contextmanager
def _bars() -> Iterator[Tell]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

    from podanalytics.show.terminal import one_line

    columns = (
        SpinnerColumn(),
        TextColumn("{task.fields[stream]}", markup=False),
        BarColumn(bar_width=16),
        TextColumn("{task.fields[pages]} pages, {task.fields[new]} new, {task.fields[records]} records"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[doing]}", markup=False),
    )
    tasks: dict[str, TaskID] = {}
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:

        def tell(done: Pulled, doing: str) -> None:
            name = one_line(f"{done.vendor} {done.stream}")
            told: dict[str, Any] = {
                "pages": done.pages,
                "new": done.new,
                "records": done.records,
                "doing": one_line(doing)[:80],
            }
            if name not in tasks:
                tasks[name] = bars.add_task(name, total=None, stream=name, **told)
            ended = done.finished or bool(done.failed)
            bars.update(tasks[name], total=1 if ended else None, completed=1 if ended else 0, **told)

        yield tell
