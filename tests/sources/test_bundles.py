"""ZIPs that lie: entries that lead outside, that are links, that come twice, that claim or hold more than they say."""

from __future__ import annotations

import copy
import json
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from podanalytics.model import Event, Fault, Skipped, Told
from podanalytics.sources import _bundle, all_sources, owners
from podanalytics.sources._bundle import bundle

MESSAGE = {"type": "message", "user": "U1", "text": "kept", "ts": "1791036420.000100"}


def export(path: Path, more: Callable[[zipfile.ZipFile], None] = lambda _: None) -> list[Told]:
    """What is told of a ZIP with one message and with more beside it."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("channels.json", '[{"id": "C1", "name": "ops", "created": 1791000000}]')
        archive.writestr("ops/2026-10-03.json", json.dumps([MESSAGE]))
        more(archive)
    assert owners(path) == ["slack"]
    return list(all_sources()["slack"].parse(path))


def faults(told: list[Told]) -> dict[str, str]:
    return {entry.origin: entry.reason for entry in told if isinstance(entry, Fault)}


@pytest.mark.parametrize(
    "name",
    ["../2026-10-04.json", "/etc/2026-10-04.json", "ops/../../2026-10-04.json", "C:/ops/2026-10-04.json", "..\\x.json"],
)
def test_names_that_lead_outside_are_refused(tmp_path: Path, name: str) -> None:
    told = export(tmp_path / "a.zip", lambda a: a.writestr(name, json.dumps([{**MESSAGE, "text": "leak"}])))
    assert list(faults(told).values()) == ["refused: the entry's name points outside the archive"]
    assert [e.text for e in told if isinstance(e, Event)] == ["ops", "kept"]


def test_a_link_in_a_zip_is_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("ops/2026-10-04.json")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    told = export(tmp_path / "a.zip", lambda a: a.writestr(link, "/etc/passwd"))
    assert faults(told) == {"a.zip/ops/2026-10-04.json": "refused: the entry is a symbolic link"}


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_of_two_entries_with_one_name_the_last_is_read_and_the_first_is_told_of(tmp_path: Path) -> None:
    later = json.dumps([{**MESSAGE, "text": "later"}])
    told = export(tmp_path / "a.zip", lambda a: a.writestr("ops/2026-10-03.json", later))
    assert faults(told) == {"a.zip/ops/2026-10-03.json": "refused: a later entry has the same name"}
    assert [e.text for e in told if isinstance(e, Event)] == ["ops", "later"]


def test_a_zip_in_a_zip_is_counted_and_not_opened(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "inner.zip", "w", zipfile.ZIP_DEFLATED) as inner:
        inner.writestr("zeros", b"0" * 10_000_000)
    told = export(tmp_path / "a.zip", lambda a: a.write(tmp_path / "inner.zip", "more/inner.zip"))
    assert [e.reason for e in told if isinstance(e, Skipped)] == ["file without messages"]


def test_an_entry_holds_no_more_than_it_declares(tmp_path: Path) -> None:
    """One that says 100 bytes and unpacks to 5 MB is damaged, and no more than the 100 are unpacked."""
    path = tmp_path / "a.zip"
    export(path, lambda a: a.writestr("ops/2026-10-04.json", b" " * 5_000_000))
    data = path.read_bytes()
    path.write_bytes(data.replace(struct.pack("<L", 5_000_000), struct.pack("<L", 100)))
    told = list(all_sources()["slack"].parse(path))
    assert list(faults(told)) == ["a.zip/ops/2026-10-04.json"]
    assert [e.text for e in told if isinstance(e, Event)] == ["ops", "kept"]


def test_entries_that_share_their_bytes_cannot_claim_more_than_the_file_can_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the bombs do that unpack to a million times their size: each entry alone is within its bounds."""

    def share(archive: zipfile.ZipFile) -> None:
        archive.writestr("ops/2026-10-04.json", b" " * 99_000)
        for number in range(200):
            twin = copy.copy(archive.filelist[-1])
            twin.filename = f"ops/{1700 + number}-10-04.json"
            archive.filelist.append(twin)

    monkeypatch.setattr(_bundle, "FREE_SIZE", 100_000)
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        share(archive)
    (fault,) = list(all_sources()["slack"].parse(tmp_path / "a.zip"))
    assert isinstance(fault, Fault) and "declare 19899000 bytes unpacked, more than it can hold" in fault.reason


@pytest.mark.parametrize("flag", [0x1, 0x20])
def test_a_locked_or_patched_entry_is_a_fault(tmp_path: Path, flag: int) -> None:
    path = tmp_path / "a.zip"
    export(path)
    data = bytearray(path.read_bytes())
    place = data.rindex(b"PK\x01\x02")
    data[place + 8] |= flag
    data[data.rindex(b"PK\x03\x04") + 6] |= flag
    path.write_bytes(data)
    assert "cannot be unpacked" in faults(list(all_sources()["slack"].parse(path)))["a.zip/ops/2026-10-03.json"]


def test_what_is_no_zip_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    for data in (b"", b"PK\x05\x06" + b"\x00" * 18, b"PK\x03\x04" * 9):
        path.write_bytes(data)
        told = list(all_sources()["slack"].parse(path))
        assert not [entry for entry in told if not isinstance(entry, Fault)]
    with pytest.raises(ValueError, match="not a folder and not a readable ZIP"), bundle(path):
        pass
