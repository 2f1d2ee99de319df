"""What is done to messages afterwards: reactions mark them, and an edit does not speak for the moment before it."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from podanalytics.errors import PolicyError
from podanalytics.model import Event, Person
from podanalytics.policy import parse_policy, policy_text
from podanalytics.sources import mattermost
from tests.story import FIRED, alert, amended, event, exported, packet, page_record, say, stamp, tell, ticket, update

ROOM = "#incident-2026-10-14-1"
SLACK_BOT = (Person("slack", "pagerbot", "Pager", bot=True),)


def put(emoji: str, on: Event, actor: str = "bea", clock: str | datetime | None = None) -> Event:
    """An emoji on a message; without a clock at the message's own moment, as Slack tells it."""
    return event(
        clock or on.occurred_at, "reacted", on.source, on.subject, value=emoji, was=on.key, actor=actor, text="reacted"
    )


def edit(message: Event, clock: str, now: str, was: str | None = None) -> Event:
    return event(clock, "edited", "slack", message.subject, value=message.key, text=now, was=was, actor="ana")


def evidence(told: Any, clause: str) -> set[str]:
    return set(str(told.reading(clause)["evidence"]).split())


def test_a_check_mark_on_a_message_that_it_is_over_resolves() -> None:
    over = say("15:00", "errors are gone, all recovered", key="m1")
    mark = put("white_check_mark", over)
    told = tell(FIRED, over, say("15:10", "all recovered, I think"), mark)
    moment = told.moment("resolved")
    assert moment is not None and moment["rule"] == "chat: a message that it is over, marked as done"
    assert (moment["event"], moment["also"], moment["earliest"]) == (over.id, mark.id, False)
    assert moment["occurred_at"] == over.occurred_at, "the message is marked: its moment counts"
    assert {over.id, mark.id} <= evidence(told, "customer-resolved")


@pytest.mark.parametrize(
    ("text", "emoji", "actor"),
    [
        ("all recovered", "tada", "bea"),  # another emoji
        ("restarted the pool", "white_check_mark", "bea"),  # a mark on something else
        ("is it resolved?", "white_check_mark", "bea"),
        ("all recovered", "white_check_mark", "pagerbot"),  # a bot's mark
    ],
)
def test_no_other_mark_resolves(text: str, emoji: str, actor: str) -> None:
    over = say("15:00", text, key="m1")
    assert tell(FIRED, over, put(emoji, over, actor), people=SLACK_BOT).moment("resolved") is None


def test_a_tracker_s_word_goes_before_a_mark() -> None:
    over = say("15:00", "all recovered", key="m1")
    done = event("15:30", "status", "jira", "INC-1", value="Resolved", actor="ana")
    moment = tell(FIRED, over, put("white_check_mark", over), done).moment("resolved")
    assert moment is not None and moment["source"] == "jira"
    assert "marked as done" in moment["alternatives"]


def test_eyes_whose_time_is_not_told_leave_the_acknowledgement_open() -> None:
    """They came at the message's moment or later: within five minutes nobody can say, after them it was missed."""
    posted = say("14:02", "PD1 fired", "pagerbot", key="m1")
    seen = put("eyes", posted)
    told = tell(alert("14:00"), *page_record("14:00"), ticket("14:02"), posted, seen, people=SLACK_BOT)
    moment = told.moment("acknowledged")
    assert moment is not None and moment["earliest"] and (moment["event"], moment["also"]) == (seen.id, posted.id)
    assert told.verdict("ack") == "unknown" and "at the earliest only" in told.reading("ack")["because"]
    assert {posted.id, seen.id} <= evidence(told, "ack")
    late = say("14:09", "PD1 still fires", "pagerbot", key="m2")
    assert tell(FIRED, late, put("eyes", late), people=SLACK_BOT).verdict("ack") == "missed"


def test_eyes_whose_time_is_told_acknowledge() -> None:
    posted = event("14:01", "message", "mattermost", ROOM, key="m1", text="PD1 fired", actor="pagerbot")
    told = tell(FIRED, posted, put("eyes", posted, clock="14:04"))
    moment = told.moment("acknowledged")
    assert moment is not None and not moment["earliest"] and told.verdict("ack") == "met"
    assert told.verdict("ack") == tell(FIRED, posted, put("👀", posted, clock="14:04")).verdict("ack")


def test_a_moment_that_is_known_goes_before_one_that_is_a_bound() -> None:
    posted = say("14:01", "PD1 fired", "pagerbot", key="m1")
    acked = event("14:03", "acknowledged", "pagerduty", "PD1", actor="ana")
    told = tell(FIRED, posted, put("eyes", posted), acked, people=SLACK_BOT)
    assert told.verdict("ack") == "met" and told.moment("acknowledged")["event"] == acked.id  # type: ignore[index]


def test_an_end_that_is_a_bound_keeps_no_cadence() -> None:
    """A team may let the act itself be the end; then what followed until it is not known."""
    rules = [{"rule": "a mark", "kind": ["reacted"], "value": "^tada$"}]
    policy = amended(milestone=[{"id": "alert_fired", "rules": [{"rule": "a", "kind": ["alerted"]}]},
                                {"id": "declared", "rules": [{"rule": "d", "kind": ["declared"]}]},
                                {"id": "resolved", "rules": rules}])  # fmt: skip
    over = say("14:19", "fine again", key="m1")
    told = tell(FIRED, update("14:05", "FIXING"), over, put("tada", over), policy=policy)
    assert told.verdict("internal-cadence") == "unknown"
    assert "at the earliest only" in told.reading("internal-cadence")["because"]


def test_a_pin_brings_its_message_onto_the_timeline() -> None:
    chatter = say("14:20", "the pool was changed at noon", key="m1")
    text = packet("timeline", FIRED, chatter, put("pushpin", chatter), put("📌", chatter, "cem"))
    row = [line for line in text.splitlines() if "the pool was changed at noon" in line][-1]
    assert "marked for the timeline (:pushpin:)" in row and "marked for the timeline (📌)" in row


def test_one_emoji_means_one_thing() -> None:
    marker = '[[marker]]\nemoji = ["pushpin"]\nmeans = "else"\n'
    with pytest.raises(PolicyError, match="pushpin is written twice"):
        parse_policy(f"{policy_text('pod-protocol')}\n{marker}", "ours")
    with pytest.raises(PolicyError, match="emoji"):
        parse_policy(f'{policy_text("pod-protocol")}\n[[marker]]\nemoji = []\nmeans = "x"\n', "ours")


# --- edits ------------------------------------------------------------------------------------------------------------


def test_what_a_message_said_first_counts_where_it_is_told() -> None:
    message = say("14:10", "Mitigated: traffic is back", key="m1")
    told = tell(FIRED, message, edit(message, "14:40", "Mitigated: traffic is back", was="looking at the pool"))
    moment = told.moment("mitigated")
    assert moment is not None and moment["occurred_at"].strftime("%H:%M") == "14:40", "not before it was said"
    assert "edited" not in moment["rule"]
    investigated = told.moment("investigated")
    assert investigated is not None and investigated["event"] == message.id


def test_what_an_edit_took_away_had_been_said() -> None:
    message = say("14:10", "never mind", key="m1")
    moment = tell(FIRED, message, edit(message, "14:40", "never mind", was="mitigated")).moment("mitigated")
    assert moment is not None and moment["event"] == message.id and moment["occurred_at"] == message.occurred_at


def test_a_rule_says_that_a_message_was_edited_where_its_former_words_are_not_told() -> None:
    message = say("14:10", "mitigated", key="m1")
    moment = tell(FIRED, message, edit(message, "14:40", "mitigated")).moment("mitigated")
    assert moment is not None and moment["event"] == message.id
    assert moment["rule"] == "chat: mitigated; edited 2026-10-14 14:40 UTC, and what it said before is not told"


def test_a_rule_that_asks_for_no_words_does_not_speak_of_edits() -> None:
    message = say("14:10", "hello", key="m1")
    moment = tell(FIRED, message, edit(message, "14:40", "hello")).moment("responded")
    assert moment is not None and moment["rule"] == "chat: first message in the incident's channel"


def test_an_edited_update_is_one_update() -> None:
    first = update("14:10", "INVESTIGATING")
    told = tell(FIRED, first, edit(first, "14:12", f"{first.text} ", was=first.text))
    assert told.found.updates.filter(told.found.updates["audience"] == "internal").height == 1


# --- from the exports -------------------------------------------------------------------------------------------------


def test_a_slack_export_s_check_mark_resolves(tmp_path: Path) -> None:
    told = exported(
        tmp_path,
        {"text": "sends work again, all clear", "ts": stamp("15:00"),
         "reactions": [{"name": "white_check_mark", "users": ["U1"], "count": 1}]},
    )  # fmt: skip
    people = tuple(entry for entry in told if isinstance(entry, Person))
    found = tell(FIRED, [e for e in told if isinstance(e, Event)], people=people)
    moment = found.moment("resolved")
    assert moment is not None and moment["source"] == "slack" and moment["also"]


def test_a_mattermost_export_s_eyes_acknowledge_when_they_were_given(tmp_path: Path) -> None:
    at = int(alert("14:01").occurred_at.timestamp() * 1000)
    eyes = {"user": "ana", "emoji_name": "eyes", "create_at": at + 120_000}
    post = {"team": "pod", "channel": "inc-1", "user": "pagerbot", "message": "PD1 fired", "create_at": at}
    path = tmp_path / "export.jsonl"
    path.write_text(json.dumps({"type": "post", "post": {**post, "reactions": [eyes]}}) + "\n")
    told = tell(FIRED, [e for e in mattermost.source.parse(path) if isinstance(e, Event)])
    moment = told.moment("acknowledged")
    assert moment is not None and moment["occurred_at"].strftime("%H:%M") == "14:03" and told.verdict("ack") == "met"
