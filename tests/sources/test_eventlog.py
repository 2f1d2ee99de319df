"""Event logs: rows in any order and any files tell the same; a changed mapping is read, a wrong one explained."""

from __future__ import annotations

import csv
import gzip
import json
import random
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
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

HERE = Path(__file__).parent
PLAIN = HERE / "eventlog/plain"
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


COLUMNS = CSV.split("\n", 1)[0].split(",")


def cells() -> list[dict[str, str]]:
    return list(csv.DictReader(CSV.splitlines(keepends=True)))


def test_one_log_is_the_same_as_csv_as_lines_of_json_and_as_parquet(tmp_path: Path) -> None:
    """Whatever the files are called: `files` of the mapping names them, how they begin says what they are."""
    mapping = MAPPING.replace("[event_log]\n", '[event_log]\nfiles = "*"\n', 1)
    assert mapping.count("files = ") == 1
    lines = "".join(json.dumps(row) + "\n" for row in cells()).encode()
    pq.write_table(pa.Table.from_pylist(cells()), tmp_path / "packed", row_group_size=2)
    seen = [
        parsed(log(tmp_path / name, {"data": data}, mapping))
        for name, data in (
            ("a", CSV.encode()),
            ("b", lines),
            ("c", b"\xef\xbb\xbf" + lines),
            ("d", gzip.compress(lines)),
            ("e", (tmp_path / "packed").read_bytes()),
        )
    ]
    assert things(seen[0]) == things(parsed(PLAIN))
    assert all(things(told) == things(seen[0]) for told in seen)
    assert not [entry for told in seen for entry in told if isinstance(entry, Fault)]


@given(st.integers(0, 10**6))
@settings(max_examples=15)
def test_a_log_split_over_forms_tells_the_same(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    chance = random.Random(seed)
    rows = cells()
    chance.shuffle(rows)
    one, two = sorted(chance.randrange(len(rows) + 1) for _ in range(2))
    folder = log(tmp_path_factory.mktemp("forms") / "log", {})
    with (folder / "a.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows[:one])
    (folder / "b.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows[max(0, one - 2) : two]), "utf-8")
    pq.write_table(pa.Table.from_pylist(rows[max(0, two - 2) :] or rows), folder / "c.parquet")
    told = parsed(folder)
    assert things(told) == things(parsed(PLAIN))
    assert not [e for e in told if isinstance(e, Fault) and "no rows" not in e.reason]


EPOCHS = """
[event_log]
source = "x"
times = ["epoch", "epoch_ms", "epoch_us"]
[event_log.columns]
id = "id"
time = "at"
"""


@pytest.mark.parametrize(
    ("at", "precision"),
    [
        ("1791036120", "s"), ("1791036120.0", "s"), ("1791036120.25", "ms"), ("1791036120250", "ms"),
        ("1791036120250.0", "ms"), ("1791036120250000", "us"), ('"1791036120250000"', "us"),
    ],
)  # fmt: skip
def test_an_epoch_is_read_in_the_unit_that_it_can_be_of(tmp_path: Path, at: str, precision: str) -> None:
    """Seconds of our time are no milliseconds of it, nor the other way round: all three may be declared."""
    (told,) = parsed(log(tmp_path / "log", {"a.jsonl": f'{{"id": 1, "at": {at}}}\n'.encode()}, EPOCHS))
    assert isinstance(told, Event) and told.precision == precision
    assert told.occurred_at == datetime(2026, 10, 3, 14, 2, 0, 250_000 if "25" in at else 0, tzinfo=UTC)


@pytest.mark.parametrize("at", ["1e999", "-1", "17910361202500000000", "NaN", '"1e30"', "true", "[1]"])
def test_a_number_that_is_no_moment_is_a_fault(tmp_path: Path, at: str) -> None:
    (told,) = parsed(log(tmp_path / "log", {"a.jsonl": f'{{"id": 1, "at": {at}}}\n'.encode()}, EPOCHS))
    assert isinstance(told, Fault)


def test_moments_with_a_type_need_the_form_iso(tmp_path: Path) -> None:
    at = pa.array([datetime(2026, 10, 3, 14, 2, tzinfo=UTC)] * 3, pa.timestamp("us", "UTC"))
    folder = log(tmp_path / "log", {}, EPOCHS)
    pq.write_table(pa.table({"id": ["1", "1", "2"], "at": at}), folder / "a.parquet")
    (told,) = parsed(folder)
    assert isinstance(told, Fault) and "write times = 'iso'" in told.reason


def test_a_moment_beyond_pythons_calendar_costs_its_row(tmp_path: Path) -> None:
    at = pa.array([1_791_036_120_000_000, 2**62, 1_791_036_180_000_000], pa.timestamp("us", "UTC"))
    folder = log(tmp_path / "log", {}, EPOCHS.replace('["epoch", "epoch_ms", "epoch_us"]', '"iso"'))
    pq.write_table(pa.table({"id": ["1", "2", "3"], "at": at}), folder / "a.parquet")
    fault, *events = parsed(folder)
    assert isinstance(fault, Fault) and fault.origin == "log/a.parquet#/1"
    assert [e.subject for e in events if isinstance(e, Event)] == ["1", "3"]


@given(st.floats(0, 1), st.binary(max_size=20))
@settings(max_examples=60, derandomize=True)
def test_a_damaged_parquet_file_is_told_of(tmp_path_factory: pytest.TempPathFactory, share: float, data: bytes) -> None:
    whole = (HERE / "eventlog/typed/changes.parquet").read_bytes()
    mapping = (HERE / "eventlog/typed/tool.toml").read_text("utf-8")
    place = int(len(whole) * share)
    for damaged in (whole[:place], whole[:place] + data + whole[place + len(data) :]):
        told = parsed(log(tmp_path_factory.mktemp("parquet") / "log", {"a.parquet": damaged}, mapping))
        assert told and (damaged == whole or place or [e for e in told if isinstance(e, Fault)])


def test_an_origin_leads_to_the_row_of_a_parquet_file(home: Workspace) -> None:
    shutil.copytree(HERE / "eventlog/typed", home.raw / "warehouse")
    store = home.store()
    intake.load(home, store)
    paths = {row["file"]: Path(row["path"]) for row in store.read(LOADS).iter_rows(named=True)}
    for row in store.events().iter_rows(named=True):
        assert json.loads(raw_text(paths, row["origin"]))["ticket"] == int(row["subject"]), row["origin"]
    assert "no row 99 any more" in raw_text(paths, "warehouse/changes.parquet#/99")


def test_a_mapping_that_lies_in_raw_itself_takes_nothing_of_other_tools(home: Workspace) -> None:
    """Raw is a shelf: it is one export only where nothing else lies on it."""
    store = home.store()
    for path in PLAIN.iterdir():
        shutil.copy(path, home.raw)
    assert [(d.source, d.faults) for d in intake.load(home, store)] == [("eventlog", 0)]
    (home.raw / "pager").mkdir()
    shutil.copy(HERE / "pagerduty/plain.json", home.raw / "pager")
    done = {d.file: d.source for d in intake.load(home, store) if d.state == "loaded"}
    assert done == {"event-log.toml": "eventlog", "incidents.csv": "-", "pager/plain.json": "pagerduty"}
    reasons = dict(store.read(FAULTS).select("file", "reason").iter_rows())
    assert reasons["event-log.toml"] == "a mapping alone: put it into a folder of its own with its files"
    (home.raw / "log").mkdir()
    for name in ("event-log.toml", "incidents.csv"):
        shutil.move(home.raw / name, home.raw / "log")
    intake.load(home, store)
    assert store.read(FAULTS).is_empty() and "INC" in "".join(store.events()["subject"])


def test_a_slack_export_that_lies_in_raw_itself_is_one_until_something_lies_beside_it(home: Workspace) -> None:
    shutil.copytree(HERE / "slack/plain", home.raw, dirs_exist_ok=True)
    store = home.store()
    assert [d.source for d in intake.load(home, store)] == ["slack"]
    shutil.copy(HERE / "pagerduty/plain.json", home.raw / "incidents.json")
    intake.load(home, store)
    assert "pagerduty" in store.read(LOADS)["source"].to_list()
