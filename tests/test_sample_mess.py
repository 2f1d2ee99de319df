"""The sample's mess: what was promised of real exports is in the raw files."""

from __future__ import annotations

import io
import json
import re
import tomllib
import zipfile
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from podanalytics.model import Milestone, Verdict
from tests.sampled import jira, log_entries, of, pages, raw, sample, slack

M = Milestone
MIN = timedelta(minutes=1)


# -- the mess, seen in the raw files ---------------------------------------------------------------------------------


def test_ids_are_given_once() -> None:
    issues = pages("jira/", "issues")
    given = [
        [issue["id"] for issue in issues],
        [entry["id"] for issue in issues for entry in issue["changelog"]["histories"]],
        [comment["id"] for issue in issues for comment in issue["fields"]["comment"]["comments"]],
        [entry["id"] for entry in pages("pagerduty/log_entries", "log_entries")],
        [one["incident_number"] for one in pages("pagerduty/incidents", "incidents")],
        [update["id"] for page in raw("statuspage/incidents.json")["incidents"] for update in page["incident_updates"]],
        [channel["id"] for channel in raw("slack/channels.json")],
        [user["id"] for user in raw("slack/users.json")],
    ]
    assert [len(ids) - len(set(ids)) for ids in given] == [0] * len(given)
    for room, posts in slack().items():
        joined = [post["user"] for post in posts if post.get("subtype") == "channel_join"]
        assert len(joined) == len(set(joined)), room


def test_slack_edits_and_a_tombstone() -> None:
    posts = [post for room in slack().values() for post in room]
    assert sum("edited" in post for post in posts) >= 2
    tombs = [post for post in posts if post.get("subtype") == "tombstone"]
    assert len(tombs) == 2 and all(post["user"] == "USLACKBOT" and post["reply_count"] for post in tombs)


def test_slack_threads_and_a_broadcast_with_its_root() -> None:
    posts = slack()["incident-2026-08-27-1016"]
    (broadcast,) = [post for post in posts if post.get("subtype") == "thread_broadcast"]
    assert broadcast["root"]["ts"] == broadcast["thread_ts"]
    root = next(post for post in posts if post["ts"] == broadcast["thread_ts"])
    assert root["reply_count"] == 4 and root["latest_reply"] == broadcast["ts"]


def test_slack_days_are_cut_in_los_angeles() -> None:
    zone, late = ZoneInfo("America/Los_Angeles"), 0
    for path, data in sample().raw.items():
        if found := re.fullmatch(r"slack/[\w-]+/(\d{4}-\d\d-\d\d)\.json", path):
            moments = [datetime.fromtimestamp(float(post["ts"]), UTC) for post in json.loads(data)]
            assert {f"{moment.astimezone(zone):%Y-%m-%d}" for moment in moments} == {found[1]}
            late += sum(f"{moment:%Y-%m-%d}" != found[1] for moment in moments)
    assert late > 10


def test_the_two_slack_exports_overlap_and_hide_a_channel() -> None:
    with zipfile.ZipFile(io.BytesIO(sample().raw["slack-2026-spring.zip"])) as archive:
        assert archive.testzip() is None
        spring = set(archive.namelist())
    rest = {path.removeprefix("slack/") for path in sample().raw if path.startswith("slack/")}
    assert any(name.endswith("2026-05-28.json") for name in spring & rest)
    listed = {channel["name"] for channel in raw("slack/channels.json")}
    assert {name.split("/")[0] for name in rest if "/" in name} - listed == {"vendor-slotwright"}


def test_channels_named_rightly_wrongly_and_opened_late() -> None:
    channels = {channel["name"]: channel for channel in raw("slack/channels.json")}
    assert "incident-2026-10-14-1019" in channels and "inc-1012-relay" in channels
    assert "/browse/INC-1019" in channels["incident-2026-10-14-1019"]["topic"]["value"]
    opened, fired = of("INC-1018").milestones[M.CHANNEL_OPENED], of("INC-1018").milestones[M.ALERT_FIRED]
    assert opened and fired and opened - fired > 20 * MIN


def test_a_bot_acknowledges_before_the_person() -> None:
    acks = [entry for entry in log_entries("429 ratio") if entry["type"] == "acknowledge_log_entry"]
    assert [entry["agent"]["type"] for entry in acks] == ["user_reference", "service_reference"]  # newest first
    assert of("INC-1004").breaches["ack"] is Verdict.MISSED


def test_auto_resolved_and_never_acknowledged() -> None:
    entries = log_entries("queue depth")
    assert not [entry for entry in entries if entry["type"] == "acknowledge_log_entry"]
    assert entries[0]["type"] == "resolve_log_entry" and entries[0]["agent"]["type"] == "service_reference"
    assert of("INC-1006").milestones[M.ACKNOWLEDGED] is None
    assert of("INC-1017").milestones[M.ACKNOWLEDGED] is None


def test_an_acknowledgement_lapses() -> None:
    kinds = [entry["type"].removesuffix("_log_entry") for entry in log_entries("relay-nyc-3")]
    assert [kind for kind in reversed(kinds) if "ack" in kind] == ["acknowledge", "unacknowledge", "acknowledge"]


def test_log_entries_are_newest_first_with_ties() -> None:
    stamps = [entry["created_at"] for entry in pages("pagerduty/log_entries", "log_entries")]
    assert stamps == sorted(stamps, reverse=True)
    assert max(Counter(stamps).values()) > 1
    assert re.fullmatch(r"2026-\d\d-\d\dT\d\d:\d\d:\d\dZ", stamps[0])


def test_severity_raised_midway_from_p3_to_p1() -> None:
    (first, one), (second, other) = of("INC-1008").severities
    assert (one, other) == ("P3", "P1") and second - first > 3 * 60 * MIN
    changes = [item for entry in jira("INC-1008")["changelog"]["histories"] for item in entry["items"]]
    assert ("Medium", "Highest") in [(item["fromString"], item["toString"]) for item in changes]
    assert jira("INC-1008")["fields"]["priority"]["name"] == "Highest"


def test_a_reopened_incident_resolves_twice() -> None:
    items = [item for entry in jira("INC-1011")["changelog"]["histories"][::-1] for item in entry["items"]]
    states = [item["toString"] for item in items if item["field"] == "status"]
    assert states.count("Resolved") == 2 and "Reopened" in states


def test_incidents_without_alert_and_without_triage() -> None:
    assert of("INC-1010").milestones[M.ALERT_FIRED] is None
    assert "PagerDuty" not in jira("INC-1010")["fields"]["description"]
    assert of("INC-1009").milestones[M.TRIAGED] is None


def test_a_late_note_tells_what_no_tool_saw() -> None:
    mitigated, resolved = of("INC-1009").milestones[M.MITIGATED], of("INC-1009").milestones[M.RESOLVED]
    bodies = [comment["body"] for comment in jira("INC-1009")["fields"]["comment"]["comments"]]
    assert mitigated and resolved and any(f"at {mitigated:%H:%M} UTC" in body for body in bodies)


def test_one_application_log_runs_seven_minutes_fast() -> None:
    text = sample().raw["logs/pod-protocol/pod-relay-2026-07-23.log"].decode()
    first = next(line for line in text.splitlines() if " ERROR " in line)
    impact = of("INC-1013").milestones[M.IMPACT_STARTED]
    assert impact and 6.5 < (datetime.fromisoformat(first.split()[0]) - impact) / MIN < 9


def test_local_time_is_labelled_utc() -> None:
    posts = [post for post in slack()["incident-2026-08-13-1014"] if "INCIDENT UPDATE" in post.get("text", "")]
    for post in posts:
        clock = re.search(r"\[(\d\d):(\d\d)\]", post["text"])
        moment = datetime.fromtimestamp(float(post["ts"]), UTC)
        assert clock and (int(clock[1]) - moment.hour, int(clock[2]) - moment.minute) == (2, 0)
    assert len(posts) == 4


def test_open_drill_duplicate_and_two_months() -> None:
    assert of("INC-1024").milestones[M.RESOLVED] is None
    assert jira("INC-1024")["fields"]["status"]["name"] == "Investigating"
    assert "drill" in jira("INC-1007")["fields"]["labels"]
    (link,) = jira("INC-1022")["fields"]["issuelinks"]
    assert link["type"]["outward"] == "duplicates" and link["outwardIssue"]["key"] == "INC-1021"
    incidents = pages("pagerduty/incidents", "incidents")
    (merged,) = [one for one in incidents if (one.get("resolve_reason") or {}).get("type") == "merge_resolve_reason"]
    assert merged["resolve_reason"]["incident"]["id"] in {one["id"] for one in incidents}
    began, ended = of("INC-1002").milestones[M.ALERT_FIRED], of("INC-1002").milestones[M.RESOLVED]
    assert began and ended and (began.month, ended.month) == (4, 5)


def test_the_night_the_clock_goes_back() -> None:
    times = [entry["created"] for entry in jira("INC-1023")["changelog"]["histories"]]
    assert {time[-5:] for time in times} == {"+0200", "+0100"}
    began, ended = of("INC-1023").milestones[M.ALERT_FIRED], of("INC-1023").milestones[M.RESOLVED]
    assert began and ended and 25.5 < (ended - began) / MIN < 27


def test_no_public_impact_declared_in_place_of_a_status_page() -> None:
    said = [post for post in slack()["incident-2026-10-31-1025"] if post["text"].startswith("No public impact")]
    started = of("INC-1025").milestones[M.STATUS_PAGE_STARTED]
    assert started and abs(datetime.fromtimestamp(float(said[0]["ts"]), UTC) - started) < timedelta(seconds=2)
    assert of("INC-1025").milestones[M.FIRST_NOTICE] is None


def test_friday_evening_p4() -> None:
    declared = of("INC-1003").milestones[M.DECLARED]
    assert declared and f"{declared.astimezone(ZoneInfo('Europe/Berlin')):%a %H}" == "Fri 17"


def test_a_status_update_is_edited_between_polls() -> None:
    bodies: dict[str, set[str]] = {}
    polls = [json.loads(data) for path, data in sample().raw.items() if path.startswith("statuspage/polls/")]
    for poll in polls:
        for incident in poll["incidents"]:
            for update in incident["incident_updates"]:
                bodies.setdefault(update["id"], set()).add(update["body"])
    assert 4 <= len(polls) <= 6 and sorted(map(len, bodies.values()))[-1] == 2
    shown = [[incident["name"] for incident in poll["incidents"]] for poll in polls]
    assert shown == [["Elevated errors when sending messages"]] * 5 + [[]]


def test_github_lists_a_pull_request_and_labels_in_time() -> None:
    issues = raw("github/issues.json")
    assert sum("pull_request" in issue for issue in issues) == 1
    events = raw("github/timeline/52.json")["timeline"]
    assert [(event["event"], event["label"]["name"]) for event in events if "label" in event][-2:] == [
        ("unlabeled", "P4"),
        ("labeled", "P3"),
    ]


def test_hostile_text_is_there() -> None:
    chat = "\n".join(post.get("text", "") for room in slack().values() for post in room)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in chat and "xoxb-" in chat
    assert "|" in jira("INC-1020")["fields"]["summary"] and "`" in jira("INC-1020")["fields"]["summary"]
    assert jira("ACT-37")["fields"]["summary"].startswith("=")


def test_the_worst_incident_is_rich() -> None:
    room = slack()["incident-2026-10-14-1019"]
    assert 60 <= len(room) <= 110
    assert sum("INCIDENT UPDATE" in post["text"] for post in room) >= 12
    correction = tomllib.loads(sample().raw["corrections/INC-1019.toml"].decode())
    value, mitigated = correction["correct"][0]["value"], of("INC-1019").milestones[M.MITIGATED]
    assert mitigated and abs(value - mitigated) < timedelta(seconds=1)
    page = next(
        one
        for one in raw("statuspage/incidents.json")["incidents"]
        if one["impact"] == "critical" and "sending" in one["name"]
    )
    assert len(page["incident_updates"]) == 9
    assert (
        len([issue for issue in pages("jira/", "issues") if issue["key"] in {f"ACT-{n}" for n in range(31, 36)}]) == 5
    )


def test_git_has_the_bad_releases_and_their_reverts() -> None:
    text = sample().raw["git/pod-api.log"].decode()
    assert text.startswith("# repository: pod-api\n")
    shas = dict(re.findall(r"commit (\w{40}) \(.*?tag: (v[\d.]+)[,)]", text))
    bad = {version: sha for sha, version in shas.items()}
    assert f"This reverts commit {bad['v2.14.0']}." in text and f"This reverts commit {bad['v2.6.0']}." in text
    assert len(shas) > 50


def test_every_log_line_is_whole() -> None:
    for line in _lines("journald/pod-api.json"):
        entry = json.loads(line)
        assert entry["__REALTIME_TIMESTAMP"].isdigit()
    assert any(isinstance(json.loads(line)["MESSAGE"], list) for line in _lines("journald/pod-api.json"))
    assert all(json.loads(line)["log"].endswith("\n") for line in _lines("docker/pod-relay-json.log"))


def _lines(name: str) -> Iterator[str]:
    return iter(sample().raw[name].decode().splitlines())
