"""One record as ServiceNow's Table API gives it: values as they are stored, as they are shown, or both.

Stored times are UTC without saying so. Shown ones are in the zone and format of whoever asked, so they need a zone
declared, `"zone": "Europe/Berlin"` beside `"result"`, or `# zone: Europe/Berlin` above a CSV file's header.
The forms: https://www.servicenow.com/docs/bundle/zurich-api-reference/page/integrate/inbound-rest/concept/c_TableAPI.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from podanalytics.keepable import in_calendar
from podanalytics.model import Person, Precision
from podanalytics.sources._clock import iso_as_written
from podanalytics.sources._read import text_of
from podanalytics.sources._wallclock import both, declared_zone

NAME = "servicenow"
CODED = ("state", "incident_state", "priority", "impact", "urgency", "severity")
BOTS = ("system", "guest", "glide.maint")  # users that stand for the platform itself
SHOWN = (
    "time {text!r} is as somebody's browser shows it, and the zone is not told: export with sysparm_display_value=all, "
    'or declare the zone ("zone" beside "result", or "# zone: Europe/Berlin" above the header)'
)
When = tuple[datetime, Precision]
_NUMBER = re.compile(r"-?\d+")
_SYS_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Row:
    """A record and how its values are to be read."""

    record: dict[str, Any]

    def get(self, name: str) -> str:
        """The field's stored value, or what is shown where only that is given; empty where it has none."""
        cell = self.record.get(name)
        if not isinstance(cell, dict) or not {"value", "display_value", "link"} & set(cell):
            return text_of(cell).strip()
        if "value" in cell:
            return text_of(cell["value"]).strip()
        link = text_of(cell.get("link")).rpartition("/")[2]
        return link if _SYS_ID.fullmatch(link) else text_of(cell.get("display_value")).strip()

    def shown(self, name: str) -> str:
        """How the field's value is shown, where that is told beside the value itself."""
        cell = self.record.get(name)
        return text_of(cell.get("display_value")).strip() if isinstance(cell, dict) else ""

    @cached_property
    def zone(self) -> str:
        """The zone that the export declares; empty for none."""
        around = self.record.get("_envelope")
        return text_of(around.get("zone")) if isinstance(around, dict) else ""

    @cached_property
    def stored(self) -> bool:
        """Whether plain values are as they are stored: states and priorities are numbers then, references ids."""
        cells = [c for c in self.record.values() if isinstance(c, dict) and {"value", "display_value"} & set(c)]
        if cells:
            return any("value" in cell for cell in cells)
        if codes := [code for name in CODED if (code := self.get(name))]:
            return all(_NUMBER.fullmatch(code) for code in codes)
        return any(_SYS_ID.fullmatch(self.get(n)) for n in ("opened_by", "caller_id", "documentkey", "element_id"))

    def when(self, name: str) -> When | None:
        """The moment in a field of time and how finely it is known; None for an empty field.

        Raises ValueError for what cannot be placed: no time, or a shown one without a declared zone.
        """
        text = self.get(name)
        if not text:
            return None
        if not isinstance(self.record.get(name), dict) and not self.stored and not self.zone:
            raise ValueError(SHOWN.format(text=text))
        wall = iso_as_written(text)
        if wall.tzinfo is not None:
            return in_calendar(wall), Precision.SECOND
        if self.stored:
            return in_calendar(wall.replace(tzinfo=UTC)), Precision.SECOND
        if not self.zone:
            raise ValueError(SHOWN.format(text=text))
        first, second = both(wall, declared_zone(self.zone))
        return in_calendar(first), Precision.SECOND if first == second else Precision.HOUR

    @property
    def page(self) -> str:
        """The address of the instance, as far as a reference tells it."""
        links = (text_of(cell.get("link")) for cell in self.record.values() if isinstance(cell, dict))
        return next((link.split("/api/now/")[0] for link in links if "/api/now/" in link), "")

    def people(self, *names: str) -> Iterator[Person]:
        """Whoever these fields refer to."""
        found = {key: self.shown(name) for name in names if (key := self.get(name))}
        for key, shown in found.items():
            yield person(key, shown if shown != key else "")


def person(key: str, name: str = "") -> Person:
    """A user by the id or the user name that records hold."""
    return Person(NAME, key, name or None, bot=key in BOTS)
