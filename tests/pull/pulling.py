"""What the tests of pulling share: a pull without real waits, and what came of it."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from podanalytics import intake
from podanalytics.pull import checked
from podanalytics.pull._run import Pulled, Surroundings, Tell
from podanalytics.pull._run import pull as pull_all
from podanalytics.tables import FAULTS
from podanalytics.workspace import Settings, Workspace
from tests.pull.server import REPOSITORY

SINCE = datetime(2026, 10, 1, tzinfo=UTC)
NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)


def around(timeout: float = 5.0) -> Surroundings:
    """A clock that stands, waits that cost nothing, dice that always fall alike."""
    return Surroundings(NOW.timestamp, lambda seconds: None, random.Random(7), timeout)


def of_github(url: str, **more: Any) -> dict[str, Any]:
    return {"github": {"repositories": [REPOSITORY], "base_url": url, **more}}


def pull(
    raw: Path,
    settings: Mapping[str, Any],
    since: datetime = SINCE,
    explicit: bool = False,
    tell: Tell | None = None,
    timeout: float = 5.0,
) -> list[Pulled]:
    silent: Tell = lambda done, doing: None  # noqa: E731
    return pull_all(raw, checked(settings), (), since, explicit, tell or silent, around(timeout))


def pages(raw: Path) -> dict[str, bytes]:
    """What can be seen of the raw folder: file → content."""
    found = (path for path in raw.rglob("*") if path.is_file() and not path.name.startswith("."))
    return {path.relative_to(raw).as_posix(): path.read_bytes() for path in found}


def records(raw: Path) -> set[str]:
    """Every record on every page, as text."""
    found = set()
    for content in pages(raw).values():
        document = json.loads(content)
        found |= {json.dumps(row, sort_keys=True) for row in (document if isinstance(document, list) else [document])}
    return found


def ledger(raw: Path) -> tuple[list[tuple[Any, ...]], list[str]]:
    """(every event as it stands, but where it was read; why anything could not be read) of the raw folder alone."""
    workspace = Workspace(raw.parent, Settings(raw=raw.name, database="sqlite://"))
    store = workspace.store()
    try:
        intake.load(workspace, store)
        return store.events().drop("origin", "file").rows(), store.read(FAULTS)["reason"].to_list()
    finally:
        store.close()
