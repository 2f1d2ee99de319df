"""The drafts of public reports: of a story, and of every incident of the sample."""

from __future__ import annotations

import re
from typing import Any

from podanalytics.gather import review_of, section
from podanalytics.ledger import Ledger
from podanalytics.model import Event
from podanalytics.policy import Policy
from podanalytics.review import Review
from podanalytics.show.blocks import Draft, Section
from tests.sampled import reviewed
from tests.story import POLICY, ledger_of

PUBLIC = ("statuspage", "cstate")
BLANK = re.compile(r"\\\[to be written: [^\[\]]+\\\]")


def drafted(review: Review) -> Draft | None:
    made = section("public_report", review)
    drafts = [block for block in made.blocks if isinstance(block, Draft)]
    assert len(drafts) <= 1
    return drafts[0] if drafts else None


def of_story(*told: Event | list[Event], policy: Policy = POLICY, zone: str = "UTC", **more: Any) -> str:
    draft = drafted(review_of(ledger_of(*told, policy=policy, **more), "INC-1", zone))
    assert draft is not None
    return draft.document()


def guidance(*told: Event | list[Event], **more: Any) -> Section:
    return section("public_report", review_of(ledger_of(*told, **more), "INC-1", "UTC"))


def reports_of(ledger: Ledger) -> dict[str, str]:
    """The file of every incident that has one."""
    made = {incident: drafted(reviewed(ledger, incident, "Europe/Berlin")) for incident in ledger.incidents["incident"]}
    return {incident: draft.document() for incident, draft in made.items() if draft}
