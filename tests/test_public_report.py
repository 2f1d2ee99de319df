"""The public report: made of what customers could see and of nothing else, fit to publish, blank where it must be."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import mistune
import nbformat
import polars as pl
import pytest

from podanalytics.gather import review_of, section
from podanalytics.ledger import Ledger
from podanalytics.model import Event, Milestone, Person
from podanalytics.policy import Policy
from podanalytics.publish import publish
from podanalytics.redact.columns import frames_of, is_safe
from podanalytics.review import Review
from podanalytics.show.blocks import Draft, Section, Table
from tests.hostile import HOSTILE, UNSEEN, Reader
from tests.sampled import of
from tests.story import FIRED, POLICY, amended, event, ledger_of, notice, say, status, status_entry, update

PUBLIC = ("statuspage", "cstate")
BLANK = re.compile(r"\\\[to be written: [^\[\]]+\\\]")
STAMP = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d) UTC")


def drafted(review: Review) -> Draft | None:
    made = section("public_report", review)
    drafts = [block for block in made.blocks if isinstance(block, Draft)]
    assert len(drafts) <= 1
    return drafts[0] if drafts else None


def of_story(*told: Event | list[Event], policy: Policy = POLICY, zone: str = "UTC", **more: Any) -> str:
    draft = drafted(review_of(ledger_of(*told, policy=policy, **more), "INC-1", zone))
    assert draft is not None
    return draft.document()


def guidance(*told: Event | list[Event], **more: Any) -> Section:
    return section("public_report", review_of(ledger_of(*told, **more), "INC-1", "UTC"))


def known(made: Section) -> dict[str, str]:
    table = next(block for block in made.blocks if isinstance(block, Table))
    return {str(row[0]): str(row[1]) for row in table.rows}


@pytest.fixture(scope="module")
def reports(ledger: Ledger) -> dict[str, str]:
    """The file of every incident of the sample that has one."""
    made = {
        incident: drafted(review_of(ledger, incident, "Europe/Berlin")) for incident in ledger.incidents["incident"]
    }
    return {incident: draft.document() for incident, draft in made.items() if draft}


# --- nothing but what customers could see ---------------------------------------------------------------------------


def test_nearly_every_incident_has_a_report_and_a_drill_has_none(ledger: Ledger, reports: dict[str, str]) -> None:
    drills = ledger.incidents.filter(pl.col("excluded").is_not_null())["incident"].to_list()
    assert drills and set(reports) == set(ledger.incidents["incident"]) - set(drills)


def test_no_report_names_a_person(ledger: Ledger, reports: dict[str, str]) -> None:
    people = ledger.people.filter(~pl.col("bot"))
    full = {*people["name"].drop_nulls(), *people["email"].drop_nulls(), *people["handle"].drop_nulls(), *people["key"]}
    words = {word for name in people["name"].drop_nulls() for word in name.split()} | full
    assert len(words) > 40
    for incident, text in reports.items():
        assert not [w for w in words if re.search(rf"(?<!\w){re.escape(w)}(?!\w)", text, re.IGNORECASE)], incident
        assert not re.search(r"\b(?:IC|TL|PM|CS|DevOps|Responder)-\d|\[(?:name|masked|e-mail)", text), incident


def test_no_report_holds_an_id_a_host_or_a_link(ledger: Ledger, reports: dict[str, str]) -> None:
    subjects = ledger.events["subject"].unique().to_list()
    hosts = {part for subject in subjects for part in subject.split("/") if re.search(r"[\d#-]", part)}
    keys = {key for key in ledger.events["key"] if len(key) > 5}
    inner = {*ledger.incidents["incident"], *subjects, *hosts, *keys, *ledger.events["id"]} - {"pod"}
    for incident, text in reports.items():
        assert not [name for name in inner if len(name) > 3 and name in text], incident
        assert not re.search(r"\]\(|://|\.csv|#\w|\brows?\b|\b[A-Z]{2,}-\d", text), incident


def sentences(frame: pl.DataFrame) -> set[str]:
    found = {" ".join(s.split()) for text in frame["text"] for s in re.split(r"(?<=[.!?])\s+|\n+", text)}
    return {sentence for sentence in found if len(sentence.split()) > 2}


def test_no_report_says_what_was_said_inside(ledger: Ledger, reports: dict[str, str]) -> None:
    """Of chat, tracker, pager, logs and changes there is no sentence that was not published too."""
    inside = sentences(ledger.events.filter(~pl.col("source").is_in(PUBLIC)))
    outside = " ".join(sentences(ledger.events.filter(pl.col("source").is_in(PUBLIC))))
    inside = {sentence for sentence in inside if sentence not in outside}
    assert len(inside) > 1000
    for incident, text in reports.items():
        plain = BLANK.sub("", text).replace("\\", "")
        assert not [sentence for sentence in inside if sentence in plain], incident


def marked(review: Review) -> Review:
    """The same review with a word of our own in every text of it that customers could not see."""
    frames = {}
    for name, frame in frames_of(review).items():
        inner = ~pl.col("source").is_in(PUBLIC) if name in ("events", "updates") else pl.lit(True)
        texts = [c for c, type in frame.schema.items() if type == pl.String and not is_safe(name, c)]
        changes = [pl.when(inner).then(pl.col(c) + " zqxmark").otherwise(pl.col(c)).alias(c) for c in texts]
        frames[name] = frame.with_columns(changes)
    return replace(review, **frames)


def test_whatever_stands_in_a_field_that_is_not_public_changes_no_letter(ledger: Ledger) -> None:
    """The proof of the allow-list: every other text of a Review may be anything at all."""
    compared = 0
    for incident in ledger.incidents["incident"]:
        review = review_of(ledger, incident, "UTC")
        draft, other = drafted(review), drafted(marked(review))
        assert draft == other
        whole = section("public_report", marked(review)).markdown()
        compared += draft is not None and "zqxmark" in whole  # the table for its writer may tell what is known
    assert compared > 20


def test_a_marker_in_every_inner_field_of_a_story_is_nowhere_in_the_file() -> None:
    mark = "zqxmark"
    inner = [
        *FIRED,
        event("14:03", "declared", "jira", "ACT-1", value="Task", text=f"Tidy {mark}", actor=mark),
        event("14:03", "linked", "jira", "ACT-1", value="INC-1", text="ticket"),
        say("14:04", f"Triage done. Impact: {mark}. https://{mark}.internal/x", actor=mark),
        update("14:10", "INVESTIGATING", Impact=mark, Next_Steps=mark),
        event("13:50", "change", "git", mark, value=f"v1-{mark}", text=mark, actor=mark),
        event("14:05", "log", "applog", f"{mark}1/pod-api", value="ERROR", text=mark),
        event("14:06", "role", "jira", "INC-1", value="Technical Lead", actor=mark),
        event("14:07", "labelled", "jira", "INC-1", value=mark, actor=mark, url=f"https://{mark}.example"),
        say("14:50", f"Mitigated: {mark}", actor=mark),
        status("15:00", "Resolved", actor=mark),
    ]
    outer = [
        *status_entry("14:20"),
        notice("14:20", "investigating", "Sends fail."),
        notice("15:01", "resolved", "Over."),
    ]
    people = (Person(source="slack", key=mark, name=f"{mark.title()} Person", email=f"{mark}@x.example"),)
    text = of_story(*inner, outer, people=people)
    assert mark not in text.lower()
    assert "Sends fail." in text and "Over." in text and text.startswith("# API errors\n")


@pytest.mark.parametrize(
    "secret",
    [
        "See INC-1 for more.",
        "Ana Lopez is on it.",
        "Write to ana@x.example.",
        "Host web1 is back.",
        "The password=hunter2hunter2 was changed.",
        "It is on 10.1.2.3 now.",
        "db.internal is back.",
        "Talk in #incident-2026-10-14-1 please.",
    ],
)
def test_a_published_sentence_that_names_something_inner_is_left_out_and_told(secret: str) -> None:
    people = (Person(source="slack", key="ana", name="Ana Lopez", handle="ana", email="ana@x.example"),)
    log = event("14:01", "log", "applog", "web1/pod-api", value="ERROR", text="boom")
    told = [
        *FIRED,
        log,
        say("14:03", "hm"),
        status_entry("14:20"),
        notice("14:20", "investigating", f"Sends fail. {secret}"),
    ]
    text = of_story(*told, people=people)
    assert "“Sends fail. \\[…\\]”" in text
    assert not re.search(r"ana|INC-1|web1|hunter|10\.1|db\.|incident-2026|Responder|masked|e-mail", text)
    assert "1 sentence of what was published left out" in guidance(*told, people=people).plain()


def test_a_title_that_names_a_ticket_is_a_blank() -> None:
    page = [
        event("14:20", "declared", "statuspage", "abc", value="status_incident", text="INC-1: API errors"),
        event("14:20", "linked", "statuspage", "abc", value="INC-1", text="ticket"),
    ]
    text = of_story(*FIRED, page)
    assert text.startswith("# \\[to be written: a title")


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
        review = review_of(ledger, incident, "UTC")
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
    assert "We have planned 5 steps to keep this from happening again; 2 of them done." in text
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
        posts = review_of(ledger, incident, "UTC").updates.filter(pl.col("audience") == "customers")
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
        made = section("public_report", review_of(ledger, incident, "UTC"))
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
    assert "We have planned 3 steps to keep this from happening again; 1 of them done." in text
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
