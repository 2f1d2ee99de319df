"""Workload: shown as a spread from five people on, and never with anybody in it (measures.md, edge case 38)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import polars as pl
import pytest

from podanalytics.gather_month import month_section, trend_of
from podanalytics.ledger import Ledger
from podanalytics.model import Kind
from podanalytics.policy import Calendar
from podanalytics.pseudonyms import key_of
from podanalytics.redact.key import Key
from podanalytics.stats import LEAST, enough, spread
from podanalytics.workload import Load, load_of

NOON = datetime(2026, 10, 14, 12, tzinfo=UTC)  # a Wednesday
OCTOBER = "2026-10"


def shown(ledger: Ledger, month: str = OCTOBER) -> str:
    return month_section("workload", trend_of(ledger, month, "UTC")).html()


def paging(ledger: Ledger, people: int, **more: pl.Expr) -> Ledger:
    """The ledger with October's pages gone to so many people, one page each, and nobody acting."""
    some = ledger.events.filter(pl.col("kind") == Kind.NOTIFIED.value).head(1)
    known = ledger.people.filter((pl.col("source") == "pagerduty") & ~pl.col("bot"))["key"].unique().sort()
    assert len(known) >= people
    pages = [
        some.with_columns(
            pl.lit(f"page{n}").alias("id"),
            pl.lit(who).alias("value"),
            pl.lit(NOON).cast(some.schema["occurred_at"]).alias("occurred_at"),
        )
        for n, who in enumerate(known.head(people))
    ]
    events = pl.concat([ledger.events.filter(pl.col("kind") != Kind.NOTIFIED.value), *pages])
    return replace(
        ledger, events=events.with_columns(**more), found=replace(ledger.found, told=ledger.found.told.clear())
    )


def test_four_people_are_not_shown_and_five_are(ledger: Ledger) -> None:
    four, five = paging(ledger, 4), paging(ledger, 5)
    assert trend_of(four, OCTOBER, "UTC").workload[0] == Load("pages", 4, None, None, 0), "the value holds no count"
    told = shown(four)
    assert "Pages: not shown, because they fell to 4 known people" in told and "fewer than 5 people" in told
    assert "<table" not in told
    assert trend_of(five, OCTOBER, "UTC").workload[0] == Load("pages", 5, (1, 1, 1, 1, 1), 0, 0)
    assert "<table" in shown(five) and "not shown" not in shown(five).split("Incidents responded")[0]


def test_no_name_and_no_pseudonym_of_a_person_is_in_it(ledger: Ledger) -> None:
    people = ledger.people.filter(~pl.col("bot"))
    terms = {t for column in ("key", "name", "handle", "email") for t in people[column].drop_nulls()}
    assert len(terms) > 50
    for month in ("2026-08", OCTOBER):
        trend = trend_of(ledger, month, "UTC")
        for text in (shown(ledger, month), repr(trend.workload)):
            assert not [term for term in terms if term in text]
            assert "Responder" not in text and "IC-" not in text


def test_counts_are_in_no_order_of_people(ledger: Ledger) -> None:
    for load in trend_of(ledger, OCTOBER, "UTC").workload:
        assert load.counts is not None and list(load.counts) == sorted(load.counts) and len(load.counts) == load.people


def test_october_of_the_sample(ledger: Ledger) -> None:
    pages, incidents = trend_of(ledger, OCTOBER, "UTC").workload
    inside = pl.col("occurred_at").dt.strftime("%Y-%m") == OCTOBER
    rang = ledger.events.filter((pl.col("kind") == "notified") & inside)
    assert sum(pages.counts or ()) == rang.select("value", "subject").n_unique()
    assert incidents.people >= LEAST and max(incidents.counts or ()) <= 6, "six incidents began in October"


def test_one_person_in_two_tools_is_one(ledger: Ledger) -> None:
    """Else four people with two accounts each would pass for eight."""
    both = ledger.people.filter(~pl.col("bot") & pl.col("name").is_not_null()).group_by("name").agg("source", "key")
    row = next(r for r in both.sort("name").iter_rows(named=True) if len(set(r["source"])) > 1)
    accounts = sorted(dict(zip(row["source"], row["key"], strict=True)).items())
    assert len(accounts) > 1
    told = paging(ledger, 2)
    pages = told.events.filter(pl.col("kind") == Kind.NOTIFIED.value)
    twice = [pages.head(1).with_columns(source=pl.lit(s), value=pl.lit(k), id=pl.lit(s)) for s, k in accounts]
    events = pl.concat([told.events.filter(pl.col("kind") != Kind.NOTIFIED.value), *twice])
    assert trend_of(replace(told, events=events), OCTOBER, "UTC").workload[0].people == 1


def test_a_sentence_instead_of_a_person_is_nobody(ledger: Ledger) -> None:
    """Six ways to ring one person are not six people."""
    ways = pl.lit("Notified Ana by ") + pl.col("id")
    told = paging(ledger, 6, value=pl.when(pl.col("kind") == Kind.NOTIFIED.value).then(ways).otherwise("value"))
    load = trend_of(told, OCTOBER, "UTC").workload[0]
    assert (load.people, load.counts, load.unknown) == (0, None, 1)
    assert "1 record names nobody whom a directory knows" in shown(told)


def test_bots_have_no_workload(ledger: Ledger) -> None:
    bot = ledger.people.filter(pl.col("bot") & (pl.col("source") == "pagerduty"))["key"][0]
    told = paging(ledger, 5, value=pl.when(pl.col("id") == "page0").then(pl.lit(bot)).otherwise("value"))
    assert trend_of(told, OCTOBER, "UTC").workload[0].people == 4


def test_out_of_hours_is_the_policys_calendar_and_a_page_counts_once() -> None:
    berlin = Calendar(zone="Europe/Berlin", opens=time(9), closes=time(17), holidays=(NOON.date(),))
    five = [(person, "Q1", NOON) for person in "abcde"]
    assert load_of("pages", five, Calendar()).out_of_hours == 0
    assert load_of("pages", five, berlin).out_of_hours == 5, "a holiday"
    evening = [(person, "Q1", NOON + timedelta(hours=hours)) for person in "abcde" for hours in (5, 0)]
    assert load_of("pages", evening, Calendar()) == Load("pages", 5, (1, 1, 1, 1, 1), 0, 0), "the first ring decides"


def test_the_rule_and_the_spread() -> None:
    assert [enough(n) for n in (0, 4, 5, 6)] == [False, False, True, True]
    assert spread([3, 1, 2]) == (1, 1.5, 2.0, 2.5, 3)
    with pytest.raises(ValueError, match="nothing"):
        spread([])


def test_nothing_loaded_is_said_and_is_not_zero(ledger: Ledger) -> None:
    assert "nothing that is loaded tells of any in this month" in shown(ledger, "2019-01")


def test_two_accounts_that_the_key_joins_are_one_person(ledger: Ledger) -> None:
    """What its owner knows counts here too: five accounts of four people are four."""
    told = paging(ledger, 5)
    paged = [f"id:pagerduty:{who}" for who in told.events.filter(pl.col("kind") == Kind.NOTIFIED.value)["value"]]
    key = key_of(told)
    one, other = (next(p for p in key.people if node in p.nodes) for node in paged[:2])
    joined = Key((*(p for p in key.people if p not in (one, other)), replace(one, nodes=(*one.nodes, *other.nodes))))
    assert trend_of(told, OCTOBER, "UTC", key).workload[0].people == 5
    assert trend_of(told, OCTOBER, "UTC", joined).workload[0] == Load("pages", 4, None, None, 0)


def test_people_in_no_directory_are_as_many_as_there_are(ledger: Ledger) -> None:
    strangers = pl.lit("P") + pl.col("id").str.to_uppercase()
    told = paging(ledger, 6, value=pl.when(pl.col("kind") == Kind.NOTIFIED.value).then(strangers).otherwise("value"))
    load = trend_of(told, OCTOBER, "UTC").workload[0]
    assert (load.people, load.counts) == (6, (1, 1, 1, 1, 1, 1))
