"""Verbs about policies."""

from __future__ import annotations

from typing import Annotated

import typer

from podanalytics.cli.app import AsOf, Where, opened, policy_app

DATE = len("2026-07-01")

_JUDGES = {
    "prospective": "each severity judges from when it was set",
    "at_start": "the first severity judges the whole incident",
    "peak": "the worst severity judges the whole incident",
    "current": "the last severity judges the whole incident",
}


@policy_app.command("check")
def policy_check(
    file: Annotated[
        str, typer.Argument(help="A policy file, or the name of a shipped one; default: the workspace's own.")
    ] = "",
    workspace: Where = None,
) -> None:
    """Check a policy file and say what it holds."""
    from podanalytics.policy import load_policy
    from podanalytics.show.terminal import one_line
    from podanalytics.workspace import find_workspace

    policy = load_policy(file) if file else find_workspace(workspace).policy()
    print(f"{one_line(policy.label)}: in force from {policy.effective:%Y-%m-%d}, {_JUDGES[policy.judge]}")
    print(f"business hours: {policy.calendar}")
    print(f"{len(policy.severities)} severities, {len(policy.milestones)} milestones, {len(policy.clauses)} clauses:")
    for clause in policy.clauses:
        print(one_line(f"  {clause.id:<18} {clause.title}"))


@policy_app.command("what-if")
def what_if(
    file: Annotated[str, typer.Argument(help="The proposed policy: a file, or the name of a shipped one.")],
    since: Annotated[str, typer.Option(help="Only incidents that began from this moment on, e.g. 2026-07-01.")] = "",
    workspace: Where = None,
    as_of: AsOf = "",
) -> None:
    """Judge past incidents by a proposed policy, and show how often each clause would have been kept."""
    from podanalytics import what_if as comparison
    from podanalytics.gather import moment
    from podanalytics.ledger import load_ledger
    from podanalytics.policy import load_policy
    from podanalytics.show.comparisons import what_if_lines

    proposal = load_policy(file)
    home, store = opened(workspace)
    at, begin = moment(as_of) or home.as_of(), moment(f"{since}T00:00:00Z" if len(since) == DATE else since)
    now, then = load_ledger(store, home.policies(), at), load_ledger(store, proposal, at)
    shifts = list(comparison.what_if(now, then, begin))
    labels = [p.label for p in now.policies.versions]
    print("\n".join(what_if_lines(labels, proposal.label, begin, comparison.counted(now, then, begin), shifts)))
