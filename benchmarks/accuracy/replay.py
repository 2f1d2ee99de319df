"""The way of a user: a team's raw files in a workspace, loaded, linked, reconstructed and judged by podanalytics."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks.accuracy import tell_chat, tell_page, tell_pager, tell_tracker
from benchmarks.accuracy.noise import Noise, recorded, told
from benchmarks.accuracy.world import Incident, Team
from podanalytics import intake
from podanalytics.ledger import Ledger, load_ledger
from podanalytics.sample.dice import Dice
from podanalytics.sample.forms import Files
from podanalytics.workspace import Settings, Workspace


@dataclass(frozen=True)
class Outcome:
    """What podanalytics says of a team: per incident its moments, verdicts and reasons; and what it could not read."""

    incidents: dict[str, dict[str, Any]]
    moments: dict[tuple[str, str], Any]
    verdicts: dict[tuple[str, str], tuple[str, str]]
    members: dict[str, str]  # a container's name -> the incident it belongs to
    faults: int


def files_of(team: Team, noise: Noise) -> Files:
    """Every raw file of the team, by its path below `raw/`."""
    files: Files = {}
    for tool in (tell_pager, tell_tracker, tell_chat, tell_page):
        files |= tool.tell(team)
    if noise.twice and team.seed % 2:
        files |= {f"again/{name}": data for name, data in files.items() if name.startswith(("pagerduty/log", "status"))}
    for incident in team.incidents:
        if text := _corrections(team, incident, noise):
            files[f"corrections/{incident.key}.toml"] = text.encode()
    return files


def _corrections(team: Team, incident: Incident, noise: Noise) -> str:
    """What somebody put right by hand: the true moment of a note that was written late."""
    if not any(act.verb == "declare" and told(team, act) for act in incident.acts):
        return ""  # under this name nobody knows it
    dice = Dice(team.seed, incident.key, "corrections")
    tables = []
    for act in incident.acts:
        late = [m for m in act.tells if m in ("triaged", "mitigated", "reviewed", "reported")]
        if act.lag > timedelta(minutes=1) and late and told(team, act) and dice.real(0, 1) < noise.corrected:
            stated = recorded(team, act, dice) + timedelta(days=1)
            if stated < team.as_of:
                tables += [
                    "\n[[correct]]\n"
                    f'milestone = "{late[0]}"\nvalue = {act.at:%Y-%m-%dT%H:%M:%SZ}\n'
                    f'why = "the note was written later"\nby = "{act.who}"\nstated_at = {stated:%Y-%m-%dT%H:%M:%SZ}\n'
                ]
    return f'incident = "{incident.key}"\n' + "".join(tables) if tables else ""


def replay(team: Team, noise: Noise) -> Outcome:
    """Writes the team's files into a fresh workspace, loads them, and reads what came out."""
    with tempfile.TemporaryDirectory(prefix="podanalytics-accuracy-") as name:
        folder = Path(name)
        for path, data in files_of(team, noise).items():
            file = folder / "raw" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
        database = f"sqlite:///{folder / 'pod.db'}"
        workspace = Workspace(folder, Settings(raw="raw", database=database, as_of=team.as_of))
        store = workspace.store()
        try:
            intake.load(workspace, store)
            return _outcome(load_ledger(store, workspace.policy(), team.as_of))
        finally:
            store.close()


def _outcome(ledger: Ledger) -> Outcome:
    whole = ledger.members.filter(~ledger.members["method"].is_in(["mention", "conversation", "action", "correction"]))
    return Outcome(
        incidents={r["incident"]: r for r in ledger.incidents.iter_rows(named=True)},
        moments={
            (r["incident"], r["milestone"]): r["occurred_at"] for r in ledger.found.milestones.iter_rows(named=True)
        },
        verdicts={
            (r["incident"], r["measure"]): (r["verdict"], r["because"]) for r in ledger.readings.iter_rows(named=True)
        },
        members={r["subject"]: r["incident"] for r in whole.iter_rows(named=True)},
        faults=ledger.faults.height,
    )
