"""Git tells: one `git log` a service, with tags, reverts, and the bad deploys of the plots among the good ones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.resources import files

from podanalytics.sample.dice import HEX
from podanalytics.sample.forms import Files, berlin_seconds
from podanalytics.sample.people import CAST
from podanalytics.sample.stage import Stage

SERVICES = ("pod-api", "pod-relay")


@dataclass(frozen=True, slots=True)
class Release:
    """One commit; `version` is its tag, None if it was not released on its own; `deployed` is when it went out."""

    service: str
    deployed: datetime
    version: str | None
    who: str
    subject: str

    def sha(self, stage: Stage) -> str:
        """The commit's name."""
        return stage.dice("commit", self.service, self.subject).code(HEX, 40)


def releases(stage: Stage, service: str) -> list[Release]:
    """The calendar of `plays/<service>.releases` and the deploys of the plots, by time."""
    text = (files("podanalytics.sample") / "plays" / f"{service}.releases").read_text(encoding="utf-8")
    found = []
    for line in text.splitlines():
        day, version, who, subject = line.split(" ", 3)
        # Working hours of both sides of the ocean, never on the minute.
        at = datetime.fromisoformat(day).replace(tzinfo=UTC) + stage.dice("release", service, subject).delay(
            7 * 3600, 15.5 * 3600
        )
        found.append(Release(service, at, None if version == "-" else version, who, subject))
    for cue in stage.every("deploy"):
        name, version = cue.fields[0].split()
        if name == service:
            found.append(Release(service, cue.moment, version, cue.who, cue.fields[1]))
    return sorted(found, key=lambda release: release.deployed)


def tell(stage: Stage) -> Files:
    """`git/<service>.log`, newest first, as `git log --decorate --date=iso-strict` prints it."""
    return {f"git/{service}.log": _log(stage, service) for service in SERVICES}


def _log(stage: Stage, service: str) -> bytes:
    told = releases(stage, service)
    blocks = [f"# repository: {service}\n"]
    for place, release in enumerate(reversed(told)):
        names = ["HEAD -> main"] if place == 0 else []
        names += [f"tag: {release.version}"] if release.version else []
        names += ["origin/main"] if place == 0 else []
        decoration = f" ({', '.join(names)})" if names else ""
        # A release is committed and tagged some minutes before it is in production.
        at = release.deployed - timedelta(minutes=stage.dice("build", service, release.subject).whole(6, 11))
        member = CAST[release.who]
        message = [release.subject]
        if release.subject.startswith('Revert "'):
            undone = stage.dice("commit", service, release.subject[8:-1]).code(HEX, 40)
            message += ["", f"This reverts commit {undone}."]
        head = (f"commit {release.sha(stage)}{decoration}", f"Author: {member.name} <{member.email}>")
        lines = [*head, f"Date:   {berlin_seconds(at)}", "", *(f"    {line}".rstrip() for line in message)]
        blocks.append("\n".join(lines) + "\n")
    return "\n".join(blocks).encode()
