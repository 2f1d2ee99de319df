"""Statuspage: the public API v2 of status pages, polled whole. No key.

A page that changed since the last poll is kept beside the earlier one, for a post is edited in place and nothing else
tells what it said. `incidents.json` has the latest 50 incidents, the feed 25 with their ends; older ones are not here.
https://support.atlassian.com/statuspage/docs/use-the-statuspage-apis/
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated

from pydantic import Field

from podanalytics.pull import Address, Answer, Client, Cursor, Page, Refusal, Stream, Vendor, VendorSettings
from podanalytics.pull._paging import folder_of

# What a poll asks for, in this order: path, file, ending, form.
POLLS = (
    ("/api/v2/incidents.json", "incidents", ".json", "json"),
    ("/api/v2/scheduled-maintenances.json", "maintenances", ".json", "json"),
    ("/api/v2/summary.json", "summary", ".json", "json"),
    ("/history.atom", "history", ".atom", "xml"),
)
GONE = (404,)  # pages with the feed or maintenance switched off


class StatuspageSettings(VendorSettings):
    """`[pull.statuspage]`: the addresses of status pages."""

    pages: Annotated[tuple[Address, ...], Field(min_length=1)]
    pace: Annotated[float, Field(ge=0, le=60)] = 1.0


def _streams(settings: StatuspageSettings) -> Sequence[Stream]:
    return [Stream(folder_of(page), page, _pull) for page in dict.fromkeys(settings.pages)]


def _pull(client: Client, cursor: Cursor, since: datetime) -> Iterator[Page]:
    """The cursor: `next`, the number of the poll's next request, 0 where a poll is complete."""
    for number in range(cursor.get("next", 0), len(POLLS)):
        path, place, ending, form = POLLS[number]
        then = {"next": (number + 1) % len(POLLS)}
        optional = GONE if number else ()
        answer = client.get(path, form=form, check=_is_page if form == "json" else None, but=optional)
        if answer.status in GONE:
            yield Page(then, note=f"{place} is not offered (404): left out")
        else:
            yield Page(then, answer, place, ending)


def _is_page(answer: Answer) -> str:
    return "" if isinstance(answer.data["page"], dict) else "it is not of a status page"


def _refused(refusal: Refusal) -> str:
    if refusal.status in (401, 403):
        return "this status page is not public: only public ones can be pulled"
    if refusal.status == 404:
        return "there is no Statuspage here: look at the address in pod.toml"
    return ""


vendor = Vendor(
    name="statuspage",
    title="Statuspage",
    settings=StatuspageSettings,
    streams=_streams,
    refused=_refused,
)
