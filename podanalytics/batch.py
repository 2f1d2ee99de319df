"""Many packets at once: which incidents, what is current already, and a run that goes on where it was interrupted."""

from __future__ import annotations

import json
import re
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from datetime import timedelta

import polars as pl

from podanalytics.errors import PodError, WorkspaceError
from podanalytics.handover import packed
from podanalytics.kernels import Kernels
from podanalytics.ledger import Ledger
from podanalytics.packets import Job, basis_of, environment, is_current, loaded_of, packet_job, write
from podanalytics.records import Record
from podanalytics.show.words import plural
from podanalytics.workspace import Workspace

JOURNAL = ".batch.json"
UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


@dataclass(frozen=True)
class Asked:
    """What a batch is asked for: incidents by name, else those of a span of time such as 7d, else all."""

    named: tuple[str, ...] = ()
    since: str = ""
    zone: str = ""


@dataclass(frozen=True)
class Outcome:
    """What became of one packet. `state`: done, unchanged (it was current) or failed; `what`: where it lies, or why."""

    incident: str
    state: str
    seconds: float
    what: str

    @property
    def line(self) -> str:
        """The outcome as it is told while the batch runs."""
        took = f"{self.seconds:.1f} s" if self.seconds else "-"
        return f"{self.incident:<26} {self.state:<9} {took:>7}  {self.what}"


def span(text: str) -> timedelta:
    """A span of time in hours, days or weeks. Raises WorkspaceError.

    >>> span("36h")
    datetime.timedelta(days=1, seconds=43200)
    """
    match = re.fullmatch(r"(\d{1,5})([hdw])", text.strip().lower())
    if match is None or int(match[1]) == 0:
        raise WorkspaceError(f"{text!r} is no span of time: write it in hours, days or weeks, as 36h, 7d or 2w")
    return int(match[1]) * UNITS[match[2]]


def chosen(ledger: Ledger, asked: Asked) -> list[str]:
    """The incidents asked for, each once. Raises UnknownIncidentError, WorkspaceError."""
    if asked.named:
        return list(dict.fromkeys(ledger.resolve(name) for name in asked.named))
    found = ledger.incidents
    if asked.since:
        to = ledger.found.as_of
        within = [pl.col(name).is_between(to - span(asked.since), to) for name in ("began_at", "resolved_at")]
        found = found.filter(pl.any_horizontal(within))
    return [str(incident) for incident in found.sort("began_at", "incident")["incident"]]


def unfinished(home: Workspace, asked: Asked, force: bool = False) -> str:
    """The moment that a batch of the same wishes judged as of which was interrupted, or of which packets failed.

    Where no moment is set each run judges as of now, and would find nothing current: so it goes on with that moment.
    Empty where there is none, or `force` wants all anew.
    """
    if force or home.settings.as_of:
        return ""
    try:
        told = json.loads((home.reports / JOURNAL).read_text("utf-8"))
        wishes = json.loads(json.dumps(asdict(asked)))
        return str(told["as_of"]) if told["asked"] == wishes else ""
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return ""


def run(
    home: Workspace, ledger: Ledger, asked: Asked, found: Sequence[str], at_once: int, force: bool, kernels: Kernels
) -> Iterator[Outcome]:
    """Writes the packets, telling of each as soon as it is settled, current ones first."""
    jobs = {incident: packet_job(home, incident, ledger.found.as_of, asked.zone) for incident in found}
    if not jobs:
        return
    common = basis_of(home, next(iter(jobs.values())), loaded_of(ledger))
    bases = {incident: common.about(job.parameters) for incident, job in jobs.items()}
    journal = home.reports / JOURNAL
    _keep(home, asked, ledger)
    current = [] if force else [incident for incident, job in jobs.items() if is_current(job, bases[incident])]
    for incident in current:
        yield Outcome(incident, "unchanged", 0, str(jobs[incident].folder / "packet.html"))
    failed = False
    left = [incident for incident in jobs if incident not in set(current)]
    kernels.given = packed(home.root, ledger)
    kernels.expect(len(left))
    with environment(POD_WORKSPACE=str(home.root)), ThreadPoolExecutor(at_once) as pool:
        try:
            running = [pool.submit(_write, home, name, jobs[name], bases[name], kernels) for name in left]
            for future in as_completed(running):
                failed = failed or future.result().state == "failed"
                yield future.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
    if not failed:
        journal.unlink(missing_ok=True)


def _write(home: Workspace, incident: str, job: Job, basis: Record, kernels: Kernels) -> Outcome:
    began = time.monotonic()
    try:
        made = write(home, job, False, kernels, basis)
        state, what = "done", str(made.paths[0]) + _changed(made.changes)
    except PodError as error:
        state, what = "failed", str(error)
    except Exception as error:  # the other packets of the batch are none the worse for our bug
        traceback.print_exc()
        state, what = "failed", f"a bug of podanalytics, see above: {type(error).__name__}"
    return Outcome(incident, state, time.monotonic() - began, what)


def _changed(lines: Sequence[str]) -> str:
    """How much a packet restates, and what of somebody's own was kept; what exactly stands in its run.json."""
    own = [line for line in lines if " your copy is kept as " in line]
    count = sum(line.startswith("  ") and not line.startswith("   ") for line in lines)
    told = [f"{plural(count, 'change')} since the last, told in run.json"] if count else []
    return "".join(f"; {part}" for part in (*told, *own))


def _keep(home: Workspace, asked: Asked, ledger: Ledger) -> None:
    """Notes what is about to be made, so that an interrupted run can go on as of the same moment."""
    told = {"asked": asdict(asked), "as_of": ledger.found.as_of.isoformat()}
    journal = home.reports / JOURNAL
    partial = journal.with_name(f"{JOURNAL}.partial")
    try:
        home.reports.mkdir(parents=True, exist_ok=True)
        partial.write_text(json.dumps(told) + "\n", "utf-8")
        partial.replace(journal)
    except OSError as error:
        raise WorkspaceError(f"cannot write to {home.reports}: {error.strerror or error}") from error


def summary(outcomes: Sequence[Outcome]) -> str:
    """How the batch went, in a line."""
    counts = Counter(outcome.state for outcome in outcomes)
    told = ", ".join(f"{counts[state]} {state}" for state in ("done", "unchanged", "failed") if counts[state])
    return f"{plural(len(outcomes), 'packet')}{f': {told}' if told else ''}"
