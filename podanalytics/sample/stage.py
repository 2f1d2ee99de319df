"""The stage: plots given their moments and ids, so that every tool tells the same story with the same names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

from podanalytics.sample.dice import DIGITS, HEX, LOWER, UPPER, Dice
from podanalytics.sample.people import BERLIN_ZONE, CAST
from podanalytics.sample.plots import Plot, all_plots

STATUS_SITE = "https://status.lanternrelay.example"
JIRA_SITE = "https://lanternrelay.atlassian.net"
PAGER_SITE = "https://lanternrelay.pagerduty.com"
REPOSITORY = "lantern-relay/platform"

_COUNTED_FROM = datetime(2026, 1, 1, tzinfo=UTC)
_TOKEN = re.compile(r"\{([^{}\n]+)\}")
_MENTION = re.compile(r"(?<![\w@.])@([a-z]+)\b")


@dataclass(frozen=True, slots=True)
class Cue:
    """A beat at its true moment, its text filled in. `place` is its number within the plot."""

    plot: Plot
    place: int
    moment: datetime
    verb: str
    who: str
    text: str
    room: str | None
    marks: tuple[str, ...]
    label: str | None

    @property
    def fields(self) -> list[str]:
        """The text's parts between bars."""
        return [part.strip() for part in self.text.split(" | ")]


@dataclass(frozen=True)
class Stage:
    """All plots of one seed. Ids are made from the seed and a name, never from order."""

    seed: int

    @cached_property
    def plots(self) -> tuple[Plot, ...]:
        """Every plot, by start."""
        return all_plots()

    @cached_property
    def _cues(self) -> dict[str, tuple[Cue, ...]]:
        return {plot.id: tuple(self._act(plot)) for plot in self.plots}

    def cues(self, plot: Plot, *verbs: str) -> list[Cue]:
        """The plot's beats at their moments; with `verbs` only those."""
        return [cue for cue in self._cues[plot.id] if not verbs or cue.verb in verbs]

    def every(self, *verbs: str) -> list[Cue]:
        """The beats of all plots with these verbs, in time order."""
        found = [cue for plot in self.plots for cue in self.cues(plot, *verbs)]
        return sorted(found, key=lambda cue: (cue.moment, cue.plot.id, cue.place))

    def plot(self, key: str) -> Plot:
        """The plot of an incident's id."""
        return next(plot for plot in self.plots if plot.id == key)

    def dice(self, *names: object) -> Dice:
        """A stream of chance of its own."""
        return Dice(self.seed, *names)

    def told(self, tool: str, cue: Cue, low: float, high: float) -> datetime:
        """When the tool wrote the beat down: some seconds of recording noise after it happened."""
        return cue.moment + self.dice(tool, cue.plot.id, cue.place).delay(low, high)

    def _act(self, plot: Plot) -> Iterator[Cue]:
        """True moments: whole minutes get some seconds of life, order is kept."""
        last = plot.starts - timedelta(days=1)
        for place, beat in enumerate(plot.beats):
            moment = plot.starts + timedelta(microseconds=round(beat.minute * 60_000_000))
            if beat.minute and beat.minute == int(beat.minute):
                moment += self.dice("life", plot.id, place).delay(0, 24)
            moment = max(moment, last + timedelta(milliseconds=700))
            last = moment
            text = self.fill(beat.text, plot, moment)
            yield Cue(plot, place, moment, beat.verb, beat.who, text, beat.room, beat.marks, beat.label)

    def fill(self, text: str, plot: Plot, moment: datetime) -> str:
        """The text with its tokens filled: {now} {+30} {at:-5} {berlin} {berlin:-5} {page} {jira} {pd} {date} ..."""
        known: dict[str, Callable[[], str]] = {
            "now": lambda: f"{moment:%H:%M}",
            "berlin": lambda: f"{moment.astimezone(BERLIN_ZONE):%H:%M}",
            "page": lambda: f"{STATUS_SITE}/incidents/{self.page_id(plot)}",
            "jira": lambda: f"{JIRA_SITE}/browse/{plot.id}",
            "pd": lambda: f"{PAGER_SITE}/incidents/{self.pager_id(plot)}",
        }

        def token(found: re.Match[str]) -> str:
            word = found[1]
            if word in known:
                return known[word]()
            if word.startswith("+"):
                return f"{moment + timedelta(minutes=float(word)):%H:%M}"
            if word.startswith("at:"):
                return f"{plot.starts + timedelta(minutes=float(word[3:])):%H:%M}"
            return found[0]

        return _TOKEN.sub(token, text)

    def page_id(self, plot: Plot) -> str:
        """Statuspage's twelve characters, also the URL's last segment."""
        return self.dice("statuspage", plot.id).code(LOWER, 12)

    def pager_id(self, plot: Plot) -> str:
        """PagerDuty's id of the incident."""
        return "Q" + self.dice("pagerduty", plot.id).code(UPPER, 13)

    def pager_user(self, key: str) -> str:
        """PagerDuty's id of a person."""
        return "P" + self.dice("pagerduty user", key).code(UPPER, 6)

    def slack_user(self, key: str) -> str:
        """Slack's id of a person or bot user."""
        return "U07" + self.dice("slack user", key).code(UPPER, 8)

    def slack_channel(self, name: str) -> str:
        """Slack's id of a channel."""
        return "C07" + self.dice("slack channel", name).code(UPPER, 8)

    def slack_group(self) -> str:
        """Slack's id of the user group @responders."""
        return "S07" + self.dice("slack group").code(UPPER, 8)

    def account(self, key: str) -> str:
        """Jira's account id of a person."""
        return "712020:" + self.dice("jira", key).code(HEX, 8) + "-" + self.dice("jira2", key).code(HEX, 12)

    def pager_number(self, plot: Plot) -> int:
        """PagerDuty's running number of the incident."""
        return 1401 + self.plots.index(plot)

    def serial(self, at: datetime, *names: object) -> int:
        """A running number as trackers give them: it rises with time and is never given twice."""
        since = (at - _COUNTED_FROM) // timedelta(milliseconds=100)
        return since * 1000 + self.dice("serial", *names).whole(0, 999)

    def number(self, *names: object, digits: int = 6) -> int:
        """A number as tools give them, without a leading zero."""
        return int("1" + self.dice("number", *names).code(DIGITS, digits - 1))


def mentions(text: str, write: Callable[[str], str]) -> str:
    """The text with every `@key` of the cast written the tool's way; others stay."""
    return _MENTION.sub(lambda found: write(found[1]) if found[1] in CAST else found[0], text)
