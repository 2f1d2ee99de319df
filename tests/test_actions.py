"""Section 6: known items against their dates, what could be clearer, and drafts in the policy's words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from podanalytics.errors import PolicyError
from podanalytics.gather import review_of, section
from podanalytics.ledger import Ledger
from podanalytics.model import Event, Verdict
from podanalytics.policy import Clause, Policy, load_policy, parse_policy
from podanalytics.sections._drafts import Suggested, suggested
from podanalytics.sections._evidence import judged
from podanalytics.sections._quality import remarks
from podanalytics.show.blocks import Table, Text
from tests.story import FIRED, OVER, POLICY, ack, amended, event, ledger_of, say, status
from tests.test_policy import SHIPPED

REVIEWED = say("+1 10:00", "Post-incident review held")


def action(clock: str, key: str, title: str, due: str = "", owner: str = "") -> list[Event]:
    told = [
        event(clock, "declared", "jira", key, value="Action item", text=title, actor="ana"),
        event(clock, "linked", "jira", key, value="INC-1", text="relates to"),
    ]
    told += [event(clock, "other", "jira", key, value="duedate", text=due)] if due else []
    return told + ([event(clock, "assigned", "jira", key, value=owner)] if owner else [])


def rows(name: str, ledger: Ledger) -> list[dict[str, Any]]:
    made = section("actions", review_of(ledger, "INC-1", "UTC"))
    table = next(b for b in made.blocks if isinstance(b, Table) and b.name == name)
    return [dict(zip([c.name for c in table.columns], row, strict=True)) for row in table.rows]


def drafts(*told: Any, **more: Any) -> list[Suggested]:
    return suggested(review_of(ledger_of(*told, **more), "INC-1", "UTC"))


def test_an_item_is_held_against_its_own_date_or_the_policys_days() -> None:
    items = [
        action("16:00", "ACT-1", "Alert on lag", due="2026-10-20"),
        action("16:10", "ACT-2", "Alert on disks"),
        action("16:20", "ACT-3", "Alert on pools", due="2026-10-30"),
    ]
    done = status("+2 09:00", "Done", subject="ACT-3")
    moved = event("+3 09:00", "other", "jira", "ACT-1", value="duedate", text="2026-10-21")
    found = {r["title"]: r for r in rows("actions", ledger_of(*FIRED, OVER, *items, done, moved))}
    late, undated, ready = found["Alert on lag"], found["Alert on disks"], found["Alert on pools"]
    assert late["against"] == "1 d 07 h overdue" and late["history"] == "due date moved 1 time"
    assert undated["due"] is None and undated["against"].endswith("left, by the policy's 30 days")
    assert ready["against"] == "done 14 d 08 h early" and ready["history"] == "Done 2026-10-16"
    other = amended(actions={"value": "(?i)^action item$", "done": "(?i)^done$"})
    found = {r["title"]: r for r in rows("actions", ledger_of(*FIRED, OVER, *items, policy=other))}
    assert found["Alert on disks"]["against"] == "no date to hold it against"


@pytest.mark.parametrize(
    ("title", "remark"),
    [
        ("Improve monitoring", "“Improve”"),
        ("Alert on everything that moves", "“everything”"),
        ("Add a canary and update the runbook", "two outcomes"),
        ("Remind people to read the runbook", "asks people to take care"),
        ("Ask IC-1 for the runbook", "names IC-1"),
    ],
)
def test_an_item_that_could_be_clearer_is_told_how(title: str, remark: str) -> None:
    item = {"title": title, "owner": "IC-1", "due_at": datetime(2026, 11, 1, tzinfo=UTC)}
    (found,) = remarks(item, {"IC-1", "Responder-12"}, POLICY)
    assert remark in found


@pytest.mark.parametrize(
    "title",
    ["Alert on pool wait time above 200 ms", "Canary stage that stops on error ratio", "Load test, with a report"],
)
def test_a_good_item_is_left_alone(title: str) -> None:
    item: dict[str, Any] = {"title": title, "owner": "IC-1", "due_at": datetime(2026, 11, 1, tzinfo=UTC)}
    assert remarks(item, {"IC-1", "IC-2"}, POLICY) == []
    bare = remarks({**item, "owner": None, "due_at": None}, set(), POLICY)
    assert bare[0].startswith("no owner: name") and bare[1] == "no due date: give it one, or the policy's 30 days hold"


def test_what_is_done_needs_no_better_words() -> None:
    told = [*action("16:00", "ACT-1", "Improve things"), status("+2 09:00", "Done", subject="ACT-1")]
    assert rows("quality", ledger_of(*FIRED, OVER, *told)) == []


def test_a_missed_clause_is_drafted_in_the_words_of_its_policy() -> None:
    (found,) = [d for d in drafts(*FIRED, ack("14:12"), OVER, REVIEWED) if d.because.startswith("Acknowledge")]
    assert found.text == "Page the second on call when nobody has acknowledged after half of 5 min"
    assert (found.type, found.owner) == ("respond", "Incident Commander")
    assert found.because == "Acknowledge the alert: 12 min instead of 5 min"
    assert found.proof == "the clause ack is met in the next 5 incidents, as the monthly report counts it"
    mine = {
        "type": "detect",
        "text": "Wake {scope} for {id} in {target}",
        "owner": "Night",
        "days": 2,
        "proof": "{title}!",
    }
    (own,) = [
        d for d in drafts(*FIRED, ack("14:12"), OVER, policy=amended({"ack": {"draft": mine}})) if d.owner == "Night"
    ]
    assert (own.type, own.text, own.proof) == ("detect", "Wake incidents for ack in 5 min", "Acknowledge the alert!")


def test_a_policy_without_drafts_has_usual_ones_for_every_kind_and_finding() -> None:
    bare = POLICY.model_copy(
        update={"drafts": {}, "clauses": tuple(c.model_copy(update={"draft": None}) for c in POLICY.clauses)}
    )
    for finding in ("detection", "hypothesis", "untold", "unfinished", "clocks"):
        assert bare.draft_for(finding).text  # type: ignore[arg-type]
    assert all(bare.draft_for(clause).text for clause in bare.clauses)
    texts = [d.text for d in drafts(*FIRED, ack("14:12"), OVER, policy=bare)]
    assert "Find the longest step on the way to “Acknowledge the alert”, and automate it or give it an owner" in texts


def test_the_shipped_policy_has_its_own_draft_and_question_for_every_clause_that_can_be_missed() -> None:
    policy: Policy = load_policy("pod-protocol")
    judging: list[Clause] = [c for c in policy.clauses if c.kind != "eta"]
    assert all(c.draft and c.draft.owner in policy.roles and c.ask.endswith("?") for c in judging)
    assert len({c.draft.text for c in judging if c.draft}) == len(judging), "each says something of its own"


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        ('[draft.detection]\ntype = "detect"\ntext = "Fix {here}"', "{here} stands for nothing; known: {target}"),
        ('[draft.detection]\ntype = "learn"\ntext = "x"', "'prevent', 'detect', 'mitigate' or 'respond'"),
        ('[draft.luck]\ntype = "detect"\ntext = "x"', "luck"),
        ('[draft.clocks]\ntype = "detect"\ntext = "x"\ndays = 0', "greater than or equal to 1"),
    ],
)
def test_a_draft_that_cannot_be_filled_in_is_refused(written: str, complaint: str) -> None:
    start, end = SHIPPED.index("[draft.detection]"), SHIPPED.index("# ----", SHIPPED.index("[draft.clocks]"))
    with pytest.raises(PolicyError) as error:
        parse_policy(SHIPPED[:start] + written + "\n" + SHIPPED[end:], "mine.toml")
    assert complaint in str(error.value) and "draft" in str(error.value)


def test_a_draft_is_due_on_a_working_day_after_the_review() -> None:
    """Reviewed on Thursday the 15th; seven days later is Thursday the 22nd, a holiday here, so Friday the 23rd."""
    policy = amended(calendar={"zone": "UTC", "holidays": [datetime(2026, 10, 22).date()]})
    (plain,) = [d for d in drafts(*FIRED, ack("14:12"), OVER, REVIEWED, as_of="+1 12:00") if "half of" in d.text]
    assert plain.due_at == datetime(2026, 10, 22, 17, tzinfo=UTC)
    (moved,) = [
        d for d in drafts(*FIRED, ack("14:12"), OVER, REVIEWED, as_of="+1 12:00", policy=policy) if "half of" in d.text
    ]
    assert moved.due_at == datetime(2026, 10, 23, 17, tzinfo=UTC)
    (later,) = [d for d in drafts(*FIRED, ack("14:12"), OVER, REVIEWED, as_of="+9 12:00") if "half of" in d.text]
    assert later.due_at == datetime(2026, 10, 30, 17, tzinfo=UTC), "never before the packet itself"


def test_findings_that_no_clause_tells_of_are_drafted() -> None:
    voiced = say("14:10", "I suspect the relay, it reconnects all the time")
    told = [FIRED[0], *FIRED[1:], say("14:05", "hello"), voiced, OVER]
    found = {d.because.split(":")[0]: d for d in drafts(*told)}
    one = found["1 hypothesis that nothing on record settles"]
    assert one.type == "prevent" and "“I suspect the relay" in one.text and one.events == (voiced.id,)
    person = [event("14:00", "alerted", "pagerduty", "PD1", value="website", actor="ana"), *FIRED[1:], OVER]
    assert any(d.type == "detect" and d.because.startswith("it was noticed before") for d in drafts(*person))
    odd = drafts(*FIRED, ack("13:30"), OVER)
    (clocks,) = [d for d in odd if d.because.startswith("contradictory: ")]
    assert "Acknowledge the alert" in clocks.because and "pagerduty" in clocks.text


def test_many_missing_traces_are_one_draft_and_few_are_their_own(ledger: Ledger) -> None:
    alone = drafts(*FIRED, OVER)
    traces = [d for d in alone if "trace" in d.text]
    unknown = [c for c, r in judged(review_of(ledger_of(*FIRED, OVER), "INC-1", "UTC")) if r.verdict is Verdict.UNKNOWN]
    assert len(unknown) > 10 and len(traces) == 1
    assert traces[0].because == f"{len(unknown)} clauses are unknown" and "slack" in traces[0].text
    (one,) = [d for d in suggested(review_of(ledger, "INC-1025", "UTC")) if "trace" in d.text]
    assert one.because == "unknown: The review's six items"


def test_the_table_of_drafts_is_bounded_and_says_what_it_leaves_out(ledger: Ledger) -> None:
    for incident in ledger.incidents["incident"]:
        review = review_of(ledger, incident, "UTC")
        made = section("actions", review)
        table = next(b for b in made.blocks if isinstance(b, Table) and b.name == "drafts")
        assert len(table.rows) == min(12, len(suggested(review)))
        left = [b for b in made.blocks if isinstance(b, Text) and "left out" in b.text]
        assert bool(left) == (len(suggested(review)) > 12)


def test_a_date_is_counted_in_days_of_the_policys_zone() -> None:
    """The review is due on the 16th at 16:00 UTC: Saturday in Tokyo, as is a week later, so it is Monday the 26th."""
    policy = amended(calendar={"zone": "Asia/Tokyo"})
    (found,) = [d for d in drafts(*FIRED, ack("14:12"), OVER, as_of="+1 16:00", policy=policy) if "half of" in d.text]
    assert found.due_at == datetime(2026, 10, 26, 8, tzinfo=UTC)
