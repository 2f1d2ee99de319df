"""Further vendors to pull from, beside those of `server`: PagerDuty and Alertmanager, as their APIs answer."""

from __future__ import annotations

from typing import Any

from tests.pull.server import Asked, Reply, Route, as_json

ACCOUNT = "https://pod-example.pagerduty.com"


def minute(number: int) -> str:
    """A moment in October 2026, so many minutes after its begin."""
    return f"2026-10-{1 + number // 1440:02}T{number // 60 % 24:02}:{number % 60:02}:00Z"


class PagerDuty:
    """An account of five incidents with their log, newest first; `limit` is the most entries it gives."""

    def __init__(self, limit: int = 4) -> None:
        self.limit = limit
        self.entries: list[dict[str, Any]] = []
        self.incidents: dict[str, dict[str, Any]] = {}
        for number in range(1, 6):
            self.incidents[f"PINC{number}"] = self._incident(number)
            for step, word in enumerate(("trigger", "notify", "acknowledge", "notify")[: 2 + number % 3]):
                self._happens(number, word, number * 300 + step)

    def routes(self) -> dict[str, Route]:
        return {"/log_entries": self._list, r"/incidents/\w+": self._one}

    def edit(self) -> None:
        """The second incident is resolved."""
        self._happens(2, "resolve", 5000)
        told = {"status": "resolved", "last_status_change_at": minute(5000), "updated_at": minute(5000)}
        self.incidents["PINC2"] |= told

    def shrink(self) -> None:
        self.limit = 2

    def _happens(self, number: int, word: str, at: int) -> None:
        incident = {"id": f"PINC{number}", "type": "incident_reference", "summary": f"[#{number}] Sends fail"}
        agent = {"id": "PXPGF42", "type": "user_reference", "summary": "Ana Lind"}
        self.entries.insert(0, {
            "id": f"R{number}E{at}", "type": f"{word}_log_entry", "summary": f"{word} by Ana Lind",
            "created_at": minute(at), "agent": agent, "incident": incident, "channel": {"type": "auto"},
            "service": {"id": "PIJ90N7", "type": "service_reference", "summary": "Mail sending"}})  # fmt: skip
        self.entries.sort(key=lambda entry: entry["created_at"], reverse=True)

    def _list(self, asked: Asked) -> Reply:
        assert asked.headers["authorization"].startswith("Token token=")
        since, until = asked.query["since"], asked.query.get("until", "9999")
        found = [entry for entry in self.entries if since <= entry["created_at"] < until]
        offset, limit = int(asked.query["offset"]), min(int(asked.query["limit"]), self.limit)
        if offset + int(asked.query["limit"]) > 10_000:
            return Reply(b'{"error": {"message": "Offset is out of reach"}}', status=400)
        more = offset + limit < len(found)
        return as_json({"log_entries": found[offset : offset + limit], "limit": limit, "offset": offset, "more": more})

    def _one(self, asked: Asked) -> Reply:
        return as_json({"incident": self.incidents[asked.path.split("/")[-1]]})

    def _incident(self, number: int) -> dict[str, Any]:
        at = minute(number * 300)
        return {
            "id": f"PINC{number}", "type": "incident", "incident_number": number, "title": f"Sends fail, part {number}",
            "created_at": at, "updated_at": at, "status": "acknowledged", "incident_key": f"key-{number}",
            "urgency": "high", "assignments": [], "last_status_change_at": at, "html_url": f"{ACCOUNT}/i/{number}",
            "service": {"id": "PIJ90N7", "type": "service_reference", "summary": "Mail sending"},
            "escalation_policy": {"id": "PT20YPA", "type": "escalation_policy_reference", "summary": "Mail team"},
        }  # fmt: skip


class Alertmanager:
    """Two alerts that stand, and a third one after `edit`."""

    def __init__(self) -> None:
        self.alerts = [self._alert("MailQueueHigh", 600), self._alert("SendErrors", 605)]

    def routes(self) -> dict[str, Route]:
        return {"/api/v2/alerts": lambda asked: as_json(self.alerts)}

    def edit(self) -> None:
        self.alerts.append(self._alert("DiskFull", 700))

    def _alert(self, name: str, at: int) -> dict[str, Any]:
        return {
            "labels": {"alertname": name, "severity": "critical"}, "annotations": {"summary": f"{name} it is"},
            "startsAt": minute(at), "endsAt": minute(at + 9), "updatedAt": minute(at), "fingerprint": f"{at:016x}",
            "generatorURL": "https://prometheus.pod.example/graph", "receivers": [{"name": "team"}],
            "status": {"state": "active", "silencedBy": [], "inhibitedBy": []},
        }  # fmt: skip
