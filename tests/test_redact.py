"""Redaction: no name, handle, address or secret gets through, and ordinary words stay."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from podanalytics.model import Person
from podanalytics.redact import Redactor
from podanalytics.tables import PEOPLE

ANA = Person("slack", "U0ANA", "Ana Quispe", "ana.q", "ana@acme.example")
ANA_PAGER = Person("pagerduty", "PANA", "Ana Quispe", None, "ana@acme.example")
WILL = Person("slack", "U0WIL", "Will Okonkwo", "wokonkwo", "will@acme.example")
BOT = Person("slack", "B01", "podbot", bot=True)


def redactor() -> Redactor:
    people = PEOPLE.frame({**asdict(p), "file": "f"} for p in (ANA, ANA_PAGER, WILL, BOT))
    return Redactor(people, [("pagerduty", "PANA"), ("slack", "U0WIL")], {"PANA": "Incident Commander"})


def test_one_person_in_two_tools_is_one_pseudonym() -> None:
    r = redactor()
    assert r.person("PANA", "pagerduty") == r.person("U0ANA", "slack") == "IC-1"
    assert r.person("U0WIL", "slack") == "Responder-1"


def test_bots_keep_their_name_and_nobody_stays_nobody() -> None:
    assert redactor().person("B01", "slack") == "podbot"
    assert redactor().person(None) is None


def test_somebody_in_no_directory_gets_a_pseudonym_too() -> None:
    assert redactor().person("stranger", "jira") == "Responder-2"


@pytest.mark.parametrize(
    "text",
    ["@U0ANA take over", "Ana Quispe takes over", "@ana.q takes over", "ana@acme.example", "ask Ana", "Quispe said so"],
)
def test_every_way_to_name_somebody_is_replaced(text: str) -> None:
    masked = redactor().text(text)
    assert masked is not None
    assert "IC-1" in masked
    for name in ("Ana", "Quispe", "ana.q", "ana@", "U0ANA"):
        assert name not in masked


def test_words_that_are_names_too_stay_words() -> None:
    assert redactor().text("Will do, we will know soon") == "Will do, we will know soon"


@pytest.mark.parametrize(
    "secret",
    [
        "xoxb-123456789012-abcdefghijkl",
        "ghp_abcdefghijklmnopqrstuv0123456789",
        "AKIAABCDEFGHIJKLMNOP",
        "password: hunter2hunter2",
        "Authorization: abcdef0123456789",
        "Bearer abcdefghijklmnop",
        "https://bob:s3cretpw@db.example/x",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abc",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIB\n-----END RSA PRIVATE KEY-----",
    ],
)
def test_secrets_are_masked(secret: str) -> None:
    masked = redactor().text(f"use {secret} please")
    assert masked is not None and "[masked]" in masked
    for part in ("hunter2", "0123456789abc", "s3cretpw", "MIIB", "abcdefghijkl"):
        assert part not in masked


def test_strangers_addresses_are_masked() -> None:
    assert redactor().text("mail x.y@else.example") == "mail [e-mail]"
