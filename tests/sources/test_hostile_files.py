"""Hostile files for every source: odd bytes, endless lines and documents, bombs. What is told is sound, and bounded."""

from __future__ import annotations

import gzip
import json
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fuzz.targets import Bench, Target, assert_sound, examined, targets
from podanalytics import intake
from podanalytics.model import Event, Fault, Person, Told
from podanalytics.sources import _look, _pages, _read, all_sources, owners, statuspage_history
from podanalytics.tables import FAULTS, LOADS
from podanalytics.workspace import find_workspace, make_workspace

TARGETS = targets()
PLAIN = [target for target in TARGETS if target.case.name.split(".")[0] == "plain"]
EACH = pytest.mark.parametrize("target", PLAIN, ids=str)
DEEP = 10_000
NUMBERS = ("1e999", "-Infinity", "NaN", "9" * 400, "9" * 5_000, "-0", "1e-999", "0.1e400")
DATES = ("0000-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00", "+275760-09-13T00:00:00.000Z")


def documents(data: bytes) -> list[Any] | None:
    """The JSON documents of a file: itself, or its lines; None where it is no JSON."""
    for texts in ([data], data.splitlines()):
        try:
            return [json.loads(text) for text in texts if text.strip()]
        except (ValueError, RecursionError):
            continue
    return None


def is_lines(target: Target) -> bool:
    data = target.file.read_bytes()
    return not target.member and all(line.startswith(b"{") and line.endswith(b"}") for line in data.splitlines())


def kept(told: list[Told]) -> set[Event | Person]:
    return {entry for entry in told if isinstance(entry, Event | Person)}


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(tmp_path_factory.mktemp("bench"))


def odd_bytes(data: bytes) -> Iterator[bytes]:
    half = len(data) // 2
    yield data[:half] + b"\x00" * 99 + data[half:]
    yield data.replace(b" ", b"\x00")
    yield data[:half] + b"\xff\xfe\xc3\xed\xa0\x80" + data[half:]
    yield data.decode("utf-8", "replace").encode("utf-16")
    yield data.decode("utf-8", "replace").encode("utf-16-be")
    yield b"\xff\xfe" + data
    yield data.replace(b"\n", b"\r")
    yield b"\x1f\x8b" + data
    yield b"PK\x03\x04" + data
    yield b"PAR1" + data + b"PAR1"
    for open_ in (b"[", b'{"a":', b"<a>", b"((", b"- "):
        yield open_ * DEEP
        yield data + b"\n" + open_ * DEEP
        yield data[:half] + open_ * DEEP + data[half:]


@EACH
def test_odd_bytes_and_deep_nesting(bench: Bench, target: Target) -> None:
    for data in odd_bytes(target.file.read_bytes()):
        examined(bench.lay(target, data), target.tool)


@EACH
def test_a_byte_order_mark_changes_nothing(bench: Bench, target: Target) -> None:
    data = target.file.read_bytes()
    unit = bench.lay(target, data)
    told = examined(unit, target.tool)
    bench.lay(target, b"\xef\xbb\xbf" + data)
    assert owners(unit) == [target.tool] and examined(unit, target.tool) == told


def replaced(value: Any, literal: str, dates: bool) -> Any:
    """The document with every number, or every time, marked to be replaced by a literal."""
    if isinstance(value, dict):
        return {key: replaced(inside, literal, dates) for key, inside in value.items()}
    if isinstance(value, list):
        return [replaced(inside, literal, dates) for inside in value]
    hit = isinstance(value, str) and value[:3].isdigit() if dates else isinstance(value, int | float)
    return "@@" + literal + "@@" if hit else value


@EACH
def test_numbers_and_dates_beyond_all_measure(bench: Bench, target: Target) -> None:
    found = documents(target.file.read_bytes())
    if found is None:
        for date in DATES:
            data = target.file.read_bytes().replace(b"2026-10-", date.encode())
            examined(bench.lay(target, data), target.tool)
        return
    for literal, dates in [*((n, False) for n in NUMBERS), *((n, True) for n in NUMBERS), *((d, True) for d in DATES)]:
        text = "\n".join(json.dumps(replaced(document, literal, dates)) for document in found)
        text = text.replace('"@@', '"' if literal in DATES else "").replace('@@"', '"' if literal in DATES else "")
        examined(bench.lay(target, text.encode()), target.tool)


@EACH
def test_members_that_come_twice(bench: Bench, target: Target) -> None:
    data = target.file.read_bytes()
    for twice in (b'{"id": null, "type": 5, "created_at": [], ', b'{"": {}, "": [], '):
        examined(bench.lay(target, data.replace(b"{", twice)), target.tool)


@EACH
def test_what_vanished_is_a_fault(tmp_path: Path, target: Target) -> None:
    unit = tmp_path / target.case.name
    told = list(all_sources()[target.tool].parse(unit))
    assert told and all(isinstance(entry, Fault) and str(tmp_path) not in entry.reason for entry in told)
    assert_sound(told, unit.name)


LINES = [target for target in PLAIN if is_lines(target)]
DOCUMENTS = [
    target
    for target in TARGETS
    if not target.member and target.case.suffix == ".json" and owners(target.case) == [target.tool]
    if (documents(target.case.read_bytes()) or [None])[0]
]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits that are reached soon."""
    for module in (_read, _pages):
        monkeypatch.setattr(module, "MAX_LINE", 1 << 20)
    monkeypatch.setattr(_read, "FREE_SIZE", 100_000)
    monkeypatch.setattr(_look, "LONGER", 2 << 20)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("target", LINES, ids=str)
def test_a_line_too_long_costs_only_itself(tmp_path: Path, target: Target) -> None:
    """Wherever it stands; the line that stands first does not keep the file from being recognised."""
    data = target.file.read_bytes()
    whole = kept(examined(target.case, target.tool))
    long = data.splitlines()[0][:-1] + b', "padding": "' + b"x" * (3 << 20) + b'"}'
    for number, parts in enumerate(([long, data], [data, long], [data, long, b"", data])):
        unit = tmp_path / str(number) / target.case.name
        unit.parent.mkdir()
        unit.write_bytes(b"\n".join(part.rstrip(b"\n") for part in parts) + b"\n")
        assert owners(unit) == [target.tool]
        told = examined(unit, target.tool)
        (fault,) = [entry for entry in told if isinstance(entry, Fault) and "a line longer than 1 MB" in entry.reason]
        before = data.count(b"\n") if number else 0
        assert fault.origin == f"{unit.name}:{before + 1}"
        assert {e.id for e in whole if isinstance(e, Event)} <= {e.id for e in told if isinstance(e, Event)}


@pytest.mark.parametrize("target", DOCUMENTS, ids=str)
def test_a_document_is_read_whole_however_long_it_is(tmp_path: Path, target: Target) -> None:
    """It is recognised by its start, and all of it is told: the same as of the short one."""
    unit = tmp_path / target.case.name
    document = json.loads(target.case.read_bytes())
    text, width = "", 1_000
    while len(text) < 2 * _look.LOOK:
        text = json.dumps(document, indent=width)
        width *= 4
    unit.write_text(json.dumps(document, indent=4), "utf-8")
    short = examined(unit, target.tool)
    unit.write_text(text, "utf-8")
    assert owners(unit) == [target.tool]
    assert examined(unit, target.tool) == short


@pytest.mark.usefixtures("small")
@EACH
def test_a_packed_file_that_grows_to_no_end_is_left(
    bench: Bench, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (_read, _pages, statuspage_history):
        monkeypatch.setattr(module, "MAX_DOCUMENT", 1 << 20)
    monkeypatch.setattr(_read, "MAX_RATIO", 20)
    data = target.file.read_bytes()
    for filling in (b"\n", b"x", b'{"a": 1}\n'):
        bomb = gzip.compress(data + filling * ((5 << 20) // len(filling)), 9)
        unit = bench.lay(target, bomb)
        told = examined(unit, target.tool)
        assert target.member or [e for e in told if isinstance(e, Fault)], (filling, told[-3:])


CHILD = """
import resource, sys
from pathlib import Path
from podanalytics.sources import all_sources, owners
all_sources()
resource.setrlimit(resource.RLIMIT_AS, (700 << 20, 700 << 20))
path = Path(sys.argv[1])
assert owners(path) == [sys.argv[2]], owners(path)
for told in all_sources()[sys.argv[2]].parse(path):
    if type(told).__name__ == "Fault":
        print(told.reason)
"""


@pytest.mark.parametrize("case", ["journald/plain.jsonl", "pagerduty/odd.jsonl", "jira/plain.json"])
def test_a_line_of_a_hundred_megabytes_needs_no_memory_like_it(tmp_path: Path, case: str) -> None:
    """The address space of the process is bounded: room for the packages and two copies of what is read."""
    source = Path(__file__).parent / case
    path = tmp_path / source.name
    with path.open("wb") as file:
        file.write(source.read_bytes().rstrip() + b'\n{"x": "')
        for _ in range(100):
            file.write(b"x" * (1 << 20))
        file.write(b'"}\n')
    child = subprocess.run(
        [sys.executable, "-c", CHILD, str(path), source.parent.name], capture_output=True, text=True, check=False
    )
    assert child.returncode == 0, child.stderr[-2_000:]
    assert ("a line longer than 16 MB" if path.suffix == ".jsonl" else "not JSON: Extra data") in child.stdout


@pytest.mark.parametrize("case", ["corrections/plain.toml", "decisions/plain.toml", "cstate/front_in_toml.md"])
def test_a_key_of_a_hundred_thousand_parts_is_refused(tmp_path: Path, case: str) -> None:
    """Python's parser would need gigabytes for it."""
    source = Path(__file__).parent / case
    path = tmp_path / source.name
    path.write_bytes(source.read_bytes().replace(b"\n", b"\n" + b"a." * 100_000 + b"a = 1\n", 1))
    (fault,) = examined(path, source.parent.name)
    assert isinstance(fault, Fault) and "has more than 100 dots" in fault.reason


def test_looking_at_a_large_document_takes_no_longer_than_at_a_small_one(tmp_path: Path) -> None:
    path = tmp_path / "incidents.json"
    page = json.loads((Path(__file__).parent / "pagerduty/plain.json").read_bytes())
    row = json.dumps(page["incidents"][0])
    path.write_text('{"incidents": [' + ",".join([row] * (30_000_000 // len(row))) + "]}", "utf-8")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    assert owners(path) == ["pagerduty"]
    assert resource.getrusage(resource.RUSAGE_SELF).ru_utime - before < 2, "all of it parsed once takes longer"


def test_folders_deeper_than_a_path_may_be_long(tmp_path: Path) -> None:
    make_workspace(tmp_path / "team")
    home = find_workspace(tmp_path / "team")
    shutil.copy(Path(__file__).parent / "pagerduty/plain.json", home.raw / "plain.json")
    here = os.open(home.raw, os.O_RDONLY)
    try:
        for _ in range(200):
            os.mkdir("a folder like any other", dir_fd=here)
            inner = os.open("a folder like any other", os.O_RDONLY, dir_fd=here)
            os.close(here)
            here = inner
    finally:
        os.close(here)
    store = home.store()
    intake.load(home, store)
    assert "plain.json" in store.read(LOADS)["file"].to_list()
    (reason,) = store.read(FAULTS)["reason"]
    assert reason == "cannot be read: File name too long"
