"""Verbs that tell and amend: explanation, correction, demonstration, notebooks."""

from __future__ import annotations

from typing import Annotated

import typer

from podanalytics.cli.app import AsOf, Quiet, Where, app, judged, notebooks_app, opened, user


@app.command()
def explain(
    incident: Annotated[str, typer.Argument(help="Its id.")],
    clause: Annotated[str, typer.Argument(help="A clause of the policy, e.g. ack.")],
    workspace: Where = None,
    as_of: AsOf = "",
) -> None:
    """Walk back from a verdict to its rule, its events and their raw lines. Shows real names: for your eyes only."""
    from podanalytics import evidence
    from podanalytics.show.terminal import explanation_lines

    _, ledger = judged(workspace, as_of)
    print("\n".join(explanation_lines(evidence.explain(ledger, incident, clause))))


@notebooks_app.command("refresh")
def notebooks_refresh(quiet: Quiet = False) -> None:
    """Run the committed notebooks with their defaults and write them back, without anything that differs between two
    runs.
    """
    from podanalytics.packets import refresh_notebooks

    for path in refresh_notebooks(not quiet):
        print(path)


@app.command()
def demo(workspace: Where = None) -> None:
    """Load the committed sample, check it, and write the packet of its worst incident and its last monthly report."""
    from podanalytics.demo import run

    run(workspace)


@app.command()
def correct(
    incident: Annotated[str, typer.Argument(help="Its id, or the id of any of its records.")],
    what: Annotated[str, typer.Argument(help="A milestone, e.g. mitigated, or the field severity.")],
    value: Annotated[
        str, typer.Argument(help="The right time with its zone, e.g. 2026-10-14T14:31:00Z; or a severity.")
    ],
    why: Annotated[str, typer.Option(help="How you know. Shown beside the correction.")],
    by: Annotated[str, typer.Option(help="Who says so; default: your user name.")] = "",
    workspace: Where = None,
) -> None:
    """Correct a moment or the severity: writes data/corrections/…, loads it, and says which verdicts it changes."""
    from podanalytics import intake
    from podanalytics.ledger import load_ledger
    from podanalytics.show.comparisons import correction_lines
    from podanalytics.show.terminal import one_line
    from podanalytics.stating import Statement, now_stands, state, turned

    home, store = opened(workspace)
    at = home.as_of()
    before = load_ledger(store, home.policies(), at)
    found = before.resolve(incident)
    path = state(home, Statement(found, what, value, why, by or user(), at), before.policy_of(found))
    intake.load(home, store, [path])
    after = load_ledger(store, home.policies(), at)
    print(one_line(f"wrote {path}"))
    was, now = (now_stands(ledger, found, what) for ledger in (before, after))
    print("\n".join(correction_lines(what, was, now, turned(before, after, found))))
