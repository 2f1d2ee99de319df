"""Verbs about policies."""

from __future__ import annotations

from typing import Annotated

import typer

from podanalytics.cli.app import Where, policy_app

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
