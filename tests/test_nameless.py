"""No form of any packet or report names one of the sample's people, however they are called."""

from __future__ import annotations

import json

import pytest

from podanalytics.gather_month import trend_of
from podanalytics.ledger import Ledger
from podanalytics.plugins import discover
from podanalytics.sample.people import CAST
from podanalytics.show.blocks import Section
from tests.nameless import leaks, names_of
from tests.sampled import reviewed


@pytest.fixture(scope="module")
def names(ledger: Ledger) -> set[str]:
    return names_of(ledger.people)


def forms(section: Section) -> dict[str, str]:
    """Each face of a section, and what a notebook holds of it."""
    return {
        "html": section.html(),
        "markdown": section.markdown(),
        "plain": section.plain(),
        "json": json.dumps(section.data(), ensure_ascii=False),
        "notebook": json.dumps(section.outputs(), ensure_ascii=False),
    }


def test_the_names_are_looked_for_in_what_was_loaded_and_are_there(ledger: Ledger, names: set[str]) -> None:
    """Else the tests below would hold for any list of words."""
    assert len(names) > 100
    raw = "\n".join(v for column in ("actor", "text", "origin") for v in ledger.whole[column].drop_nulls())
    assert len(leaks(raw, names)) > 50
    assert sum(bool(leaks(raw, [member.key])) for member in CAST.values()) >= 10
    assert leaks("mail Bruckholt, MIRELA_2 or <b>Theo</b>; banana, theory", names) == ["bruckholt", "mirela", "theo"]


def test_no_section_of_any_incident_names_anybody(ledger: Ledger, names: set[str]) -> None:
    sections = dict(discover("podanalytics.sections", "section"))
    found = {
        (incident, name, form): leak
        for incident in ledger.incidents["incident"]
        for review in [reviewed(ledger, incident, "Europe/Berlin")]
        for name, make in sections.items()
        for form, text in forms(make(review)).items()
        if (leak := leaks(text, names))
    }
    assert not found


def test_no_section_of_any_month_names_anybody(ledger: Ledger, names: set[str]) -> None:
    months = sorted({f"{at:%Y-%m}" for at in ledger.incidents["began_at"]})
    assert len(months) > 3
    found = {
        (month, name, form): leak
        for month in months
        for trend in [trend_of(ledger, month, "Europe/Berlin")]
        for name, make in discover("podanalytics.trend_sections", "section")
        for form, text in forms(make(trend)).items()
        if (leak := leaks(text, names))
    }
    assert not found
