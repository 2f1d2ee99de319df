"""The large incident: the sample's worst, grown to 2,000 chat messages, 200 updates and 50,000 log lines.

Always the same files. They tell nothing new of how the incident went, only far more of it.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

INCIDENT = "INC-1019"
CHAT, TOLD_TEAM, TOLD_CUSTOMERS, LINES = 2_000, 160, 40, 50_000
BEGIN, TOOK = datetime(2026, 10, 14, 13, 10, tzinfo=UTC), timedelta(hours=2, minutes=40)
CHANNEL = "slack/incident-2026-10-14-1019/2026-10-14.json"
LOG = "logs/pod-protocol/pod-api-2026-10-14-large.log"
WORDS = ("pool", "connections", "still", "at", "the", "limit", "after", "rollback", "in", "ams", "and", "fra", "looks",
         "better", "now", "requests", "waiting", "deploy", "of", "v2.14.0", "compare", "graphs", "again")  # fmt: skip
STATES = ("INVESTIGATING", "IDENTIFIED", "FIXING", "MONITORING")


def grow(raw: Path) -> None:
    """Grows the sample's exports in a folder."""
    dice = random.Random(1019)
    _chat(raw / CHANNEL, dice)
    _page(raw / "statuspage/incidents.json", dice)
    lines = "\n".join(_log(dice))
    (raw / LOG).write_text(f"{lines}\n", "utf-8")


def _moments(dice: random.Random, count: int) -> list[datetime]:
    return sorted(BEGIN + TOOK * dice.random() for _ in range(count))


def _said(dice: random.Random) -> str:
    return " ".join(dice.choice(WORDS) for _ in range(dice.randrange(4, 22)))


def _chat(path: Path, dice: random.Random) -> None:
    messages: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))
    people = sorted({each["user"] for each in messages if "user" in each})
    missing = CHAT - len(messages)
    updates = set(dice.sample(range(missing), TOLD_TEAM))
    for number, at in enumerate(_moments(dice, missing)):
        text = _said(dice)
        if number in updates:
            state = STATES[min(3, int(4 * (at - BEGIN) / TOOK))]
            text = (
                f"**INCIDENT UPDATE [{at:%H:%M}]**\nIncident: {INCIDENT}\nStatus: {state}\nImpact: {_said(dice)}\n"
                f"Actions Taken: {_said(dice)}\nNext Steps: {_said(dice)}\nETA: 15:30 UTC"
            )
        stamp = f"{int(at.timestamp())}.{number:06d}"
        messages.append({"type": "message", "user": dice.choice(people), "text": text, "ts": stamp})
    path.write_text(json.dumps(sorted(messages, key=lambda each: str(each["ts"]))), "utf-8")


def _page(path: Path, dice: random.Random) -> None:
    page = json.loads(path.read_text("utf-8"))
    ours = next(each for each in page["incidents"] if each["name"] == "Elevated errors when sending messages")
    known = ours["incident_updates"][-1]
    for number, at in enumerate(_moments(dice, TOLD_CUSTOMERS - len(ours["incident_updates"]))):
        moment = f"{at + timedelta(minutes=34):%Y-%m-%dT%H:%M:%S}.{number:03d}Z"
        times = dict.fromkeys(("created_at", "updated_at", "display_at"), moment)
        more = {"id": f"large{number:07d}", "status": "investigating", "body": _said(dice), "affected_components": None}
        ours["incident_updates"].append({**known, **more, **times})
    path.write_text(json.dumps(page), "utf-8")


def _log(dice: random.Random) -> Iterator[str]:
    for number, at in enumerate(_moments(dice, LINES)):
        stamp = f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"
        if dice.random() < 0.4:
            yield f"{stamp} ERROR pod-api [req-{number:05x}] POST /v1/messages 503 5003ms: PoolTimeout: no connection"
        else:
            yield f"{stamp} INFO pod-api [req-{number:05x}] GET /v1/channels/{number:08x} 200 {dice.randrange(4, 90)}ms"
