"""The sample's raw exports with an attacker's text wherever a tool keeps text that somebody typed."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from html import escape
from itertools import count, cycle
from pathlib import Path
from typing import Any

from tests.hostile import HOSTILE

INCIDENT, CHANNEL, DAY = "INC-1019", "incident-2026-10-14-1019", "2026-10-14"
POISON = (
    *HOSTILE,
    "\r\nEND:VEVENT\r\nBEGIN:VALARM\r\nACTION:EMAIL",
    '#read("/etc/passwd") #eval("1/0") $x^2$ @label <label> #import "@preview/x:1.0.0": *',
    "]]></text><script>window.planted = 1</script><a href='javascript:window.planted=1'><foreignObject>",
    "<!-- hidden --> <details open ontoggle=window.planted=1><svg/onload=window.planted=1>",
    "IC-7 said Responder-3 is the lead, see (row 1)",
    "\u0627\u0644\u062e\u0637\u0623 \u9519\u8bef \U0001f525\U0001f468\u200d\U0001f467 a\u0301\u0301\u0301",
    "{{ 7*7 }} {% raw %} ${7*7} %s %(x)s {0}",
    "https://evil.example/?q=<script>window.planted=1</script>",
    "<https://evil.example/a|javascript:window.planted=1> <!channel> <@U000>",
    '{"application/javascript": "window.planted=1"}',
)
# What somebody calls themselves: words of their own, for a name is masked wherever it stands.
NAMES = (
    "<script>window.named=1</script>",
    "Zq\u202eXv",
    "=Qxname+1",
    "[Qyname](javascript:window.named=1)",
    "\x1b[31mQzname\x1b[0m",
    "$$Qwname$$ | #Qvname",
)
# The fields of the tools' JSON that hold what a person or a monitor wrote.
TYPED = frozenset(
    {
        *("text", "summary", "title", "body", "description", "name", "toString", "fromString", "displayName"),
        *(
            "real_name",
            "display_name",
            "value",
            "purpose",
            "topic",
            "fallback",
            "pretext",
            "details",
            "message",
            "MESSAGE",
        ),
        *("shortlink", "html_url", "note", "content", "subject", "log", "username", "label"),
    }
)
# Words by which a tool is understood; changed they would be another export, not a hostile one.
_KEPT = frozenset({"P1", "P2", "P3", "P4", "P5", "Incident", "High", "Highest", "Medium", "Low", "Lowest"})


class Mark:
    """Gives one poison after another, each with a number, so that what came through can be found again."""

    def __init__(self) -> None:
        self._next, self._poison, self._names = count(1), cycle(POISON), cycle(NAMES)

    def __call__(self) -> str:
        return f" {next(self._poison)} mark{next(self._next):05d}"

    def name(self) -> str:
        """For a person's name."""
        return f" {next(self._names)}"


def plant(raw: Path, out: Path) -> Path:
    """A copy of the raw folder with poison in it; its path."""
    shutil.copytree(raw, out)
    mark = Mark()
    messages(out / "slack" / CHANNEL / f"{DAY}.json", mark)
    for path in sorted(out.rglob("*")):
        change = _CHANGES.get(path.relative_to(out).parts[0])
        if change and path.is_file():
            change(path, mark)
    return out


def messages(path: Path, mark: Mark) -> None:
    """One more message for each poison, and some with it in attachments, blocks, files and reactions."""
    told = json.loads(path.read_text("utf-8"))
    spoken = [one for one in told if one.get("user") and "subtype" not in one]
    first = float(spoken[0]["ts"])
    for number, poison in enumerate(POISON):
        one = {"type": "message", "user": spoken[number % len(spoken)]["user"], "ts": f"{first + 7 + 40 * number:.6f}"}
        told_as = escape(poison, quote=False) if number % 2 else poison  # as Slack exports it, and as it never should
        one["text"] = f"{told_as} mark-said-{number}"
        one["attachments"] = [
            {"fallback": mark(), "text": mark(), "title": mark(), "title_link": "javascript:window.planted=1"}
        ]
        one["files"] = [
            {"name": mark(), "title": mark(), "url_private": "javascript:window.planted=1", "mimetype": "x"}
        ]
        one["reactions"] = [{"name": mark(), "users": [one["user"]], "count": 1}]
        told.append(one)
    path.write_text(json.dumps(sorted(told, key=lambda one: float(one["ts"]))), "utf-8")


def _poisoned(value: Any, mark: Mark, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _poisoned(inner, mark, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [_poisoned(inner, mark, name) for inner in value]
    if not isinstance(value, str) or name not in TYPED or value in _KEPT or not value:
        return value
    return value + mark()


def _of_jira(path: Path, mark: Mark) -> None:
    told = json.loads(path.read_text("utf-8"))
    for issue in told["issues"]:
        fields = issue["fields"]
        fields["summary"] += mark()
        fields["description"] = f"{fields.get('description') or ''}{mark()}"
        fields["labels"] = [*fields.get("labels", []), mark()]
        for component in fields.get("components", []):
            component["name"] += mark()
        for person in filter(None, (fields.get("reporter"), fields.get("assignee"))):
            person["displayName"] += mark.name()
        for one in (fields.get("comment") or {}).get("comments", []):
            one["body"] = f"{one['body']}{mark()}"
        items = [item for entry in issue["changelog"]["histories"] for item in entry["items"]]
        for item in items:
            if item["field"] not in ("status", "priority", "resolution", "issuetype"):
                item["toString"] = (item.get("toString") or "") + mark()
    path.write_text(json.dumps(told), "utf-8")


def _of_pagerduty(path: Path, mark: Mark) -> None:
    told = json.loads(path.read_text("utf-8"))
    for entry in [*told.get("incidents", []), *told.get("log_entries", [])]:
        for name in ("summary", "title", "html_url"):
            if entry.get(name):
                entry[name] += mark()
        for name in ("service", "agent", "incident", "escalation_policy"):
            if entry.get(name):
                entry[name]["summary"] += mark.name() if name == "agent" else mark()
                entry[name]["html_url"] = "javascript:window.planted=1"
        if entry.get("channel"):
            entry["channel"] |= {"summary": mark(), "details": mark(), "subject": mark(), "content": mark()}
    path.write_text(json.dumps(told), "utf-8")


def _of_statuspage(path: Path, mark: Mark) -> None:
    told = json.loads(path.read_text("utf-8"))
    for entry in told.get("incidents", []):
        entry["name"] += mark()
        entry["shortlink"] = "javascript:window.planted=1"
        for update in entry["incident_updates"]:
            update["body"] += mark()
            for part in update.get("affected_components") or []:
                part["name"] += mark()
    for part in told.get("components", []):
        part["name"] += mark()
    path.write_text(json.dumps(told), "utf-8")


def _of_slack(path: Path, mark: Mark) -> None:
    told = json.loads(path.read_text("utf-8"))
    if path.name == "users.json":
        for person in told:
            person["real_name"] = person.get("real_name", "") + mark.name()
            person["profile"]["title"] = mark()
    elif path.name == "channels.json":
        for room in told:
            for name in ("topic", "purpose"):
                room[name]["value"] = (room[name].get("value") or "") + mark()
    else:
        for one in told:
            if one.get("text") and "mark-said" not in one["text"] and one.get("user"):
                one["text"] += mark()
    path.write_text(json.dumps(told), "utf-8")


def _of_git(path: Path, mark: Mark) -> None:
    lines = path.read_text("utf-8").splitlines()
    path.write_text(
        "\n".join(f"{line}{_flat(mark())}" if line.startswith("    ") else line for line in lines) + "\n",
        "utf-8",
        "replace",
    )


def _of_logs(path: Path, mark: Mark) -> None:
    lines = path.read_text("utf-8").splitlines()
    path.write_text("\n".join(f"{line}{_flat(mark())}" for line in lines) + "\n", "utf-8", "replace")


def _of_lines(path: Path, mark: Mark) -> None:
    told = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    path.write_text("\n".join(json.dumps(_poisoned(one, mark)) for one in told) + "\n", "utf-8")


def _of_github(path: Path, mark: Mark) -> None:
    told = json.loads(path.read_text("utf-8"))
    for entry in told if isinstance(told, list) else [told]:
        for name in ("title", "body"):
            if entry.get(name):
                entry[name] += mark()
        for label in entry.get("labels", []):
            label["name"] += mark()
        if entry.get("html_url"):
            entry["html_url"] = "javascript:window.planted=1"
    path.write_text(json.dumps(told), "utf-8")


def _of_corrections(path: Path, mark: Mark) -> None:
    lines = path.read_text("utf-8").splitlines()
    said = {"why": mark(), "by": mark.name()}
    told = [f"{n} = {json.dumps(_flat(said[n]))}" if (n := line.split(" = ")[0]) in said else line for line in lines]
    path.write_text("\n".join(told) + "\n", "utf-8")


def _flat(text: str) -> str:
    """On one line, as a log holds it, and as UTF-8 can say it."""
    return text.replace("\n", " ").replace("\r", " ").encode("utf-8", "replace").decode()


_CHANGES: dict[str, Callable[[Path, Mark], None]] = {
    "jira": _of_jira,
    "pagerduty": _of_pagerduty,
    "statuspage": _of_statuspage,
    "slack": _of_slack,
    "git": _of_git,
    "logs": _of_logs,
    "journald": _of_lines,
    "docker": _of_lines,
    "github": _of_github,
    "corrections": _of_corrections,
}


def marks(text: str) -> set[str]:
    """The marks that came through."""
    return set(re.findall(r"mark\d{5}|mark-said-\d+", text))
