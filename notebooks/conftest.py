"""The notebooks are tested against a ledger and a key made anew from the sample, whatever lies in data/ already."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from podanalytics.packets import environment

LEDGER = Path(tempfile.mkdtemp(prefix="podanalytics-notebooks-")) / "pod.db"
KEY = LEDGER.with_name("pseudonyms.json")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[object]:
    """Around each cell, for the first one starts the kernel, which inherits the setting; other tests keep theirs."""
    if item.path.parent != Path(__file__).parent:
        return (yield)
    with environment(POD_DATABASE_URL=f"sqlite:///{LEDGER}", POD_PSEUDONYMS=str(KEY)):
        return (yield)


def pytest_sessionfinish() -> None:
    """Leave nothing behind."""
    for made in (LEDGER, KEY):
        made.unlink(missing_ok=True)
    LEDGER.parent.rmdir()
