"""The verb about people: who is behind a pseudonym."""

from __future__ import annotations

import re
import sys
from typing import Annotated

import typer

from podanalytics.cli.app import Where, app

_PSEUDONYM = re.compile(r"(?:.*-)?(\d{1,9})", re.DOTALL)


@app.command()
def who(
    pseudonym: Annotated[str, typer.Argument(help="As a packet or report has it, e.g. IC-4; or its number.")],
    workspace: Where = None,
) -> None:
    """Say who is behind a pseudonym, by this workspace's own key. Shows real names: for your eyes only."""
    from podanalytics.errors import WorkspaceError
    from podanalytics.pseudonyms import read_key
    from podanalytics.show.terminal import one_line
    from podanalytics.workspace import find_workspace

    path = find_workspace(workspace).pseudonyms
    key = read_key(path)
    hit = _PSEUDONYM.fullmatch(pseudonym.strip())
    if hit is None:
        raise WorkspaceError(f"{pseudonym!r} is no pseudonym: write it as IC-4, or as 4")
    if not key.people:
        raise WorkspaceError(f"nobody has a number yet: {path} is made with the first packet or report")
    given = int(hit[1])
    number = dict(key.retired).get(given, given)
    person = next((p for p in key.people if p.number == number), None)
    if person is None:
        raise WorkspaceError(f"nobody has the number {given}: the key {path} holds 1 to {key.last}")
    if number != given:
        print(f"the number {given} is retired: it is number {number}, two accounts of one person")
    accounts = [node.removeprefix("id:") for node in person.nodes if node.startswith("id:")]
    for name in (*person.names, *person.handles, *accounts) or [node.partition(":")[2] for node in person.nodes]:
        print(one_line(name))
    print("Real names: for your eyes only, and for nothing that is shared.", file=sys.stderr)
