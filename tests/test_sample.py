"""The sample: the same bytes from the same seed, and a truth that adds up."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from podanalytics.model import Milestone, Verdict
from podanalytics.sample import generate, truth, write
from podanalytics.sample.stage import Stage
from tests.sampled import of, sample

FOLDER = Path(__file__).parents[1] / "data" / "sample"
M = Milestone
MIN = timedelta(minutes=1)


# -- the bytes -------------------------------------------------------------------------------------------------------


def test_the_committed_sample_is_what_the_generator_makes(tmp_path: Path) -> None:
    write(sample(), tmp_path)
    made = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    kept = {path.relative_to(FOLDER): path.read_bytes() for path in FOLDER.rglob("*") if path.is_file()}
    assert sorted(made) == sorted(kept), "run: podanalytics sample --seed 2026 --out data/sample"
    assert [str(name) for name in made if made[name] != kept[name]] == []


def test_another_seed_tells_the_same_story_with_other_ids() -> None:
    other = generate(7)
    assert [one.id for one in other.truth] == [one.id for one in sample().truth]
    assert other.raw["pagerduty/incidents_0000.json"] != sample().raw["pagerduty/incidents_0000.json"]


def test_it_stays_small() -> None:
    assert sum(map(len, sample().raw.values())) < 2_000_000


def test_nothing_in_it_names_a_real_organisation() -> None:
    text = "\n".join(data.decode("utf-8", "replace") for data in sample().raw.values())
    mails = {mail.split("@")[1] for mail in re.findall(r"[\w.-]+@[a-z][\w-]*\.[\w.]*\w", text)}
    assert mails == {"lanternrelay.example"}
    hosts = set(re.findall(r"https?://([\w.-]+)", text))
    assert hosts <= {
        "lanternrelay.atlassian.net", "lanternrelay.pagerduty.com", "api.pagerduty.com", "github.com", "api.github.com",
        "stspg.io", "status.lanternrelay.example", "staging.lanternrelay.example", "example.invalid",
    }  # fmt: skip


# -- the truth -------------------------------------------------------------------------------------------------------


def test_enough_incidents_of_every_sort() -> None:
    counted = [one for one in sample().truth if one.excluded is None]
    months = {one.severities[0][0].strftime("%Y-%m") for one in counted}
    assert len(counted) >= 24
    assert months == {f"2026-{month:02d}" for month in range(4, 11)}
    assert {severity for one in counted for _, severity in one.severities} == {"P1", "P2", "P3", "P4"}
    assert {one.detection for one in counted} == {"monitor", "person"}
    assert sorted(one.excluded for one in sample().truth if one.excluded) == ["drill", "duplicate"]


def test_truth_goes_to_json_and_back() -> None:
    assert truth.read(truth.to_json(2026, sample().truth)) == sample().truth


CLOCKS = {  # clause: (from, to, minutes); judged here a second time, apart from the policy
    "ack": (M.ALERT_FIRED, M.ACKNOWLEDGED, 5),
    "record": (M.ALERT_FIRED, M.DECLARED, 5),
    "classify": (M.ALERT_FIRED, M.SEVERITY_SET, 5),
    "notify-team": (M.ALERT_FIRED, M.TEAM_NOTIFIED, 5),
    "investigate": (M.ALERT_FIRED, M.INVESTIGATED, 5),
    "triage": (M.ALERT_FIRED, M.TRIAGED, 15),
    "commander": (M.ALERT_FIRED, M.COMMANDED, 15),
    "status-page": (M.ALERT_FIRED, M.STATUS_PAGE_STARTED, 30),
    "customer-first": (M.DECLARED, M.FIRST_NOTICE, 30),
    "customer-resolved": (M.RESOLVED, M.RESOLUTION_NOTICE, 30),
    "review": (M.RESOLVED, M.REVIEWED, 48 * 60),
    "public-report": (M.RESOLVED, M.REPORTED, 48 * 60),
}
PLANTED = [(one.id, clause, verdict) for one in generate(2026).truth for clause, verdict in one.breaches.items()]


@pytest.mark.parametrize(("key", "clause", "verdict"), [row for row in PLANTED if row[1] in CLOCKS])
def test_planted_verdicts_follow_from_the_true_moments(key: str, clause: str, verdict: Verdict) -> None:
    one, (begin, end, target) = of(key), CLOCKS[clause]
    start, stop = one.milestones[begin], one.milestones[end]
    if begin is M.ALERT_FIRED and start is None:
        if verdict is Verdict.NOT_APPLICABLE:
            return
        start = one.milestones[M.DECLARED]
    if clause == "customer-first" and len(one.severities) > 1:
        start = one.severities[-1][0]  # raised midway: the obligation begins with the severity that brings it
    if verdict in (Verdict.UNKNOWN, Verdict.PENDING, Verdict.NOT_APPLICABLE):
        assert stop is None
        return
    assert start is not None
    if stop is None:
        assert verdict is Verdict.MISSED
        return
    spare = target - (stop - start) / MIN
    assert verdict is (Verdict.MET if spare > 0 else Verdict.MISSED)
    assert abs(spare) > 0.4, "too near to the target for seconds of recording noise"


def _gaps(moments: list[datetime]) -> float:
    return max((b - a) / MIN for a, b in pairwise(moments))


@pytest.mark.parametrize(("key", "clause", "verdict"), [row for row in PLANTED if row[1].endswith("-cadence")])
def test_planted_cadences_follow_from_the_updates(key: str, clause: str, verdict: Verdict) -> None:
    stage, one = Stage(2026), of(key)
    if verdict is Verdict.NOT_APPLICABLE:
        assert one.milestones[M.FIRST_NOTICE] is None
        return
    plot, resolved = stage.plot(key), one.milestones[M.RESOLVED]
    assert resolved is not None
    if clause == "internal-cadence":
        begins, limit = one.severities[-1][0], 15
        told = [cue.moment for cue in stage.cues(plot, "update") if cue.moment < resolved]
        gap = _gaps([begins, *told, resolved])
    else:
        limit = 30
        gap = _gaps([cue.moment for cue in stage.cues(plot, "notice") if not cue.text.startswith("postmortem")])
    assert verdict is (Verdict.MET if gap <= limit else Verdict.MISSED), f"longest silence {gap:.1f} min"


def test_clauses_of_every_kind_are_broken_somewhere_and_some_incidents_keep_everything() -> None:
    missed = {clause for _, clause, verdict in PLANTED if verdict is Verdict.MISSED}
    assert missed >= {
        "ack", "triage", "internal-cadence", "customer-first", "customer-cadence", "review", "public-report", "roles",
        "channel", "record", "status-page", "commander",
    }  # fmt: skip
    spotless = [
        one.id for one in sample().truth if len(one.breaches) > 15 and set(one.breaches.values()) == {Verdict.MET}
    ]
    assert len(spotless) >= 4
