"""PagerDuty: log entries of the whole account, and of each incident they name its present state.

Incidents cannot be asked for by when they changed, log entries can be by when they were made. They come newest first
and are never edited, so what is written meanwhile only moves earlier ones to later pages: met twice, passed over never.
At most 10,000 can be reached by paging; behind them the window ends at the oldest entry seen and paging begins anew.
https://developer.pagerduty.com/api-reference/c661e065403b5-list-log-entries
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from podanalytics.pull import Address, Answer, Check, Client, Cursor, Page, Refusal, Stream, Vendor, VendorSettings
from podanalytics.pull._paging import rows, slug

if TYPE_CHECKING:
    from podanalytics.pull._secrets import Secret

LIMIT = 100
REACH = 10_000  # offset and limit together may not be more
OVERLAP = timedelta(hours=1)  # an entry may be seen later than it says it was made
GONE = (404,)


class PagerDutySettings(VendorSettings):
    """`[pull.pagerduty]`; `base_url` is `https://api.eu.pagerduty.com` for an account in the EU."""

    base_url: Address = "https://api.pagerduty.com"


def _streams(settings: PagerDutySettings) -> Sequence[Stream]:
    return [Stream("account", settings.base_url, _pull)]


def _pull(client: Client, cursor: Cursor, since: datetime) -> Iterator[Page]:
    """The cursor: `newest`, the latest entry seen when a walk came to its end; `walk` while there is one."""
    newest = cursor.get("newest")
    start = _moment(newest) - OVERLAP if newest else since
    begin: dict[str, Any] = {"since": _written(start), "window": 1, "offset": 0, "todo": [], "top": newest}
    walk: dict[str, Any] = dict(cursor.get("walk") or begin)
    while not walk.get("ended"):
        answer = client.get("/log_entries", _asked(walk), check=_is_page(walk["offset"]))
        place = f"log-entries/{slug(walk['since'])}-{walk['window']}-{walk['offset']}"
        walk = after_entries(walk, rows(answer, "log_entries"), bool(answer.data.get("more")))
        yield Page({"newest": newest, "walk": walk}, answer, place)
    while walk["todo"]:
        number, *rest = walk["todo"]
        answer = client.get(f"/incidents/{number}", check=_is_incident, but=GONE)
        walk = {**walk, "todo": rest}
        if answer.status in GONE:
            gone = f"incident {number} is gone ({answer.status}): what its log tells is kept"
            yield Page({"newest": newest, "walk": walk}, note=gone)
        else:
            yield Page({"newest": newest, "walk": walk}, answer, f"incidents/{number}")
    yield Page({"newest": walk["top"]} if walk["top"] else {})


def _asked(walk: Mapping[str, Any]) -> dict[str, str | int]:
    until = {"until": walk["until"]} if "until" in walk else {}
    return {"since": walk["since"], **until, "limit": LIMIT, "offset": walk["offset"], "is_overview": "false"}


def after_entries(walk: Mapping[str, Any], found: Sequence[Mapping[str, Any]], more: bool) -> dict[str, Any]:
    """The walk behind a page of entries: further on, or from the oldest entry seen where paging reaches no further."""
    named = [str(row["incident"]["id"]) for row in found if row.get("incident")]
    times = [str(row["created_at"]) for row in found]
    top = max([*times, *([walk["top"]] if walk["top"] else [])], key=_moment, default=None)
    then = {**walk, "top": top, "todo": list(dict.fromkeys([*walk["todo"], *named]))}
    onward = walk["offset"] + len(found)
    if not more or not found:
        return {**then, "ended": True}
    if onward + LIMIT <= REACH:
        return {**then, "offset": onward}
    until = _written(min(map(_moment, times)) + timedelta(seconds=1))  # those of that second come again
    if until == walk.get("until"):  # one second fills all that can be reached: what more it has is out of reach
        until = _written(_moment(until) - timedelta(seconds=1))
    return {**then, "until": until, "window": walk["window"] + 1, "offset": 0}


def _is_page(offset: int) -> Check:
    def check(answer: Answer) -> str:
        rows(answer, "log_entries")
        if not isinstance(answer.data.get("more"), bool):
            return "it does not say whether more follows"
        return "" if answer.data.get("offset", offset) == offset else "it begins elsewhere: another page's content"

    return check


def _is_incident(answer: Answer) -> str:
    return "" if answer.data["incident"]["id"] else "it has no incident"


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _headers(settings: PagerDutySettings, token: Secret | None) -> Mapping[str, str]:
    fixed = {"Accept": "application/vnd.pagerduty+json;version=2"}
    return {**fixed, **({"Authorization": f"Token token={token.reveal()}"} if token else {})}


def _refused(refusal: Refusal) -> str:
    if refusal.status == 403:
        return "PagerDuty does not allow this: the key may not read incidents and log entries of the whole account"
    return ""


vendor = Vendor(
    name="pagerduty",
    title="PagerDuty",
    settings=PagerDutySettings,
    streams=_streams,
    token="POD_PAGERDUTY_TOKEN",
    needs_token=True,
    permission="a read-only REST API key of the account",
    headers=_headers,
    refused=_refused,
)
