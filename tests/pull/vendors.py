"""Further vendors to pull from, beside those of `server`, as their APIs answer."""

from __future__ import annotations

import re
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


def ts(number: int) -> str:
    """A message's time, so many minutes after the begin of October 2026."""
    return f"{1790812800 + number * 60}.000{number % 900 + 100}"


class Slack:
    """A workspace with two channels that the app is in, a thread that goes on, and one channel that it is not in."""

    def __init__(self, limit: int = 3) -> None:
        self.limit = limit
        self.names = {"C0INC7": "inc-7", "C0GENERAL": "general", "C0OTHER": "other"}
        self.messages: dict[str, list[dict[str, Any]]] = {"C0GENERAL": [], "C0OTHER": []}
        self.messages["C0INC7"] = [self._said(n, f"We look at part {n}") for n in range(600, 640, 8)]
        self.messages["C0INC7"] += [self._said(n, f"Later, at {n}") for n in (15000, 43000, 44000)]
        self.messages["C0GENERAL"] = [self._said(700, "Sends fail?"), self._said(36000, "Again?")]
        self.replies = {ts(36000): [self._reply(36000, n) for n in range(36001, 36006)]}
        self._count(36000)
        self.error: dict[str, dict[str, Any]] = {}  # by method and channel, what it answers instead

    def routes(self) -> dict[str, Route]:
        return {
            "/users.list": lambda asked: self._page(asked, "members", [self._user(n) for n in range(1, 5)]),
            "/conversations.list": lambda asked: self._page(asked, "channels", self._channels(asked)),
            "/conversations.history": self._history,
            "/conversations.replies": self._replies,
        }

    def edit(self) -> None:
        """A late reply to the thread, and a message whose words change."""
        self.replies[ts(36000)].append(self._reply(36000, 45900))
        self._count(36000)
        last = self.messages["C0INC7"][-1]
        last |= {"text": "It was the mail queue", "edited": {"user": "U01ANA", "ts": ts(45800)}}

    def shrink(self) -> None:
        self.limit = 2

    def _count(self, root: int) -> None:
        found = self.replies[ts(root)]
        told = {"thread_ts": ts(root), "reply_count": len(found), "latest_reply": found[-1]["ts"]}
        next(m for m in self.messages["C0GENERAL"] if m["ts"] == ts(root)).update(told)

    def _said(self, number: int, text: str) -> dict[str, Any]:
        return {"type": "message", "user": "U01ANA", "text": text, "ts": ts(number)}

    def _reply(self, root: int, number: int) -> dict[str, Any]:
        return {**self._said(number, f"Yes, at {number}"), "thread_ts": ts(root), "parent_user_id": "U01ANA"}

    def _user(self, number: int) -> dict[str, Any]:
        name = "ana" if number == 1 else f"person{number}"
        return {"id": f"U0{number}{name.upper()}", "name": name, "real_name": name.title(), "is_bot": number == 4}

    def _channels(self, asked: Asked) -> list[dict[str, Any]]:
        assert asked.query["types"].split(",")[0] == "public_channel"
        return [
            {"id": id, "name": name, "created": 1790812800, "creator": "U01ANA", "is_member": name != "other"}
            for id, name in self.names.items()
        ]

    def _history(self, asked: Asked) -> Reply:
        channel, oldest, latest = (asked.query[name] for name in ("channel", "oldest", "latest"))
        if channel == "C0OTHER":
            return self._reply_to(asked, {"ok": False, "error": "not_in_channel"})
        assert asked.query["inclusive"] == "true"
        found = [m for m in self.messages[channel] if float(oldest) <= float(m["ts"]) <= float(latest)]
        return self._page(asked, "messages", sorted(found, key=lambda m: m["ts"], reverse=True))

    def _replies(self, asked: Asked) -> Reply:
        root = next(m for m in self.messages[asked.query["channel"]] if m["ts"] == asked.query["ts"])
        return self._page(asked, "messages", [root, *self.replies[root["ts"]]])

    def _page(self, asked: Asked, name: str, rows: list[dict[str, Any]]) -> Reply:
        """A page behind the record that the cursor names, as Slack's cursors name a moment and not a number."""
        key = "id" if "id" in (rows or [{}])[0] else "ts"
        after = asked.query.get("cursor", "").removeprefix("next_")
        start = next((n + 1 for n, row in enumerate(rows) if row[key] == after), 0)
        size = min(int(asked.query["limit"]), self.limit)
        page, more = rows[start : start + size], start + size < len(rows)
        onward = f"next_{page[-1][key]}" if more else ""
        return self._reply_to(asked, {"ok": True, name: page, "response_metadata": {"next_cursor": onward}})

    def _reply_to(self, asked: Asked, document: dict[str, Any]) -> Reply:
        assert asked.headers["authorization"].startswith("Bearer ")
        return as_json(self.error.get(asked.path.strip("/"), document), Date="Mon, 02 Nov 2026 09:00:00 GMT")


JIRA = "https://pod-example.atlassian.net"


class Jira:
    """Five issues with histories and comments; its moments are those of a profile far west of UTC."""

    def __init__(self, limit: int = 2, cloud: bool = True) -> None:
        self.limit, self.cloud = limit, cloud
        self.updated = {number: 600 + 100 * number for number in range(1, 6)}
        self.histories = {number: [self._history(number, n) for n in range(number % 3)] for number in self.updated}
        self.comments = {number: [self._comment(number, n) for n in range(2 * number % 5)] for number in self.updated}

    def routes(self) -> dict[str, Route]:
        home = "/rest/api/2/search"
        found: dict[str, Route] = {r"/rest/api/2/issue/\d+/comment": self._said}
        if self.cloud:
            return {**found, f"{home}/jql": self._searched, "/rest/api/3/changelog/bulkfetch": self._bulk}
        return {**found, home: self._searched}

    def edit(self) -> None:
        """Somebody closes the first issue and says why."""
        self.histories[1].append({**self._history(1, 7), "created": self._at(5000)})
        self.comments[1].append(self._comment(1, 7))
        self.updated[1] = 5000

    def shrink(self) -> None:
        self.limit = 1

    def _at(self, number: int) -> str:
        return minute(number).replace("Z", ".000+0000")

    def _searched(self, asked: Asked) -> Reply:
        jql = asked.query["jql"]
        found = re.fullmatch(r'project in \("OPS"\) AND updated >= "(.{16})" ORDER BY created ASC, key ASC', jql)
        assert found and "*all" in asked.query["fields"]
        since = found[1].replace("/", "-").replace(" ", "T")
        numbers = [n for n in self.updated if minute(self.updated[n])[:16] >= since]
        start = int(asked.query.get("nextPageToken", "t0")[1:]) if self.cloud else int(asked.query["startAt"])
        size = min(self.limit, int(asked.query["maxResults"]))
        issues = [self._issue(number) for number in numbers[start : start + size]]
        if not self.cloud:
            told = {"startAt": start, "maxResults": size, "total": len(numbers), "issues": issues}
        else:
            onward = start + size < len(numbers)
            told = {"issues": issues, "isLast": not onward, **({"nextPageToken": f"t{start + size}"} if onward else {})}
        return as_json(told, Date="Sun, 04 Oct 2026 11:00:00 GMT")

    def _bulk(self, asked: Asked) -> Reply:
        numbers = [int(id) - 10000 for id in asked.body["issueIdsOrKeys"]]
        found = [(number, entry) for number in numbers for entry in self.histories[number]]
        start = int(asked.body.get("nextPageToken", "b0")[1:])
        page = found[start : start + self.limit]
        logs = [{"issueId": str(10000 + n), "changeHistories": [h for m, h in page if m == n]} for n in numbers]
        onward = {"nextPageToken": f"b{start + self.limit}"} if start + self.limit < len(found) else {}
        return as_json({"issueChangeLogs": [log for log in logs if log["changeHistories"]], **onward})

    def _said(self, asked: Asked) -> Reply:
        found = self.comments[int(asked.path.split("/")[-2]) - 10000]
        start, size = int(asked.query["startAt"]), min(int(asked.query["maxResults"]), self.limit)
        told = {"startAt": start, "maxResults": size, "total": len(found), "comments": found[start : start + size]}
        return as_json(told)

    def _issue(self, number: int) -> dict[str, Any]:
        status = {"name": "Done", "statusCategory": {"key": "done"}} if len(self.histories[number]) > 1 else {
            "name": "Open", "statusCategory": {"key": "new"}}  # fmt: skip
        log = self.histories[number]
        fields = {
            "summary": f"Sends fail, part {number}", "issuetype": {"name": "Incident"}, "status": status,
            "created": self._at(number), "updated": self._at(self.updated[number]), "priority": {"name": "High"},
            "reporter": {"accountId": "acc-ana", "displayName": "Ana Lind", "accountType": "atlassian"},
        }  # fmt: skip
        told: dict[str, Any] = {"id": str(10000 + number), "key": f"OPS-{number}", "fields": fields,
                                "self": f"{JIRA}/rest/api/2/issue/{10000 + number}"}  # fmt: skip
        if not self.cloud:
            told["changelog"] = {"startAt": 0, "maxResults": len(log), "total": len(log), "histories": log}
            found = self.comments[number]
            fields["comment"] = {"comments": found, "total": len(found), "startAt": 0, "maxResults": len(found)}
        return told

    def _history(self, number: int, n: int) -> dict[str, Any]:
        item = {"field": "status", "fieldtype": "jira", "fieldId": "status", "from": str(n), "fromString": f"Step {n}",
                "to": str(n + 1), "toString": f"Step {n + 1}"}  # fmt: skip
        author = {"accountId": "acc-ana", "displayName": "Ana Lind", "accountType": "atlassian"}
        return {"id": str(500 + 10 * number + n), "author": author, "created": self._at(400 + 10 * n), "items": [item]}

    def _comment(self, number: int, n: int) -> dict[str, Any]:
        at = self._at(500 + n)
        return {
            "self": f"{JIRA}/rest/api/2/issue/{10000 + number}/comment/{number * 100 + n}", "id": f"{number * 100 + n}",
            "author": {"accountId": "acc-bo", "displayName": "Bo", "accountType": "atlassian"},
            "body": f"Remark {n} on part {number}", "created": at, "updated": at,
        }  # fmt: skip
