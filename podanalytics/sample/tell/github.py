"""GitHub tells: the issues list of one repository (with a pull request in it) and each issue's timeline."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from podanalytics.sample.forms import Files, document, zulu
from podanalytics.sample.people import CAST
from podanalytics.sample.stage import REPOSITORY, Cue, Stage, mentions

API = f"https://api.github.com/repos/{REPOSITORY}"
HTML = f"https://github.com/{REPOSITORY}"
COLORS = {"incident": "b60205", "P3": "fbca04", "P4": "c2e0c6", "follow-up": "1d76db", "workflow": "5319e7"}


@dataclass(frozen=True, slots=True)
class Extra:
    """An issue or pull request that is no incident: times are `2026-10-15T08:12` in UTC."""

    number: int
    who: str
    title: str
    opened: str
    closed: str | None
    body: str
    labels: tuple[str, ...] = ()
    pull: bool = False
    mentioned_in: int | None = None


EXTRAS = (
    Extra(44, "anirban", "Indexer: lag metric counts skipped slots twice", "2026-07-20T06:41", "2026-07-22T10:05",
          "The p99 lag panel doubled after the last release. Not user visible."),
    Extra(55, "tomasz", "Pool wait time is not exported", "2026-10-15T08:12", None,
          "Follow-up of INC-1019: we only saw the exhausted pool in the error text. Export wait time and pool size.",
          ("follow-up",)),
    Extra(56, "tomasz", "Acknowledge in batches without holding a connection", "2026-10-15T09:30", "2026-10-16T13:22",
          "Second attempt at the batching that INC-1019 rolled back. Connection is taken per batch, not per request.",
          (), True, 55),
)  # fmt: skip


def tell(stage: Stage) -> Files:
    """`github/issues.json` (newest first) and `github/timeline/<number>.json`."""
    told = [_Issue(stage, plot.number).play(stage.cues(plot)) for plot in stage.plots if plot.one("record") == "github"]
    told += [_Issue(stage, extra.number).extra(extra) for extra in EXTRAS]
    told.sort(key=lambda issue: -issue.number)
    files: Files = {"github/issues.json": document([issue.body for issue in told])}
    for issue in told:
        timeline = {"issue_url": f"{API}/issues/{issue.number}", "timeline": issue.timeline}
        files[f"github/timeline/{issue.number}.json"] = document(timeline)
    return files


class _Issue:
    """One issue and its timeline while they are being told."""

    def __init__(self, stage: Stage, number: int) -> None:
        self.stage, self.number = stage, number
        self.body: dict[str, Any] = {}
        self.timeline: list[dict[str, Any]] = []

    def play(self, cues: list[Cue]) -> _Issue:
        verbs: dict[str, Callable[[Cue, datetime], None]] = {
            "declare": self._declare, "label": self._label, "unlabel": self._unlabel, "severity": self._severity,
            "comment": self._comment, "assign": self._assign, "status": self._status, "retitle": self._retitle,
        }  # fmt: skip
        for cue in cues:
            if act := verbs.get(cue.verb):
                act(cue, self.stage.told("github", cue, 0.1, 0.9))
        return self

    def extra(self, extra: Extra) -> _Issue:
        opened = datetime.fromisoformat(extra.opened).replace(tzinfo=UTC)
        self._open(extra.who, opened, extra.title, extra.body, extra.pull)
        for label in extra.labels:
            self._labelled(extra.who, opened + timedelta(seconds=1), "labeled", label)
        if extra.mentioned_in:
            # A cross-reference is the one timeline event without an id of its own.
            source = {
                "type": "issue",
                "issue": {"number": extra.mentioned_in, "html_url": f"{HTML}/issues/{extra.mentioned_in}"},
            }
            at = zulu(opened + timedelta(seconds=2))
            told = {
                "actor": self._user(extra.who),
                "event": "cross-referenced",
                "created_at": at,
                "updated_at": at,
                "source": source,
            }
            self.timeline.append(told)
        if extra.closed:
            self._closed(extra.who, datetime.fromisoformat(extra.closed).replace(tzinfo=UTC))
        return self

    def _user(self, key: str) -> dict[str, Any]:
        kind = "Bot" if key == "-" else "User"
        login = "lantern-triage[bot]" if key == "-" else CAST[key].login
        return {"login": login, "id": self.stage.number("github user", key, digits=8), "type": kind}

    def _open(self, who: str, at: datetime, title: str, text: str, pull: bool = False) -> None:
        key = self.stage.number("github issue", self.number, digits=10)
        path = "pull" if pull else "issues"
        self.body = {
            "url": f"{API}/issues/{self.number}",
            "repository_url": API,
            "html_url": f"{HTML}/{path}/{self.number}",
            "id": key,
            "node_id": f"I_kwDO{key}",
            "number": self.number,
            "title": title,
            "user": self._user(who),
            "labels": [],
            "state": "open",
            "state_reason": None,
            "locked": False,
            "assignee": None,
            "assignees": [],
            "comments": 0,
            "created_at": zulu(at),
            "updated_at": zulu(at),
            "closed_at": None,
            "author_association": "MEMBER",
            "body": text,
        }
        if pull:
            self.body["pull_request"] = {"url": f"{API}/pulls/{self.number}", "html_url": f"{HTML}/pull/{self.number}"}

    def _event(self, who: str, at: datetime, name: str, **more: Any) -> None:
        key = self.stage.serial(at, "github event", self.number, len(self.timeline))
        url = f"{API}/issues/events/{key}"
        told = {"id": key, "node_id": f"EV_{key}", "url": url, "actor": self._user(who), "event": name}
        self.timeline.append(told | {"commit_id": None, "created_at": zulu(at), **more})
        self.body["updated_at"] = zulu(at)

    def _labelled(self, who: str, at: datetime, event: str, name: str) -> None:
        label = {"name": name, "color": COLORS.get(name, "ededed")}
        self._event(who, at, event, label=label)
        kept = [one for one in self.body["labels"] if one["name"] != name]
        self.body["labels"] = [*kept, label] if event == "labeled" else kept

    def _declare(self, cue: Cue, at: datetime) -> None:
        about = "\n\n".join(cue.plot.head.get("about", []))
        self._open(cue.who, at, cue.plot.title, mentions(about, lambda key: f"@{CAST[key].login}"))
        for label in ["incident", cue.text, *cue.plot.one("labels").split()]:
            self._labelled(cue.who, at, "labeled", label)

    def _label(self, cue: Cue, at: datetime) -> None:
        self._labelled(cue.who, at, "labeled", cue.text)

    def _unlabel(self, cue: Cue, at: datetime) -> None:
        self._labelled(cue.who, at, "unlabeled", cue.text)

    def _severity(self, cue: Cue, at: datetime) -> None:
        for label in [one["name"] for one in self.body["labels"] if one["name"] in ("P1", "P2", "P3", "P4")]:
            self._labelled(cue.who, at, "unlabeled", label)
        self._labelled(cue.who, at, "labeled", cue.fields[0])

    def _retitle(self, cue: Cue, at: datetime) -> None:
        self._event(cue.who, at, "renamed", rename={"from": self.body["title"], "to": cue.text})
        self.body["title"] = cue.text

    def _assign(self, cue: Cue, at: datetime) -> None:
        user = self._user(cue.text)
        self._event(cue.who, at, "assigned", assignee=user)
        self.body |= {"assignee": user, "assignees": [user]}

    def _comment(self, cue: Cue, at: datetime) -> None:
        key = self.stage.serial(at, "github comment", self.number, cue.place)
        user, stamp = self._user(cue.who), zulu(at)
        told = {
            "url": f"{API}/issues/comments/{key}",
            "html_url": f"{HTML}/issues/{self.number}#issuecomment-{key}",
            "issue_url": f"{API}/issues/{self.number}",
            "id": key,
            "node_id": f"IC_{key}",
            "user": user,
            "created_at": stamp,
            "updated_at": stamp,
            "author_association": "MEMBER",
            "body": mentions(cue.text, lambda name: f"@{CAST[name].login}"),
            "event": "commented",
            "actor": user,
        }
        self.timeline.append(told)
        self.body |= {"updated_at": stamp, "comments": self.body["comments"] + 1}

    def _status(self, cue: Cue, at: datetime) -> None:
        if cue.text == "Closed":
            self._closed(cue.who, at)

    def _closed(self, who: str, at: datetime) -> None:
        self._event(who, at, "closed", state_reason="completed")
        self.body |= {"state": "closed", "state_reason": "completed", "closed_at": zulu(at)}
