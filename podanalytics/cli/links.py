"""The verb about links: what joined each incident, what waits for a decision, and deciding it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from podanalytics.cli.app import AsOf, Where, app, user

if TYPE_CHECKING:
    from collections.abc import Sequence

    from podanalytics.links import Link


@app.command()
def links(
    incident: Annotated[str, typer.Option(help="One incident, by its id or the id of any of its records.")] = "",
    review: Annotated[bool, typer.Option("--review", help="List the pairs that wait for a decision.")] = False,
    same: Annotated[list[int] | None, typer.Option(help="Decide that the pair of this number is one incident.")] = None,
    different: Annotated[
        list[int] | None, typer.Option(help="Decide that the pair of this number are different ones.")
    ] = None,
    why: Annotated[str, typer.Option(help="Why; kept with the decision.")] = "",
    by: Annotated[str, typer.Option(help="Who decides; default: the user you are logged in as.")] = "",
    workspace: Where = None,
    as_of: AsOf = "",
) -> None:
    """Show what joined each incident, or decide about pairs that may be one. Shows real names: for your eyes only."""
    from podanalytics import links as found
    from podanalytics.errors import WorkspaceError
    from podanalytics.gather import moment
    from podanalytics.show.link_lines import member_lines, offer_lines
    from podanalytics.workspace import find_workspace

    home = find_workspace(workspace)
    at = moment(as_of) or home.as_of()
    if same or different:
        if both := sorted(set(same or []) & set(different or [])):
            raise WorkspaceError(f"pair {both[0]} cannot be the same and different: name it once")
        waiting = found.undecided(home, at)
        for numbers, are_same in ((same or [], True), (different or [], False)):
            chosen = [_numbered(waiting, number) for number in numbers]
            path = found.decide(home, chosen, are_same, why, by or user()) if chosen else None
            for link in chosen:
                print(f"{link.left} and {link.right} are {'the same' if are_same else 'different'}: written to {path}")
        print("Run `podanalytics load` to put it in force.")
    elif review:
        print("\n".join(offer_lines(found.undecided(home, at))))
    else:
        members = found.members_of(found.linked(home, at)[0].members, incident)
        print("\n".join(member_lines(members.to_dicts())))


def _numbered(waiting: Sequence[Link], number: int) -> Link:
    from podanalytics.errors import WorkspaceError

    if not 1 <= number <= len(waiting):
        known = f"there are 1 to {len(waiting)}" if waiting else "nothing waits for a decision"
        raise WorkspaceError(f"no pair {number}: {known} (`podanalytics links --review`)")
    return waiting[number - 1]
