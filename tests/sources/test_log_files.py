"""Log readers beyond their cases: who owns a file, times without a zone, packed and damaged files, real raw logs."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podanalytics.model import Event, Fault, Skipped
from podanalytics.sources import Source, applog, corrections, docker_json, gitlog, journald, slack
from podanalytics.sources._wallclock import WallClock

HERE = Path(__file__).parent
MINE: dict[str, Source] = {
    "applog": applog.source,
    "corrections": corrections.source,
    "docker_json": docker_json.source,
    "gitlog": gitlog.source,
    "journald": journald.source,
    "slack": slack.source,
}
CASES = [
    (tool, case)
    for tool in MINE
    for case in sorted((HERE / tool).iterdir())
    if not case.name.endswith(".expected.jsonl")
]


def test_there_are_cases() -> None:
    assert len(CASES) >= 20


@pytest.mark.parametrize(("tool", "case"), CASES, ids=lambda given: getattr(given, "name", given))
def test_each_case_has_one_owner_among_these(tool: str, case: Path) -> None:
    assert [name for name, source in MINE.items() if source.owns(case)] == [tool]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        json.dumps({"url": "https://x.example", "input": "", "fetched_at": "2026-10-03T14:00:00Z", "data": {}}) + "\n",
        json.dumps({"incidents": [{"id": "Q1", "log": "x"}]}),
        json.dumps([{"time": "2026-10-03T14:00:00Z", "message": "ERROR"}]),
        '<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><updated>2026-10-03T14:00:00Z</updated></feed>',
        "time,level\n2026-10-03T14:00:00Z,ERROR\n",
        '[clauses.ack]\ntarget = "5 min"\n',
        "notes of 2026-10-03\n\n2026-10-03 14:00 we met\n",
        "commit to the plan\nAuthor: nobody\n",
    ],
)
def test_nobody_here_owns_other_files(tmp_path: Path, text: str) -> None:
    path = tmp_path / "thing.txt"
    path.write_text(text, encoding="utf-8")
    assert [name for name, source in MINE.items() if source.owns(path)] == []


def test_a_packed_and_rotated_log_tells_the_same(tmp_path: Path) -> None:
    plain = (HERE / "applog" / "plain.log").read_bytes()
    first, packed = tmp_path / "pod-api.log", tmp_path / "pod-api.log.2.gz"
    first.write_bytes(plain)
    packed.write_bytes(gzip.compress(plain))
    assert applog.source.owns(packed)
    one, other = ([e for e in applog.source.parse(path) if isinstance(e, Event)] for path in (first, packed))
    assert [(e.id, e.subject, e.occurred_at) for e in one] == [(e.id, e.subject, e.occurred_at) for e in other]
    assert other[0].origin == "pod-api.log.2.gz:1"


@pytest.mark.parametrize("tool", ["applog", "gitlog", "journald", "docker_json"])
def test_a_packed_file_that_breaks_off_ends_in_a_fault(tmp_path: Path, tool: str) -> None:
    case = next(case for name, case in CASES if name == tool and case.stem == "plain")
    lines = case.read_bytes().splitlines(keepends=True)
    packed = gzip.compress(b"".join(lines) + b"\n".join(bytes([65 + n % 26]) * (n % 97) for n in range(9_000)))
    path = tmp_path / "cut.gz"
    path.write_bytes(packed[: len(packed) * 2 // 3])
    assert MINE[tool].owns(path)
    told = list(MINE[tool].parse(path))
    assert any(isinstance(entry, Fault) and "damaged after this line" in entry.reason for entry in told)
    assert any(isinstance(entry, Event) for entry in told)


def test_utc_is_never_assumed() -> None:
    told = list(applog.source.parse(HERE / "applog" / "naive.log"))
    faults = [entry for entry in told if isinstance(entry, Fault)]
    assert len(faults) == 1 and "# zone:" in faults[0].reason and "2 lines" in faults[0].reason
    assert [entry.text for entry in told if isinstance(entry, Event)] == ["this one can be placed"]


def test_a_failed_header_does_not_take_the_record_before_it_along() -> None:
    told = list(applog.source.parse(HERE / "applog" / "gap.log"))
    assert [e.text for e in told if isinstance(e, Event)] == [
        "pool: before the clocks went forward",
        "pool: one second later",
    ]


def test_wall_clock_goes_through_the_double_hour_once() -> None:
    """Every five minutes of a real night, written as wall time and read back."""
    berlin = ZoneInfo("Europe/Berlin")
    night = [datetime.fromtimestamp(1_792_879_200 + 300 * n, UTC) for n in range(60)]  # 2026-10-24T22:00Z on
    clock = WallClock(berlin)
    assert [clock.utc(moment.astimezone(berlin).replace(tzinfo=None)) for moment in night] == night


def test_lines_in_are_lines_told_counted_or_refused() -> None:
    for tool, name in (("journald", "broken.jsonl"), ("journald", "odd.jsonl"), ("docker_json", "broken.log")):
        path = HERE / tool / name
        told = list(MINE[tool].parse(path))
        counted = sum(entry.count if isinstance(entry, Skipped) else 1 for entry in told)
        assert counted == sum(bool(line.strip()) for line in path.read_bytes().splitlines()), name


def test_docker_joins_the_parts_of_one_stream_only() -> None:
    texts = [e.text for e in docker_json.source.parse(HERE / "docker_json" / "odd.log") if isinstance(e, Event)]
    assert texts[0] == "ERROR a long line that Docker cut into three parts"


def test_docker_cuts_a_line_without_end(tmp_path: Path) -> None:
    path = tmp_path / "endless.log"
    part = json.dumps({"log": "ERROR " + "x" * 16_384, "stream": "stdout", "time": "2026-10-03T14:00:00Z"}) + "\n"
    path.write_text(part * 40, encoding="utf-8")
    told = list(docker_json.source.parse(path))
    assert any(isinstance(entry, Fault) and "cut" in entry.reason for entry in told)
    assert all(len(entry.text) < 3_000 for entry in told if isinstance(entry, Event))


def test_git_tags_follow_one_another_in_time_order() -> None:
    told = [e for e in gitlog.source.parse(HERE / "gitlog" / "plain.gitlog") if isinstance(e, Event)]
    assert [(e.value, e.was) for e in told] == [
        ("prod-2026-09-30", None),
        ("v2.3.1", None),
        ("66bb55c", None),
        ("prod-2026-10-03", "prod-2026-09-30"),
        ("v2.4.0", "v2.3.1"),
        ("v2.4.1", "v2.4.0"),
    ]
    assert told[-1].occurred_at == datetime(2026, 10, 3, 14, 41, 2, tzinfo=UTC), "16:41:02 +0200"


@given(
    st.binary(max_size=400) | st.binary(max_size=60).map(lambda tail: b"\x1f\x8b\x08" + tail),
    st.sampled_from(sorted(MINE)),
)
def test_no_bytes_bring_a_reader_down(tmp_path_factory: pytest.TempPathFactory, data: bytes, tool: str) -> None:
    path = tmp_path_factory.mktemp("bytes") / "thing"
    path.write_bytes(data)
    MINE[tool].owns(path)
    for entry in MINE[tool].parse(path):
        assert entry is not None


def test_real_raw_logs_do_not_bring_the_readers_down(shared: Path) -> None:
    """Owned or not: other systems' logs end in counts and faults, never in an exception."""
    logs = shared / "data" / "logs"
    raw = [p for p in sorted(logs.glob("loghub_2k/*/*.log")) + sorted(logs.glob("elastic_examples/*/*")) if p.is_file()]
    assert len(raw) >= 10
    for path in raw:
        owners = [name for name, source in MINE.items() if source.owns(path)]
        assert len(owners) <= 1, path
        for name in ("applog", "docker_json", "journald", "gitlog"):
            told = list(MINE[name].parse(path))
            assert told or name == "gitlog", (name, path)
