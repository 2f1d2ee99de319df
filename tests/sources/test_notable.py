"""Which log lines become events: bursts, marks, changes of health; and what it costs to read a long file."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from podanalytics.model import Event, Skipped, Told
from podanalytics.sources import applog
from podanalytics.sources._notable import (
    BELOW,
    MARKS_PER_BURST,
    MAX_TEMPLATES,
    QUIET,
    LogLine,
    Notable,
    health,
    is_mark,
    template,
)

START = datetime(2026, 10, 3, 14, 0, tzinfo=UTC)


def line(seconds: float, text: str, level: str = "ERROR", subject: str = "web1/pod-api") -> LogLine:
    return LogLine(START + timedelta(seconds=seconds), level, text, subject, f"x.log:{seconds}")


def told(lines: Iterable[LogLine]) -> list[Told]:
    notable = Notable("applog", "x.log")
    return [event for each in lines for event in notable.tell(each)] + list(notable.rest())


def texts(lines: Iterable[LogLine]) -> list[str]:
    return [event.text for event in told(lines) if isinstance(event, Event)]


def below(lines: Iterable[LogLine]) -> int:
    return sum(entry.count for entry in told(lines) if isinstance(entry, Skipped) and entry.reason == BELOW)


def test_a_burst_is_told_by_its_first_and_its_last_line() -> None:
    lines = [line(20 * n, f"pool {n} exhausted") for n in range(37)]
    assert texts(lines) == ["pool 0 exhausted", "pool 36 exhausted (last of 37 in 12 min)"]
    last = told(lines)[1]
    assert isinstance(last, Event) and last.occurred_at == START + timedelta(minutes=12)
    assert last.origin == "x.log:720"
    assert below(lines) == 35


@pytest.mark.parametrize(("gap", "events"), [(QUIET - timedelta(microseconds=1), 2), (QUIET, 2), (QUIET * 2, 2)])
def test_two_lines_are_told_whether_in_one_burst_or_in_two(gap: timedelta, events: int) -> None:
    lines = [line(0, "pool 1 exhausted"), line(gap.total_seconds(), "pool 2 exhausted")]
    assert len(texts(lines)) == events
    assert texts(lines)[1].endswith(")") is (gap < QUIET), "ten quiet minutes start a new burst, to the microsecond"


@pytest.mark.parametrize("id", ["[req-{}]", "request_id={}", "trace={}", "message-id: {}"])
def test_an_id_of_letters_alone_does_not_make_another_template(id: str) -> None:
    lines = [line(n, f"{id.format(word)} pool exhausted") for n, word in enumerate(("tapkl", "mykvd", "zhfre"))]
    assert len(texts(lines)) == 2, "the first, and the last with its count"


def test_a_new_burst_after_quiet_is_told_anew() -> None:
    seconds = [0, 60, 120, 120 + 600, 120 + 660, 5_000]
    assert texts(line(s, f"pool {s} exhausted") for s in seconds) == [
        "pool 0 exhausted",
        "pool 120 exhausted (last of 3 in 2 min)",
        "pool 720 exhausted",
        "pool 780 exhausted (last of 2 in 1 min)",
        "pool 5000 exhausted",
    ]


def test_each_template_and_each_subject_has_its_own_bursts() -> None:
    lines = [line(0, "a 1"), line(1, "b 1"), line(2, "a 2"), line(3, "a 1", subject="web2/pod-api")]
    assert texts(lines) == ["a 1", "b 1", "a 1", "a 2 (last of 2 in 2 s)"]


def test_the_last_line_is_the_latest_even_out_of_order() -> None:
    lines = [line(0, "a 0"), line(300, "a 300"), line(200, "a 200"), line(290, "a 290")]
    assert texts(lines) == ["a 0", "a 300 (last of 4 in 5 min)"]


def test_a_clock_that_jumps_back_starts_a_new_burst() -> None:
    assert texts([line(7_200, "a 1"), line(0, "a 2")]) == ["a 1", "a 2"]


def test_a_line_below_error_is_counted_and_not_told() -> None:
    lines = [line(n, f"request {n} served", level) for n, level in enumerate(["INFO", "WARN", "debug", "unstated"])]
    assert texts(lines) == [] and below(lines) == 4


def test_every_line_is_either_told_or_counted() -> None:
    lines = [line(37 * n % 9_000, f"{'abcde'[n % 5]} {n}", ("ERROR", "INFO")[n % 2]) for n in range(500)]
    entries = told(lines)
    events = [entry for entry in entries if isinstance(entry, Event)]
    assert len(events) + below(lines) == 500
    assert len({event.id for event in events}) == len(events), "no line is told twice"


def test_a_restart_loop_is_told_a_few_times_then_by_its_last_line() -> None:
    lines = [line(n, f"Started pod-api.service, try {n}.", "info") for n in range(1_000)]
    assert len(texts(lines)) == MARKS_PER_BURST + 1
    assert texts(lines)[-1].endswith("(last of 1000 in 17 min)")


@pytest.mark.parametrize(
    "text",
    [
        "Started pod-api.service - POD message API.",
        "Stopped pod-api.service.",
        "[main] Started Application in 4.2 seconds",
        "pod-api.service: Main process exited, code=exited, status=1/FAILURE",
        "pod-api listening on 0.0.0.0:8080",
        "deploying v1.2.3",
        "deployment of pod-api 2.4.0 begins",
        "rolled back to v2.3.1",
        "rollback script finished",
        "panic: runtime error: index out of range",
    ],
)
def test_marks(text: str) -> None:
    assert is_mark(text)


@pytest.mark.parametrize(
    "text",
    [
        "Started Session 4 of user root.",
        "transaction 12.4 rolled back",
        "rollback completed for transaction 77",
        "the deploy key was read",
        "request started",
        "user 12 is listening",
        "design review",
    ],
)
def test_no_marks(text: str) -> None:
    assert not is_mark(text)


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("health check ok in 512 ms", "well"),
        ("health-check passed, 0 failed", "well"),
        ("container is now unhealthy (healthcheck)", "sick"),
        ("GET /healthz HTTP/1.1 200", "well"),
        ('"GET /healthz HTTP/1.1" 503', "sick"),
        ("healthz: connection refused", "sick"),
        ("health check started", None),
        ("everything is ok", None),
    ],
)
def test_health_results(text: str, result: str | None) -> None:
    assert health(text) == result


def test_a_health_check_is_told_when_its_result_changes() -> None:
    results = ["ok", "ok", "failed", "failed", "failed", "ok", "ok"]
    lines = [line(10 * n, f"health check {result}", "INFO") for n, result in enumerate(results)]
    assert [event.origin for event in told(lines) if isinstance(event, Event)] == ["x.log:0", "x.log:20", "x.log:50"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("agent 7 of 10.0.0.1:80 gone", "agent 12 of 10.9.8.7:443 gone"),
        ("key 'a' missing", "key 'bc d' missing"),
        ('topic "x" full', 'topic "y z" full'),
        ("id 6f1c9a2b-7d3e-5f60-7182-93a4b5c6d7e8", "id 00000000-7d3e-5f60-7182-93a4b5c6d7e8"),
        ("block deadbeefcafe lost", "block abadcafefeed lost"),
        ("peer fe80::1 gone", "peer 2001:db8::ff00:42 gone"),
    ],
)
def test_templates_mask_what_varies(one: str, other: str) -> None:
    assert template(one) == template(other)


def test_templates_keep_what_differs() -> None:
    assert template("pool exhausted") != template("queue exhausted")


def test_many_templates_are_forgotten_and_still_all_told() -> None:
    words = ["".join("abcdefghij"[int(digit)] for digit in str(n)) for n in range(MAX_TEMPLATES + 50)]
    lines = [line(n / 100, f"{word} broke") for n, word in enumerate(words)]
    assert len(texts(lines)) == len(words)


def _long_log(path: Path, count: int) -> Path:
    with path.open("w", encoding="utf-8") as file:
        for n in range(count):
            moment = (START + timedelta(milliseconds=250 * n)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
            word = "".join("abcdefghij"[int(digit)] for digit in str(n)) if n % 10 == 0 else "send"
            file.write(f"{moment} {'ERROR' if n % 5 == 0 else 'INFO'} pod-api [req-{n}] {word} took {n % 900} ms\n")
    return path


def _peak(path: Path) -> tuple[int, int]:
    tracemalloc.start()
    try:
        events = sum(isinstance(entry, Event) for entry in applog.source.parse(path))
        return tracemalloc.get_traced_memory()[1], events
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    short, _ = _peak(_long_log(tmp_path / "short.log", 30_000))
    long, events = _peak(_long_log(tmp_path / "long.log", 200_000))
    assert events > 20_000, "every tenth line is a template of its own"
    assert long < 8_000_000
    assert long < 1.5 * short
