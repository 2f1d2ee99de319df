"""Verbs that write packets and reports, and tell whether what lies there can be made again."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from podanalytics.cli.app import AsOf, Quiet, Where, Zone, app, judged

Jobs = Annotated[int, typer.Option(min=0, help="So many at once; default: as many as there are cores.")]


@app.command()
def packet(
    incidents: Annotated[
        list[str] | None, typer.Argument(help="Ids of incidents, or of any of their records; or use --worst.")
    ] = None,
    worst: Annotated[bool, typer.Option("--worst", help="The gravest incident of the ledger.")] = False,
    since: Annotated[str, typer.Option(help="All that began or ended within e.g. 7d, 36h or 2w.")] = "",
    every: Annotated[bool, typer.Option("--all", help="All incidents of the ledger.")] = False,
    jobs: Jobs = 0,
    force: Annotated[bool, typer.Option("--force", help="Of several, make those anew that are current, too.")] = False,
    workspace: Where = None,
    zone: Zone = "",
    as_of: AsOf = "",
    quiet: Quiet = False,
) -> None:
    """Write the review packet of an incident: executed notebook, one offline HTML file, PDF, Markdown, JSON, the twins
    of its tables, a draft of the public report and a calendar of what is due.

    With --since, --all or several incidents it writes many; what is current is left alone, so that a run that was
    interrupted goes on where it stopped.
    """
    from podanalytics.errors import UnknownIncidentError

    named = incidents or []
    if not (named or worst or since or every):
        raise UnknownIncidentError(
            "name an incident (`podanalytics list` shows them), or use --worst, --since 7d or --all"
        )
    if sum(map(bool, (named, worst, since, every))) > 1:
        raise UnknownIncidentError("name incidents, or use one of --worst, --since and --all")
    if since or every or len(named) > 1:
        _packets(named, since, jobs, (force, quiet), (workspace, zone, as_of))
    else:
        _packet(named[0] if named else "", worst, quiet, (workspace, zone, as_of))


def _packet(incident: str, worst: bool, quiet: bool, place: tuple[Path | None, str, str]) -> None:
    from podanalytics.kernels import Kernels

    workspace, zone, as_of = place
    with Kernels(1) as kernels:  # it imports while the ledger is read here
        from podanalytics.handover import packed
        from podanalytics.packets import basis_of, loaded_of, packet_job, write

        home, ledger = judged(workspace, as_of)
        found = ledger.worst() if worst else ledger.resolve(incident)
        kernels.given = packed(home.root, ledger)
        job = packet_job(home, found, ledger.found.as_of, zone)
        made = write(home, job, not quiet, kernels, basis_of(home, job, loaded_of(ledger)))
    _tell(made.paths)
    _tell_changes([] if quiet else made.changes)


def _packets(
    named: list[str], since: str, jobs: int, how: tuple[bool, bool], place: tuple[Path | None, str, str]
) -> None:
    import os

    from podanalytics.kernels import Kernels

    (force, quiet), (workspace, zone, as_of) = how, place
    at_once = jobs or os.cpu_count() or 1
    with Kernels(at_once, at_once) as kernels:
        from podanalytics import batch
        from podanalytics.show.terminal import one_line
        from podanalytics.show.words import plural
        from podanalytics.workspace import find_workspace

        home = find_workspace(workspace)
        asked = batch.Asked(tuple(named), since, zone)
        as_of = as_of or batch.unfinished(home, asked, force)
        home, ledger = judged(workspace, as_of)
        found = batch.chosen(ledger, asked)
        if not quiet:
            print(f"{plural(len(found), 'packet')} as of {ledger.found.as_of:%Y-%m-%d %H:%M} UTC", file=sys.stderr)
        outcomes = []
        for outcome in batch.run(home, ledger, asked, found, at_once, force, kernels):
            outcomes.append(outcome)
            print(one_line(outcome.line))
        print(batch.summary(outcomes))
    if any(outcome.state == "failed" for outcome in outcomes):
        raise typer.Exit(1)


@app.command()
def report(
    month: Annotated[str, typer.Argument(help="YYYY-MM; default: the last whole month.")] = "",
    workspace: Where = None,
    zone: Zone = "",
    as_of: AsOf = "",
    quiet: Quiet = False,
) -> None:
    """Write the monthly reliability report: counts, attainment with intervals, incidents, data quality."""
    from podanalytics.kernels import Kernels

    with Kernels(1) as kernels:
        from podanalytics.gather import moment
        from podanalytics.gather_month import last_month
        from podanalytics.packets import report_job, write
        from podanalytics.workspace import find_workspace

        home = find_workspace(workspace)
        at = moment(as_of) or home.as_of()
        made = write(home, report_job(home, month or last_month(at), at, zone), not quiet, kernels)
    _tell(made.paths)
    _tell_changes([] if quiet else made.changes)


@app.command()
def verify(
    folder: Annotated[Path, typer.Argument(help="A packet's or a report's folder, or its name among the reports.")],
    workspace: Where = None,
) -> None:
    """Make a packet or a report again from what its record names, and say whether it is equal or what differs."""
    from podanalytics.show.terminal import one_line
    from podanalytics.verify import verify as verified
    from podanalytics.workspace import find_workspace

    result = verified(find_workspace(workspace), folder)
    print("\n".join(map(one_line, result.lines)))
    if not result.equal:
        raise typer.Exit(1)


@app.command()
def publish(
    executed: Annotated[Path, typer.Argument(help="A notebook of ours that papermill or JupyterLab has run.")],
    out: Annotated[Path | None, typer.Option(help="The folder; default: one beside it, of its name.")] = None,
    paper: Annotated[str, typer.Option(help="Of the PDF: a4 or letter.")] = "a4",
) -> None:
    """Make every form of a packet or a report from a notebook that was run elsewhere, such as by plain papermill."""
    from podanalytics.packets import publish_elsewhere

    _tell(publish_elsewhere(executed, out, paper))


def _tell(paths: list[Path]) -> None:
    for path in paths:
        if path.parent.name not in ("tables", "figures"):
            print(path)


def _tell_changes(lines: list[str]) -> None:
    """What a second run restates, on stderr: what reads our output expects paths."""
    from podanalytics.show.terminal import one_line

    for line in lines:
        print(one_line(line), file=sys.stderr)
