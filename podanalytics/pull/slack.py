"""Slack: people, channels, the messages of each channel week by week, and the replies below them.

A week that is over is asked for with the same words each time and answered with the same page, so it is not kept again.
The last fortnight is read anew each time, for messages are edited and old threads get replies that no later message
of the channel tells of: a thread is read where its `latest_reply` is not the one that was read before.
https://docs.slack.dev/reference/methods/conversations.history, https://docs.slack.dev/apis/web-api/pagination
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from podanalytics.pull import Address, Answer, Check, Client, Cursor, Page, Refusal, Stream, Vendor, VendorSettings
from podanalytics.pull._paging import answered_at, rows
from podanalytics.pull._slack_words import Channels, failure, passed_over

if TYPE_CHECKING:
    from podanalytics.pull._secrets import Secret

LIMIT = 200
WEEK = timedelta(days=7)
AGAIN = timedelta(days=14)  # how far back what was read is read anew
LISTS = {"users.list": "members", "conversations.list": "channels"}


class SlackSettings(VendorSettings):
    """`[pull.slack]`: channels by name or id, all that the app is a member of without any; `private` ones on demand."""

    channels: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    private: bool = False
    pace: Annotated[float, Field(ge=0, le=60)] = 1.2  # Slack allows some 50 requests a minute of most methods
    base_url: Address = "https://slack.com/api"


def _streams(settings: SlackSettings) -> Sequence[Stream]:
    return [Stream("workspace", settings.base_url, _Workspace(settings).pull)]


class _Workspace:
    """The cursor: `read`, up to which moment each channel was read; `threads`, of each channel the latest reply read
    below each of its newer messages; `walk` while there is one.

    A walk has its `step`, the `page` of it that comes next and `next`, where that is; `end`, the moment it began at;
    `channels` that are left, the `week` of the first of them, and the `roots` in it whose replies are left.
    """

    def __init__(self, settings: SlackSettings) -> None:
        self._settings = settings
        self._steps = {
            "users.list": self._users,
            "conversations.list": self._channels,
            "conversations.history": self._history,
            "conversations.replies": self._replies,
        }

    def pull(self, client: Client, cursor: Cursor, since: datetime) -> Iterator[Page]:
        here = {"read": {}, "threads": {}, **cursor}
        here.setdefault("walk", {"step": "users.list", "page": 1})
        while "walk" in here:
            page = self._steps[here["walk"]["step"]](client, here, since)
            here = dict(page.cursor)
            yield page

    def _users(self, client: Client, here: Cursor, since: datetime) -> Page:
        walk, params = here["walk"], {"limit": LIMIT}
        answer = _ask(client, walk, params)
        walk = {"end": answered_at(answer).isoformat(), **walk}
        then = _further(walk, answer) or {**_next_step(walk, "conversations.list"), "found": []}
        return _page(here, walk, then, answer, f"users-{walk['page']}")

    def _channels(self, client: Client, here: Cursor, since: datetime) -> Page:
        walk, kinds = here["walk"], "public_channel,private_channel" if self._settings.private else "public_channel"
        answer = _ask(client, walk, {"types": kinds, "exclude_archived": "false", "limit": LIMIT})
        wanted = Channels(self._settings.channels)
        if answer.data["ok"]:
            found = [*walk["found"], *wanted.among(answer.data["channels"])]
            walk = {**walk, "found": found}
        then = _further(walk, answer)
        if then:
            return _page(here, walk, then, answer, f"channels-{walk['page']}")
        then = self._begin(here, {**_without(walk, "found"), "channels": [id for id, _ in walk["found"]]}, since)
        note = wanted.missing(walk["found"], self._settings.private)
        return _page(here, walk, then, answer, f"channels-{walk['page']}", note)

    def _begin(self, here: Cursor, walk: Mapping[str, Any], since: datetime) -> dict[str, Any] | None:
        """The walk at the beginning of its first channel; None where none is left."""
        if not walk["channels"]:
            return None
        read = here["read"].get(walk["channels"][0])
        start = max(datetime.fromisoformat(read) - AGAIN, since) if read else since
        return {**_next_step(walk, "conversations.history"), "week": _monday(start).isoformat(), "roots": []}

    def _history(self, client: Client, here: Cursor, since: datetime) -> Page:
        walk = here["walk"]
        channel, week = walk["channels"][0], datetime.fromisoformat(walk["week"])
        latest = f"{int((week + WEEK).timestamp()) - 1}.999999"
        params = {"channel": channel, "oldest": f"{int(week.timestamp())}.000000", "latest": latest}
        answer = _ask(client, walk, {**params, "inclusive": "true", "limit": LIMIT}, passed_over)
        if note := passed_over(answer):
            then = self._begin(here, {**walk, "channels": walk["channels"][1:]}, since)
            return _page(here, walk, then, None, "", f"channel {channel}: {note}")
        if answer.data["ok"]:
            walk = {**walk, "roots": [*walk["roots"], *_roots(answer, here["threads"].get(channel, {}))]}
        place = f"history/{channel}/{week:%Y%m%d}-{walk['page']}"
        then = _further(walk, answer)
        if then or walk["roots"]:
            return _page(here, walk, then or _next_step(walk, "conversations.replies"), answer, place)
        return self._week_done(here, walk, answer, place, since)

    def _replies(self, client: Client, here: Cursor, since: datetime) -> Page:
        walk = here["walk"]
        channel, (ts, latest) = walk["channels"][0], walk["roots"][0]
        answer = _ask(client, walk, {"channel": channel, "ts": ts, "limit": LIMIT}, _gone)
        place = f"replies/{channel}/{ts}-{walk['page']}"
        if answer.data["ok"] and (then := _further(walk, answer)):
            return _page(here, walk, then, answer, place)
        gone = f"the thread {channel}/{ts} is gone: its replies are left out" if _gone(answer) else ""
        here = {**here, "threads": {**here["threads"], channel: {**here["threads"].get(channel, {}), ts: latest}}}
        walk, told = {**walk, "roots": walk["roots"][1:]}, None if gone else answer
        if walk["roots"]:
            return _page(here, walk, _next_step(walk, "conversations.replies"), told, place, gone)
        return self._week_done(here, walk, told, place, since, gone)

    def _week_done(
        self, here: Cursor, walk: Mapping[str, Any], answer: Answer | None, place: str, since: datetime, note: str = ""
    ) -> Page:
        """On to the next week, or to the next channel."""
        week, end = datetime.fromisoformat(walk["week"]) + WEEK, datetime.fromisoformat(walk["end"])
        if week <= end:
            then: dict[str, Any] | None = {**_next_step(walk, "conversations.history"), "week": week.isoformat()}
            return _page(here, walk, then, answer, place, note)
        channel, *rest = walk["channels"]
        older = _monday(end - AGAIN).timestamp()
        kept = {ts: latest for ts, latest in here["threads"].get(channel, {}).items() if float(ts) >= older}
        here = {
            **here,
            "read": {**here["read"], channel: walk["end"]},
            "threads": {**here["threads"], channel: kept},
        }
        return _page(here, walk, self._begin(here, {**walk, "channels": rest}, since), answer, place, note)


# --- asking -----------------------------------------------------------------------------------------------------------


def _ask(
    client: Client, walk: Mapping[str, Any], params: Mapping[str, str | int], known: Check = lambda answer: ""
) -> Answer:
    """The answer to the walk's step; PullError for one that is `ok: false`, unless it is `known` what then to do."""
    method, onward = walk["step"], walk.get("next")
    asked = {**params, **({"cursor": onward} if onward else {})}
    answer = client.get(f"/{method}", asked, check=_is_answer(method, onward))
    if not answer.data["ok"] and not known(answer) and not _stale(walk, answer):
        raise failure(method, answer)
    return answer


def _is_answer(method: str, onward: str | None) -> Check:
    def check(answer: Answer) -> str:
        if answer.data["ok"] is not True:
            return "it says that there were too many requests" if answer.data["error"] == "ratelimited" else ""
        rows(answer, LISTS.get(method, "messages"))
        return "it says that it comes after itself" if onward and _onward(answer) == onward else ""

    return check


def _onward(answer: Answer) -> str:
    return str((answer.data.get("response_metadata") or {}).get("next_cursor") or "")


def _stale(walk: Mapping[str, Any], answer: Answer) -> bool:
    """Whether a place to go on from, kept since an earlier run, is not known any more."""
    return bool(walk.get("next")) and answer.data.get("error") == "invalid_cursor"


def _gone(answer: Answer) -> str:
    return "gone" if answer.data.get("error") == "thread_not_found" else ""


def _further(walk: Mapping[str, Any], answer: Answer) -> dict[str, Any] | None:
    """The walk on the next page of the same list, or on its first one where the place to go on from is stale."""
    if _stale(walk, answer):
        return {**_without(walk, "next"), "page": 1}
    onward = _onward(answer)
    return {**walk, "page": walk["page"] + 1, "next": onward} if onward else None


def _next_step(walk: Mapping[str, Any], step: str) -> dict[str, Any]:
    return {**_without(walk, "next"), "step": step, "page": 1}


def _page(
    here: Cursor,
    walk: Mapping[str, Any],
    then: Mapping[str, Any] | None,
    answer: Answer | None,
    place: str,
    note: str = "",
) -> Page:
    cursor = {**here, "walk": then} if then else _without(here, "walk")
    return Page(cursor, answer if answer and answer.data["ok"] else None, place, note=note)


def _without(given: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in given.items() if key != name}


def _roots(answer: Answer, read: Mapping[str, str]) -> list[list[str]]:
    """[ts, latest reply] of the threads on a page that have replies which were not read."""
    found = {m["ts"]: m.get("latest_reply") or "" for m in answer.data["messages"] if m.get("reply_count")}
    return [[ts, latest] for ts, latest in found.items() if read.get(ts) != latest]


def _monday(moment: datetime) -> datetime:
    """The begin of the week, in UTC."""
    day = moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return day - timedelta(days=day.weekday())


def _headers(settings: SlackSettings, token: Secret | None) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {token.reveal()}"} if token else {}


def _refused(refusal: Refusal) -> str:
    if refusal.status == 404 and (method := re.search(r"/([a-z]+\.[a-z]+)", refusal.url)):
        return f"there is no Slack here that answers to {method[1]}: look at the base_url in pod.toml"
    return ""


vendor = Vendor(
    name="slack",
    title="Slack",
    settings=SlackSettings,
    streams=_streams,
    token="POD_SLACK_TOKEN",
    needs_token=True,
    permission="the bot token of an app of your own, with channels:read, channels:history and users:read "
    "(groups:read and groups:history for private channels)",
    headers=_headers,
    refused=_refused,
)
