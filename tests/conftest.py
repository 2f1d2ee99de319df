"""What all tests share. That it is here also puts the project on the import path (for `tests.hostile` and the like)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings

from podanalytics import intake
from podanalytics.ledger import Ledger, load_ledger
from podanalytics.workspace import Settings, Workspace

ROOT = Path(__file__).resolve().parent.parent

# A slow moment of a busy machine is no fault; a failing example is printed so that it can be kept as a test.
hypothesis_settings.register_profile("podanalytics", deadline=None, print_blob=True)
hypothesis_settings.load_profile("podanalytics")


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's own folder."""
    return ROOT


@pytest.fixture(scope="session")
def ledger(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    """The sample's ledger, loaded from its raw files into a store of its own."""
    folder = tmp_path_factory.mktemp("ledger")
    settings = Settings(
        raw=str(root / "data/sample/raw"),
        database=str(folder / "pod.db"),
        as_of=datetime.fromisoformat("2026-11-02T09:00:00Z"),
    )
    workspace = Workspace(folder, settings)
    store = workspace.store()
    intake.load(workspace, store)
    yield load_ledger(store, workspace.policy(), workspace.as_of())
    store.close()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real exports that lies beside the project on some machines (PODANALYTICS_SHARED names another)."""
    found = Path(os.environ.get("PODANALYTICS_SHARED") or ROOT.parent / "shared")
    if not (found / "data").is_dir():
        pytest.skip(f"no real exports in {found}")
    return found
