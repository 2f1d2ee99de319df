"""Jira: every issue that was changed, with its changelog and its comments; Cloud, and a Data Center's own server.

A search names its moment to the minute and in the zone of whoever asks, which is not known; so each begins a day before
the last one began. It is sorted by when issues were made, which never changes: an edit meanwhile moves nothing to
another page, it only makes the issue one of the next pull's. Cloud gives changelogs and comments on pages of their own,
a Data Center puts them into the issues.
https://developer.atlassian.com/cloud/jira/platform/rest/v2/api-group-issue-search/ (search/jql; changelog/bulkfetch),
https://docs.atlassian.com/software/jira/docs/api/REST/latest/ (search)
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, model_validator

from podanalytics.pull import Address, Answer, Check, Client, Cursor, Page, Refusal, Stream, Vendor, VendorSettings
from podanalytics.pull._paging import answered_at, folder_of, rows, slug

if TYPE_CHECKING:
    from podanalytics.pull._secrets import Secret

LIMIT = 100
BULK = 1000  # entries of a page of changelogs
OVERLAP = timedelta(hours=24)
GONE = (404,)
STALE = (400,)  # a place to go on from that was kept since an earlier run may not be known any more
_CLOUD = "*all,-comment,-attachment,-worklog"  # its comments would break off after some


def _project(given: str) -> str:
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", given):
        raise ValueError(f"{given!r} is no key of a project: write it as OPS")
    return given


def _query(given: str) -> str:
    if re.search(r"(?i)\border\s+by\b", given):
        raise ValueError("write the query without ORDER BY: pulling needs its own")
    return given


class JiraSettings(VendorSettings):
    """`[pull.jira]`: which issues, by the keys of their projects, a query, or both; `user` is the e-mail of Cloud's
    account, without one the token stands alone, as a Data Center wants it.
    """

    base_url: Address
    projects: tuple[Annotated[str, AfterValidator(_project)], ...] = ()
    jql: Annotated[str, AfterValidator(_query)] = ""
    user: str = ""
    comments: bool = True
    cloud: bool = True

    @model_validator(mode="after")
    def _bounded(self) -> JiraSettings:
        if not self.projects and not self.jql.strip():
            raise ValueError('say which issues: projects = ["OPS"], or a query under jql')
        return self


def _streams(settings: JiraSettings) -> Sequence[Stream]:
    return [Stream(folder_of(settings.base_url), settings.base_url, _Issues(settings).pull)]


class _Issues:
    """The cursor: `since`; `walk` while there is one.

    A walk has the `since` it asks with, the `page` that comes next and what the search then wants to hear (`next`: a
    token, or a number of issues), `then`, with which the next pull begins; the issues of the page whose `logs` and
    whose `comments` are left, and where the first of these goes on (`at`).
    """

    def __init__(self, settings: JiraSettings) -> None:
        self._settings = settings

    def pull(self, client: Client, cursor: Cursor, since: datetime) -> Iterator[Page]:
        start = cursor.get("since") or since.isoformat()
        walk: dict[str, Any] = dict(cursor.get("walk") or {"since": start, "page": 1})
        while not walk.get("ended") or walk.get("logs") or walk.get("comments"):
            if walk.get("logs"):
                page = self._changelogs(client, walk)
            elif walk.get("comments"):
                page = self._comments(client, walk)
            else:
                page = self._search(client, walk)
            walk = dict(page.cursor)
            yield Page({"since": start, "walk": walk}, page.answer, page.place, note=page.note)
        yield Page({"since": walk["then"]})

    def _search(self, client: Client, walk: Mapping[str, Any]) -> Page:
        asked: dict[str, str | int] = {"jql": self._jql(walk["since"]), "maxResults": LIMIT}
        place = f"since-{slug(walk['since'][:16])}-{walk['page']}"
        if not self._settings.cloud:
            start = walk.get("next", 0)
            asked |= {"startAt": start, "fields": "*all", "expand": "changelog"}
            answer = client.get("/rest/api/2/search", asked, check=_starts_at(start, "issues"))
            return Page(after_search(walk, answer, _onward(answer, "issues")), answer, place)
        onward = walk.get("next")
        asked |= {"fields": _CLOUD, **({"nextPageToken": onward} if onward else {})}
        answer = client.get("/rest/api/2/search/jql", asked, check=_is_next("issues", onward), but=_stale(onward))
        if answer.status in STALE:
            return Page({**_without(walk, "next"), "page": 1})
        walk = after_search(walk, answer, _token(answer))
        numbers = [str(row["id"]) for row in rows(answer, "issues")]
        return Page({**walk, "logs": numbers, "comments": numbers if self._settings.comments else []}, answer, place)

    def _jql(self, since: str) -> str:
        moment = datetime.fromisoformat(since).astimezone(UTC) - OVERLAP
        keys = ", ".join(f'"{key}"' for key in self._settings.projects)
        parts = [f"project in ({keys})"] if keys else []
        parts += [f"({self._settings.jql.strip()})"] if self._settings.jql.strip() else []
        return " AND ".join([*parts, f'updated >= "{moment:%Y/%m/%d %H:%M}"']) + " ORDER BY created ASC, key ASC"

    def _changelogs(self, client: Client, walk: Mapping[str, Any]) -> Page:
        """The histories of all issues of the page at once."""
        at, number = walk.get("at"), walk.get("part", 1)
        asked = {"issueIdsOrKeys": walk["logs"], "maxResults": BULK, **({"nextPageToken": at} if at else {})}
        check = _is_next("issueChangeLogs", at)
        answer = client.post("/rest/api/3/changelog/bulkfetch", asked, check=check, but=_stale(at))
        then = _without(walk, "at", "part")
        if answer.status in STALE:
            return Page(then)
        place = f"changelogs/since-{slug(walk['since'][:16])}-{walk['page'] - 1}-{number}"
        onward = _token(answer)
        return Page({**then, "at": onward, "part": number + 1} if onward else {**then, "logs": []}, answer, place)

    def _comments(self, client: Client, walk: Mapping[str, Any]) -> Page:
        number, *rest = walk["comments"]
        start = walk.get("at", 0)
        asked = {"startAt": start, "maxResults": LIMIT, "orderBy": "created"}
        check = _starts_at(start, "comments")
        answer = client.get(f"/rest/api/2/issue/{number}/comment", asked, check=check, but=GONE)
        then = _without(walk, "at")
        if answer.status in GONE:
            gone = f"issue {number} is gone ({answer.status}): its comments are left out"
            return Page({**then, "comments": rest}, note=gone)
        onward = _onward(answer, "comments")
        then = {**then, "at": onward} if onward else {**then, "comments": rest}
        if not start and not rows(answer, "comments"):
            return Page(then)  # nothing was said there
        return Page(then, answer, f"comments/{number}-{start}")


def after_search(walk: Mapping[str, Any], answer: Answer, onward: str | int | None) -> dict[str, Any]:
    """The walk behind a page of issues. The next pull begins with what changed since the first page was asked for."""
    then = {"then": answered_at(answer).isoformat(), **walk, "page": walk["page"] + 1}
    return {**then, "next": onward} if onward else {**_without(then, "next"), "ended": True}


def _onward(answer: Answer, name: str) -> int | None:
    """Where the next page begins, by what came and not by what was asked for; None at the end."""
    behind = int(answer.data["startAt"]) + len(found := rows(answer, name))
    return behind if found and behind < int(answer.data["total"]) else None


def _token(answer: Answer) -> str | None:
    found = answer.data.get("nextPageToken")
    return str(found) if found and not answer.data.get("isLast") else None


def _starts_at(start: int, name: str) -> Check:
    def check(answer: Answer) -> str:
        rows(answer, name)
        int(answer.data["total"])
        return "" if answer.data["startAt"] == start else "it begins elsewhere: another page's content"

    return check


def _is_next(name: str, onward: str | None) -> Check:
    def check(answer: Answer) -> str:
        rows(answer, name)
        return "it says that it comes after itself" if onward and _token(answer) == onward else ""

    return check


def _stale(onward: Any) -> Sequence[int]:
    return STALE if onward else ()


def _without(given: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {key: value for key, value in given.items() if key not in names}


def _headers(settings: JiraSettings, token: Secret | None) -> Mapping[str, str]:
    if token is None:
        return {"Accept": "application/json"}
    if settings.user:
        basic = base64.b64encode(f"{settings.user}:{token.reveal()}".encode()).decode()
        return {"Accept": "application/json", "Authorization": f"Basic {basic}"}
    return {"Accept": "application/json", "Authorization": f"Bearer {token.reveal()}"}


def _refused(refusal: Refusal) -> str:
    if refusal.status == 400 and "/search" in refusal.url:
        return "Jira does not take the query: look at projects and jql in pod.toml"
    if refusal.status == 401 and refusal.with_token:
        return "Jira does not accept POD_JIRA_TOKEN with the `user` in pod.toml: Cloud wants the account's e-mail there"
    if refusal.status in (404, 410) and "/search" in refusal.url:
        return "there is no such search here: look at base_url in pod.toml; a Data Center wants `cloud = false`"
    return ""


vendor = Vendor(
    name="jira",
    title="Jira",
    settings=JiraSettings,
    streams=_streams,
    token="POD_JIRA_TOKEN",
    permission="an account that may browse the projects (Cloud: an API token with read:jira-work)",
    headers=_headers,
    refused=_refused,
)
