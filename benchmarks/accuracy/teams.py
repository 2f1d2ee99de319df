"""The plan of the simulation: twelve teams, what each of them did not export, and the incidents drawn for them."""

from __future__ import annotations

from datetime import datetime, timedelta

from benchmarks.accuracy.draw import draw
from benchmarks.accuracy.noise import Noise, spoil
from benchmarks.accuracy.world import CHAT, NAMES, PAGE, PAGER, TRACKER, Hole, Team, utc
from podanalytics.sample.dice import Dice

EACH = 52
LENGTH = timedelta(days=140)
ALWAYS = (utc(2000, 1, 1), utc(2100, 1, 1))
# (tool that was not exported, for which half or all of the time); the last two: the tool whose clock is off by hours.
PLAN = (
    ("", ""), (PAGER, "second"), (TRACKER, "first"), (CHAT, "second"), (PAGE, "all"), ("", ""), (PAGER, "all"),
    (CHAT, "first"), (PAGE, "first"), (TRACKER, "second"), (PAGER, "shifted"), (PAGE, "shifted"),
)  # fmt: skip
# Nights on which clocks changed in 2026: in the United States, in Europe, and back again.
CHANGES = (utc(2026, 3, 8, 6, 20), utc(2026, 3, 29, 0, 20), utc(2026, 10, 25, 0, 10), utc(2026, 11, 1, 5, 20))
RARE = (("transient", 0.05), ("reported", 0.08), ("early", 0.05), ("reopened", 0.04), ("long", 0.02))


def teams(seed: int, count: int, each: int, noise: Noise) -> list[Team]:
    """The teams with their incidents, noise and all."""
    return [team(seed, place, each, noise) for place in range(count)]


def team(seed: int, place: int, each: int, noise: Noise) -> Team:
    """One team of the plan."""
    dice = Dice(seed, "team", place)
    starts = utc(2026, 1, 12) + timedelta(days=14 * place + (14 if place > 5 else 0))
    ends = starts + LENGTH * each / EACH
    tool, which = PLAN[place % len(PLAN)]
    middle = starts + (ends - starts) / 2
    stretch = {"first": (ALWAYS[0], middle), "second": (middle, ALWAYS[1]), "all": ALWAYS}.get(which)
    first = dice.whole(0, len(NAMES) - 1)
    made = Team(
        name=f"team{place + 1}",
        seed=seed * 100 + place,
        starts=starts,
        ends=ends,
        as_of=ends + timedelta(days=1, hours=12),
        people=tuple(NAMES[(first + n) % len(NAMES)] for n in range(9)),
        holes=(Hole(tool, *stretch),) if stretch else (),
        shifted=tool if which == "shifted" else "",
        pager_priority=place % 2 == 0,
    )
    for number, (at, kind) in enumerate(_calendar(made, each, dice)):
        made.incidents.append(draw(made, 1000 + 100 * place + number, at, kind))
    spoil(made, noise)
    return made


def _calendar(made: Team, each: int, dice: Dice) -> list[tuple[datetime, str]]:
    """When each incident begins and what is special about it."""
    found: list[tuple[datetime, str]] = []
    step = (made.ends - made.starts) / each
    for number in range(each):
        at = made.starts + step * number + (step * 0.8) * dice.real(0, 1)
        at -= timedelta(microseconds=at.microsecond)
        if found and dice.real(0, 1) < 0.06:
            at = found[-1][0] + dice.delay(900, 2400)  # two at once
        found.append((at, "open" if number >= each - 2 else _kind(dice)))
    nights = [night for night in CHANGES if made.starts < night < made.ends]
    for night in nights:
        nearest = min(range(each - 2), key=lambda n: abs(found[n][0] - night))
        found[nearest] = (night + timedelta(minutes=dice.whole(0, 20)), "dst")
    return sorted(found)


def _kind(dice: Dice) -> str:
    chance = dice.real(0, 1)
    for kind, share in RARE:
        if chance < share:
            return kind
        chance -= share
    return "ordinary"
