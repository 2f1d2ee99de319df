"""The application and what its verbs share: their groups, their options, and opening the workspace they are about."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from podanalytics.errors import PodError

if TYPE_CHECKING:
    from podanalytics.ledger import Ledger
    from podanalytics.store import Store
    from podanalytics.workspace import Workspace


class StoppedError(PodError):
    """Ctrl-C."""

    exit_code = 130


class Verbs(TyperGroup):
    """Our verbs; what typer would answer in words of its own is handed on to `main`."""

    def invoke(self, ctx: Any) -> Any:
        """Runs the verb."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise StoppedError("stopped; what was loaded or written before is whole") from None
        except BrokenPipeError:
            let_go_of_stdout()
            raise SystemExit(141) from None  # the reader of our output left, as `head` does


app = typer.Typer(
    name="podanalytics",
    cls=Verbs,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="From what an incident left behind to the review packet on your desk.",
)
policy_app = typer.Typer(no_args_is_help=True, help="Look after policy files.")
notebooks_app = typer.Typer(no_args_is_help=True, help="Look after the committed notebooks.")
app.add_typer(policy_app, name="policy")
app.add_typer(notebooks_app, name="notebooks")

Where = Annotated[
    Path | None, typer.Option("--workspace", "-w", help="A folder in the workspace; default: where you are.")
]
AsOf = Annotated[str, typer.Option("--as-of", help="Judge as if it were this moment, e.g. 2026-10-31T12:00:00Z.")]
Zone = Annotated[str, typer.Option("--zone", help="Show times in this zone too, e.g. Europe/Berlin.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print results only.")]


def let_go_of_stdout() -> None:
    """Nothing can be written any more: without this Python would try once more at the end, and complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def opened(where: Path | None) -> tuple[Workspace, Store]:
    """The workspace a verb is about, and its store."""
    from podanalytics.workspace import find_workspace

    workspace = find_workspace(where)
    return workspace, workspace.store()


def judged(where: Path | None, as_of: str) -> tuple[Workspace, Ledger]:
    """The workspace a verb is about, and its ledger as of that moment."""
    from podanalytics.gather import moment
    from podanalytics.ledger import load_ledger

    workspace, store = opened(where)
    return workspace, load_ledger(store, workspace.policies(), moment(as_of) or workspace.as_of())


def user() -> str:
    """Who is logged in, for what a person states; empty where nobody can tell, and then --by is asked for."""
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return ""
