"""What people say in chat when nothing burns: the background that a search must see past."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.resources import files

from podanalytics.sample.people import CAST
from podanalytics.sample.stage import Stage

Said = tuple[str, str, datetime, str]
FIRST_DAY, DAYS = datetime(2026, 4, 1, tzinfo=UTC), 213


def _read(name: str) -> list[str]:
    return (files("podanalytics.sample") / "plays" / f"{name}.chat").read_text(encoding="utf-8").splitlines()


def chatter(stage: Stage) -> Iterator[Said]:
    """(room, who, moment, text) of everything ordinary."""
    yield from _talk(stage, "general", _read("general"), 44)
    yield from _talk(stage, "ops", _read("ops"), 56)
    dice = stage.dice("vendor")
    for place, text in enumerate(_read("vendor")):
        at = datetime(2026, 6, 9, 8, tzinfo=UTC) + timedelta(hours=3 * place) + dice.delay(0, 600)
        yield "vendor-slotwright", "chidi" if place % 2 else "marisol", at, text


def _talk(stage: Stage, room: str, lines: list[str], count: int) -> Iterator[Said]:
    dice = stage.dice("chatter", room)
    for place in range(count):
        day = FIRST_DAY + timedelta(days=int((place + dice.real(0, 1)) * DAYS / count))
        text = lines[(place * 7 + dice.whole(0, 2)) % len(lines)]
        who = dice.pick([key for key, member in CAST.items() if member.left is None and f"@{key}" not in text])
        yield room, who, day + dice.delay(7 * 3600, 17 * 3600), text
