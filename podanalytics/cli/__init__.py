"""The command line: one verb a thing to do. Heavy imports live inside the verbs, so that `--help` answers at once."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from podanalytics import __version__
from podanalytics.cli import (  # noqa: F401  (importing them registers their verbs)
    ledger,
    links,
    outputs,
    packets,
    people,
    policy,
    pull,
)
from podanalytics.cli.app import app, let_go_of_stdout
from podanalytics.errors import PodError

__all__ = ["app", "main"]


def main() -> None:
    """Runs the command line; an error meant for the user is one sentence and an exit code, never a traceback."""
    for stream in (sys.stdout, sys.stderr):  # in step with each other, and no name or sign is more than they can take
        stream.reconfigure(line_buffering=True, errors="backslashreplace")  # type: ignore[union-attr]
    try:
        app()
    except PodError as error:
        _fail(str(error), error.exit_code)
    except OSError as error:
        if error.filename is not None:
            raise
        let_go_of_stdout()
        _fail(f"cannot write the output: {error.strerror or error}", 1)


def _fail(sentence: str, exit_code: int) -> None:
    from podanalytics.show.terminal import one_line

    print(one_line(f"podanalytics: {sentence}"), file=sys.stderr)
    raise SystemExit(exit_code) from None


def _version(wanted: bool) -> None:
    if wanted:
        print(__version__)
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """From what an incident left behind to the review packet on your desk."""
