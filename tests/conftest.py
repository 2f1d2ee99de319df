"""What all tests share. That it is here also puts the project on the import path (for `tests.hostile` and the like)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent

# A slow moment of a busy machine is no fault; a failing example is printed so that it can be kept as a test.
settings.register_profile("podanalytics", deadline=None, print_blob=True)
settings.load_profile("podanalytics")


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's own folder."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real exports that lies beside the project on some machines (PODANALYTICS_SHARED names another)."""
    found = Path(os.environ.get("PODANALYTICS_SHARED") or ROOT.parent / "shared")
    if not (found / "data").is_dir():
        pytest.skip(f"no real exports in {found}")
    return found
