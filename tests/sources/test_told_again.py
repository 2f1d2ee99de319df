"""One thing in two exports, edited between them: the later words stand, whichever file is loaded or sorted first."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from podanalytics import intake
from podanalytics.workspace import find_workspace, make_workspace

HERE = Path(__file__).parent
Row = dict[str, Any]


def jira(text: str, updated: str) -> tuple[str, Any]:
    page = json.loads((HERE / "jira/plain.json").read_bytes())
    page["issues"][0]["fields"]["comment"]["comments"][0] |= {"body": text, "updated": updated}
    return "page.json", page


def github(text: str, updated: str) -> tuple[str, Any]:
    rows = [json.loads(line)["data"] for line in (HERE / "github/lines.jsonl").read_text("utf-8").splitlines()]
    row: Row = next(row for row in rows if row["id"] == 7002)
    return "comments.json", [row | {"body": text, "updated_at": updated}]


def statuspage(text: str, updated: str) -> tuple[str, Any]:
    page = json.loads((HERE / "statuspage/plain.json").read_bytes())
    page["incidents"][0]["incident_updates"][-1] |= {"body": text, "updated_at": updated}
    return "incidents.json", page


def pagerduty(text: str, updated: str) -> tuple[str, Any]:
    page = json.loads((HERE / "pagerduty/plain.json").read_bytes())
    page["incidents"][0] |= {"title": text, "updated_at": updated}
    return "incidents.json", page


def servicenow(text: str, updated: str) -> tuple[str, Any]:
    page = json.loads((HERE / "servicenow/plain.json").read_bytes())
    page["result"][0] |= {"short_description": text, "sys_updated_on": updated[:19].replace("T", " ")}
    return "incidents.json", page


def opsgenie(text: str, updated: str) -> tuple[str, Any]:
    page = json.loads((HERE / "opsgenie/plain.json").read_bytes())
    page["data"][0] |= {"message": text, "updatedAt": updated}
    return "incidents.json", page


TOOLS: dict[str, tuple[Callable[[str, str], tuple[str, Any]], str, str]] = {
    # how an export is made, the key of the thing edited, the moment when it was made
    "jira": (jira, "comment/88", "2026-10-03T14:10:00.000+0000"),
    "github": (github, "commented/7002", "2026-10-03T14:07:00Z"),
    "statuspage": (statuspage, "up0000000001", "2026-10-03T14:09:30.120Z"),
    "pagerduty": (pagerduty, "QINC00088/created", "2026-10-03T14:00:20Z"),
    "servicenow": (servicenow, "000000000000000000000000000a1001/opened", "2026-10-03T14:02:10Z"),
    "opsgenie": (opsgenie, "0b6f1c52-7c1e-4f0a-9a51-3d0f5a2b1001/created", "2026-10-03T14:03:00.5Z"),
}


@pytest.mark.parametrize("order", [("a", "b"), ("b", "a")], ids=" then ".join)
@pytest.mark.parametrize("late", ["a", "b"])
@pytest.mark.parametrize("tool", TOOLS)
def test_the_later_words_stand(tool: str, late: str, order: tuple[str, str], tmp_path: Path) -> None:
    make, key, made = TOOLS[tool]
    make_workspace(tmp_path / "team")
    home = find_workspace(tmp_path / "team")
    store = home.store()
    for folder in ("a", "b"):
        words = ("as it was edited", "2026-10-03T18:00:00.000Z") if folder == late else ("as it was first", made)
        name, document = make(*words)
        (home.raw / folder).mkdir(parents=True)
        (home.raw / folder / name).write_text(json.dumps(document), "utf-8")
    for folder in order:
        intake.load(home, store, [home.raw / folder])
    told = [row["text"] for row in store.events().iter_rows(named=True) if row["key"] == key]
    store.close()
    assert told == ["as it was edited"]


@pytest.mark.parametrize("late", ["a", "b"])
def test_the_later_words_of_a_slack_message_stand(late: str, tmp_path: Path) -> None:
    make_workspace(tmp_path / "team")
    home = find_workspace(tmp_path / "team")
    store = home.store()
    for folder in ("a", "b"):
        message = {"type": "message", "user": "U1", "text": "as it was first", "ts": "1791036420.123456"}
        if folder == late:
            message |= {"text": "as it was edited", "edited": {"user": "U1", "ts": "1791050000.000000"}}  # type: ignore[dict-item]
        export = home.raw / folder
        (export / "ops").mkdir(parents=True)
        (export / "channels.json").write_text('[{"id": "C1", "name": "ops", "created": 1791000000}]', "utf-8")
        (export / "ops/2026-10-03.json").write_text(json.dumps([message]), "utf-8")
    intake.load(home, store)
    told = [row["text"] for row in store.events().iter_rows(named=True) if row["key"] == "C1/1791036420.123456"]
    store.close()
    assert told == ["as it was edited"]
