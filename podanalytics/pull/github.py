"""GitHub: issues that changed, each with its whole timeline; releases and deployments if asked for.

Issues are walked by `since`, which filters on `updated_at` and includes it: the next request begins with the last
`updated_at` seen, never with a page number, so that an issue which is edited meanwhile moves to the end and is met
there, and none is passed over. Only where one moment fills a whole page does the `Link` lead on.
https://docs.github.com/en/rest/issues/issues and https://docs.github.com/en/rest/issues/timeline
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import parse_qs, urlsplit

from pydantic import AfterValidator, Field

from podanalytics.pull import Address, Answer, Client, Cursor, Page, Refusal, Stream, Vendor, VendorSettings
from podanalytics.pull._paging import linked, rows

if TYPE_CHECKING:
    from podanalytics.pull._secrets import Secret

PER_PAGE = 100
GONE = (404, 410)  # an issue that was deleted or moved away since the list told of it
OVERLAP = timedelta(days=1)  # how far behind the newest deployment its statuses are looked at again


def _repository(given: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9_][\w.-]*", given):
        raise ValueError(f"{given!r} is no repository: write OWNER/NAME")
    return given


class GitHubSettings(VendorSettings):
    """`[pull.github]`; `base_url` is `https://HOST/api/v3` for a server of your own."""

    repositories: Annotated[tuple[Annotated[str, AfterValidator(_repository)], ...], Field(min_length=1)]
    releases: bool = False
    deployments: bool = False
    base_url: Address = "https://api.github.com"


def _streams(settings: GitHubSettings) -> Sequence[Stream]:
    found = []
    for repository in settings.repositories:
        kinds = {"issues": _Issues(repository).pull}
        kinds |= {"releases": _Releases(repository).pull} if settings.releases else {}
        kinds |= {"deployments": _Deployments(repository).pull} if settings.deployments else {}
        found += [Stream(f"{repository}/{kind}", settings.base_url, pull) for kind, pull in kinds.items()]
    return found


# --- issues and their timelines -------------------------------------------------------------------------------------


class _Issues:
    """The cursor: `since`; `todo`, the issues whose timelines are to be read; `timeline`, where the first one goes on;
    `done`, what of the moment `since` was read in this pull already; `more`, whether the list goes on; `next`, where it
    does if not by `since`; `tied`, how many new issues of that moment this walk through them found.
    """

    def __init__(self, repository: str) -> None:
        self._home = f"/repos/{repository}/issues"

    def pull(self, client: Client, cursor: Cursor, since: datetime) -> Iterator[Page]:
        here: Cursor = cursor or {"since": _written(since)}
        if here.get("more") is False and not here.get("todo"):  # stopped at the very end: what is new comes, too
            here = {"since": here["since"]}
        while True:
            while here.get("todo"):
                page = self._timeline(client, here)
                here = page.cursor
                yield page
            if here.get("more") is False:
                yield Page({"since": here["since"]})
                return
            page = self._list(client, here)
            here = page.cursor
            yield page

    def _list(self, client: Client, here: Cursor) -> Page:
        start = here["since"]
        asked = {"state": "all", "sort": "updated", "direction": "asc", "since": start, "per_page": PER_PAGE}
        after = here.get("next")
        answer = (
            client.get(after, check=_is_list(start)) if after else client.get(self._home, asked, check=_is_list(start))
        )
        return Page(after_list(here, rows(answer), linked(answer)), answer, f"since-{_slug(start)}-{_number(answer)}")

    def _timeline(self, client: Client, here: Cursor) -> Page:
        number, *rest = here["todo"]
        at = here.get("timeline")
        address = f"{self._home}/{number}/timeline"
        answer = (
            client.get(at, check=_is_next, but=GONE)
            if at
            else client.get(address, {"per_page": PER_PAGE}, check=_is_next, but=GONE)
        )
        then = {name: value for name, value in here.items() if name not in ("todo", "timeline")}
        if answer.status in GONE:
            return Page(
                {**then, "todo": rest}, note=f"issue {number} is gone ({answer.status}): its timeline is left out"
            )
        onward = linked(answer)
        moved = {"todo": here["todo"], "timeline": onward} if onward else {"todo": rest}
        return Page({**then, **moved}, answer, f"timelines/{number}-{_number(answer)}")


def after_list(here: Cursor, found: Sequence[Mapping[str, Any]], onward: str | None) -> dict[str, Any]:
    """The cursor behind a page of issues.

    Pull requests have no timeline for us. An issue of the moment `since`, which the next request tells again because
    it includes that moment, is not read twice in one pull. Where one moment fills pages, an issue that is edited
    meanwhile leaves them, and the ones behind it move up; so they are walked until a walk finds nothing new.
    """
    start, read = here["since"], here.get("done", {})
    latest = max((row["updated_at"] for row in found), default=start)
    issues = {str(row["number"]): row["updated_at"] for row in found if "pull_request" not in row}
    new = {number: at for number, at in issues.items() if read.get(number) != at}
    tied = here.get("tied", 0) + sum(at == start for at in new.values())
    if onward and latest == start:
        then: dict[str, Any] = {"since": start, "next": onward, "tied": tied}
    elif "next" in here and tied:
        new = {number: at for number, at in new.items() if at == start}
        return {"since": start, "done": {**read, **new}, "todo": [int(number) for number in new], "more": True}
    else:
        then = {"since": latest}
    boundary = {number: at for number, at in issues.items() if at == latest}
    done = {**read, **boundary} if latest == start else boundary
    return {**then, "done": done, "todo": [int(number) for number in new], "more": onward is not None}


def _is_list(since: str) -> Any:
    def check(answer: Answer) -> str:
        found = rows(answer)
        early = [row["number"] for row in found if row["updated_at"] < since]
        return f"it holds what is older than asked for (issue {early[0]}): another page's content" if early else ""

    return check


def _is_next(answer: Answer) -> str:
    rows(answer)
    return "it says that it comes after itself" if linked(answer) == answer.url else ""


# --- what is listed from the newest on --------------------------------------------------------------------------------


class _Releases:
    """The cursor: `newest`, the latest one seen when the list was last walked to its end; `walk` while it is walked."""

    kind = "releases"

    def __init__(self, repository: str) -> None:
        self._home = f"/repos/{repository}/{self.kind}"

    def pull(self, client: Client, cursor: Cursor, since: datetime) -> Iterator[Page]:
        newest = cursor.get("newest")
        floor = max(_written(since), _written(datetime.fromisoformat(newest) - OVERLAP)) if newest else _written(since)
        walk = dict(cursor.get("walk") or {"top": newest or floor})
        while True:
            for page in self._details(client, walk):
                walk = dict(page.cursor)
                yield Page({"newest": newest, "walk": walk}, page.answer, page.place, note=page.note)
            if walk.get("ended"):
                yield Page({"newest": walk["top"]})
                return
            onward = walk.get("next")
            answer = (
                client.get(onward, check=_is_next)
                if onward
                else client.get(self._home, {"per_page": PER_PAGE}, check=_is_next)
            )
            walk = after_newest(walk, rows(answer), linked(answer), floor)
            yield Page({"newest": newest, "walk": walk}, answer, f"page-{_number(answer)}")

    def _details(self, client: Client, walk: dict[str, Any]) -> Iterator[Page]:
        """Nothing: a release is whole in the list."""
        return iter(())


class _Deployments(_Releases):
    """The same, and of each deployment of the walk its statuses."""

    kind = "deployments"

    def _details(self, client: Client, walk: dict[str, Any]) -> Iterator[Page]:
        while walk.get("todo"):
            number, *rest = walk["todo"]
            at = walk.get("statuses")
            answer = (
                client.get(at, check=_is_next, but=GONE)
                if at
                else client.get(f"{self._home}/{number}/statuses", {"per_page": PER_PAGE}, check=_is_next, but=GONE)
            )
            then = {name: value for name, value in walk.items() if name not in ("todo", "statuses")}
            if answer.status in GONE:
                walk = {**then, "todo": rest}
                yield Page(walk, note=f"deployment {number} is gone ({answer.status}): its statuses are left out")
                continue
            onward = linked(answer)
            walk = {**then, "todo": walk["todo"], "statuses": onward} if onward else {**then, "todo": rest}
            yield Page(walk, answer, f"statuses/{number}-{_number(answer)}")


def after_newest(
    walk: Mapping[str, Any], found: Sequence[Mapping[str, Any]], onward: str | None, floor: str
) -> dict[str, Any]:
    """The walk behind a page that is listed from the newest on: it ends where a whole page is older than `floor`."""
    times = {row["id"]: row.get("published_at") or row["created_at"] for row in found}
    recent = [id for id, at in times.items() if at >= floor]
    ended = onward is None or not recent
    return {
        "top": max([walk["top"], *times.values()]),
        "todo": recent,
        "ended": ended,
        **({} if ended else {"next": onward}),
    }


# --- words ------------------------------------------------------------------------------------------------------------


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _slug(moment: str) -> str:
    return moment.replace(":", "-")


def _number(answer: Answer) -> str:
    """The page's number, by its address; a cursor that stands there instead is as good a name."""
    asked = parse_qs(urlsplit(answer.url).query)
    found = (asked.get("page") or asked.get("after") or ["1"])[0]
    return re.sub(r"[^A-Za-z0-9]", "", found) or "1"


def _headers(settings: GitHubSettings, token: Secret | None) -> Mapping[str, str]:
    fixed = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
    return {**fixed, **({"Authorization": f"Bearer {token.reveal()}"} if token else {})}


def _refused(refusal: Refusal) -> str:
    if refusal.status == 403 and (asked := refusal.headers.get("x-accepted-github-permissions")):
        return f"GitHub does not allow this: the token lacks the permission {asked}"
    if refusal.status == 404:
        what = re.search(r"/repos/([^/]+/[^/?]+)", refusal.url)
        sees = "the token may not see it" if refusal.with_token else "it is private and there is no POD_GITHUB_TOKEN"
        return f"GitHub knows no repository {what[1] if what else ''}: its name is wrong, or {sees}"
    if refusal.status == 410:
        return "GitHub says that this repository has its issues switched off"
    return ""


vendor = Vendor(
    name="github",
    title="GitHub",
    settings=GitHubSettings,
    streams=_streams,
    token="POD_GITHUB_TOKEN",
    permission="Issues: read (a fine-grained token; Contents: read for releases, Deployments: read for deployments)",
    headers=_headers,
    refused=_refused,
)
