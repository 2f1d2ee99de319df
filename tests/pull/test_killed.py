"""A pull that is ended at any moment and called again gets what an undisturbed one gets, page for page."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from podanalytics.pull import _raw
from podanalytics.sources._manifest import MANIFEST, manifest_lines
from tests.pull.pulling import SINCE, ledger, of_github, pages, pull, records
from tests.pull.server import Asked, GitHub, Reply, served

KILLS = 20
NEVER = datetime(2026, 9, 1, tzinfo=UTC)  # before all that the vendor has


def victim(raw: str, url: str) -> None:
    """A pull in a process of its own."""
    done = pull(Path(raw), of_github(url))
    os._exit(1 if any(each.failed for each in done) else 0)


@pytest.fixture
def undisturbed(tmp_path: Path) -> Path:
    with served(GitHub().routes()) as server:
        pull(tmp_path / "undisturbed", of_github(server.url))
    return tmp_path / "undisturbed"


def assert_whole(raw: Path, undisturbed: Path) -> None:
    assert records(raw) == records(undisturbed)
    assert pages(undisturbed).items() <= pages(raw).items()
    told = {line["file"] for folder in raw.rglob(MANIFEST) for line in manifest_lines(folder)} - {None}
    home = raw / "github/pod-example/platform/issues"
    assert told == set(pages(home)), "every page has its line, and every line its page"
    assert not list(raw.rglob(f"*{_raw.PART}"))
    assert ledger(raw) == ledger(undisturbed)


def test_killed_twenty_times_and_called_again(undisturbed: Path, tmp_path: Path) -> None:
    """kill -9 before an answer, in the middle of one, and while it is being written."""
    dice, raw = random.Random(2026), tmp_path / "raw"
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.pull.test_killed"])
    killed = 0
    with served(GitHub().routes()) as server:
        honest = server.reply
        state = {"left": 0}

        def kill(process: multiprocessing.process.BaseProcess, wait: float = 0.0) -> None:
            time.sleep(wait)
            os.kill(process.pid or 0, signal.SIGKILL)

        def reply(asked: Asked) -> Reply:
            true = honest(asked)
            state["left"] -= 1
            if state["left"]:
                return true
            moment = dice.choice(("before", "within", "after"))
            if moment == "before":
                kill(process)
                return true
            cut = len(true.body) // 2 if moment == "within" else None
            pause = 0.0 if moment == "within" else dice.uniform(0, 0.006)
            return replace(true, cut=cut, sent=lambda: kill(process, pause))

        server.reply = reply  # type: ignore[method-assign]
        while killed < KILLS:
            state["left"] = dice.choice((1, 2, 2, 3))
            process = context.Process(target=victim, args=(str(raw), server.url))
            process.start()
            process.join(60)
            assert process.exitcode in (0, -signal.SIGKILL)
            killed += process.exitcode != 0
        state["left"] = -1
        assert [each.failed for each in pull(raw, of_github(server.url))] == [""]
    assert_whole(raw, undisturbed)


class Crash(BaseException):
    """The process ends here."""


def test_crashed_at_every_single_step_of_writing(
    undisturbed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before and after each flush and each move, one after the other, and half a line in the manifest at last."""
    raw, steps = tmp_path / "raw", {"left": 0}
    honest = Path.replace

    def step(*_: object) -> None:
        steps["left"] -= 1
        if steps["left"] == 0:
            raise Crash

    def moved(path: Path, target: Path) -> Path:
        step()
        there = honest(path, target)
        step()
        return there

    monkeypatch.setattr(_raw.os, "fsync", step)
    monkeypatch.setattr(Path, "replace", moved)
    crashes, ended = 0, False
    with served(GitHub().routes()) as server:
        while not ended:
            steps["left"] = 1 + crashes % 15  # a page takes seven steps, so most runs get a page or two further
            try:
                pull(raw, of_github(server.url))
                ended = True
            except Crash:
                crashes += 1
                for manifest in raw.rglob(MANIFEST):
                    with manifest.open("a") as file:
                        file.write('{"file": "since-2026')
    assert crashes > 20
    assert_whole(raw, undisturbed)


def test_a_page_that_was_changed_or_lost_is_fetched_again(undisturbed: Path, tmp_path: Path) -> None:
    with served(GitHub().routes()) as server:
        pull(tmp_path / "raw", of_github(server.url))
        whole = pages(tmp_path / "raw")
        first, second, *_ = (tmp_path / "raw" / name for name in sorted(whole) if "timelines" in name)
        first.unlink()
        second.write_bytes(b"[]")
        pull(tmp_path / "raw", of_github(server.url), since=SINCE - timedelta(days=30), explicit=True)
    assert whole.items() <= pages(tmp_path / "raw").items()
