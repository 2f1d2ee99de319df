"""The calendar: what is still owed, as other programs read it, whatever the titles hold."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import nbformat
import pytest
from icalendar import Calendar

from podanalytics.gather import review_of, section
from podanalytics.ledger import Ledger
from podanalytics.narrative import Page, Part
from podanalytics.publish import publish
from podanalytics.publish.calendar import calendar_form
from podanalytics.sections._deadlines import deadlines
from podanalytics.show.blocks import Table
from podanalytics.show.escape import visible
from tests.hostile import HOSTILE, UNSEEN
from tests.invented import executed
from tests.story import FIRED, OVER, amended, event, ledger_of, say

AS_OF = "2026-10-15T09:00:00+00:00"


def owed(*told: Any, zone: str = "UTC", **more: Any) -> Table:
    return deadlines(review_of(ledger_of(*told, **more), "INC-1", zone))


def item(key: str, title: str, due: str | None = "2026-10-30", state: str = "To Do") -> list[Any]:
    return [
        event("17:00", "declared", "jira", key, value="Action item", text=title, actor="ana"),
        event("17:00", "linked", "jira", key, value="INC-1", text="relates to"),
        event("17:05", "status", "jira", key, value=state, actor="ana"),
        *([event("17:06", "other", "jira", key, value="duedate", text=due)] if due else []),
    ]


def page(*tables: Table, as_of: str = AS_OF, incident: str = "INC-1") -> Page:
    parameters = {"incident": incident, "as_of": as_of}
    return Page(parameters=parameters, parts=[Part("facilitation", "Facilitation", content=list(tables))])


def events(text: str) -> list[Any]:
    return list(Calendar.from_ical(text).walk("VEVENT"))


def rows(table: Table) -> list[dict[str, Any]]:
    names = [column.name for column in table.columns]
    return [dict(zip(names, row, strict=True)) for row in table.rows]


# --- the table ------------------------------------------------------------------------------------------------------


def test_the_table_holds_what_starts_at_the_end_and_dated_actions() -> None:
    table = owed(*FIRED, OVER, item("ACT-1", "Alert on waits"), item("ACT-2", "No date", due=None), as_of="+1 10:00")
    told = {row["item"]: row for row in rows(table)}
    assert list(told) == ["customer-resolved", "public-report", "review", "ACT-1"]
    assert told["review"]["due"] == datetime(2026, 10, 16, 16, 0, tzinfo=UTC) and told["review"]["day"] is None
    assert told["review"]["state"].text == "due in 1 d 06 h" and told["review"]["done"] is None
    assert told["ACT-1"]["day"] == "2026-10-30" and told["ACT-1"]["state"].text == "To Do"
    assert table.name == "deadlines"


def test_the_table_tells_what_was_done_when_and_what_nobody_tells_of() -> None:
    held = say("+1 12:00", "Post-incident review held: timeline, cause")
    told = {row["item"]: row for row in rows(owed(*FIRED, OVER, held, as_of="+9 00:00"))}
    assert told["review"]["state"].text == "done in time"
    assert told["review"]["done"] == datetime(2026, 10, 15, 12, 0, tzinfo=UTC)
    assert told["public-report"]["state"].text == "no record tells of it; it was due 6 d 08 h ago"
    late = say("+4 12:00", "Post-incident review held: timeline, cause")
    told = {row["item"]: row for row in rows(owed(*FIRED, OVER, late, as_of="+9 00:00"))}
    assert told["review"]["state"].text == "done late" and told["review"]["done"] is not None


def test_an_open_incident_owes_nothing_yet() -> None:
    table = owed(*FIRED, as_of="15:00")
    assert not table.rows and "before it is resolved" in table.plain()


def test_the_table_agrees_with_the_readings(ledger: Ledger) -> None:
    compared = 0
    for incident in ledger.incidents["incident"]:
        review = review_of(ledger, incident, "UTC")
        for row in rows(deadlines(review)):
            reading = review.reading(row["item"])
            if reading is not None:
                assert (row["due"], row["done"]) == (reading.due_at, reading.ended_at)
                compared += 1
    assert compared > 30


# --- the file -------------------------------------------------------------------------------------------------------


def test_deadlines_are_moments_with_a_reminder_and_actions_are_days() -> None:
    text = calendar_form(page(owed(*FIRED, OVER, item("ACT-1", "Alert; on, waits"), as_of="+1 09:00")))
    told = {str(e["summary"]): e for e in events(text)}
    review = told["Due: INC-1: Post-incident review held"]
    assert review.decoded("dtstart") == datetime(2026, 10, 16, 16, 0, tzinfo=UTC)
    assert review.decoded("dtstamp") == datetime(2026, 10, 15, 9, 0, tzinfo=UTC)
    (alarm,) = review.walk("VALARM")
    assert alarm.decoded("trigger") == -timedelta(hours=12) and str(alarm["action"]) == "DISPLAY"
    action = told["Due: INC-1: Alert; on, waits"]
    assert action.decoded("dtstart") == date(2026, 10, 30) and not action.walk("VALARM")
    assert Calendar.from_ical(text)["version"] == "2.0" and not Calendar.from_ical(text).errors


def test_a_day_is_the_policys_wherever_it_is_read() -> None:
    """Due at 17:00 in Honolulu, which is the next day in UTC and in Auckland."""
    policy = amended(calendar={"zone": "Pacific/Honolulu"})
    table = owed(*FIRED, OVER, item("ACT-1", "x"), policy=policy, zone="Pacific/Auckland", as_of="+1 09:00")
    (action,) = [e for e in events(calendar_form(page(table))) if str(e["summary"]).endswith("x")]
    assert rows(table)[-1]["due"].day == 31 and action.decoded("dtstart") == date(2026, 10, 30)


def test_what_is_done_is_not_in_it_and_nothing_owed_is_no_calendar() -> None:
    held = say("+1 08:00", "Post-incident review held: timeline, cause")
    done = item("ACT-1", "Alert on waits", state="Done")
    told = [str(e["summary"]) for e in events(calendar_form(page(owed(*FIRED, OVER, held, done, as_of="+1 09:00"))))]
    assert not [t for t in told if "review held" in t or "Alert" in t] and told
    assert calendar_form(page(owed(*FIRED, as_of="15:00"))) == "" and calendar_form(page()) == ""


def test_an_item_keeps_its_uid_and_each_has_its_own() -> None:
    story = [*FIRED, OVER, *item("ACT-1", "a"), *item("ACT-2", "a")]
    first = events(calendar_form(page(owed(*story, as_of="+1 09:00"))))
    later = events(calendar_form(page(owed(*story, as_of="+2 09:00"), as_of="2026-10-16T09:00:00+00:00")))
    uids = [str(e["uid"]) for e in first]
    assert len(set(uids)) == len(uids) == len(first) and [str(e["uid"]) for e in later] == uids
    other = events(calendar_form(page(owed(*story, as_of="+1 09:00"), incident="INC-2")))
    assert not {str(e["uid"]) for e in other} & set(uids)
    assert first[0].decoded("dtstamp") < later[0].decoded("dtstamp")


def test_without_a_moment_to_judge_at_the_stamp_is_when_the_clock_started() -> None:
    table = owed(*FIRED, OVER, as_of="+1 09:00")
    for as_of in ("", "soon", "2026-10-15T09:00:00"):
        assert {e.decoded("dtstamp") for e in events(calendar_form(page(table, as_of=as_of)))} == {
            datetime(2026, 10, 14, 16, 0, tzinfo=UTC)
        }


LONG = "🛰️ Überwachung für die Warteschlange, 日本語の長い題名; " * 12
ODD = [*HOSTILE, LONG, "x\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:planted", "a\\nb\\, c", "é" * 200, "a" * 75]


@pytest.mark.parametrize("title", ODD, ids=range(len(ODD)))
def test_a_hostile_or_long_title_stays_a_title(title: str) -> None:
    table = owed(*FIRED, OVER, item("ACT-1", title), as_of="+1 09:00")
    text = calendar_form(page(table, incident=title))
    lines = text.encode().split(b"\r\n")
    assert lines[-1] == b"" and all(len(line) <= 75 for line in lines)
    assert all(line.decode() for line in lines[:-1]), "no character is torn, no line is empty"
    assert "\n" not in text.replace("\r\n", "") and "\r" not in text.replace("\r\n", "")
    assert not set(UNSEEN) & set(text)
    told = events(text)
    assert len(told) == len(table.rows) == text.count("\r\nBEGIN:VEVENT\r\n")
    shown = visible(title).replace("\t", " ")
    assert str(told[-1]["summary"]) == f"Due: {shown}: {rows(table)[-1]['what']}".replace("\t", " ")


def test_the_file_is_written_and_removed_again(ledger: Ledger, tmp_path: Path) -> None:
    made = section("facilitation", review_of(ledger, "INC-1025", "UTC"))
    outputs = [nbformat.v4.new_output("display_data", data=bundle) for bundle in made.outputs()]
    cell = nbformat.v4.new_code_cell("pod.section(...)", outputs=outputs, execution_count=1)
    parameters = nbformat.v4.new_code_cell('incident: str = "INC-1025"', metadata={"tags": ["parameters"]})
    nbformat.write(nbformat.v4.new_notebook(cells=[parameters, cell]), tmp_path / "run.ipynb")
    assert tmp_path / "deadlines.ics" in publish(tmp_path / "run.ipynb", tmp_path)
    written = (tmp_path / "deadlines.ics").read_bytes()
    assert [str(e["summary"]) for e in events(written.decode())] == [
        "Due: INC-1025: Post-incident report published",
        "Due: INC-1025: Post-incident review held",
    ]
    publish(executed(tmp_path / "other.ipynb"), tmp_path)
    assert not (tmp_path / "deadlines.ics").exists()
