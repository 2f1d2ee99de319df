"""PagerDuty tells: incidents and their log entries as REST pages, to the second, automation among people."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from podanalytics.sample.dice import HEX, UPPER
from podanalytics.sample.forms import Files, document, zulu
from podanalytics.sample.people import CAST
from podanalytics.sample.plots import Plot
from podanalytics.sample.stage import PAGER_SITE, Cue, Stage

API = "https://api.pagerduty.com"
PAGE = {"incidents": 15, "log_entries": 100}

# What is written in `channel`, and how the summary words it.
PHRASES = {
    "api": "through the API",
    "website": "through the website",
    "mobile": "through the mobile app",
    "email": "via email",
    "timeout": "due to timeout",
}


def tell(stage: Stage) -> Files:
    """`pagerduty/incidents_*.json` and `pagerduty/log_entries_*.json`."""
    tellers = [_Telling(stage, plot) for plot in stage.plots if plot.has("alert")]
    incidents = [teller.incident() for teller in tellers]
    entries = [entry for teller in tellers for entry in teller.entries()]
    entries.sort(key=lambda entry: (entry["created_at"], entry["id"]), reverse=True)
    return dict(_pages("incidents", incidents)) | dict(_pages("log_entries", entries))


def _pages(name: str, items: list[dict[str, Any]]) -> Iterator[tuple[str, bytes]]:
    limit = PAGE[name]
    for offset in range(0, len(items), limit):
        more = offset + limit < len(items)
        page = {name: items[offset : offset + limit], "limit": limit, "offset": offset, "more": more, "total": None}
        yield f"pagerduty/{name}_{offset:04d}.json", document(page)


class _Telling:
    """One plot's page. Without an `alert` beat nothing was paged and PagerDuty knows nothing."""

    def __init__(self, stage: Stage, plot: Plot) -> None:
        self.stage, self.plot = stage, plot
        self.id = stage.pager_id(plot)
        self.number = stage.pager_number(plot)
        self.alert = stage.cues(plot, "alert")[0]
        self.assigned = ""

    def _reference(self, kind: str, key: str, summary: str, path: str) -> dict[str, Any]:
        return {
            "id": key,
            "type": f"{kind}_reference",
            "summary": summary,
            "self": f"{API}/{path}/{key}",
            "html_url": f"{PAGER_SITE}/{path}/{key}",
        }

    def service(self) -> dict[str, Any]:
        key = "P" + self.stage.dice("pager service", self.plot.service).code(UPPER, 6)
        return self._reference("service", key, self.plot.service, "services")

    def user(self, key: str) -> dict[str, Any]:
        return self._reference("user", self.stage.pager_user(key), CAST[key].name, "users")

    def _summary(self) -> str:
        return f"[#{self.number}] {self.alert.text}"

    def _entry(self, cue: Cue, at: datetime, kind: str, summary: str, **more: Any) -> dict[str, Any]:
        key = "R" + self.stage.dice("log entry", self.plot.id, cue.place, kind, summary).code(UPPER, 25)
        return {
            "id": key,
            "type": f"{kind}_log_entry",
            "summary": summary,
            "self": f"{API}/log_entries/{key}",
            "html_url": None,
            "created_at": zulu(at),
            **more,
            "service": self.service(),
            "incident": self._reference("incident", self.id, self._summary(), "incidents"),
            "teams": [],
        }

    def _by(self, cue: Cue, default: str) -> tuple[dict[str, Any], dict[str, Any], str]:
        """(agent, channel, phrase): a person through website or mobile, or the service through the API."""
        way = cue.fields[0] if cue.fields[0] in PHRASES else default
        agent = self.service() if cue.who == "-" else self.user(cue.who)
        return agent, {"type": way}, PHRASES[way]

    def entries(self) -> Iterator[dict[str, Any]]:
        verbs: dict[str, Callable[[Cue, datetime], Iterator[dict[str, Any]]]] = {
            "alert": self._trigger, "page": self._notify, "ack": self._ack, "botack": self._botack,
            "unack": self._unack, "escalate": self._escalate, "pdnote": self._annotate, "resolve": self._resolve,
            "autoresolve": self._autoresolve, "merge": self._merge,
        }  # fmt: skip
        for cue in self.stage.cues(self.plot):
            if act := verbs.get(cue.verb):
                yield from act(cue, self.stage.told("pagerduty", cue, 0.2, 1.6))

    def _trigger(self, cue: Cue, at: datetime) -> Iterator[dict[str, Any]]:
        way = self.plot.one("raised", "api")
        agent = self.service() if cue.who == "-" else self.user(cue.who)
        channel: dict[str, Any] = {"type": way, "summary": cue.text}
        if way == "api":
            channel |= {
                "client": "Lantern Relay Alertmanager",
                "incident_key": self._key(),
                "details": {"firing": cue.text},
            }
        yield self._entry(cue, at, "trigger", f"Triggered {PHRASES[way]}.", agent=agent, channel=channel)
        first = next((c.who for c in self.stage.cues(self.plot, "page")), "")
        if first:
            self.assigned = first
            told = {"agent": self.service(), "channel": {"type": "auto"}, "assignees": [self.user(first)]}
            yield self._entry(cue, at, "assign", f"Assigned to {CAST[first].name}.", **told)

    def _notify(self, cue: Cue, at: datetime) -> Iterator[dict[str, Any]]:
        way = cue.text or "push_notification"
        told = {"type": "auto", "notification": {"type": way, "status": "success"}}
        yield self._entry(
            cue, at, "notify", f"Notified {CAST[cue.who].name} by {way}.", user=self.user(cue.who), channel=told
        )

    def _ack(self, cue: Cue, at: datetime) -> Iterator[dict[str, Any]]:
        agent, channel, phrase = self._by(cue, "mobile")
        yield self._entry(
            cue, at, "acknowledge", f"Acknowledged by {CAST[cue.who].name} {phrase}.", agent=agent, channel=channel
        )

    def _botack(self, cue: Cue, at: datetime) -> Iterator[dict[str, Any]]:
        told = {"agent": self.service(), "channel": {"type": "api"}}
        yield self._entry(cue, at, "acknowledge", "Acknowledged through the API.", **told)

    def _unack(self, cue: Cue, at: datetime) -> Iterator[dict[str, Any]]:
        told = {"agent": self.service(), "channel": {"type": "timeout"}}
        yield self._entry(cue, at, "unacknowledge", "Unacknowledged due to timeout.", **told)

    def _escalate(self, cue: Cue, at: datetime) -> Iterator[dict[str, Any]]:
        agent, channel, phrase = self._by(cue, "timeout")
        to = cue.fields[-1]
        told = {"agent": agent, "channel": channel, "assignees": [self.user(to)]}
        yield self._entry(cue, at, "escalate", f"Escalated to {CAST[to].name} {phrase}.", **told)

    def _annotate(self, cue: Cue, at: datetime) -> Iterator[dict[str, Any]]:
        told = {"agent": self.user(cue.who), "channel": {"type": "note", "summary": cue.text}}
        yield self._entry(cue, at, "annotate", f"Note added by {CAST[cue.who].name}.", **told)

    def _resolve(self, cue: Cue, at: datetime) -> Iterator[dict[str, Any]]:
        agent, channel, phrase = self._by(cue, "website")
        yield self._entry(
            cue, at, "resolve", f"Resolved by {CAST[cue.who].name} {phrase}.", agent=agent, channel=channel
        )

    def _autoresolve(self, cue: Cue, at: datetime) -> Iterator[dict[str, Any]]:
        told = {"agent": self.service(), "channel": {"type": "api"}}
        yield self._entry(cue, at, "resolve", "Resolved through the API.", **told)

    def _merge(self, cue: Cue, at: datetime) -> Iterator[dict[str, Any]]:
        told = {"agent": self.user(cue.who), "channel": {"type": "website"}}
        survivor = self._survivor(cue)
        summary = f"Resolved by {CAST[cue.who].name}: merged into {survivor['summary']}."
        yield self._entry(cue, at, "resolve", summary, **told)

    def _survivor(self, cue: Cue) -> dict[str, Any]:
        other = _Telling(self.stage, self.stage.plot(cue.text))
        return self._reference("incident", other.id, other._summary(), "incidents")

    def _key(self) -> str:
        return self.stage.dice("incident key", self.plot.id).code(HEX, 32)

    def incident(self) -> dict[str, Any]:
        acts = [
            cue
            for cue in self.stage.cues(self.plot, "alert", "ack", "botack", "unack", "resolve", "autoresolve", "merge")
        ]
        last = acts[-1]
        status = {"alert": "triggered", "unack": "triggered", "ack": "acknowledged", "botack": "acknowledged"}.get(
            last.verb, "resolved"
        )
        created = self.stage.told("pagerduty", self.alert, 0.2, 1.6)
        page = next((cue.who for cue in self.stage.cues(self.plot, "page")), "")
        told: dict[str, Any] = {
            "id": self.id,
            "type": "incident",
            "summary": self._summary(),
            "self": f"{API}/incidents/{self.id}",
            "html_url": f"{PAGER_SITE}/incidents/{self.id}",
            "incident_number": self.number,
            "title": self.alert.text,
            "created_at": zulu(created),
            "status": status,
            "incident_key": self._key(),
            "service": self.service(),
            "assignments": [{"at": zulu(created), "assignee": self.user(page)}]
            if status != "resolved" and page
            else [],
            "acknowledgements": [],
            "last_status_change_at": zulu(self.stage.told("pagerduty", last, 0.2, 1.6)),
            "escalation_policy": self._reference(
                "escalation_policy", "PLRDEF1", "Lantern default", "escalation_policies"
            ),
            "teams": [],
            "urgency": "high" if self._priority() in ("P1", "P2") else "low",
            "priority": {"id": f"PPRIO{self._priority()}", "type": "priority", "summary": self._priority()},
        }
        if last.verb == "merge":
            told["resolve_reason"] = {"type": "merge_resolve_reason", "incident": self._survivor(last)}
        elif status == "resolved":
            told["resolve_reason"] = None
        return told

    def _priority(self) -> str:
        changes = self.stage.cues(self.plot, "severity")
        return changes[-1].fields[0] if changes else self.plot.severity
