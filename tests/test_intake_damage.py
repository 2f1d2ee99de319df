"""Intake meets what is unreadable, linked, hidden, endless or damaged: it is told, and the rest loads."""

from __future__ import annotations

import gzip
import json
import os
import socket
from pathlib import Path
from typing import Any

import pytest

from podanalytics import intake
from podanalytics.errors import WorkspaceError
from podanalytics.evidence import raw_text
from podanalytics.show.terminal import load_lines
from podanalytics.sources import all_sources
from podanalytics.store import Store
from podanalytics.tables import EVENTS, FAULTS, LOADS
from podanalytics.workspace import Workspace, find_workspace, make_workspace

PAGER: dict[str, Any] = {
    "id": "PGOOD1",
    "incident_number": 1,
    "title": "api down",
    "created_at": "2026-10-14T14:00:00Z",
    "status": "triggered",
    "service": {"id": "S1"},
    "urgency": "high",
}


def page(**changes: Any) -> str:
    return json.dumps({"incidents": [{**PAGER, **changes}]})


@pytest.fixture
def home(tmp_path: Path) -> Workspace:
    make_workspace(tmp_path / "team")
    home = find_workspace(tmp_path / "team")
    (home.raw / "good.json").write_text(page(), "utf-8")
    return home


def loaded(home: Workspace) -> tuple[Store, dict[str, str]]:
    """The store, and the faults by origin. What is good has to be there whatever lies beside it."""
    store = home.store()
    intake.load(home, store)
    assert "PGOOD1" in store.events()["subject"].to_list()
    return store, {f["origin"]: f["reason"] for f in store.read(FAULTS).to_dicts()}


def test_a_file_that_cannot_be_opened_is_a_fault(home: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    (home.raw / "secret.json").write_text(page(id="PSECRET"), "utf-8")
    opened = Path.open

    def guarded(path: Path, *more: Any, **named: Any) -> Any:
        if path.name == "secret.json":
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, *more, **named)

    monkeypatch.setattr(Path, "open", guarded)
    store, faults = loaded(home)
    assert faults == {"secret.json": "cannot be read: Permission denied"}
    monkeypatch.undo()
    intake.load(home, store)
    assert store.read(FAULTS).is_empty(), "it is read as soon as it can be"
    assert "PSECRET" in store.events()["subject"].to_list()


def test_a_folder_that_cannot_be_opened_is_a_fault(home: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    (home.raw / "vault").mkdir()
    scandir = os.scandir

    def guarded(path: Any = ".") -> Any:
        if Path(path).name == "vault":
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", guarded)
    assert loaded(home)[1] == {"vault": "cannot be read: Permission denied"}


def test_a_day_of_slack_that_cannot_be_opened_costs_only_itself(
    home: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = home.raw / "chat" / "ops"
    folder.mkdir(parents=True)
    (folder.parent / "channels.json").write_text('[{"id": "C1", "name": "ops", "created": 1791000000}]', "utf-8")
    for day in ("2026-10-03", "2026-10-04"):
        text = json.dumps([{"type": "message", "user": "U1", "text": day, "ts": "1791036420.000100"}])
        (folder / f"{day}.json").write_text(text, "utf-8")
    opened = Path.open

    def guarded(path: Path, *more: Any, **named: Any) -> Any:
        if path.name == "2026-10-03.json":
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, *more, **named)

    monkeypatch.setattr(Path, "open", guarded)
    store, faults = loaded(home)
    assert list(faults) == ["chat/ops/2026-10-03.json"] and "Permission denied" in faults["chat/ops/2026-10-03.json"]
    assert "2026-10-04" in store.events()["text"].to_list()


def test_links_are_told_and_lead_nowhere(home: Workspace, tmp_path: Path) -> None:
    (tmp_path / "outside.json").write_text(page(id="POUTSIDE"), "utf-8")
    (home.raw / "link.json").symlink_to(tmp_path / "outside.json")
    (home.raw / "loop").symlink_to(home.raw)
    (home.raw / "dangling").symlink_to(tmp_path / "nothing")
    store, faults = loaded(home)
    assert set(faults) == {"link.json", "loop", "dangling"}
    assert all("symbolic link" in reason for reason in faults.values())
    assert "POUTSIDE" not in store.events()["subject"].to_list()


def test_a_link_inside_an_export_is_not_followed_either(home: Workspace, tmp_path: Path) -> None:
    folder = home.raw / "chat" / "ops"
    folder.mkdir(parents=True)
    (folder.parent / "channels.json").write_text('[{"id": "C1", "name": "ops", "created": 1791000000}]', "utf-8")
    (folder / "2026-10-03.json").write_text("[]", "utf-8")
    (tmp_path / "other.json").write_text('[{"type": "message", "ts": "1791036420.000100", "text": "leak"}]', "utf-8")
    (folder / "2026-10-04.json").symlink_to(tmp_path / "other.json")
    store, faults = loaded(home)
    assert list(faults) == ["chat/ops/2026-10-04.json"] and "symbolic link" in faults["chat/ops/2026-10-04.json"]
    assert "leak" not in store.events()["text"].to_list()


def test_pipes_and_sockets_are_told_and_nobody_waits_for_them(home: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(home.raw / "pipe.json")
    monkeypatch.chdir(home.raw)
    with socket.socket(socket.AF_UNIX) as end:
        end.bind("end.json")
        faults = loaded(home)[1]
    assert set(faults) == {"pipe.json", "end.json"} and all("not a file" in r for r in faults.values())


def test_hidden_things_are_counted_once_and_are_no_fault(home: Workspace) -> None:
    (home.raw / ".git").mkdir()
    (home.raw / ".git/config").write_text("x", "utf-8")
    (home.raw / ".DS_Store").write_text("x", "utf-8")
    store = home.store()
    done = intake.load(home, store)
    assert store.read(FAULTS).is_empty() and store.read(LOADS)["file"].to_list() == ["good.json"]
    assert load_lines(done)[-1] == "2 left out: hidden, such as .DS_Store"


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("deep.json", b"[" * 200_000, "no source recognises it: its JSON is damaged: it is nested too deeply"),
        ("deeper.json", b'{"incidents":' + b"[" * 99_999 + b"]" * 99_999 + b"}", "nested too deeply"),
        ("empty.json", b"", "no source recognises it: it is empty;"),
        ("none.json", b"[]", "no source recognises it: an empty list, which does not tell whose it is;"),
        ("wide.json", page().encode("utf-16"), "it is UTF-16 text: save it as UTF-8"),
        ("wide2.json", page().encode("utf-16-be"), "it is UTF-16 text: save it as UTF-8"),
        ("cut.zip", b"PK\x03\x04" + b"x" * 50, "the ZIP is damaged or cut off"),
        ("cut.gz", gzip.compress(b"x" * 99_999)[:-30], "the packed file is damaged"),
        ("cut.json.gz", gzip.compress(page(title="y" * 9_000).encode())[:-9], "the packed file is damaged"),
        ("holes.txt", b"\xff\x00\x00\x00\x01" * 9, "it holds NUL bytes, so it is no text"),
        ("nul.json", page(title="@").replace("@", "\x00").encode(), "its JSON is damaged: Invalid control character"),
        ("digits.json", b'{"incidents": [{"id": ' + b"9" * 5_000 + b"}]}", "its JSON is damaged: Exceeds the limit"),
        ("half.json", page()[:-30].encode(), "its JSON is damaged:"),
    ],
)
def test_the_fault_says_what_is_damaged(home: Workspace, name: str, data: bytes, reason: str) -> None:
    (home.raw / name).write_bytes(data)
    faults = loaded(home)[1]
    assert list(faults) == [name] and reason in faults[name]


@pytest.mark.parametrize(
    "document",
    [
        [{"incidents": [{**PAGER, "id": "P1"}]}, {"incidents": [{**PAGER, "id": "P2"}]}],
        [[{**PAGER, "id": "P1"}], [{**PAGER, "id": "P2"}]],
        [None, {**PAGER, "id": "P1"}, {**PAGER, "id": "P2"}],
    ],
    ids=["pages", "lists", "after null"],
)
def test_a_list_of_pages_is_read_page_by_page(home: Workspace, document: Any) -> None:
    (home.raw / "pages.json").write_text(json.dumps(document), "utf-8")
    store, faults = loaded(home)
    assert {"P1", "P2"} <= set(store.events()["subject"]) and len(faults) == (document[0] is None)


@pytest.mark.parametrize(
    ("document", "owner"),
    [
        ({"issues": [], "isLast": True}, "jira"),
        ({"values": [], "isLast": True}, "jira"),
        ({"log_entries": []}, "pagerduty"),
        ({"incidents": [], "limit": 25}, "pagerduty"),
        ({"items": [], "total_count": 0}, "github"),
    ],
)
def test_an_empty_page_has_an_owner_and_is_no_fault(home: Workspace, document: Any, owner: str) -> None:
    (home.raw / "page.json").write_text(json.dumps(document), "utf-8")
    store, faults = loaded(home)
    assert not faults
    assert dict(store.read(LOADS).select("file", "source").iter_rows())["page.json"] == owner


def test_whatever_a_source_raises_is_a_fault_unless_strict(home: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    (home.raw / "pod-api.log").write_text("2026-10-14T13:01:58Z ERROR pod-api x\n", "utf-8")

    def broken(path: Path) -> Any:
        raise AssertionError("a bug of ours")

    applog = all_sources()["applog"]
    monkeypatch.setitem(all_sources(), "applog", type(applog)(applog.title, applog.manual, applog.owns, broken))
    monkeypatch.delenv("PODANALYTICS_STRICT", raising=False)
    assert loaded(home)[1] == {"pod-api.log": "reading stopped here: a bug of ours"}
    (home.raw / "pod-api.log").write_text("2026-10-14T13:01:59Z ERROR pod-api x\n", "utf-8")
    monkeypatch.setenv("PODANALYTICS_STRICT", "1")
    with pytest.raises(AssertionError):
        intake.load(home, home.store())


def test_half_an_emoji_and_a_nul_are_replaced(home: Workspace) -> None:
    (home.raw / "half.json").write_text(page(id="P\ud83d", title="half \ud83d and \x00"), "utf-8")
    store, faults = loaded(home)
    assert not faults and "P\ufffd" in store.events()["subject"].to_list()
    assert "half \ufffd and \ufffd" in store.events()["text"].to_list()


@pytest.mark.parametrize("name", [b"bad\xff\xfename.json", b"a#b:7%41.json", b"two\nlines.json", b"a #.json", b"x:1"])
def test_odd_file_names_are_kept_and_their_origins_lead_back(home: Workspace, name: bytes) -> None:
    (home.raw / os.fsdecode(name)).write_text(page(id="PODD", title="odd name"), "utf-8")
    (home.raw / os.fsdecode(name + b"2")).write_text(page(id="PTWO", title="other"), "utf-8")
    store, faults = loaded(home)
    assert not faults
    paths = {row["file"]: intake.real_path(row["path"]) for row in store.read(LOADS).to_dicts()}
    origins = {e["subject"]: e["origin"] for e in store.read(EVENTS).to_dicts()}
    assert json.loads(raw_text(paths, origins["PODD"]))["title"] == "odd name"
    assert json.loads(raw_text(paths, origins["PTWO"]))["title"] == "other"
    assert [d.state for d in intake.load(home, store)] == ["unchanged"] * 3


def test_a_day_of_a_channel_with_an_odd_name_leads_back(home: Workspace) -> None:
    folder = home.raw / "chat" / "we#ird:1"
    folder.mkdir(parents=True)
    (folder.parent / "channels.json").write_text('[{"id": "C1", "name": "we#ird:1", "created": 1791000000}]', "utf-8")
    message = {"type": "message", "user": "U1", "text": "here", "ts": "1791036420.000100"}
    (folder / "2026-10-03.json").write_text(json.dumps([message]), "utf-8")
    store, _ = loaded(home)
    paths = {row["file"]: intake.real_path(row["path"]) for row in store.read(LOADS).to_dicts()}
    origin = next(e["origin"] for e in store.read(EVENTS).to_dicts() if e["text"] == "here")
    assert json.loads(raw_text(paths, origin))["text"] == "here"


def test_lines_are_counted_by_line_ends_alone(home: Workspace) -> None:
    text = "2026-10-14T13:01:57Z INFO a\x0b\u2028 b\n2026-10-14T13:01:58Z ERROR pod-api the one\n"
    (home.raw / "pod-api.log").write_text(text, "utf-8")
    store, _ = loaded(home)
    paths = {row["file"]: intake.real_path(row["path"]) for row in store.read(LOADS).to_dicts()}
    origin = next(e["origin"] for e in store.read(EVENTS).to_dicts() if e["kind"] == "log")
    assert raw_text(paths, origin).endswith("the one")


def test_a_path_that_cannot_be_looked_at_is_a_sentence(home: Workspace) -> None:
    loop = home.root / "loop"
    loop.symlink_to(loop)
    for path in (loop, Path("x" * 5_000)):
        with pytest.raises(WorkspaceError, match="cannot be opened"):
            intake.load(home, home.store(), [path])
