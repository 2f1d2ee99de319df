"""Jira's REST API (v2 and v3): issues with their changelog, pages and bulk fetches of changelogs, remote links, users,
side tables; and its webhooks.

An entry of a changelog may know its issue by number only. Which key that is, the issues themselves tell, and it is put
together once all is loaded (`linking.whole`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from typing import Any

from podanalytics.model import Event, Kind, Skipped, Told
from podanalytics.sources import Source
from podanalytics.sources._clock import iso, iso_precision
from podanalytics.sources._jira_hook import KEYS, hook
from podanalytics.sources._jira_issue import (
    BULK,
    COMMENTS,
    HISTORIES,
    NAME,
    also_called,
    browse,
    comment,
    history,
    issue,
    person,
)
from podanalytics.sources._pages import records, sample
from podanalytics.sources._read import Part, each, first_json, id_of, text_of, with_parts

LISTS = ("issues", "values", "histories", "issueChangeLogs", "comments")
PARTS = (HISTORIES, COMMENTS, BULK)


_ASKED = re.compile(r"/issue/([^/?]+)/changelog")
_COMMENT = re.compile(r"/rest/api/.*/issue/([^/?]+)/comment/")


def owns(path: Path) -> bool:
    """Issues, changelog entries, remote links, statuses, users or worklogs of the REST API."""
    if _is_empty(first_json(path)):
        return True
    found = sample(path, *LISTS)
    if found is None:
        return False
    keys = set(found)
    return (
        ({"key", "fields"} <= keys and isinstance(found["fields"], dict))
        or keys >= KEYS
        or {"issueId", "changeHistories"} <= keys
        or ({"items", "created", "author"} <= keys and isinstance(found["items"], list))
        or ({"statusCategory", "name", "id"} <= keys)
        or ({"accountId", "accountType"} <= keys)
        or ("/rest/api/" in str(found.get("self", "")) and bool({"object", "timeSpentSeconds"} & keys))
        or _COMMENT.search(str(found.get("self"))) is not None
    )


def _is_empty(document: Any) -> bool:
    """Whether it is a page without a record: of issues, or with the fields that Jira's other pages have."""
    return isinstance(document, dict) and (
        document.get("issues") == []
        or document.get("issueChangeLogs") == []
        or (document.get("values") == [] and bool({"isLast", "maxResults"} & set(document)))
    )


def parse(path: Path) -> Iterator[Told]:
    """Everything in the file, in its order."""
    yield from each(NAME, with_parts(records(path, NAME, *LISTS), *PARTS), _record, _id)


def _id(item: Any) -> Any:
    record = item.record if isinstance(item, Part) else item
    names = [record.get(name) for name in ("key", "id", "issueId", "accountId")]
    return next(filter(None, names), None) or record["issue"]["key"]


def _record(item: Any, origin: str) -> Iterator[Told]:
    if isinstance(item, Part):
        return _part(item, origin)
    if set(item) >= KEYS:
        return hook(item, origin)
    if "fields" in item:
        return issue(item, origin)
    if "items" in item:
        return history(item, _issue_of(item), origin)
    if "changeHistories" in item:
        return iter(())  # its entries are told one by one
    if "accountId" in item and "timeSpentSeconds" not in item:
        return iter([person(item)])
    if "object" in item:
        return _remote_link(item, origin)
    if of := _COMMENT.search(str(item.get("self"))):
        return comment(item, of[1], origin, None)  # its issue's number: its key is in the issue
    return iter([Skipped(origin, _beside(item))])


def _part(item: Part, origin: str) -> Iterator[Told]:
    if f"{BULK}/" in origin:
        return history(item.record, text_of(item.owner["issueId"]), origin)
    if f"{HISTORIES}/" in origin:
        return history(item.record, item.owner["key"], origin)
    return comment(item.record, item.owner["key"], origin, browse(item.owner))


def _beside(item: dict[str, Any]) -> str:
    if "timeSpentSeconds" in item:
        return "worklog"
    return "status of the workflow" if "statusCategory" in item else "record of another kind"


def _issue_of(item: dict[str, Any]) -> str:
    """The issue of an entry that came without it: its key or numeric id, whichever the request named."""
    envelope = item.get("_envelope") or {}
    if found := (envelope.get("input") or {}).get("issue_id"):
        return str(found)
    if asked := _ASKED.search(str(envelope.get("url") or envelope.get("self"))):
        return asked[1]
    raise ValueError("the changelog entry does not say which issue it belongs to")


def _remote_link(item: dict[str, Any], origin: str) -> Iterator[Told]:
    subject = str(item.get("self", "")).split("/issue/")[-1].split("/")[0]
    at = (item.get("_envelope") or {}).get("fetched_at")
    if not subject or not at:
        raise ValueError("the remote link does not say which issue it belongs to, or when it was read")
    # A remote link has no time of its own: known since it was read.
    when = at.strip().replace(" ", "T", 1)
    told: dict[str, Any] = {
        "source": NAME,
        "subject": subject,
        "occurred_at": iso(when, UTC),
        "recorded_at": iso(when, UTC),  # read again, it may lead elsewhere: what was read last stands
        "precision": iso_precision(when),
        "origin": origin,
    }
    where = item["object"]
    key = f"remotelink/{id_of(item)}"
    yield Event(kind=Kind.LINKED, key=key, value=where["url"], text=where.get("title") or "", **told)
    asked = text_of(((item.get("_envelope") or {}).get("input") or {}).get("issue_id"))
    if asked and asked != subject:
        yield also_called(asked, told["recorded_at"], told)


source = Source(
    title="Jira REST API",
    manual="https://developer.atlassian.com/cloud/jira/platform/rest/v2/intro/",
    owns=owns,
    parse=parse,
    group="tracker",
    takes="REST API v2 and v3, bulk fetches of changelogs, webhooks",
    known_by="issues with `key` and `fields`, changelog entries, remote links, users, a delivery's `webhookEvent`",
)
