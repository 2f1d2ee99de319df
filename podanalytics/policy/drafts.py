"""Action items as drafts: what to do about a clause that was missed, or about a finding, as a policy words it.

Texts may hold `{target}` (what was promised), `{id}` and `{title}` (of the clause, or of what was found), and `{scope}`
(the incidents a clause holds for).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

ActionType = Literal["prevent", "detect", "mitigate", "respond"]
Finding = Literal["detection", "hypothesis", "untold", "unfinished", "clocks"]
PLACES = ("target", "id", "title", "scope")
DAYS: Mapping[str, int] = {"prevent": 30, "detect": 14, "mitigate": 14, "respond": 7}  # where a policy sets none
NEXT = 5  # incidents after which one looks whether an action worked


def filled(text: str, **places: str) -> str:
    """The text with its places filled in.

    >>> filled("{title} within {target}", title="Page", target="5 min")
    'Page within 5 min'
    """
    return re.sub(r"\{(\w+)\}", lambda found: places[found[1]], text)


def _placed(text: str) -> str:
    if unknown := [place for place in re.findall(r"\{(\w*)\}", text) if place not in PLACES]:
        raise ValueError(f"{{{unknown[0]}}} stands for nothing; known: {', '.join(f'{{{p}}}' for p in PLACES)}")
    return text


Placed = Annotated[str, AfterValidator(_placed)]


class Draft(BaseModel):
    """One draft: its type, its sentence, the role that would own it, days after the review (else those of its type),
    and how to know that it worked (else: the clause is met in the next incidents).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: ActionType
    text: Placed
    owner: str = ""
    days: int | None = Field(default=None, ge=1)
    proof: Placed = ""


PROOF = f"the clause {{id}} is met in the next {NEXT} {{scope}}, as the monthly report counts it"

# What is drafted where a policy has no draft of its own, by kind of clause.
BY_KIND: Mapping[str, Draft] = {
    "elapsed": Draft(
        type="respond", text="Find the longest step on the way to “{title}”, and automate it or give it an owner"
    ),
    "channel": Draft(type="respond", text="Let the record's creation open the channel, under the agreed name"),
    "cadence": Draft(type="respond", text="Remind the channel {target} after each update until the next one is posted"),
    "template": Draft(type="respond", text="Offer the update's template as a form in which no field can be left out"),
    "order": Draft(type="respond", text="Offer the agreed statuses as a list to choose from"),
    "eta": Draft(type="respond", text="Say with each promised time how sure it is and when it is looked at again"),
    "members": Draft(type="respond", text="Let the page invite the team to the incident's channel"),
    "roles": Draft(type="respond", text="Name a stand-in for each role in the on-call plan, and page the role"),
    "rollback": Draft(type="mitigate", text="Write the rollback down as a runbook that ends with the health check"),
    "presence": Draft(type="mitigate", text="Add “{title}” to the runbook as a step that posts its own result"),
    "agenda": Draft(type="respond", text="Fix the agenda's items as headings of the review's record"),
    "blameless": Draft(
        type="respond", text="Reword the findings, and run the language check before a record is shared"
    ),
}

# What is drafted for what no clause tells of, unless the policy words it.
BY_FINDING: Mapping[Finding, Draft] = {
    "detection": Draft(
        type="detect",
        text="Alert on what the first report tells of, before a person has to see it",
        proof=f"a monitor is first in the next {NEXT} incidents of this kind",
    ),
    "hypothesis": Draft(
        type="prevent",
        text="Test what was suspected and write down the result: {title}",
        proof="each hypothesis reads as confirmed or ruled out",
    ),
    "untold": Draft(
        type="respond",
        text="Leave a trace: {title}",
        proof="{id} can be judged in the next incident",
    ),
    "unfinished": Draft(
        type="prevent",
        text="Finish {id} first: {title}",
        proof="{id} is done, with a test that the fault of {scope} does not come back",
    ),
    "clocks": Draft(
        type="respond",
        text="Set right the clock or the zone that contradicts the others: {title}",
        proof="the next packet finds no clocks that contradict each other",
    ),
}
