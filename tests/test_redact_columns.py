"""Every text column of what a section gets is redacted, whether anybody thought of it or not."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, fields, replace
from datetime import UTC, datetime

import polars as pl
import pytest

from podanalytics.gather import redacted, review_of, section
from podanalytics.gather_month import trend_of
from podanalytics.ledger import Ledger
from podanalytics.model import Person
from podanalytics.redact import SOMEBODY, Redactor
from podanalytics.redact.columns import JSON, SAFE, frames_of, is_safe, safe_to_share, strangers
from podanalytics.review import Parameters, Review
from podanalytics.tables import PEOPLE
from podanalytics.trends import Trend
from tests.story import alert, page_record, tell, ticket, update

ANA = Person("slack", "U0ANA", "Ana Müller", "ana.mueller", "ana@acme.example")
LEAK = "ana müller password=x7y8"
# What a section joins, compares or counts by, or what we write ourselves. To add one: say why it is nobody's.
PLAIN = set(
    [
        "id",
        "rule",
        "against",
        "flags",
        "ended_by",
        "event",
        "undoes",
        "also",
        "evidence",
        "before",
        "after",
        "sha256",
        "source",
        "sources",
        "detection",
        "severity",
        "severity_path",
        "state",
        "milestone",
        "measure",
        "unit",
        "policy",
        "audience",
        "role",
        "method",
        "tested",
        "column",
        "precision",
        "kind",
        "verdict",
        "outcome",
    ]
)


@pytest.fixture(scope="module")
def review(ledger: Ledger) -> Review:
    return review_of(ledger, "INC-1019", "UTC")


@pytest.fixture(scope="module")
def trend(ledger: Ledger) -> Trend:
    return trend_of(ledger, "2026-10", "UTC")


def people() -> pl.DataFrame:
    return PEOPLE.frame([{**asdict(ANA), "file": "f"}])


def text_columns(value: Review | Trend) -> Iterator[tuple[str, str]]:
    for name, frame in frames_of(value).items():
        yield from ((name, column) for column, type in frame.schema.items() if type == pl.String)


def spoiled(value: Review | Trend, only: Callable[[str, str], bool]) -> dict[str, pl.DataFrame]:
    """The frames with a name and a secret in every text column of one row at least."""
    made = {}
    for name, frame in frames_of(value).items():
        if frame.is_empty():
            frame = pl.DataFrame({c: [None] for c in frame.columns}, schema=frame.schema)
        for column, type in frame.schema.items():
            if type == pl.String and only(name, column):
                told = json.dumps([[LEAK]], ensure_ascii=False) if f"{name}.{column}" in JSON else LEAK
                frame = frame.with_columns(pl.lit(told).alias(column))
        made[name] = frame
    return made


def test_every_text_column_of_a_review_is_redacted_unless_it_is_listed_as_safe(review: Review) -> None:
    bad = replace(review, **spoiled(review, lambda frame, column: not is_safe(frame, column)))  # type: ignore[arg-type]
    done = redacted(bad, people())
    for frame, column in text_columns(done):
        if not is_safe(frame, column):
            told = " ".join(v for v in getattr(done, frame)[column].to_list() if v)
            assert "müller" not in told and "x7y8" not in told, f"{frame}.{column}"
            assert told or column == "url", f"{frame}.{column}"


def test_every_text_column_of_a_trend_is_redacted_unless_it_is_listed_as_safe(trend: Trend) -> None:
    bad = replace(trend, **spoiled(trend, lambda frame, column: not is_safe(frame, column)))  # type: ignore[arg-type]
    done = safe_to_share(bad, Redactor(people(), [], {}))
    for frame, column in text_columns(done):
        if not is_safe(frame, column):
            told = " ".join(v for v in getattr(done, frame)[column].to_list() if v)
            assert "müller" not in told and "x7y8" not in told, f"{frame}.{column}"


def test_what_is_listed_as_safe_is_there_and_plain(review: Review, trend: Trend) -> None:
    known = {*text_columns(review), *text_columns(trend)}
    assert {tuple(entry.split(".")) for entry in SAFE} <= known, "an entry that names no column is left over"
    assert {column for frame, column in known if is_safe(frame, column)} <= PLAIN


def test_a_new_column_is_redacted_by_default(review: Review) -> None:
    wider = replace(review, events=review.events.with_columns(pl.lit(LEAK).alias("brand_new")))
    assert "müller" not in str(redacted(wider, people()).events["brand_new"].to_list())


def test_what_is_safe_stays_to_the_byte(review: Review) -> None:
    done = redacted(review, people())
    for frame, column in text_columns(review):
        if is_safe(frame, column) or f"{frame}.{column}" in JSON:
            assert getattr(done, frame)[column].to_list() == getattr(review, frame)[column].to_list()


def test_an_origin_stays_a_way_back_but_for_the_name_in_it(review: Review) -> None:
    origins = ["slack/ana.mueller/2026-10-14.json#/3", "jira/issues_020.json#/issues/1", "logs/ana@corp.log:7"]
    events = review.events.head(3).with_columns(pl.Series("origin", origins))
    done = redacted(replace(review, events=events), people()).events["origin"].to_list()
    assert done[1] == origins[1] and done[2] == "logs/[e-mail]:7"
    assert "ana" not in " ".join(done) and done[0].endswith("/2026-10-14.json#/3")


def test_an_incident_named_for_its_owners_repository_has_one_masked_name_everywhere(review: Review) -> None:
    id = "ana.mueller/relay#7"
    frames = {
        name: frame.with_columns(pl.lit(id).alias("incident"))
        for name, frame in frames_of(review).items()
        if "incident" in frame.columns
    }
    parameters = Parameters(id, "UTC", datetime(2026, 11, 2, tzinfo=UTC))
    done = redacted(replace(review, parameters=parameters, **frames), people())  # type: ignore[arg-type]
    masked = done.parameters.incident
    assert masked.startswith("Responder-") and masked.endswith("/relay#7")
    assert all(set(getattr(done, name)["incident"]) <= {masked} for name in frames)
    for name in ("page_one", "appendix", "timeline"):
        assert "ana.mueller" not in section(name, done).markdown()


def test_json_in_a_column_stays_json(review: Review) -> None:
    told = json.dumps([['tracker: authorization: "x7" \\ ana', "2026-10-14T13:00:00+00:00", "id", "slack"]])
    bad = review.milestones.with_columns(pl.lit(told).alias("alternatives"))
    done = redacted(replace(review, milestones=bad), people()).milestones["alternatives"][0]
    assert json.loads(done)[0][1:] == ["2026-10-14T13:00:00+00:00", "id", "slack"]
    assert "ana" not in done and "x7" not in done


def test_nobody_is_without_a_number_and_no_frame_is_lost(ledger: Ledger) -> None:
    for incident in ledger.incidents["incident"]:
        told = review_of(ledger, incident, "UTC")
        shown = {who for _, who in strangers(told)}
        assert shown and SOMEBODY not in shown, incident
    assert {f.name for f in fields(told)} >= set(frames_of(told))


def test_a_review_is_redacted_the_same_each_time(ledger: Ledger, review: Review) -> None:
    again = review_of(ledger, "INC-1019", "UTC")
    assert all(frame.equals(getattr(again, name)) for name, frame in frames_of(review).items())


def test_a_status_that_is_none_is_quoted_as_written_so_that_it_can_be_masked() -> None:
    """In capitals a token would not be known again by its shape."""
    token = "xoxb-123456789012-abcdefghijkl"
    story = tell(alert("14:00"), *page_record("14:00"), *ticket("14:02"), update("14:05", f"ask ana about {token}"))
    because = story.reading("status-order")["because"]
    done = Redactor(people(), [], {}).text(because) or ""
    assert "ana" in because and "ana" not in done.casefold()
    assert token in because and "123456789012" not in done
