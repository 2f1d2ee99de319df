"""Event logs: rows in any order and any files tell the same; a changed mapping is read, a wrong one explained."""

from __future__ import annotations

import gzip
import random
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podanalytics import intake
from podanalytics.evidence import raw_text
from podanalytics.model import Event, Fault, Kind, Told
from podanalytics.sources import all_sources, owners
from podanalytics.sources._eventlog_mapping import read_mapping
from podanalytics.tables import FAULTS, LOADS
from podanalytics.workspace import Workspace, find_workspace, make_workspace

PLAIN = Path(__file__).parent / "eventlog/plain"
MAPPING = (PLAIN / "event-log.toml").read_text("utf-8")
CSV = (PLAIN / "incidents.csv").read_text("utf-8")


def parsed(folder: Path) -> list[Told]:
    assert owners(folder) == ["eventlog"]
    return list(all_sources()["eventlog"].parse(folder))


def log(folder: Path, files: dict[str, bytes], mapping: str = MAPPING) -> Path:
    folder.mkdir()
    (folder / "event-log.toml").write_text(mapping, "utf-8")
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder


def things(told: list[Told]) -> set[Event]:
    """What is told, wherever it was read."""
    return {replace(entry, origin="x") for entry in told if isinstance(entry, Event)}


def whole_rows() -> tuple[str, list[str]]:
    """The header of the plain case, and its records, one of which spans two lines."""
    header, rest = CSV.split("\n", 1)
    rows: list[str] = []
    for line in rest.splitlines():
        if line and not line.startswith("INC"):
            rows[-1] += f"\n{line}"
        elif line:
            rows.append(line)
    return header, rows


@given(st.integers(0, 10**6))
@settings(max_examples=40)
def test_rows_in_any_order_and_any_files_tell_the_same(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    header, rows = whole_rows()
    chance = random.Random(seed)
    chance.shuffle(rows)
    cut = chance.randrange(len(rows) + 1)
    parts = [rows[:cut], rows[max(0, cut - 3) :]]  # they overlap
    files = {
        f"{number}.csv.gz": gzip.compress("\n".join([header, *part, ""]).encode()) for number, part in enumerate(parts)
    }
    told = parsed(log(tmp_path_factory.mktemp("split") / "log", files))
    assert things(told) == things(parsed(PLAIN))
    assert not [entry for entry in told if isinstance(entry, Fault)]


def test_keys_sort_what_happened_within_a_minute_as_it_happened(tmp_path: Path) -> None:
    header = "number,sys_updated_at,sys_mod_count,incident_state\n"
    rows = "".join(f"INC1,1/10/2026 09:07,{n},{word}\n" for n, word in enumerate("zyxwvutsrqpo", 5))
    columns = {"id": "number", "time": "sys_updated_at", "version": "sys_mod_count", "state": "incident_state"}
    mapping = MAPPING.split("[event_log.columns]")[0] + "[event_log.columns]\n"
    mapping += "".join(f'{key} = "{column}"\n' for key, column in columns.items())
    told = parsed(log(tmp_path / "log", {"a.csv": (header + rows).encode()}, mapping))
    status = sorted((e for e in told if isinstance(e, Event) and e.kind is Kind.STATUS), key=lambda e: e.key)
    assert "".join(e.value or "" for e in status) == "zyxwvutsrqpo"


@pytest.fixture
def home(tmp_path: Path) -> Workspace:
    make_workspace(tmp_path / "team")
    return find_workspace(tmp_path / "team")


def test_a_changed_mapping_is_read_again(home: Workspace) -> None:
    folder = home.raw / "servicenow"
    shutil.copytree(PLAIN, folder)
    store = home.store()
    assert [(d.file, d.state) for d in intake.load(home, store)] == [("servicenow", "loaded")]
    assert [d.state for d in intake.load(home, store)] == ["unchanged"]
    (folder / "event-log.toml").write_text(MAPPING.replace('"UTC"', '"Europe/Berlin"'), "utf-8")
    before = set(store.events()["occurred_at"])
    assert [d.state for d in intake.load(home, store)] == ["loaded"]
    assert not before & set(store.events()["occurred_at"])


def test_an_origin_leads_to_the_line_of_a_packed_file_in_the_folder(home: Workspace) -> None:
    log(home.raw / "servicenow", {"incidents.csv.gz": gzip.compress(CSV.encode())})
    store = home.store()
    intake.load(home, store)
    paths = {row["file"]: Path(row["path"]) for row in store.read(LOADS).iter_rows(named=True)}
    assert raw_text(paths, "servicenow/incidents.csv.gz:5") == 'they said ""today"""'
    for row in store.events().iter_rows(named=True):
        assert raw_text(paths, row["origin"]).startswith(f"{row['subject']},"), row["origin"]
    assert "no line 99 any more" in raw_text(paths, "servicenow/incidents.csv.gz:99")


def test_what_lies_beside_a_log_is_not_lost_in_silence(home: Workspace) -> None:
    log(home.raw / "log", {"incidents.csv": CSV.encode(), "export.json": b"[]"})
    (home.raw / "log/link.csv").symlink_to(PLAIN / "incidents.csv")
    store = home.store()
    (done,) = intake.load(home, store)
    assert (done.source, done.faults) == ("eventlog", 2)
    assert store.read(FAULTS)["origin"].to_list() == ["log/export.json", "log/link.csv"]


WHOLE = '[event_log]\nsource = "x"\n[event_log.columns]\nid = "a"\ntime = "b"\n'


def test_a_mapping_may_be_short() -> None:
    assert read_mapping(WHOLE).wanted == {"a": "id", "b": "time"}


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("[event_log]", "[event_log]\nzoen = 'UTC'", "unknown key 'zoen' in [event_log]; did you mean \"zone\""),
        ("[event_log]", "x = 1\n[event_log]", "unknown key 'x' at the top; known: event_log"),
        ('source = "x"', "", 'write source in [event_log]: source = "servicenow"'),
        ('source = "x"', "source = 7", "source in [event_log] is text, not 7"),
        ('id = "a"', "", 'write id in [event_log.columns]: id = "number"'),
        ('id = "a"', 'id = ["a", "c"]', "id is one column, not 2"),
        ('time = "b"', "time = [1]", "time in [event_log.columns] is text or a list of texts, not [1]"),
        ("[event_log.columns]", "[[event_log.columns]]", "write [event_log.columns] as a table"),
        ('source = "x"', 'source = "x"\nzone = "Mars"', "unknown time zone 'Mars'"),
        ('source = "x"', 'source = "x"\ntimes = "%d/%m/%Y %H:%M"', "have no zone"),
        ('source = "x"', 'source = "x"\nzone = "UTC"\ntimes = "%H:%M"', "does not tell the date"),
        ('source = "x"', 'source = "x"\ntimes = "%Q"', "is no form of time"),
        ('source = "x"', 'source = "x"\ndelimiter = "||"', "delimiter is one character"),
        ('source = "x"', 'source = "x"\nencoding = "utf-16"', "save the file as UTF-8"),
        ('source = "x"', 'source = "x"\nprecision = "minutes"', "unknown precision 'minutes'; known: microsecond"),
        ('source = "x"', 'source = "x"\nrows = "record"', "unknown rows 'record'; known: changes, records"),
    ],
)
def test_a_wrong_mapping_says_what_to_write(old: str, new: str, complaint: str) -> None:
    assert old in WHOLE
    with pytest.raises(ValueError) as caught:
        read_mapping(WHOLE.replace(old, new, 1))
    assert complaint in str(caught.value)


@pytest.mark.parametrize(
    ("columns", "complaint"),
    [('actor = "c"\n', 'with rows = "records" leave actor out'), ('severity = "c"\n', "map opened, too")],
)
def test_records_do_not_tell_who_did_what(columns: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        read_mapping(WHOLE.replace('source = "x"', 'source = "x"\nrows = "records"') + columns)


@given(st.binary(max_size=300), st.booleans())
def test_no_bytes_bring_the_reader_down(tmp_path_factory: pytest.TempPathFactory, data: bytes, behind: bool) -> None:
    header = CSV.split("\n", 1)[0].encode() + b"\n" if behind else b""
    told = parsed(log(tmp_path_factory.mktemp("bytes") / "log", {"a.csv": header + data}))
    assert behind or [entry for entry in told if isinstance(entry, Fault)]


@given(st.floats(0, 1))
@settings(max_examples=40)
def test_a_packed_file_cut_anywhere_is_told_of(tmp_path_factory: pytest.TempPathFactory, share: float) -> None:
    packed = gzip.compress(CSV.encode())
    part = packed[: int(len(packed) * share)]
    told = parsed(log(tmp_path_factory.mktemp("cut") / "log", {"a.csv.gz": part}))
    assert len(part) == len(packed) or [entry for entry in told if isinstance(entry, Fault)]


def test_a_mapping_of_arbitrary_text_is_one_fault(tmp_path: Path) -> None:
    for number, text in enumerate(("[event_log]\n\x00", "[event_log]\nsource = [", "[event_log.columns]\n")):
        told = parsed(log(tmp_path / str(number), {"a.csv": CSV.encode()}, text))
        assert [type(entry) for entry in told] == [Fault]
