"""Decisions about links: they outweigh every evidence, they are kept with who and why, and loading respects them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from podanalytics import intake, links
from podanalytics.errors import UnknownIncidentError, WorkspaceError
from podanalytics.gather import review_of, section
from podanalytics.ledger import Ledger, load_ledger
from podanalytics.linking import Linked
from podanalytics.model import Event
from podanalytics.show.link_lines import member_lines, offer_lines
from podanalytics.workspace import Workspace, find_workspace, make_workspace
from tests.linked import homes, linked, offered
from tests.story import event, page_record, say, ticket

JIRA, PAGER, CHANNEL = "jira INC-1", "pagerduty PD1", "slack #incident-2026-10-14-1"


def decided(
    left: str, right: str, same: bool, clock: str = "+1 09:00", by: str = "carol", why: str = "we looked"
) -> Event:
    value = "same" if same else "different"
    return event(clock, "stated", "decisions", left, was=right, value=value, text=why, actor=by)


def row(found: Linked, subject: str, method: str) -> dict[str, object]:
    return found.members.filter((pl.col("subject") == subject) & (pl.col("method") == method)).to_dicts()[0]


# --- what a decision does -------------------------------------------------------------------------------------------


def test_a_decision_joins_what_nothing_else_does_two_records_of_one_tool_too() -> None:
    other = event("-20 14:00", "declared", "jira", "INC-2", value="Incident", text="other")
    apart = linked(ticket("14:00"), other)
    assert len(set(homes(apart).values())) == 2
    found = linked(ticket("14:00"), other, decided("jira INC-2", JIRA, True))
    assert len(set(homes(found).values())) == 1
    told = row(found, "INC-1", "decided")  # the older of the two names the incident
    assert (told["score"], told["why"], told["actor"]) == (1.0, "carol decided: we looked", "carol")


def test_a_decision_keeps_apart_what_a_tools_own_pointer_would_join() -> None:
    found = linked(ticket("14:00"), page_record("14:00"), decided(JIRA, PAGER, False))
    assert set(homes(found).values()) == {"INC-1", "PD1"}
    assert not found.offers, "it is decided"
    both = found.members.filter(pl.col("method") == "decision")
    assert sorted(both["incident"]) == ["INC-1", "PD1"], "both incidents tell of it"


def test_what_is_kept_apart_does_not_come_together_through_a_third() -> None:
    """The channel is named after the ticket and its topic holds the page: the weaker of the two gives way."""
    channel = say("14:05", "hello")
    topic = event(
        "14:06", "channel", "slack", channel.subject, value="topic", text="https://a.pagerduty.com/incidents/PD1AAA"
    )
    page = event("14:00", "declared", "pagerduty", "PD1AAA", value="incident", text="x")
    found = linked(ticket("14:00"), channel, topic, page, decided("pagerduty PD1AAA", JIRA, False))
    home = homes(found)
    assert home["slack", channel.subject] == home["pagerduty", "PD1AAA"] != home["jira", "INC-1"]


def test_a_pair_that_waits_is_decided_either_way() -> None:
    page = event("14:00", "declared", "pagerduty", "PD1", value="incident", text="INC-1 again")
    assert offered(linked(ticket("14:00"), page)) == [("INC-1", "PD1", "key in title")]
    for same, incidents in ((True, 1), (False, 2)):
        found = linked(ticket("14:00"), page, decided(PAGER, JIRA, same))
        assert len(set(homes(found).values())) == incidents and not found.offers and found.faults.is_empty()


def test_a_channel_that_is_named_after_nothing_can_be_decided_about() -> None:
    found = linked(ticket("14:00"), say("14:05", "hello", subject="#war-room"), decided("slack #war-room", JIRA, True))
    assert homes(found)["slack", "#war-room"] == "INC-1"


def test_of_two_decisions_the_one_stated_last_holds_and_a_fault_says_so() -> None:
    first, last = decided(JIRA, PAGER, True), decided(PAGER, JIRA, False, "+1 10:00", by="dan")
    found = linked(ticket("14:00"), page_record("14:00"), first, last)
    assert len(set(homes(found).values())) == 2
    (fault,) = found.faults.to_dicts()
    assert fault["origin"] == first.origin
    assert fault["reason"] == (
        f"says that jira INC-1 and pagerduty PD1 are the same; a later decision, in {last.origin}, says different, "
        "and that holds"
    )


def test_decisions_that_cannot_hold_together_are_a_fault() -> None:
    rows = [decided(JIRA, PAGER, True), decided(PAGER, CHANNEL, True), decided(JIRA, CHANNEL, False)]
    found = linked(ticket("14:00"), page_record("14:00"), say("14:05", "hello"), rows)
    home = homes(found)
    assert home["jira", "INC-1"] != home.get(("slack", "#incident-2026-10-14-1"))
    assert [("cannot hold beside" in f["reason"]) for f in found.faults.to_dicts()] == [True]


def test_a_decision_about_nothing_that_is_loaded_is_a_fault_with_the_nearest_record() -> None:
    found = linked(ticket("14:00"), decided("jira INC-l", PAGER, True))
    assert [f["reason"] for f in found.faults.to_dicts()] == [
        "decides about jira INC-l, which is no record of this ledger; did you mean jira INC-1?",
        "decides about pagerduty PD1, which is no record of this ledger",
    ]


@given(st.data())
def test_whatever_is_decided_apart_ends_apart(data: st.DataObject) -> None:
    """Random pointers and decisions among nine records of three tools."""
    records = [(tool, f"{tool[0].upper()}-{n}") for tool in ("jira", "pagerduty", "statuspage") for n in range(3)]
    values = {"jira": "Incident", "pagerduty": "incident", "statuspage": "status_incident"}
    made = [event("14:00", "declared", tool, subject, value=values[tool], text="x") for tool, subject in records]
    pair = st.tuples(st.sampled_from(records), st.sampled_from([r for r in records if r[0] == "jira"])).filter(
        lambda p: p[0] != p[1]
    )
    pointers = [
        event("14:01", "linked", *here, value=there[1], text="t")
        for here, there in data.draw(st.lists(pair, max_size=9))
    ]
    apart = data.draw(st.lists(pair, max_size=4))
    decisions = [decided(" ".join(a), " ".join(b), False) for a, b in apart]
    found = linked(made, pointers, decisions)
    home = homes(found)
    assert all(home[a] != home[b] for a, b in apart)
    assert len({(incident, tool) for (tool, _), incident in home.items()}) == len(records), "one record a tool"
    shuffled = linked(*data.draw(st.permutations([*made, *pointers, *decisions])))
    assert shuffled.members.equals(found.members)


# --- from the terminal to the packet --------------------------------------------------------------------------------

ISSUE = """[{"id": 900, "number": 900, "title": "INC-1019 seen from the platform", "state": "open",
 "html_url": "https://github.com/acme/api/issues/900", "url": "https://github.com/acme/api/issues/900",
 "created_at": "2026-10-14T13:40:00Z", "updated_at": "2026-10-14T13:40:00Z"},
 {"id": 901, "event": "labeled", "label": {"name": "incident"}, "created_at": "2026-10-14T13:41:00Z",
 "url": "https://github.com/acme/api/issues/900", "issue": {"html_url": "https://github.com/acme/api/issues/900"}}]"""


@pytest.fixture
def home(tmp_path: Path, root: Path) -> Workspace:
    """Jira's tickets of the sample, and an issue whose title names one of them, judged as of a moment long ago."""
    make_workspace(tmp_path / "team")
    (tmp_path / "team/data/raw/issue.json").write_text(ISSUE, "utf-8")
    (tmp_path / "team/pod.toml").write_text("as_of = 2026-11-02T09:00:00Z\n", "utf-8")
    made = find_workspace(tmp_path / "team")
    reload(made, root / "data/sample/raw/jira")
    return made


def reload(home: Workspace, *paths: Path) -> Ledger:
    store = home.store()
    try:
        for given_paths in (paths, ()) if paths else ((),):
            intake.load(home, store, given_paths)
        return load_ledger(store, home.policy(), home.as_of())
    finally:
        store.close()


def run(home: Workspace, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "podanalytics", "links", "-w", str(home.root), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_pair_is_listed_decided_loaded_and_no_longer_listed(home: Workspace) -> None:
    (link,) = links.undecided(home, home.as_of())
    assert (link.left, link.right, link.score) == ("jira INC-1019", "github acme/api#900", 0.8)
    text = "\n".join(offer_lines([link]))
    for said in ("1  jira INC-1019", "its score is below 0.9", "issue.json#/0: INC-1019 seen from", "--different N"):
        assert said in text
    path = links.decide(home, [link], True, 'they "are" one \\ the other', "carol")
    assert "holds after the next" in "\n".join(offer_lines(links.undecided(home, home.as_of())))
    ledger = reload(home)
    assert ledger.resolve("acme/api#900") == "INC-1019"
    assert links.undecided(home, home.as_of()) == []
    before = path.read_text("utf-8")
    links.decide(home, [link], False, "no, they are not", "dan")
    assert path.read_text("utf-8").startswith(before.rstrip()), "what people wrote is kept"


def test_a_decision_made_after_the_moment_that_is_judged_holds_and_names_nobody(home: Workspace) -> None:
    links.decide(home, links.undecided(home, home.as_of()), True, "carola and dan looked", "carola")
    ledger = reload(home)
    review = review_of(ledger, "INC-1019", "UTC")
    text = section("appendix", review).markdown()
    assert "decided that jira INC-1019 and github acme/api#900 are the same" in text
    assert "carola" not in text and "| decided | 1 | Responder-" in text
    assert "carola" in "\n".join(member_lines(links.members_of(ledger.members, "INC-1019").to_dicts()))


def test_the_verb_decides_by_number(home: Workspace) -> None:
    done = run(home, "--different", "1", "--why", "another region", "--by", "carol")
    assert done.returncode == 0 and "are different: written to" in done.stdout
    written = (home.corrections / "links.toml").read_text("utf-8")
    assert 'same = false\nwhy = "another region"\nby = "carol"\nstated_at = 2' in written
    ledger = reload(home)
    assert {"INC-1019", "acme/api#900"} <= set(ledger.incidents["incident"]) and ledger.faults.is_empty()
    assert "nothing waits" in run(home, "--review").stdout


def test_the_verb_shows_what_joined_an_incident(home: Workspace) -> None:
    shown = run(home, "--incident", "inc-1019").stdout
    assert shown.startswith("INC-1019\n") and "the record that names the incident" in shown


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--same", "1"), "a decision needs --why: who decides and why is kept with it"),
        (("--same", "7", "--why", "x"), "no pair 7: there are 1 to 1 (`podanalytics links --review`)"),
        (("--incident", "INC-0"), "no incident 'INC-0' (`podanalytics list` shows what was found)"),
    ],
)
def test_a_mistake_is_a_sentence(home: Workspace, arguments: tuple[str, ...], sentence: str) -> None:
    done = run(home, *arguments)
    assert (done.returncode, done.stderr.strip()) == (2, f"podanalytics: {sentence}")
    assert not (home.corrections / "links.toml").exists()


def test_a_file_that_is_no_toml_is_not_written_into(home: Workspace) -> None:
    (home.corrections / "links.toml").write_text("[[link", "utf-8")
    with pytest.raises(WorkspaceError, match="is broken, mend it first"):
        links.decide(home, links.undecided(home, home.as_of()), True, "x", "carol")
    assert (home.corrections / "links.toml").read_text("utf-8") == "[[link"


def test_an_unknown_incident_is_refused(home: Workspace) -> None:
    with pytest.raises(UnknownIncidentError):
        links.members_of(reload(home).members, "INC-0")


def test_one_pair_is_not_decided_both_ways_at_once(home: Workspace) -> None:
    told = run(home, "--same", "1", "--different", "1", "--why", "x")
    assert told.returncode != 0 and "pair 1 cannot be the same and different" in told.stderr
    assert not (home.corrections / "links.toml").exists()
