"""How other tools define the numbers that people watch: `definitions.toml`, validated as it is read."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, ValidationError, model_validator

from podanalytics.errors import PolicyError
from podanalytics.model import Milestone
from podanalytics.policy.parts import Written
from podanalytics.policy.patterns import Names

OURS = "this packet"
DERIVED = {
    "alert_acknowledged": "first acknowledgement in the pager",
    "alert_acknowledged_by_person": "first acknowledgement by a person in the pager",
    "alert_silenced": "first silence in the pager",
    "alert_closed": "first closing in the pager",
    "alert_resolved": "last closing in the pager",
    "last_impact": "end of the last impact on customers",
}
"""The moments that are no milestones, in words; `podanalytics.vendors` finds them."""

Text = Annotated[str, Field(min_length=1)]


def _known(name: str) -> str:
    known = [*(m.value for m in Milestone), *DERIVED]
    if name not in known:
        raise ValueError(f"no moment is called {name}; known: {', '.join(known)}")
    return name


Moment = Annotated[str, AfterValidator(_known)]


class Definition(Written):
    """One number of one tool: where its clock starts and stops, and what it leaves out."""

    vendor: Text
    measure: Text
    start: tuple[Moment, ...] = Field(alias="from", min_length=1)
    stop: tuple[Moment, ...] = Field(alias="to", min_length=1)
    choose: Literal["first_known", "earliest"] = "first_known"
    needs: tuple[Moment, ...] = ()
    left_out: str = ""
    by_hand: float | None = Field(default=None, ge=0)
    missing: Text
    leaves_out: Text
    note: str = ""
    source: str = Field(default="", pattern=r"^(https://\S+)?$")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.vendor != OURS and not self.source:
            raise ValueError("write source: the tool's own page that says so")
        if bool(self.needs) != bool(self.left_out):
            raise ValueError("needs and left_out belong together: what is missing, and what the tool then does")
        if both := set(self.start) & set(self.stop):
            raise ValueError(f"its clock would stop where it starts: {', '.join(sorted(both))}")
        return self

    @property
    def name(self) -> str:
        """Vendor and measure.

        >>> definitions().rows[2].name
        'PagerDuty: time to first acknowledgement'
        """
        return f"{self.vendor}: {self.measure}"


class Definitions(Written):
    """The whole file; `working` are the words of a status page for a component that works."""

    working: Names
    rows: tuple[Definition, ...] = Field(alias="definition", min_length=1)

    @model_validator(mode="after")
    def _once(self) -> Self:
        names = [row.name for row in self.rows]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"written twice: {', '.join(twice)}")
        return self


@cache
def definitions() -> Definitions:
    """The definitions that the package ships, read once."""
    return parse_definitions(files("podanalytics").joinpath("policy/definitions.toml").read_text("utf-8"), "shipped")


def parse_definitions(text: str, where: str) -> Definitions:
    """Definitions from TOML text; `where` names it in errors. Raises PolicyError, which names the row."""
    try:
        told = tomllib.loads(text)
        return Definitions.model_validate(told)
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f"definitions {where}: not TOML: {error}") from None
    except ValidationError as error:
        found = "; ".join(_complaint(e["loc"], e["msg"], told) for e in error.errors(include_url=False))
        raise PolicyError(f"definitions {where}: {found}") from None


def _complaint(place: tuple[int | str, ...], message: str, told: dict[str, object]) -> str:
    """What is wrong, under the name of the row rather than its number."""
    named, rows = ".".join(map(str, place)) or "the file", told.get("definition")
    if isinstance(rows, list) and len(place) > 1 and isinstance(place[1], int) and isinstance(rows[place[1]], dict):
        row = rows[place[1]]
        inside = ".".join(map(str, place[2:]))
        named = f"{row.get('vendor', '?')}: {row.get('measure', '?')}" + (f", {inside}" if inside else "")
    return f"{named}: {message.removeprefix('Value error, ')}"
