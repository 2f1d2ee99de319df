"""IRC beyond its cases: real logs told whole, what is no log of IRC, who is who, and what a packet makes of one."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest

from podanalytics.model import Event, Fault, Kind, Person, Skipped
from podanalytics.sources import all_sources, irc, owners
from tests.story import alert, tell, ticket

HERE = Path(__file__).parent


def events(path: Path) -> list[Event]:
    return [entry for entry in irc.source.parse(path) if isinstance(entry, Event)]


def test_every_line_of_the_real_logs_is_told(shared: Path, tmp_path: Path) -> None:
    """Thirteen files and no zone in any: one fault each as they are, and every line once a zone is declared."""
    logs = sorted((shared / "data/chat/irc/irc-disentanglement_CCBY4").glob("*.[ar][sa][cw]*.txt"))
    assert len(logs) == 13 and {tuple(owners(path)) for path in logs} == {("irc",)}
    (tmp_path / "irc").mkdir()
    (tmp_path / "irc/irc.toml").write_text('[irc]\nzone = "UTC"\n')
    for path in logs:
        undeclared = list(irc.source.parse(path))
        (fault,) = [entry for entry in undeclared if isinstance(entry, Fault)]
        skipped = sum(entry.count for entry in undeclared if isinstance(entry, Skipped))
        lines = len(path.read_bytes().splitlines())
        assert int(fault.reason.split()[0]) + skipped == lines and "# zone: UTC" in fault.reason
        shutil.copy(path, tmp_path / "irc")
    assert owners(tmp_path / "irc") == ["irc"]
    told = [entry for entry in irc.source.parse(tmp_path / "irc") if not isinstance(entry, Person)]
    counts: Counter[str] = Counter()
    for entry in told:
        counts[entry.origin.split("/")[1].split(":")[0]] += entry.count if isinstance(entry, Skipped) else 1
    assert counts == {path.name: len(path.read_bytes().splitlines()) for path in logs}
    said = [entry for entry in told if isinstance(entry, Event)]
    assert len(said) == len({e.id for e in said}) == 16_123 and not [t for t in told if isinstance(t, Fault)]
    assert {e.subject for e in said} >= {"#mediawiki", "#rust", "#stripe", "#ubuntu-meeting"}


def test_no_file_is_both_a_log_of_irc_and_of_an_application(shared: Path) -> None:
    others = [path for path in (shared / "data").rglob("*.log*") if path.is_file()] + list(HERE.glob("applog/*.log"))
    assert len(others) > 5
    assert not [path for path in others if irc.source.owns(path)]
    assert not [path for path in HERE.glob("irc/*.*log") if all_sources()["applog"].owns(path)]


@pytest.mark.parametrize(
    "line",
    [
        "2026-10-03 14:05:01 <INFO> pod-api: started",
        "[14:05:01] <ERROR> pool exhausted",
        "2026-10-03 14:05:01\tINFO\tstarted",
        "2026-10-03 14:05:01\tmain\tstarted",
        "2026-10-03T14:05:01Z ERROR pod-api [req-1] send failed",
        "14:05 nobody knows what this is",
        "=== a heading of a text ===",
    ],
)
def test_what_is_no_log_of_irc(line: str, tmp_path: Path) -> None:
    path = tmp_path / "x.log"
    path.write_text(f"{line}\n" * 5)
    assert not irc.source.owns(path)


def test_a_log_whose_first_word_is_a_level_is_still_irc_s(tmp_path: Path) -> None:
    path = tmp_path / "x.log"
    path.write_text("2026-10-03 14:05:01 <ann> ERROR: cannot connect\n2026-10-03 14:05:02 <bob> WARN you\n")
    assert owners(path) == ["irc"]


def test_two_logs_that_overlap_tell_each_line_once(tmp_path: Path) -> None:
    """Whichever is read first: a line is known by its words, and by its number among equal ones of one moment."""
    lines = [f"2026-10-03T14:05:0{n // 2}Z <ann> {'same' if n % 3 else n}\n" for n in range(8)]
    for name, part in (("a", lines[:6]), ("b", lines[2:])):
        (tmp_path / name).mkdir()
        (tmp_path / name / "#ops.log").write_text("".join(part))
    first, second = events(tmp_path / "a/#ops.log"), events(tmp_path / "b/#ops.log")
    assert len({e.id for e in [*first, *second]}) == len(lines)
    assert {e.id for e in first} & {e.id for e in second} == {e.id for e in first[2:]}


def test_who_takes_another_nick_is_no_second_person(tmp_path: Path) -> None:
    path = tmp_path / "#inc-1.log"
    path.write_text(
        "# zone: UTC\n# date: 2026-10-14\n[14:01:00] <ana> I am the Incident Commander\n"
        "[14:02:00] *** ana is now known as ana|away\n[14:03:00] <ana|away> on it, looking at the dashboards\n"
    )
    told = events(path)
    assert {e.actor for e in told} == {"ana"}
    found = tell(alert("14:00"), ticket("14:00"), told, as_of="16:00")
    assert found.verdict("members") == "missed", "one person is not two"
    moments = {name: found.moment(name) for name in ("commanded", "investigated", "responded", "channel_opened")}
    assert {row["source"] for row in moments.values() if row} == {"irc"} and all(moments.values())
    assert moments["investigated"]["occurred_at"].strftime("%H:%M") == "14:03"  # type: ignore[index]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[irc]\nzon = "UTC"\n', "unknown key 'zon'"),
        ("[irc]\nzone = 5\n", "zone in [irc] is text"),
        ('[irc]\nbots = "x"\n', "bots is a list"),
        ('[irc]\ndate = "autumn"\n', "write it as 2026-10-03"),
        ('[irc]\nzone = "UTC"\n[more]\n', "one table [irc]"),
        ("[irc]\nzone = \n", "Invalid value"),
    ],
)
def test_a_wrong_declaration_says_what_to_write(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "2026-10-03.log").write_text("[14:05] <ann> x\n")
    (tmp_path / "irc.toml").write_text(text)
    (fault,) = irc.source.parse(tmp_path)
    assert isinstance(fault, Fault) and said in fault.reason and fault.origin.endswith("/irc.toml")


def test_joins_and_parts_are_told_with_who(tmp_path: Path) -> None:
    kinds = Counter(e.kind for e in events(HERE / "irc/irssi_inc-1423.log"))
    assert kinds[Kind.JOINED] == 1 and kinds[Kind.LEFT] == 2
    assert {e.subject for e in events(HERE / "irc/irssi_inc-1423.log")} == {"#inc-1423"}
