"""What holds for every vendor: trouble on the way leaves no trace, and neither does an end at any page."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from podanalytics.pull import all_vendors
from podanalytics.pull._run import Pulled
from tests.pull.pulling import ledger, of_github, pages, pull
from tests.pull.server import Asked, Fault, GitHub, Page, Reply, after, cut_at, refused, served, shortened
from tests.pull.test_secrets import leaks, written
from tests.pull.vendors import Alertmanager, Jira, PagerDuty, Slack

TOKEN = "ghp_W8x+Q2/zK5=vN7tR3mL9pY4c"


@dataclass(frozen=True)
class Case:
    """A vendor under test: its server, its settings, a limit in its own dialect, and the paths that have many pages."""

    name: str
    make: Callable[[], Any]
    settings: Callable[[str], dict[str, Any]]
    limit: Fault
    paged: str = ""
    edit: Callable[[Any], None] = lambda server: server.edit()
    shrink: Callable[[Any], None] = lambda server: server.shrink()


def _repost(page: Page) -> None:
    page.body, page.updated = "We found it.", "2026-10-03T14:20:00Z"


def _smaller(vendor: Any) -> None:
    vendor.limit = 2


def of_jira(url: str, **more: Any) -> dict[str, Any]:
    return {"jira": {"base_url": url, "projects": ["OPS"], "user": "me@pod.example", **more}}


CASES = [
    Case("github", partial(GitHub, 4, 3), of_github,
         refused(403, "secondary rate limit", Retry_After="4"), "/repos/.*/issues",
         lambda vendor: vendor.edit(2, 5000, "P1"), _smaller),
    Case("statuspage", Page, lambda url: {"statuspage": {"pages": [url]}}, refused(420), edit=_repost),
    Case("pagerduty", PagerDuty, lambda url: {"pagerduty": {"base_url": url}},
         refused(429, ratelimit_reset="7", ratelimit_remaining="0"), "/log_entries"),
    Case("slack", Slack, lambda url: {"slack": {"base_url": url}}, refused(429, Retry_After="30"),
         "/conversations.history"),
    Case("jira", Jira, of_jira, refused(429, Retry_After="3"), "/rest/api/2/search/jql"),
    Case("jira:server", partial(Jira, cloud=False), partial(of_jira, cloud=False, user=""),
         refused(429, X_RateLimit_Remaining="0", Retry_After="2"), "/rest/api/2/search"),
    Case("alertmanager", Alertmanager, lambda url: {"alertmanager": {"servers": [url]}}, refused(429)),
]  # fmt: skip
PAGED = [case for case in CASES if case.paged]
each = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
each_paged = pytest.mark.parametrize("case", PAGED, ids=lambda case: case.name)


@pytest.fixture(autouse=True)
def tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    for vendor in all_vendors().values():
        if vendor.token:
            monkeypatch.setenv(vendor.token, TOKEN)


def whole(case: Case, raw: Path, vendor: Any = None, faults: dict[int, Fault] | None = None) -> int:
    """A pull to its end; how many requests it took."""
    with served((vendor or case.make()).routes(), faults) as server:
        done = pull(raw, case.settings(server.url))
        assert [each.failed for each in done] == [""] * len(done)
        return len(server.log)


@dataclass(frozen=True)
class Calm:
    """What came of a pull without trouble."""

    raw: Path
    pages: int
    contents: set[bytes]
    ledger: Any


@pytest.fixture(scope="module")
def made() -> dict[str, Calm]:
    return {}


@pytest.fixture
def calm(case: Case, made: dict[str, Calm], tmp_path_factory: pytest.TempPathFactory) -> Calm:
    if case.name not in made:
        raw, seen = tmp_path_factory.mktemp("calm") / "raw", [0]

        def count(done: Pulled, doing: str) -> None:
            seen[0] += not (doing or done.finished)

        with served(case.make().routes()) as server:
            done = pull(raw, case.settings(server.url), tell=count)
        assert [each.failed for each in done] == [""] * len(done)
        made[case.name] = Calm(raw, seen[0], contents(raw), ledger(raw))
    return made[case.name]


def contents(raw: Path) -> set[bytes]:
    """The pages, whichever server's port is in the name of their folder."""
    return set(pages(raw).values())


def test_every_vendor_is_here() -> None:
    assert {case.name.split(":")[0] for case in CASES} == set(all_vendors())


@each
def test_an_undisturbed_pull_is_read_without_a_fault_and_holds_no_token(case: Case, calm: Calm) -> None:
    events, faults = calm.ledger
    assert events and not faults
    assert not leaks(written(calm.raw.parent))


@each
def test_trouble_leaves_no_trace(case: Case, calm: Calm, tmp_path: Path) -> None:
    faults: dict[int, Fault] = {1: case.limit, 2: refused(502), 3: cut_at(20), 4: shortened, 7: refused(503),
                                9: cut_at(0), 11: shortened, 13: case.limit}  # fmt: skip
    whole(case, tmp_path / "raw", faults=faults)
    assert contents(tmp_path / "raw") == calm.contents
    assert ledger(tmp_path / "raw") == calm.ledger


class Stopped(BaseException):
    """The pull ends here."""


@each
def test_stopped_behind_every_page_it_goes_on_to_the_same(case: Case, calm: Calm, tmp_path: Path) -> None:
    raw = tmp_path / "raw"

    def stop(done: Pulled, doing: str) -> None:
        if not (doing or done.finished):
            raise Stopped

    with served(case.make().routes()) as server:
        for _ in range(calm.pages):
            with suppress(Stopped):
                pull(raw, case.settings(server.url), tell=stop)
        done = pull(raw, case.settings(server.url))
        assert [each.failed for each in done] == [""] * len(done)
    assert contents(raw) >= calm.contents, "behind its very end the last pull has the next one's overlap, too"
    assert ledger(raw) == calm.ledger


@each
def test_pulled_again_nothing_new_is_told(case: Case, calm: Calm, tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    with served(case.make().routes()) as server:
        pull(raw, case.settings(server.url))
        pull(raw, case.settings(server.url))
        second, kept = ledger(raw), pages(raw)
        done = pull(raw, case.settings(server.url))
    assert second == calm.ledger
    assert pages(raw) == kept and not sum(each.new for each in done)


@each
@pytest.mark.parametrize("moment", [1, 4])
def test_an_edit_between_pages_passes_nothing_over(case: Case, moment: int, tmp_path: Path) -> None:
    edited, vendor = case.make(), case.make()
    case.edit(edited)
    whole(case, tmp_path / "fresh", edited)
    with served(vendor.routes(), {moment: after(partial(case.edit, vendor))}) as server:
        pull(tmp_path / "raw", case.settings(server.url))
        if server.faults:  # it was not that long
            pytest.skip(f"{case.name} asks for less than {moment} pages")
        pull(tmp_path / "raw", case.settings(server.url))
    events, faults = ledger(tmp_path / "raw")
    assert not faults and set(map(repr, events)) >= set(map(repr, ledger(tmp_path / "fresh")[0]))


@each_paged
def test_a_smaller_page_loses_nothing(case: Case, calm: Calm, tmp_path: Path) -> None:
    vendor = case.make()
    whole(case, tmp_path / "raw", vendor, {2: after(partial(case.shrink, vendor))})
    assert ledger(tmp_path / "raw") == calm.ledger


@each_paged
def test_a_page_that_comes_twice_is_asked_for_again(case: Case, calm: Calm, tmp_path: Path) -> None:
    """A cache between us and them answers with the page before."""
    with served(case.make().routes()) as server:
        honest, before, tricked = server.reply, [Reply()], [0]

        def reply(asked: Asked) -> Reply:
            true = honest(asked)
            if re.fullmatch(case.paged, asked.path):
                tricked[0] += 1
                if tricked[0] == 2:
                    return before[0]
                before[0] = true
            return true

        server.reply = reply  # type: ignore[method-assign]
        done = pull(tmp_path / "raw", case.settings(server.url))
    assert [each.failed for each in done] == [""] * len(done) and tricked[0] > 2
    assert contents(tmp_path / "raw") == calm.contents
