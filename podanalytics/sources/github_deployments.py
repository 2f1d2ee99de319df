"""GitHub's change history: deployments and their states, releases, runs of workflows that deploy, and pushed tags.

Read from REST pages, from GraphQL's nodes and from webhooks. A file of webhooks may hold those of issues as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from podanalytics.model import Told
from podanalytics.sources import Source
from podanalytics.sources._github_changes import NAME, record, shape_of
from podanalytics.sources._github_webhooks import ABOUT_CHANGES, named, webhook
from podanalytics.sources._hooks import opened
from podanalytics.sources._pages import records, sample
from podanalytics.sources._read import each

LISTS = ("workflow_runs",)


def owns(path: Path) -> bool:
    """Records of a deployment, a release or a run, or webhooks of which the first is about one."""
    found = sample(path, *LISTS)
    if found is None:
        return False
    return named(found) in ABOUT_CHANGES or (not named(found) and bool(shape_of(found)))


def parse(path: Path) -> Iterator[Told]:
    """Changes and what became of them, in the file's order."""
    return each(NAME, records(path, NAME, *LISTS), _read)


def _read(item: dict[str, Any], origin: str) -> Iterator[Told]:
    return webhook(opened(item, origin)) if named(item) else record(item, origin)


source = Source(
    title="GitHub deployments and releases",
    manual="https://docs.github.com/en/rest/deployments/deployments",
    owns=owns,
    parse=parse,
    group="change history",
    takes="REST API, GraphQL and webhooks: deployments, their states, releases, runs of workflows, pushed tags",
    known_by="a deployment's commit and environment, a release's tag, a run's workflow; webhooks about one of them",
)
