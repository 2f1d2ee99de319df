"""One person is one number, in every packet of a workspace, whatever comes first and whatever is learned later."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from podanalytics import pseudonyms
from podanalytics.cli import app
from podanalytics.errors import WorkspaceError
from podanalytics.gather import review_of
from podanalytics.gather_month import trend_of
from podanalytics.ledger import Ledger
from podanalytics.model import Person
from podanalytics.pseudonyms import kept_key, key_of, read_key
from podanalytics.redact import Redactor
from podanalytics.redact.key import Key, numbered
from podanalytics.tables import PEOPLE
from podanalytics.workspace import Settings, Workspace, make_workspace
from tests.conftest import ROOT
from tests.story import FIRED, OVER, ledger_of, say

ANA = Person("slack", "U0ANA", "Ana Quispe", "ana.q", "ana@acme.example")
BO = Person("slack", "U0BO", "Bo Okonkwo", "bo")


def people(*told: Person) -> pl.DataFrame:
    return PEOPLE.frame({**asdict(p), "file": "f"} for p in told)


def number_of(key: Key, node: str) -> int:
    return key.numbers[node]


@pytest.fixture
def home(tmp_path: Path) -> Workspace:
    make_workspace(tmp_path)
    return Workspace(tmp_path, Settings())


# --- who gets which number ------------------------------------------------------------------------------------------


def test_numbers_go_by_the_first_moment_in_the_whole_ledger() -> None:
    ledger = ledger_of(*FIRED, say("14:09", "hi", "cy"), say("14:05", "hi", "bo"), OVER)
    key = key_of(ledger)
    assert [p.nodes for p in key.people] == [("?:ana",), ("?:bo",), ("?:cy",)]
    assert [p.number for p in key.people] == [1, 2, 3]


def test_a_person_has_one_number_in_every_packet_and_a_role_of_each(ledger: Ledger) -> None:
    roles: dict[str, set[str]] = {}
    for incident in ledger.incidents["incident"]:
        for shown in review_of(ledger, incident, "UTC").events["actor"].drop_nulls().unique():
            prefix, dash, number = shown.rpartition("-")
            if dash and number.isdigit():
                roles.setdefault(number, set()).add(prefix)
    assert len(roles) > 10
    assert {"IC", "Responder"} <= set.union(*roles.values())
    assert any(len(prefixes) > 1 for prefixes in roles.values()), "the same human in two roles"
    key = key_of(ledger)
    mirela = next(p for p in key.people if "Mirela Dragosani" in p.names)
    assert str(mirela.number) in roles


def test_whoever_is_in_no_directory_but_in_the_name_of_a_group_message_has_a_number_too() -> None:
    ledger = ledger_of(*FIRED, say("14:05", "see #mpdm-zed--amy-1"), say("14:06", "ask @zed"), OVER)
    shown = " ".join(review_of(ledger, "INC-1", "UTC").events["text"])
    key = key_of(ledger)
    zed, amy = number_of(key, "?:zed"), number_of(key, "?:amy")
    assert f"#mpdm-Responder-{zed}--Responder-{amy}-1" in shown
    assert (zed, amy) == (2, 3)


def test_a_report_and_a_packet_mean_the_same_person() -> None:
    bo = Redactor(people(ANA, BO), [("slack", "U0ANA"), ("slack", "U0BO")], {"U0BO": "Incident Commander"})
    key = numbered(Key(), people(ANA, BO), [("slack", "U0ANA"), ("slack", "U0BO")])
    report = Redactor(people(ANA, BO), [], {}, key)
    assert bo.person("U0BO", "slack") == "IC-2"
    assert report.person("U0BO", "slack") == "Responder-2" and report.text("ask Okonkwo") == "ask Responder-2"


# --- who is known stays who they are --------------------------------------------------------------------------------


def test_later_people_are_appended_and_nobody_is_renumbered() -> None:
    before = numbered(Key(), people(BO), [("slack", "U0BO")])
    after = numbered(before, people(ANA, BO), [("slack", "U0ANA"), ("slack", "U0BO")])
    assert number_of(after, "id:slack:U0BO") == 1 and number_of(after, "id:slack:U0ANA") == 2
    assert numbered(after, people(ANA, BO), [("slack", "U0ANA")]) == after, "asking again changes nothing"
    assert numbered(after, people(), []) == after, "who is loaded no more is not forgotten"


def test_a_second_account_of_somebody_known_is_them() -> None:
    before = numbered(Key(), people(ANA), [("slack", "U0ANA")])
    after = numbered(before, people(ANA, Person("jira", "5f:1", "ana quispe")), [("jira", "5f:1")])
    assert number_of(after, "id:jira:5f:1") == 1 and not after.retired


def test_two_who_turn_out_to_be_one_keep_the_smaller_number_and_the_other_is_never_given_again() -> None:
    apart = [("slack", "U0BO"), ("github", "ana-dev"), ("slack", "U0ANA")]
    before = numbered(Key(), people(ANA, BO, Person("github", "ana-dev", None, "ana-dev")), apart)
    assert (number_of(before, "id:github:ana-dev"), number_of(before, "id:slack:U0ANA")) == (2, 3)
    told = people(ANA, BO, Person("github", "ana-dev", "Ana Quispe", "ana-dev"))
    after = numbered(before, told, apart)
    assert number_of(after, "id:slack:U0ANA") == number_of(after, "id:github:ana-dev") == 2
    assert after.retired == ((3, 2),)
    later = numbered(after, people(ANA, BO, Person("slack", "U0CY", "Cy Lund")), [("slack", "U0CY")])
    assert number_of(later, "id:slack:U0CY") == 4
    assert number_of(later, "id:github:ana-dev") == 2, "what joined them may be gone, and they stay one"


def test_somebody_first_met_by_a_handle_keeps_the_number_when_the_directory_comes() -> None:
    before = numbered(Key(), people(BO), [("slack", "U0BO"), ("", "ana.q")])
    after = numbered(before, people(ANA, BO), [("slack", "U0ANA"), ("", "ana.q")])
    assert number_of(after, "id:slack:U0ANA") == number_of(after, "?:ana.q") == 2


def test_the_owner_of_the_key_may_join_two_by_hand(home: Workspace) -> None:
    """What no directory tells: somebody's login elsewhere."""
    ledger = ledger_of(*FIRED, say("14:05", "hi", "bo"), OVER)
    kept_key(home, ledger)
    content = json.loads(home.pseudonyms.read_text("utf-8"))
    content["people"][0]["known_by"] += content["people"][1]["known_by"]
    home.pseudonyms.write_text(json.dumps(content), "utf-8")
    key = kept_key(home, ledger)
    assert number_of(key, "?:bo") == number_of(key, "?:ana") == 1 and key.retired == ((2, 1),)


def test_who_was_in_a_directory_once_stays_masked_and_numbered(home: Workspace) -> None:
    """An export of today holds nobody who has left."""
    key = numbered(Key(), people(ANA, BO), [("slack", "U0ANA")])
    without = Redactor(people(BO), [("slack", "U0BO"), ("slack", "U0ANA")], {}, numbered(key, people(BO), []))
    assert without.person("U0ANA", "slack") == "Responder-1"
    text = "Quispe or ana.q, @U0ANA, ana@acme.example and Okonkwo"
    assert without.text(text) == "Responder-1 or Responder-1, @Responder-1, Responder-1 and Responder-2"


def test_the_owner_of_the_key_may_add_a_nickname_and_somebody_of_whom_no_tool_knows(home: Workspace) -> None:
    ledger = ledger_of(*FIRED, say("14:05", "Nusch says: Klaus Weber of the vendor is on it, ask klaus"), OVER)
    kept_key(home, ledger)
    content = json.loads(home.pseudonyms.read_text("utf-8"))
    content["people"][0]["names"] += ["Nusch"]
    klaus = {"number": 2, "names": ["Klaus Weber"], "handles": [], "known_by": ["name:klaus weber"]}
    content["people"].append(klaus)
    home.pseudonyms.write_text(json.dumps(content), "utf-8")
    told = review_of(ledger, "INC-1", "UTC", kept_key(home, ledger)).events["text"].to_list()
    assert "Responder-1 says: Responder-2 of the vendor is on it, ask Responder-2" in told


# --- the file -------------------------------------------------------------------------------------------------------


def test_the_key_is_its_owners_only_and_the_same_each_time(home: Workspace, tmp_path: Path, ledger: Ledger) -> None:
    key = kept_key(home, ledger)
    assert stat.S_IMODE(home.pseudonyms.stat().st_mode) == 0o600
    assert read_key(home.pseudonyms) == key == key_of(ledger)
    first = home.pseudonyms.read_bytes()
    assert kept_key(home, ledger) == key and home.pseudonyms.read_bytes() == first
    home.pseudonyms.unlink()
    trend_of(ledger, "2026-08", "UTC", kept_key(home, ledger))
    assert home.pseudonyms.read_bytes() == first
    left = {p.name for p in home.pseudonyms.parent.iterdir()}
    assert left == {"raw", "corrections", "pseudonyms.json"}, "neither a lock nor a half of a file is left"


def test_git_ignores_the_key(home: Workspace) -> None:
    subprocess.run(["git", "init", "-q", home.root], check=True)
    for root, name in ((home.root, "data/pseudonyms.json"), (ROOT, "data/sample-pseudonyms.json")):
        subprocess.run(["git", "-C", root, "check-ignore", "-q", name], check=True)


def written(people: list[tuple[int, str]], *retired: tuple[int, int]) -> str:
    """A key file."""
    told = [{"number": number, "names": [], "handles": [], "known_by": [node]} for number, node in people]
    content = {"what": "", "people": told, "retired": [{"number": old, "now": now} for old, now in retired]}
    return json.dumps(content)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("{", "Expecting"),
        ("[]", "dictionary"),
        (written([(0, "?:a")]), "number"),
        (written([(1, "")]).replace('[""]', "[]"), "known_by"),
        (written([(1, "?:a"), (1, "?:b")]), "the number 1 is given twice"),
        (written([], (2, 1)), "nobody's"),
    ],
)
def test_a_broken_key_is_said_and_never_replaced(home: Workspace, ledger: Ledger, content: str, why: str) -> None:
    home.pseudonyms.write_text(content, "utf-8")
    with pytest.raises(WorkspaceError, match=r"pseudonyms\.json is broken") as refused:
        kept_key(home, ledger)
    assert why in str(refused.value) and "put back a copy" in str(refused.value)
    assert home.pseudonyms.read_text("utf-8") == content


def test_a_key_that_cannot_be_written_is_said(home: Workspace, ledger: Ledger) -> None:
    home.pseudonyms.mkdir()
    with pytest.raises(WorkspaceError, match="cannot read the key"):
        kept_key(home, ledger)
    in_the_way = Workspace(home.root, Settings(pseudonyms="pod.toml/key.json"))
    with pytest.raises(WorkspaceError, match="the key of pseudonyms"):
        kept_key(in_the_way, ledger)


def test_a_lock_that_a_crash_left_behind_is_taken_over(
    home: Workspace, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = home.pseudonyms.with_name("pseudonyms.json.lock")
    lock.touch()
    monkeypatch.setattr(pseudonyms, "PATIENCE", 0.05)
    assert kept_key(home, ledger) == read_key(home.pseudonyms)
    assert not lock.exists()


def test_runs_at_the_same_time_add_their_people_side_by_side(home: Workspace) -> None:
    ledgers = [ledger_of(*FIRED, say("14:05", "hi", f"somebody{n}"), OVER) for n in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda ledger: kept_key(home, ledger), ledgers))
    key = read_key(home.pseudonyms)
    assert [p.number for p in key.people] == list(range(1, 10))
    assert {f"?:somebody{n}" for n in range(8)} < set(key.numbers)


def test_the_environment_may_name_another_key(home: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POD_PSEUDONYMS", str(tmp_path / "elsewhere/key.json"))
    kept_key(home, ledger_of(*FIRED, OVER))
    assert (tmp_path / "elsewhere/key.json").is_file() and not (tmp_path / "data/pseudonyms.json").exists()


# --- looking somebody up --------------------------------------------------------------------------------------------


def asked(home: Workspace, *arguments: str) -> str:
    done = CliRunner().invoke(app, ["who", *arguments, "-w", str(home.root)])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.output


def test_who_is_behind_a_pseudonym(home: Workspace, ledger: Ledger) -> None:
    key = kept_key(home, ledger)
    number = next(p.number for p in key.people if "Mirela Dragosani" in p.names)
    for written in (f"IC-{number}", f"Responder-{number}", str(number)):
        told = asked(home, written)
        assert "Mirela Dragosani" in told and "for your eyes only" in told
    with pytest.raises(WorkspaceError, match=f"nobody has the number 99: .* holds 1 to {key.last}"):
        asked(home, "IC-99")
    with pytest.raises(WorkspaceError, match="is no pseudonym"):
        asked(home, "somebody")


def test_who_before_anybody_has_a_number(home: Workspace) -> None:
    with pytest.raises(WorkspaceError, match="made with the first packet"):
        asked(home, "IC-1")


def test_a_retired_number_leads_to_the_person_and_a_hostile_name_stays_a_name(home: Workspace) -> None:
    person = {"number": 1, "names": ["Ana\x1b[2J\nQuispe"], "handles": [], "known_by": ["?:ana"]}
    content = {"what": "", "people": [person], "retired": [{"number": 2, "now": 1}]}
    home.pseudonyms.write_text(json.dumps(content), "utf-8")
    told = asked(home, "Responder-2")
    assert "the number 2 is retired: it is number 1" in told
    assert "\x1b" not in told and "Ana" in told


def test_the_key_stays_beside_the_database_of_the_sample() -> None:
    code = "from podanalytics.workspace import find_workspace; print(find_workspace().pseudonyms)"
    settings = {name: value for name, value in os.environ.items() if not name.startswith("POD_")}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=settings, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == str(ROOT / "data/sample-pseudonyms.json")
