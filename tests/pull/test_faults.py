"""Whatever happens on the way, what was pulled is what a pull without trouble gets."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pull.pulling import NOW, SINCE, ledger, of_github, pages, pull, records
from tests.pull.server import (
    Asked,
    Fault,
    GitHub,
    Page,
    Reply,
    Server,
    after,
    cut_at,
    instead,
    refused,
    served,
    shortened,
    slow,
)

EPOCH = str(int(NOW.timestamp()) + 31)
EIGHT = "Mon, 02 Nov 2026 08:00:00 GMT"  # by their clock; ours says nine
LIMITS = {
    "retry-after in seconds": refused(429, Retry_After="17"),
    "retry-after as a date": refused(429, Retry_After="Mon, 02 Nov 2026 08:00:21 GMT", Date=EIGHT),
    "x-ratelimit-reset": refused(403, X_RateLimit_Remaining="0", X_RateLimit_Reset=EPOCH),
    "ratelimit-reset": refused(429, ratelimit_reset="9", ratelimit_remaining="0"),
    "420": refused(420),
    "secondary": refused(403, "You have exceeded a secondary rate limit"),
    "secondary, with a time": refused(403, "You have exceeded a secondary rate limit", Retry_After="44"),
}  # fmt: skip
WAITS = {"retry-after in seconds": 17, "retry-after as a date": 21, "x-ratelimit-reset": 31, "ratelimit-reset": 9,
         "420": 60, "secondary": 60, "secondary, with a time": 44}  # fmt: skip


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pull without trouble."""
    raw = tmp_path_factory.mktemp("undisturbed") / "raw"
    with served(GitHub().routes()) as server:
        done = pull(raw, of_github(server.url))
    assert [d.failed for d in done] == [""]
    return raw


def pulled(raw: Path, faults: dict[int, Fault], vendor: GitHub | None = None) -> tuple[list[str], Server]:
    """A pull with trouble to its end: what it said on the way, and the server."""
    said: list[str] = []
    with served((vendor or GitHub()).routes(), faults) as server:
        done = pull(raw, of_github(server.url), tell=lambda d, doing: said.append(doing), timeout=0.3)
    assert [d.failed for d in done] == [""]
    return [line for line in said if line], server


def test_an_undisturbed_pull_reads_every_issue_and_its_whole_timeline(undisturbed: Path) -> None:
    vendor = GitHub()
    events, faults = ledger(undisturbed)
    assert not faults, "every page is recognised, a timeline by the address in the manifest"
    # subject is told of every issue that is no pull request; 5 and 10 are
    issues = [n for n in vendor.issues if n % 5]
    rows = [row for n in issues for row in vendor.timelines[n]]
    assert len(records(undisturbed)) == len(vendor.issues) + len({repr(row) for row in rows})
    assert len({event for event in events if "labelled" in event}) == sum(row["event"] == "labeled" for row in rows)


@pytest.mark.parametrize("dialect", LIMITS)
def test_a_rate_limit_is_obeyed_in_each_dialect(dialect: str, undisturbed: Path, tmp_path: Path) -> None:
    said, _ = pulled(tmp_path / "raw", {3: LIMITS[dialect]})
    assert pages(tmp_path / "raw") == pages(undisturbed)
    waits = [int(line.split()[1]) for line in said]
    assert len(waits) == 1 and WAITS[dialect] <= waits[0] <= WAITS[dialect] + 1


def test_trouble_of_every_kind_leaves_no_trace(undisturbed: Path, tmp_path: Path) -> None:
    faults: dict[int, Fault] = {2: refused(502), 4: cut_at(200), 6: shortened, 8: slow(0.6), 10: refused(500),
                                11: refused(503, Retry_After="3"), 12: cut_at(0), 14: LIMITS["420"], 15: shortened,
                                18: instead(Reply(b"[]x")), 21: refused(408), 23: cut_at(1)}  # fmt: skip
    said, server = pulled(tmp_path / "raw", faults)
    assert not server.faults, "every one of them happened"
    assert len(said) == 12
    assert pages(tmp_path / "raw") == pages(undisturbed)
    assert ledger(tmp_path / "raw") == ledger(undisturbed)


@pytest.mark.parametrize("path", ["/issues", "/timeline"])
def test_a_page_that_comes_twice_is_not_taken_for_the_next(path: str, undisturbed: Path, tmp_path: Path) -> None:
    """A cache between us and them answers with the page before."""
    with served(GitHub().routes()) as server:
        honest, pages_of = server.reply, []

        def reply(asked: Asked) -> Reply:
            true = honest(asked)
            pages_of.append(true) if asked.path.endswith(path) else None
            cached = len(pages_of) == 2 if path == "/issues" else asked.query.get("page") == "2"
            if asked.path.endswith(path) and cached and not tricked:
                tricked.append(pages_of.pop())
                return pages_of[-1]
            return true

        tricked: list[Reply] = []
        server.reply = reply  # type: ignore[method-assign]
        done = pull(tmp_path / "raw", of_github(server.url))
    assert [d.failed for d in done] == [""] and tricked
    assert records(tmp_path / "raw") == records(undisturbed)
    assert ledger(tmp_path / "raw") == ledger(undisturbed)


def test_a_changed_page_size_loses_nothing(undisturbed: Path, tmp_path: Path) -> None:
    vendor = GitHub()

    def smaller() -> None:
        vendor.limit = 3

    pulled(tmp_path / "raw", {9: after(smaller)}, vendor)
    assert records(tmp_path / "raw") == records(undisturbed)
    assert ledger(tmp_path / "raw") == ledger(undisturbed)


@pytest.mark.parametrize("moment", (1, 5, 9, 13, 25))
def test_an_edit_between_pages_is_seen_and_passes_nothing_over(moment: int, tmp_path: Path) -> None:
    """The edited issue moves to the list's end, and every other one moves up by a place."""
    one, other = GitHub(), GitHub()
    pulled(tmp_path / "edited", {moment: after(lambda: one.edit(2, 5000, "P1"))}, one)
    with served(other.routes()) as server:
        pull(tmp_path / "later", of_github(server.url))
        other.edit(2, 5000, "P1")
        pull(tmp_path / "later", of_github(server.url))
        pull(tmp_path / "edited", of_github(server.url))  # an edit behind the list's end is for the next pull
    assert ledger(tmp_path / "edited") == ledger(tmp_path / "later")
    assert records(tmp_path / "edited") >= {r for r in records(tmp_path / "later") if '"number": 2' not in r}


@pytest.mark.parametrize("number", [4, 7])
def test_an_edit_among_issues_of_one_moment_passes_nothing_over(number: int, tmp_path: Path) -> None:
    """They fill more than a page, so that page numbers are all there is to go by."""
    vendor = GitHub()
    pulled(tmp_path / "raw", {6: after(lambda: vendor.edit(number, 5000, "P1"))}, vendor)
    timelines = {name.split("/")[-1].split("-")[0] for name in pages(tmp_path / "raw") if "timelines" in name}
    assert timelines == {str(n) for n in vendor.issues if n % 5 and vendor.timelines[n]}


def test_a_second_pull_asks_for_little_and_writes_nothing(undisturbed: Path, tmp_path: Path) -> None:
    vendor = GitHub()
    with served(vendor.routes()) as server:
        pull(tmp_path / "raw", of_github(server.url))
        before, first = pages(tmp_path / "raw"), len(server.log)
        pull(tmp_path / "raw", of_github(server.url))
        second, asked = pages(tmp_path / "raw"), len(server.log)
        done = pull(tmp_path / "raw", of_github(server.url))
        third = [a.headers.get("if-none-match") for a in server.log[asked:]]
    assert len(second) <= len(before) + 1, "the list from the last moment on, and that is all"
    assert asked - first <= 3 and records(tmp_path / "raw") == records(undisturbed)
    assert done[0].new == 0 and all(third), "and then nothing but conditional requests"
    assert ledger(tmp_path / "raw") == ledger(undisturbed)


def test_an_issue_that_is_gone_is_noted_and_the_rest_goes_on(tmp_path: Path) -> None:
    vendor = GitHub()
    vendor.delete(3)
    with served(vendor.routes()) as server:
        done = pull(tmp_path / "raw", of_github(server.url))
    assert (done[0].failed, done[0].notes) == ("", ["issue 3 is gone (410): its timeline is left out"])


def test_a_status_page_is_kept_anew_only_when_it_changed(tmp_path: Path) -> None:
    page, raw = Page(), tmp_path / "raw"
    with served(page.routes(), {3: refused(429, ratelimit_reset="2"), 6: cut_at(50)}) as server:
        settings = {"statuspage": {"pages": [server.url], "pace": 0}}
        assert [d.failed for d in pull(raw, settings)] == [""]
        first = pages(raw)
        assert [(d.pages, d.new) for d in pull(raw, settings)] == [(4, 0)]
        assert pages(raw) == first and len(first) == 4
        page.body, page.updated = "We found it.", "2026-10-03T14:20:00Z"
        assert [(d.pages, d.new) for d in pull(raw, settings)] == [(4, 3)]
    assert first.items() <= pages(raw).items(), "what the post said before is still there"
    events, faults = ledger(raw)
    assert not faults
    posts = [event for event in events if "We found it." in event and "notice" in event]
    edits = [event for event in events if "edited" in event]
    assert len(posts) == 1, "one post, as it reads now"
    assert len(edits) == 1 and "We are looking." in edits[0], "and what it said before"


def test_a_server_of_ones_own_is_read_alike(undisturbed: Path, tmp_path: Path) -> None:
    vendor = GitHub(api="https://git.pod.example/api/v3")
    with served(vendor.routes()) as server:
        pull(tmp_path / "raw", of_github(f"{server.url}/api/v3"))
    events, faults = ledger(tmp_path / "raw")
    assert not faults and len(events) == len(ledger(undisturbed)[0])


def test_releases_and_deployments_come_if_asked_for(tmp_path: Path) -> None:
    vendor = GitHub(issues=1)
    vendor.releases = [{"id": n, "created_at": f"2026-10-{n:02}T00:00:00Z"} for n in range(20, 0, -1)]
    vendor.deployments = [{"id": n, "created_at": f"2026-10-{n:02}T00:00:00Z"} for n in range(12, 0, -1)]
    with served(vendor.routes()) as server:
        settings = of_github(server.url, releases=True, deployments=True)
        done = pull(tmp_path / "raw", settings, since=SINCE.replace(day=8))
        assert [d.failed for d in done] == ["", "", ""]
        found = records(tmp_path / "raw/github" / "pod-example/platform/deployments")
        assert len([r for r in found if '"state"' in r]) == 5, "the statuses of the 8th to the 12th, and no older ones"
        asked = len(server.log)
        vendor.deployments.insert(0, {"id": 13, "created_at": "2026-10-13T00:00:00Z"})
        pull(tmp_path / "raw", settings, since=SINCE.replace(day=8))
        later = [a.path for a in server.log[asked:] if a.path.endswith("statuses")]
    assert [path.split("/")[-2] for path in later] == ["13", "12", "11"], "the new one, and a day of overlap"
