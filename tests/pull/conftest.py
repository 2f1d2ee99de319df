"""No test of pulling waits for a retry or a disk, reads a real token, or goes by way of a proxy of this machine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import stamina

from podanalytics.pull._http import ATTEMPTS


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("POD_GITHUB_TOKEN", raising=False)
    monkeypatch.setattr("podanalytics.pull._secrets._stored", lambda name: None)
    monkeypatch.setattr("podanalytics.pull._raw.os.fsync", lambda file: None)
    with stamina.set_testing(True, attempts=ATTEMPTS):
        yield
