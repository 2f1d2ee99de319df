"""The command line: one verb a thing to do. Heavy imports live inside the verbs, so that `--help` answers at once."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from podanalytics import __version__
from podanalytics.errors import PodError

if TYPE_CHECKING:
    from podanalytics.gather import Ledger
    from podanalytics.store import Store
    from podanalytics.workspace import Workspace


class _StoppedError(PodError):
    """Ctrl-C."""

    exit_code = 130


class _Verbs(TyperGroup):
    """Our verbs; what typer would answer in words of its own is handed on to `main`."""

    def invoke(self, ctx: Any) -> Any:
        """Runs the verb."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise _StoppedError("stopped; what was loaded before is whole") from None
        except BrokenPipeError:
            _let_go_of_stdout()
            raise SystemExit(141) from None  # the reader of our output left, as `head` does


app = typer.Typer(
    name="podanalytics",
    cls=_Verbs,
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
        _let_go_of_stdout()
        _fail(f"cannot write the output: {error.strerror or error}", 1)


def _fail(sentence: str, exit_code: int) -> None:
    from podanalytics.show.terminal import one_line

    print(one_line(f"podanalytics: {sentence}"), file=sys.stderr)
    raise SystemExit(exit_code) from None


def _let_go_of_stdout() -> None:
    """Nothing can be written any more: without this Python would try once more at the end, and complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


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


def _open(where: Path | None) -> tuple[Workspace, Store]:
    from podanalytics.workspace import find_workspace

    workspace = find_workspace(where)
    return workspace, workspace.store()


def _ledger(where: Path | None, as_of: str) -> tuple[Workspace, Ledger]:
    from podanalytics.gather import load_ledger, moment

    workspace, store = _open(where)
    return workspace, load_ledger(store, workspace.policy(), moment(as_of) or workspace.as_of())


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
    home, store = _open(workspace)
    done = intake.load(home, store, [Path(p) for p in paths or ()], None if quiet else progress_line)
    print("\n".join(load_lines(done)))
    print("\n".join(faults_lines(store.read(FAULTS).to_dicts())))


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

    home, store = _open(workspace)
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
    from podanalytics.show.terminal import incident_lines, other_lines

    _, ledger = _ledger(workspace, as_of)
    rows = ledger.incidents.to_dicts()
    tallies = _tallies(ledger)
    if json_out:
        print(json.dumps([{**r, "verdicts": tallies.get(r["incident"], {})} for r in rows], default=str, indent=1))
    else:
        print("\n".join(incident_lines(rows, tallies, ledger.found.as_of if ledger.goes_on else None)))
        print("\n".join(other_lines(ledger.others())))


def _tallies(ledger: Ledger) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for incident, verdict, count in (
        ledger.readings.group_by("incident", "verdict").len().sort("incident", "verdict").iter_rows()
    ):
        found.setdefault(incident, {})[verdict] = count
    return found


@app.command()
def packet(
    incident: Annotated[str, typer.Argument(help="Its id, or the id of any of its records; or use --worst.")] = "",
    worst: Annotated[bool, typer.Option("--worst", help="The gravest incident of the ledger.")] = False,
    workspace: Where = None,
    zone: Zone = "",
    as_of: AsOf = "",
    quiet: Quiet = False,
) -> None:
    """Write the review packet of an incident: executed notebook, one offline HTML file, Markdown, JSON and CSV."""
    from podanalytics.errors import UnknownIncidentError
    from podanalytics.packets import write_packet

    home, ledger = _ledger(workspace, as_of)
    if not incident and not worst:
        raise UnknownIncidentError("name an incident, or use --worst (`podanalytics list` shows them)")
    found = ledger.worst() if worst else ledger.resolve(incident)
    for path in write_packet(home, found, ledger.found.as_of, zone, not quiet):
        if path.parent.name != "tables":
            print(path)


@app.command()
def report(
    month: Annotated[str, typer.Argument(help="YYYY-MM; default: the last whole month.")] = "",
    workspace: Where = None,
    zone: Zone = "",
    as_of: AsOf = "",
    quiet: Quiet = False,
) -> None:
    """Write the monthly reliability report: counts, attainment with intervals, incidents, data quality."""
    from podanalytics.gather import moment
    from podanalytics.gather_month import last_month
    from podanalytics.packets import write_report
    from podanalytics.workspace import find_workspace

    home = find_workspace(workspace)
    at = moment(as_of) or home.as_of()
    for path in write_report(home, month or last_month(at), at, zone, not quiet):
        if path.parent.name != "tables":
            print(path)


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

    _, ledger = _ledger(workspace, as_of)
    print("\n".join(explanation_lines(evidence.explain(ledger, incident, clause))))


@app.command()
def sources() -> None:
    """List the tools whose exports are recognised."""
    from podanalytics.show.terminal import one_line
    from podanalytics.sources import all_sources

    for name, source in all_sources().items():
        print(f"{one_line(f'{name:<20} {source.title}')}\n{'':<20} {one_line(source.manual)}")


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
    print(
        f"{one_line(policy.label)}: in force from {policy.effective:%Y-%m-%d}, "
        f"judges by severity {policy.judge.replace('_', ' ')}"
    )
    print(f"{len(policy.severities)} severities, {len(policy.milestones)} milestones, {len(policy.clauses)} clauses:")
    for clause in policy.clauses:
        print(one_line(f"  {clause.id:<18} {clause.title}"))


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
