"""The hosts tell: journald, Docker's json-file and application logs, kept only for the hours around a few incidents."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from podanalytics.sample.dice import HEX, LOWER, Dice
from podanalytics.sample.forms import Files, epoch_us, line, zulu_ms
from podanalytics.sample.plots import Plot
from podanalytics.sample.stage import Stage

PRIORITY = {"ERROR": "3", "WARN": "4", "INFO": "6"}

# What each service says when nothing is wrong; {n} is a number, {ms} milliseconds, {id} hex digits.
CALM = {
    "pod-api": (
        "INFO POST /v1/messages 202 {ms}ms",
        "INFO POST /v1/messages 202 {ms}ms",
        "INFO GET /v1/channels/{id} 200 {ms}ms",
        "INFO GET /v1/agents/{id}/inbox 200 {ms}ms",
        "INFO token for agent {id} refreshed",
        "INFO GET /healthz 200 1ms",
        "INFO pool size=40 busy={n} waiting=0",
        "WARN slow query on message_receipts took {ms}ms",
    ),
    "pod-relay": (
        "INFO relayed batch of {n} messages in {ms}ms",
        "INFO relayed batch of {n} messages in {ms}ms",
        "INFO subscriber {id} connected",
        "INFO subscriber {id} closed the stream",
        "INFO queue depth {n}",
        "INFO checkpoint at slot 2914{n}77",
        "WARN subscriber {id} is {n} messages behind",
    ),
    "pod-indexer": (
        "INFO indexed slot 2914{n}08 in {ms}ms",
        "INFO indexed slot 2914{n}31 in {ms}ms",
        "INFO flushed {n} rows to messages_by_channel",
        "INFO rpc getBlock took {ms}ms",
        "INFO lag {n} slots",
        "WARN rpc retry 1 for slot 2914{n}12",
    ),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One log line at the host's own clock."""

    moment: datetime
    level: str
    text: str
    request: str


def tell(stage: Stage) -> Files:
    """`journald/pod-api.json`, `docker/pod-relay-json.log` and `logs/pod-protocol/<service>-<day>.log`."""
    files: Files = {}
    journal: list[str] = []
    docker: list[str] = []
    for plot in stage.plots:
        for window in plot.head.get("logs", []):
            source, service, first, last = window.split()
            lines = _lines(stage, plot, source, service, float(first), float(last))
            if source == "journald":
                journal += [line(entry) for entry in _journal(stage, plot, lines)]
            elif source == "docker":
                docker += [line(entry) for one in lines for entry in _docker(stage, one)]
            else:
                name = f"logs/pod-protocol/{service}-{plot.starts:%Y-%m-%d}.log"
                files[name] = "".join(_application(service, one) for one in lines).encode()
    files["journald/pod-api.json"] = ("\n".join(journal) + "\n").encode()
    files["docker/pod-relay-json.log"] = ("\n".join(docker) + "\n").encode()
    return files


def _lines(stage: Stage, plot: Plot, source: str, service: str, first: float, last: float) -> list[Line]:
    """Calm and bursts of one window, in the host's order; `skew` is how far this source's clock is off, in seconds."""
    dice = stage.dice("lines", plot.id, source)
    skew = timedelta(seconds=sum(float(s.split()[1]) for s in plot.head.get("skew", []) if s.split()[0] == source))
    lines = []
    minute = first
    while minute < last:
        minute += dice.real(0.15, 1.1)
        lines.append(_filled(dice, plot.starts + timedelta(microseconds=int(minute * 60e6)), dice.pick(CALM[service])))
    for cue in stage.cues(plot, "burst"):
        # `journald 40 12 | ERROR text`: so many lines over so many minutes, denser at the start.
        name, count, minutes = cue.fields[0].split()
        if name == source:
            for _ in range(int(count)):
                share = dice.real(0, 1)
                at = cue.moment + timedelta(microseconds=int(share * share * float(minutes) * 60e6))
                lines.append(_filled(dice, at, cue.text.partition(" | ")[2]))
    lines.sort(key=lambda one: one.moment)
    return [Line(one.moment + skew, one.level, one.text, one.request) for one in lines]


def _filled(dice: Dice, at: datetime, template: str) -> Line:
    level, _, text = template.partition(" ")
    text = (
        text.replace("{n}", str(dice.whole(3, 480)))
        .replace("{ms}", str(dice.whole(4, 190)))
        .replace("{id}", dice.code(HEX, 8))
    )
    return Line(at, level, text, "req-" + dice.code(LOWER, 5))


def _journal(stage: Stage, plot: Plot, lines: list[Line]) -> Iterator[dict[str, Any]]:
    boot = stage.dice("boot", plot.id).code(HEX, 32)
    for place, one in enumerate(lines):
        stamp = epoch_us(one.moment)
        told = f"{one.level} [{one.request}] {one.text}"
        # journalctl writes a message with unprintable bytes (here: a coloured one) as a list of numbers.
        message: Any = list(f"\x1b[31m{told}\x1b[0m".encode()) if place == 60 else told
        yield {
            "__CURSOR": f"s={boot[:8]};i={place:x};b={boot};t={stamp:x}",
            "__REALTIME_TIMESTAMP": str(stamp),
            "__MONOTONIC_TIMESTAMP": str(stamp % 10**12),
            "_BOOT_ID": boot,
            "_HOSTNAME": "api-fra-1",
            "_SYSTEMD_UNIT": "pod-api.service",
            "SYSLOG_IDENTIFIER": "pod-api",
            "_PID": str(1200 + plot.number % 700),
            "PRIORITY": PRIORITY[one.level],
            "MESSAGE": message,
        }


def _docker(stage: Stage, one: Line) -> Iterator[dict[str, str]]:
    """Nanoseconds with Z; errors go to stderr."""
    nanos = f"{one.moment:%Y-%m-%dT%H:%M:%S.%f}{stage.dice('nanos', one.request).whole(0, 999):03d}Z"
    stream = "stderr" if one.level == "ERROR" else "stdout"
    yield {"log": f"{one.level} {one.request} {one.text}\n", "stream": stream, "time": nanos}


def _application(service: str, one: Line) -> str:
    """One record; what follows ` \\\\ ` in the text are the lines of its stack trace."""
    first, *trace = one.text.split(" \\ ")
    return f"{zulu_ms(one.moment)} {one.level} {service} [{one.request}] {first}\n" + "".join(
        f"    {row}\n" for row in trace
    )
