"""Blameless wording: each entry finds what it says and nothing of what it says it does not; nobody is named."""

from __future__ import annotations

import re
import time
from pathlib import Path

import polars as pl
import pytest
from pydantic import ValidationError

from podanalytics.gather import review_of, section
from podanalytics.ledger import Ledger
from podanalytics.model import Event, Kind, Person
from podanalytics.policy.wording import Wording, Wordings, read_wordings, wordings
from podanalytics.show.blocks import Note, Section, Table
from podanalytics.sources import slack
from tests.story import (
    FIRED,
    OVER,
    POLICY,
    alert,
    event,
    ledger_of,
    notice,
    page_record,
    say,
    status_entry,
    ticket,
)

FOUND = Wordings(POLICY.roles)
EACH = pytest.mark.parametrize("wording", wordings(), ids=lambda w: w.id)


def ids(text: str) -> list[str]:
    return [phrase.wording.id for phrase in FOUND.phrases(text)]


def shown(*told: Event, incident: str = "INC-1") -> Section:
    return section("wording", review_of(ledger_of(*FIRED, *told, OVER), incident, "UTC"))


def rows(made: Section) -> list[dict[str, object]]:
    table = next((b for b in made.blocks if isinstance(b, Table)), None)
    assert table is not None
    return [dict(zip([c.name for c in table.columns], row, strict=True)) for row in table.rows]


# --- the entries ----------------------------------------------------------------------------------------------------


@EACH
def test_an_entry_finds_its_examples_and_leaves_the_others(wording: Wording) -> None:
    assert not [text for text in wording.says if wording.id not in ids(text)]
    assert not {text: found for text in wording.not_says if (found := ids(text))}


@EACH
def test_a_quick_look_at_many_texts_misses_none(wording: Wording) -> None:
    """The engine that looks at whole columns reads the same patterns."""
    texts = pl.Series([*wording.says, "all is well"])
    held = pl.any_horizontal(pl.col("text").str.contains(p) for p in FOUND.patterns)
    assert texts.to_frame("text").select(held).to_series().to_list() == [*([True] * len(wording.says)), False]


@EACH
def test_what_is_shown_beside_it_blames_nobody(wording: Wording) -> None:
    assert not ids(re.sub("“[^”]*”|„[^“]*“|\\([^)]*\\)", "", f"{wording.why} {wording.instead}"))
    assert len(wording.why) < 160 and len(wording.instead) < 160


def test_there_are_enough_of_them_in_both_languages() -> None:
    names = [w.id for w in wordings()]
    german = [name for name in names if name.startswith("de-")]
    assert len(names) >= 35 and len(german) >= 8


BY_THE_POLICY = (
    *("it is her fault", "your fault", "he is to blame", "blame him", "I blame you", "a careless change", "carelessly"),
    *("incompetent", "incompetence", "she should have known", "stupid", "stupidly done", "a sloppy check"),
)


@pytest.mark.parametrize("text", BY_THE_POLICY)
def test_what_the_shipped_policy_counts_has_an_entry(text: str) -> None:
    clause = next(c for c in POLICY.clauses if c.kind == "blameless")
    assert any(m.text and re.search(m.text, text) for m in clause.match)
    assert ids(text)


def test_one_place_is_one_phrase_and_a_sentence_takes_back_its_own_only() -> None:
    assert ids("They should have known") == ["should-have"]
    assert ids("Nobody is to blame. A careless change! v2.13 is fine") == ["careless"]
    assert ids("Stupid question: which zone?\nsomebody forgot the flag") == ["forgot"]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", "wording"),
        ("[[wording]]\nid = 'a'", "like"),
        ("[[wording]]\nid='a'\nlike='('\nwhy='w'\ninstead='i'\nsays=['a','b']\nnot_says=['c','d']", "cannot be used"),
        ("[[wording]]\nid='a'\nlike='(?=a)'\nwhy='w'\ninstead='i'\nsays=['a','b']\nnot_says=['c','d']", "look-around"),
        ("[[wording]]\nid='a'\nlike='a'\nwhy='w'\ninstead='i'\nsays=['a','b']\nnot_says=['c','d']\n" * 2, "twice"),
        ("[[wording]]\nid='a'\nlike='a'\nwhy='w'\ninstead='i'\nsays=['a']\nnot_says=['c','d']", "says"),
    ],
)
def test_a_file_that_does_not_hold_together_is_refused(content: str, why: str) -> None:
    with pytest.raises(ValidationError) as refused:
        read_wordings(content)
    assert why in str(refused.value)


# --- the section ----------------------------------------------------------------------------------------------------


def test_a_phrase_is_quoted_with_its_row_its_reason_and_another_wording_but_nobody() -> None:
    ana = Person("slack", "ana", "Ana Quispe", "ana")
    told = [say("14:20", "well, Ana broke production again and again and again"), say("14:21", "rolled back")]
    made = section("wording", review_of(ledger_of(*FIRED, *told, OVER, people=(ana,)), "INC-1", "UTC"))
    (row,) = rows(made)
    assert row["phrase"] == "“well, somebody broke production again and again …”"
    assert "subject of the damage" in str(row["why"]) and "the deploy of v2.14.0" in str(row["instead"])
    page = made.html()
    assert re.search(r'href="#timeline-row-\d+"', page)
    assert not re.search(r"Responder-\d|\bAna\b|Quispe", page)


def test_titles_notices_reasons_and_action_items_are_read_too() -> None:
    told = [
        notice("14:30", "Identified", "This was human error."),
        *ticket("14:02", title="Careless deploy of pod-api"),
        event(
            "17:00", "stated", "corrections", "INC-1", actor="bo", value="2026-10-14T15:00:00Z", was="mitigated",
            text="they forgot the entry",
        ),
    ]  # fmt: skip
    story = ledger_of(alert("14:00"), *page_record("14:00"), *status_entry("14:30"), *told, OVER)
    phrases = {str(row["phrase"]) for row in rows(section("wording", review_of(story, "INC-1", "UTC")))}
    assert {"“This was human error”", "“Careless deploy of pod-api”"} <= phrases
    assert "“they forgot the entry”" in phrases


def test_bots_and_programs_are_not_read() -> None:
    bot = Person("slack", "B01", "podbot", bot=True)
    told = [say("14:20", "they forgot the ticket", "B01"), say("14:21", "they forgot it", "bo")]
    program = event("14:22", "message", "slack", "#incident-2026-10-14-1", text="they forgot the flag", actor=None)
    made = section("wording", review_of(ledger_of(*FIRED, *told, program, OVER, people=(bot,)), "INC-1", "UTC"))
    assert [row["phrase"] for row in rows(made)] == ["“they forgot it”"]


def test_the_verdict_and_the_table_agree_about_what_the_policy_counts() -> None:
    made = shown(say("14:20", "it is your fault"), say("14:21", "in hindsight it was slow"))
    assert len(rows(made)) == 2
    (note,) = [b for b in made.blocks if isinstance(b, Note)]
    assert "counts 1 text" in note.text


def test_what_only_a_policy_of_ones_own_counts_is_listed_as_well() -> None:
    clause = next(c for c in POLICY.clauses if c.kind == "blameless")
    match = clause.match[0].model_copy(update={"text": r"(?i)\bnumpty\b", "not_text": None})
    clauses = tuple(c if c is not clause else c.model_copy(update={"match": (match,)}) for c in POLICY.clauses)
    ours = POLICY.model_copy(update={"clauses": clauses})
    told = ledger_of(*FIRED, say("14:20", "ask the numpty in charge"), OVER, policy=ours)
    (row,) = rows(section("wording", review_of(told, "INC-1", "UTC")))
    assert row["phrase"] == "“ask the numpty in charge”" and "policy's clause" in str(row["why"])


def test_nothing_found_and_nothing_loaded_are_two_answers(ledger: Ledger) -> None:
    calm = shown(say("14:20", "rolling back now"))
    assert "none has a listed phrase" in calm.markdown()
    review = review_of(ledger_of(*FIRED, OVER), "INC-1", "UTC")
    mute = section("wording", type(review)(**{**vars(review), "events": review.events.clear()}))
    assert "is not known" in mute.markdown() and not [b for b in mute.blocks if isinstance(b, Table)]


def test_a_real_chat_without_an_incident_is_left_alone(shared: Path) -> None:
    """1,031 messages of a meetup: whatever is found here would be found in anybody's small talk."""
    told = slack.source.parse(shared / "data/chat/slack/houstondatavis_MIT")
    texts = [e.text for e in told if isinstance(e, Event) and e.kind is Kind.MESSAGE]
    assert len(texts) == 1_031
    began = time.perf_counter()
    assert not [text for text in texts if ids(text)]
    assert time.perf_counter() - began < 5.0
