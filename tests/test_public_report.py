"""The public report: made of what customers could see and of nothing else, fit to publish, blank where it must be."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path

import mistune
import nbformat
import polars as pl
import pytest

from podanalytics.gather import review_of, section
from podanalytics.ledger import Ledger
from podanalytics.model import Event, Milestone
from podanalytics.publish import publish
from podanalytics.show.blocks import Draft, Section, Table
from tests.hostile import HOSTILE, UNSEEN, Reader
from tests.reported import BLANK, PUBLIC, drafted, guidance, of_story, reports_of
from tests.sampled import of, reviewed
from tests.story import FIRED, POLICY, amended, event, ledger_of, notice, say, status, status_entry

STAMP = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d) UTC")


def known(made: Section) -> dict[str, str]:
    table = next(block for block in made.blocks if isinstance(block, Table))
    return {str(row[0]): str(row[1]) for row in table.rows}


@pytest.fixture(scope="module")
def reports(ledger: Ledger) -> dict[str, str]:
    return reports_of(ledger)


# --- right ----------------------------------------------------------------------------------------------------------


def facts(text: str) -> dict[str, str]:
    return dict(re.findall(r"^- \*\*([^*]+):\*\* (.*)$", text, re.MULTILINE))


def moment(told: str) -> datetime:
    hit = STAMP.match(told)
    assert hit, told
    return datetime.fromisoformat(f"{hit[1]}T{hit[2]}:00+00:00")


def test_every_time_is_one_that_the_record_tells(ledger: Ledger, reports: dict[str, str]) -> None:
    checked = 0
    for incident, text in reports.items():
        review = reviewed(ledger, incident)
        public = review.events.filter(pl.col("source").is_in(PUBLIC))["occurred_at"].to_list()
        ends = [value for column in ("began_at", "ended_at") for value in review.segments[column].drop_nulls()]
        good = {
            f"{m:%Y-%m-%d %H:%M}" for m in [*public, *ends, *review.milestones["occurred_at"], review.fact("began_at")]
        }
        ours = re.sub("“[^”]*”", "", text)
        for day, clock in STAMP.findall(ours):
            assert f"{day} {clock}" in good, incident
            checked += 1
        clocks = {told.split()[1] for told in good}
        assert set(re.findall(r"(?<!\d )\b(\d\d:\d\d) UTC", ours)) <= clocks, incident
    assert checked > 80


def test_the_times_agree_with_what_really_happened(reports: dict[str, str]) -> None:
    """Beside the sample's truth: within the five minutes that people take to write something down."""
    labels = {
        "Mitigated": Milestone.MITIGATED,
        "Resolved": Milestone.RESOLVED,
        "First notice to customers": Milestone.FIRST_NOTICE,
    }
    off = []
    for incident, text in reports.items():
        told = facts(text)
        for label, milestone in labels.items():
            truth = of(incident).milestones[milestone]
            if label in told and "to be written" not in told[label] and truth:
                off.append((abs(moment(told[label]) - truth), incident, label))
    assert len(off) > 50
    assert [o for o in off if o[0] > timedelta(minutes=5)] == []


def test_the_worst_incident_reads_as_a_customer_would_want_it(reports: dict[str, str]) -> None:
    text = reports["INC-1019"]
    assert text.startswith(
        "# Elevated errors when sending messages\n\nOn 2026-10-14, API and Message relay were affected by an incident."
    )
    assert facts(text) == {
        "First sign of the problem": "2026-10-14 13:01 UTC (15:01 CEST)",
        "First notice to customers": "2026-10-14 13:43 UTC (15:43 CEST)",
        "Mitigated": "2026-10-14 15:00 UTC (17:00 CEST)",
        "Resolved": "2026-10-14 15:52 UTC (17:52 CEST)",
        "Duration": "about 1 h 59 min to the mitigation, about 2 h 51 min to the resolution",
    }
    assert (
        "- API: major outage (13:43 UTC), then degraded performance (15:09 UTC), then operational (15:53 UTC)" in text
    )
    assert "## Why it happened\n\nBetween 12:59 and 15:00 UTC on October 14 most attempts" in text
    assert "We have planned 5 steps to keep this from happening again; 2 of them are done." in text
    assert len(BLANK.findall(text)) == 2


def test_an_incident_that_came_back_says_so_in_order(reports: dict[str, str]) -> None:
    told = facts(reports["INC-1011"])
    labels = [
        "First sign of the problem",
        "First notice to customers",
        "Mitigated",
        "Seemed resolved",
        "Came back",
        "Resolved",
    ]
    assert list(told) == [*labels, "Duration"]
    assert [moment(told[label]) for label in labels] == sorted(moment(told[label]) for label in labels)


def test_each_post_is_quoted_once(ledger: Ledger, reports: dict[str, str]) -> None:
    for incident, text in reports.items():
        posts = reviewed(ledger, incident).updates.filter(pl.col("audience") == "customers")
        for words, many in posts["text"].value_counts().iter_rows():
            assert text.count(f"“{words}”") + text.count(f"\n{words}\n") == many, incident


def test_an_end_before_the_begin_is_a_blank_and_a_day_is_told_as_a_day() -> None:
    began = event(
        "15:30",
        "stated",
        "corrections",
        "INC-1",
        value="2026-10-14T15:30:00Z",
        was="impact_started",
        text="x",
        actor="ana",
    )
    told = facts(of_story(*FIRED, began, status("15:00", "Resolved")))
    assert told["Began"] == "2026-10-14 15:30 UTC"
    assert told["Resolved"].startswith("\\[to be written") and told["Duration"].startswith("\\[to be written")


def test_what_is_still_open_has_no_end_and_no_duration(reports: dict[str, str]) -> None:
    told = facts(reports["INC-1024"])
    assert all("to be written" in told[label] for label in ("Mitigated", "Resolved", "Duration"))


# --- blanks, steps, wording -----------------------------------------------------------------------------------------


def test_each_blank_is_explained_inside_and_only_there(ledger: Ledger) -> None:
    hinted = 0
    for incident in ledger.incidents["incident"]:
        made = section("public_report", reviewed(ledger, incident))
        draft = next((block for block in made.blocks if isinstance(block, Draft)), None)
        if draft is None:
            continue
        asked = set(re.findall(r"\[to be written: ([^\[\]]+)\]", draft.plain()))
        hints = known(made)
        assert asked == set(hints), incident
        hinted += sum(hint != "nothing on record" for hint in hints.values())
        assert not [hint for hint in hints.values() if hint != "nothing on record" and hint in draft.plain()]
    assert hinted > 50


def test_without_any_post_it_is_a_skeleton_and_says_why() -> None:
    told = [*FIRED, say("14:10", "No public impact, skipping the status page"), status("16:00", "Resolved")]
    text, inside = of_story(*told), guidance(*told).plain()
    assert len(BLANK.findall(text)) >= 6 and "“" not in text and "First notice" not in text
    assert "No post to customers is in the record (first customer notice: waived 14:10:00 UTC" in inside
    assert "skeleton" in inside and "skeleton" not in text


def test_a_policy_that_calls_no_tool_public_publishes_no_word() -> None:
    told = [*FIRED, status_entry("14:20"), notice("14:20", "investigating", "Sends fail.")]
    policy = amended(public={})
    assert "Sends fail" not in of_story(*told, policy=policy)
    assert "names no tool that customers can see" in guidance(*told, policy=policy).plain()


def test_severity_is_told_in_public_words_alone() -> None:
    told = [*FIRED, status("16:00", "Resolved")]
    assert "Severity" not in facts(of_story(*told))
    severities = [
        s.model_dump(exclude={"targets"}) | {"targets": {"response": 5}, "public": "Major outage"}
        for s in POLICY.severities
    ]
    assert facts(of_story(*told, policy=amended(severity=severities)))["Severity"] == "Major outage"


def item(key: str, title: str, state: str = "To Do") -> list[Event]:
    return [
        event("17:00", "declared", "jira", key, value="Action item", text=title, actor="ana"),
        event("17:00", "linked", "jira", key, value="INC-1", text="relates to"),
        event("17:05", "status", "jira", key, value=state, actor="ana"),
    ]


def test_steps_are_counted_and_only_marked_ones_are_named() -> None:
    told = [*FIRED, status("16:00", "Resolved")]
    items = [*item("ACT-1", "[public] Watch the delay by region", "Done"), *item("ACT-2", "Public API: hide the key")]
    text = of_story(*told, items, item("ACT-3", "[public] Finish INC-1"))
    assert "We have planned 3 steps to keep this from happening again; 1 of them is done." in text
    assert "- Watch the delay by region\n" in text and "hide the key" not in text and "Finish" not in text
    whole = of_story(*told, item("ACT-1", "[public] Watch the delay by region"))
    assert "We have planned 1 step to" in whole and "what will be done" not in whole


@pytest.mark.parametrize("title", ["DRILL: fail over", "Test incident"])
def test_what_is_no_incident_has_no_draft(title: str) -> None:
    told = [event("14:02", "declared", "jira", "INC-1", value="Incident", text=title), status("16:00", "Resolved")]
    made = guidance(*told)
    assert not [block for block in made.blocks if isinstance(block, Draft)] and "No draft" in made.plain()


def test_a_private_incident_has_a_draft_only_where_it_was_published() -> None:
    policy = amended(private=[{"like": "(?i)^security", "counted": True}])
    told = [
        *FIRED[:-2],
        event("14:02", "declared", "jira", "INC-1", value="Incident", text="Security: keys"),
        *FIRED[-1:],
    ]
    assert drafted(review_of(ledger_of(*told, policy=policy), "INC-1", "UTC")) is None
    page = [*status_entry("14:20"), notice("14:20", "investigating", "Sends fail.")]
    draft = drafted(review_of(ledger_of(*told, page, policy=policy), "INC-1", "UTC"))
    assert draft and "Security" not in draft.document()


# --- the file -------------------------------------------------------------------------------------------------------


def executed(path: Path, made: Section) -> Path:
    outputs = [nbformat.v4.new_output("display_data", data=bundle) for bundle in made.outputs()]
    cells = [nbformat.v4.new_markdown_cell("# Review packet\n\n## 8 · Public report draft")]
    cells.append(nbformat.v4.new_code_cell("pod.section(...)", outputs=outputs, execution_count=1))
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


def test_the_draft_is_a_file_of_its_own_and_goes_when_it_is_out_of_date(ledger: Ledger, tmp_path: Path) -> None:
    made = section("public_report", review_of(ledger, "INC-1019", "UTC"))
    draft = next(block for block in made.blocks if isinstance(block, Draft))
    paths = publish(executed(tmp_path / "run.ipynb", made), tmp_path)
    assert tmp_path / "public-report.md" in paths
    assert (tmp_path / "public-report.md").read_text("utf-8") == draft.document()
    packet = (tmp_path / "packet.md").read_text("utf-8")
    assert "\n> ### Elevated errors when sending messages\n" in packet and "ACT-31" in packet
    html = Reader((tmp_path / "packet.html").read_text("utf-8"))
    assert html.tags.count("article") == 1 and "Elevated errors when sending messages" in html.text
    drill = section("public_report", review_of(ledger, "INC-1007", "UTC"))
    publish(executed(tmp_path / "run.ipynb", drill), tmp_path)
    assert not (tmp_path / "public-report.md").exists()


def test_hostile_posts_are_inert_in_the_file() -> None:
    posts = [notice(f"14:{20 + n}", "investigating", words) for n, words in enumerate(HOSTILE)]
    page = [
        event("14:19", "declared", "statuspage", "abcdef123456", value="status_incident", text=HOSTILE[0]),
        event("14:19", "linked", "statuspage", "abcdef123456", value="INC-1", text="ticket"),
        event("14:19", "component", "statuspage", "abcdef123456", value="major_outage", text=HOSTILE[3]),
    ]
    text = of_story(*FIRED, page, posts)
    assert not set(UNSEEN) & set(text)
    html = Reader(str(mistune.create_markdown(escape=False, plugins=["table", "strikethrough", "url"])(text)))
    assert set(html.tags) <= {"h1", "h2", "p", "ul", "li", "strong", "span", "br"}, set(html.tags)
