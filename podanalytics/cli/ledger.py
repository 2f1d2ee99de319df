"""Verbs that fill and look over the ledger."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from podanalytics.cli.app import AsOf, Quiet, Where, app, judged, opened

if TYPE_CHECKING:
    from podanalytics.ledger import Ledger


@app.command()
def init(folder: Annotated[Path, typer.Argument(help="Where to make it.")] = Path()) -> None:
    """Make a workspace: settings, a place for raw exports, for corrections and for reports."""
    from podanalytics.workspace import make_workspace

    made = make_workspace(folder)
    for path in made:
        print(f"made {path}")
    print(
        "It was a workspace already."
        if not made
        else f"Now put exports into {folder / 'data/raw'} and run: podanalytics load"
    )


@app.command()
def load(
    paths: Annotated[
        list[str] | None, typer.Argument(help="Files or folders; default: the workspace's data/raw.")
    ] = None,
    workspace: Where = None,
    quiet: Quiet = False,
    strict: Annotated[bool, typer.Option(help="Stop with a traceback at the first fault.")] = False,
) -> None:
    """Read exports into the ledger. Loading again changes nothing; a changed file replaces what it told before."""
    from podanalytics import intake
    from podanalytics.errors import WorkspaceError
    from podanalytics.show.terminal import faults_lines, load_lines, progress_line
    from podanalytics.tables import FAULTS

    if "" in (paths or ()):
        raise WorkspaceError("one of the paths is empty: name a file or a folder, or none for the workspace's data/raw")
    if strict:
        os.environ["PODANALYTICS_STRICT"] = "1"
    home, store = opened(workspace)
    done = intake.load(home, store, [Path(p) for p in paths or ()], None if quiet else progress_line)
    print("\n".join(load_lines(done)))
    print("\n".join(faults_lines(store.read(FAULTS).to_dicts())))


@app.command()
def faults(
    of: Annotated[str, typer.Argument(help="Only those whose source, kind or place holds this.")] = "",
    workspace: Where = None,
    json_out: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """List all that could not be read or makes no sense, with file, record and reason."""
    from podanalytics.show.terminal import faults_lines, one_line

    _, ledger = judged(workspace, "")
    found = ledger.faults.to_dicts()
    rows = [row for row in found if of.lower() in f"{row['source']} {row['rule']} {row['origin']}".lower()]
    if json_out:
        print(json.dumps(rows, indent=1))
    else:
        none = f"None of {len(found)} faults holds {of!r}." if found else "No faults: all that is loaded could be read."
        print("\n".join(faults_lines(rows, None)) or one_line(none))


@app.command()
def check(
    workspace: Where = None, json_out: Annotated[bool, typer.Option("--json", help="For machines.")] = False
) -> None:
    """Check the ledger with Great Expectations; the outcome is kept and shown in every packet.

    Exit code 3 if anything failed.
    """
    from podanalytics.checks import run_checks
    from podanalytics.errors import WorkspaceError
    from podanalytics.show.terminal import check_lines
    from podanalytics.tables import CHECKS, LOADS

    home, store = opened(workspace)
    if store.read(LOADS).is_empty():
        raise WorkspaceError("nothing is loaded, so there is nothing to check; load some exports first")
    found = run_checks(store, home.policy(), home.as_of()).to_dicts()
    store.replace_table(CHECKS, found)
    print(json.dumps(found, indent=1) if json_out else "\n".join(check_lines(found)))
    if any(row["outcome"] != "passed" for row in found):
        raise typer.Exit(3)


@app.command("list")
def list_(
    workspace: Where = None,
    as_of: AsOf = "",
    json_out: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """List the incidents of the ledger with their verdicts."""
    from podanalytics.show.terminal import faults_lines, incident_lines, other_lines

    _, ledger = judged(workspace, as_of)
    rows = ledger.incidents.to_dicts()
    tallies = _tallies(ledger)
    if json_out:
        print(json.dumps([{**r, "verdicts": tallies.get(r["incident"], {})} for r in rows], default=str, indent=1))
    else:
        print("\n".join(incident_lines(rows, tallies, ledger.found.as_of if ledger.goes_on else None)))
        print("\n".join([*other_lines(ledger.others()), *faults_lines(ledger.oddities())]))


def _tallies(ledger: Ledger) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for incident, verdict, count in (
        ledger.readings.group_by("incident", "verdict").len().sort("incident", "verdict").iter_rows()
    ):
        found.setdefault(incident, {})[verdict] = count
    return found


@app.command()
def sources() -> None:
    """List the tools whose exports are recognised."""
    from podanalytics.show.terminal import one_line
    from podanalytics.sources import all_sources

    for name, source in all_sources().items():
        print(f"{one_line(f'{name:<20} {source.title}')}\n{'':<20} {one_line(source.manual)}")


@app.command()
def sample(
    out: Annotated[Path, typer.Option(help="Where to write raw/ and truth.json.")] = Path("sample"),
    seed: Annotated[int, typer.Option(help="Another seed, another history.")] = 2026,
) -> None:
    """Write the invented sample organisation: its tools' raw exports, and the truth they were made from."""
    from podanalytics.errors import WorkspaceError
    from podanalytics.sample import generate, write

    try:
        write(generate(seed), out)
    except OSError as error:
        raise WorkspaceError(f"cannot write to {out}: {error.strerror or error}") from None
    print(f"wrote {out / 'raw'} and {out / 'truth.json'} (seed {seed})")
