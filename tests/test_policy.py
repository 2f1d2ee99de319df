"""Policies: what a person may write, and the sentence that answers what they may not."""

from __future__ import annotations

import pytest

from podanalytics.errors import PolicyError
from podanalytics.policy import load_policy, parse_policy
from tests.conftest import ROOT

SHIPPED = (ROOT / "podanalytics/policies/pod-protocol.toml").read_text("utf-8")
CLAUSE = '\n[[clause]]\nid = "extra"\ntitle = "Extra"\ntext = "An extra clause."\n'


def refused(text: str) -> str:
    with pytest.raises(PolicyError) as error:
        parse_policy(text, "mine.toml")
    told = str(error.value)
    assert told.startswith("policy mine.toml: ") and "\n" not in told
    return told


@pytest.mark.parametrize(
    ("clause", "complaint"),
    [
        ('kind = "elapsed"', "needs from, to, target"),
        ('kind = "presence"\nmatch = [{ kind = ["message"] }]', "needs from"),
        ('kind = "members"\ntarget = 15', "needs from"),
        ('kind = "roles"\nfrom = ["declared"]', "needs target"),
        ('kind = "channel"\nfrom = ["declared"]\nto = "channel_opened"\ntarget = 15', "needs names"),
        (
            'kind = "channel"\nfrom = ["declared"]\nto = "channel_opened"\ntarget = 15\nnames = ["^#inc"]',
            "needs a group",
        ),
        ('kind = "cadence"\naudience = "customers"\ntarget = 30', "needs from"),
        ('kind = "cadence"\naudience = "press"\ntarget = 30\nfrom = ["declared"]', "'internal' or 'customers'"),
        ('kind = "cadence"\naudience = "customers"\ntarget = "response"\nfrom = ["declared"]', "a target of its own"),
        ('kind = "agenda"\nnames = ["timeline"]', "needs match"),
        ('kind = "elapsed"\nfrom = ["alert_fird"]\nto = "acknowledged"\ntarget = 5', "alert_fird"),
        ('kind = "elapsed"\nfrom = ["declared"]\nto = "acknowledged"\ntarget = 5\napplies_to = ["P9"]', "P9"),
        ('kind = "presence"\nfrom = ["declared"]\nmatch = [{ text = "(?=x)" }]', "look-around"),
        ('kind = "elapsed"\nspeed = 3', "speed"),
        ('kind = "elapsed"\nfrom = ["declared"]\nto = "acknowledged"\ntarget = -5', "greater than or equal to 0"),
        ('kind = "elapsed"\nfrom = ["declared"]\nto = "declared"\ntarget = 5', "stop where it starts"),
    ],
)
def test_a_clause_that_could_not_be_measured_is_refused(clause: str, complaint: str) -> None:
    assert complaint in refused(SHIPPED + CLAUSE + clause + "\n")


@pytest.mark.parametrize(
    ("was", "now", "complaint"),
    [
        ('reopening = ["reopened"', 'reopening = ["re-opened"', "reopening names re-opened"),
        ('not_needed = { ETA = ["resolved"] }', 'not_needed = { ETA = ["done"] }', "updates.not_needed.ETA names done"),
        ('not_needed = { ETA = ["resolved"] }', 'not_needed = { Eta = ["resolved"] }', "not_needed names Eta"),
        ('status_field = "Status"', 'status_field = "State"', "updates names State"),
        ("[-_])?(.+)$'", "[-_])?.+$'", "what the channel is named after"),
        ('judge = "prospective"', 'judge = "loudest"', "judge"),
        ("skew_minutes = 2 ", "skew_minutes = -2 ", "skew_minutes"),
        ("workdays = [1, 2, 3, 4, 5]", "workdays = []", "workdays"),
        ("workdays = [1, 2, 3, 4, 5]", "workdays = [0, 8]", "workdays"),
        ("workdays = [1, 2, 3, 4, 5]", 'holidays = ["1 Jan 2027"]', "holidays"),
        ("closes = 17:00:00", 'closes = "17:00:00+02:00"', "write it without an offset"),
        ('name = "High"\nrank = 2', 'name = "High"\nrank = 1', "severity rank 1 is written twice"),
        ('name = "pod-protocol"', 'nom = "pod-protocol"', "nom"),
    ],
)
def test_a_misspelt_word_is_answered_with_the_known_ones(was: str, now: str, complaint: str) -> None:
    assert SHIPPED.count(was) == 1
    assert complaint in refused(SHIPPED.replace(was, now))


def test_a_target_of_nothing_is_a_target() -> None:
    text = SHIPPED + CLAUSE + 'kind = "elapsed"\nfrom = ["declared"]\nto = "severity_set"\ntarget = 0\n'
    assert parse_policy(text, "mine.toml").clause("extra").limit == 0


def test_what_is_no_toml_and_what_is_not_there_are_sentences() -> None:
    assert "not TOML" in refused("name = ")
    with pytest.raises(PolicyError, match="shipped policies: pod-protocol"):
        load_policy("no-such-policy")
