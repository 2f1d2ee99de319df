"""Status pages of cState, kept outside this project: every file is told of, and what is refused is counted.

What the files hold is counted here with a reader of lines, not of YAML.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from podanalytics.intake import load
from podanalytics.ledger import load_ledger
from podanalytics.model import Event, Fault, Kind, Told
from podanalytics.sources import all_sources, owners
from podanalytics.workspace import find_workspace, make_workspace
from tests.story import POLICY

ZONED = re.compile(r"(?:Z|[+-]\d{2}:?\d{2})[\"']?\s*$")
FOLDERS = ("jenkins-infra__status", "packit__status", "civo__status")


@pytest.fixture(scope="module")
def pages(shared: Path) -> Path:
    return shared / "data" / "trackers" / "cstate"


def files(pages: Path, site: str) -> list[Path]:
    found = sorted(p for p in (pages / site).rglob("*.md") if p.name not in ("README.md", "_index.md"))
    if not found:
        pytest.skip(f"no {site} here")
    return found


def told_by(path: Path) -> list[Told]:
    assert owners(path) == ["cstate"], path
    return list(all_sources()["cstate"].parse(path))


def field(path: Path, name: str) -> str:
    """What stands behind a field of the front matter, as it is written."""
    hit = re.search(rf"^{name}:[ \t]*(.*)$", path.read_text("utf-8-sig"), re.MULTILINE)
    return hit[1].strip() if hit else ""


@pytest.mark.parametrize("site", FOLDERS)
def test_every_file_is_events_or_a_fault(pages: Path, site: str) -> None:
    for path in files(pages, site):
        told = told_by(path)
        assert [t for t in told if isinstance(t, Event | Fault)], path
        assert {t.origin.partition(":")[0] for t in told} <= {path.name}  # type: ignore[union-attr]
        declared = [t for t in told if isinstance(t, Event) and t.kind == Kind.DECLARED]
        assert len(declared) + sum(isinstance(t, Fault) for t in told) >= 1


@pytest.mark.parametrize(
    ("site", "count", "declared", "resolved", "faults"),
    [("jenkins-infra__status", 297, 287, 286, 21), ("packit__status", 108, 101, 104, 10)],
)
def test_a_time_without_a_zone_is_refused_and_costs_its_own_field(
    pages: Path, site: str, count: int, declared: int, resolved: int, faults: int
) -> None:
    paths = files(pages, site)
    told = [t for path in paths for t in told_by(path)]
    kinds = Counter(t.kind for t in told if isinstance(t, Event))
    reasons = [t.reason for t in told if isinstance(t, Fault)]
    assert (len(paths), kinds[Kind.DECLARED], kinds[Kind.STATUS], len(reasons)) == (count, declared, resolved, faults)
    naive = sum(not ZONED.search(field(path, name)) for path in paths for name in ("date", "resolvedWhen"))
    assert sum("has no zone" in reason for reason in reasons) == naive
    assert len([r for r in reasons if "has no zone" not in r]) == (0 if site.startswith("jenkins") else 2)


def test_what_else_is_refused_says_what_to_do(pages: Path) -> None:
    told = {path.name: told_by(path) for path in files(pages, "packit__status")}
    assert [t.reason for t in told["2023-10-31-release-monitoring.org-outage.md"] if isinstance(t, Fault)] == [
        "it has no front matter: its first line must be ---, or +++ for TOML, as must the one below it"
    ]
    assert [(t.origin, t.reason) for t in told["2024-08-13-github-outage.md"] if isinstance(t, Fault)] == [
        ("2024-08-13-github-outage.md:3", "time '2024-08-13T015:00:00+02:00' is not ISO 8601")
    ]


def test_minus_zero_and_one_digit_hours_are_read(pages: Path) -> None:
    """`-00:00` says that the moment is known in UTC; YAML lets an hour have one digit."""
    paths = files(pages, "jenkins-infra__status")
    short = [path for path in paths if re.search(r"T\d:\d{2}:\d{2}-00:00$", field(path, "date"))]
    assert len(short) == 7 and sum(field(path, "date").endswith("-00:00") for path in paths) == 286
    for path in short:
        made = next(t for t in told_by(path) if isinstance(t, Event) and t.kind == Kind.DECLARED)
        hour = re.search(r"T(\d):", field(path, "date"))
        assert hour and made.occurred_at.hour == int(hour[1])


def test_the_date_in_the_file_counts_and_not_the_one_in_its_name(pages: Path) -> None:
    apart = []
    for path in files(pages, "jenkins-infra__status"):
        for t in told_by(path):
            if isinstance(t, Event) and t.kind == Kind.DECLARED and f"{t.occurred_at:%Y-%m-%d}" != path.name[:10]:
                apart.append((path.name, t.occurred_at))
    assert len(apart) > 10
    assert all(at != datetime.fromisoformat(name[:10]).replace(tzinfo=UTC) for name, at in apart)


@pytest.mark.parametrize("site", FOLDERS)
def test_a_declared_zone_lets_naive_times_be_read(pages: Path, site: str, tmp_path: Path) -> None:
    for path in files(pages, site):
        text = path.read_text("utf-8-sig")
        if not text.startswith("---") or not re.fullmatch(r"[\d-]+ [\d:]+", field(path, "date")):
            continue
        copy = tmp_path / path.name
        copy.write_text(text.replace("---\n", "---\n# zone: UTC\n", 1), "utf-8")
        told = told_by(copy)
        assert not [t for t in told if isinstance(t, Fault) and "zone" in t.reason]
        made = next(t for t in told if isinstance(t, Event) and t.kind == Kind.DECLARED)
        assert made.occurred_at == datetime.fromisoformat(field(path, "date")).replace(tzinfo=UTC)


def test_every_affected_service_is_told_once(pages: Path) -> None:
    for path in files(pages, "jenkins-infra__status"):
        told = [t for t in told_by(path) if isinstance(t, Event)]
        if not [t for t in told if t.kind == Kind.DECLARED]:
            continue
        front = path.read_text("utf-8").split("\n---", 1)[0]
        listed = re.findall(r"^\s+-\s+(\S.*?)\s*$", front, re.MULTILINE)
        assert [t.text for t in told if t.kind == Kind.COMPONENT] == list(dict.fromkeys(s.strip("'\"") for s in listed))


def test_prose_without_a_time_of_its_own_is_a_notice_and_planned_work_is_no_incident(pages: Path) -> None:
    (rule,) = [rule for rule in POLICY.exclusions if rule.source]
    counts: Counter[str] = Counter()
    for path in (*files(pages, "jenkins-infra__status"), *files(pages, "packit__status")):
        told = [t for t in told_by(path) if isinstance(t, Event)]
        made = [t for t in told if t.kind == Kind.DECLARED]
        if made:
            counts["told"] += 1
            counts["with a notice"] += any(t.kind == Kind.NOTICE and t.text for t in told)
            counts["planned"] += bool(
                re.search(str(rule.like), made[0].text) and not re.search(str(rule.not_like), made[0].text)
            )
    assert counts == Counter({"told": 388, "with a notice": 388, "planned": 183})


HERE = Path(__file__).parent


def test_the_status_page_alone_gives_its_notice_and_leaves_out_planned_work(tmp_path: Path) -> None:
    make_workspace(tmp_path)
    home = find_workspace(tmp_path)
    store = home.store()
    for name in ("prose", "maintenance"):
        (home.raw / f"{name}.md").write_bytes((HERE / f"cstate/{name}.md").read_bytes())
    load(home, store)
    ledger = load_ledger(store, POLICY, datetime(2026, 5, 1, tzinfo=UTC))
    store.close()
    assert dict(ledger.incidents.select("incident", "excluded").iter_rows()) == {
        "maintenance": "scheduled maintenance",
        "prose": None,
    }
    milestones = ledger.found.milestones.filter(incident="prose")
    first = milestones.filter(milestone="first_notice").to_dicts()
    assert [m["occurred_at"] for m in first] == [datetime(2026, 4, 13, 13, 54, tzinfo=UTC)]
