"""How each tool tells the story: one file a tool, each offering `tell(stage)`: path below `raw/` to bytes."""

from __future__ import annotations

from podanalytics.sample.forms import Files
from podanalytics.sample.stage import Stage
from podanalytics.sample.tell import corrections, git, github, jira, logs, pagerduty, slack, statuspage

TELLERS = (pagerduty, jira, slack, statuspage, github, logs, git, corrections)


def everything(stage: Stage) -> Files:
    """All files of all tools."""
    told: Files = {}
    for teller in TELLERS:
        told |= teller.tell(stage)
    return told
