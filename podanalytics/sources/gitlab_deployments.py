"""GitLab's change history: deployments with their state, and releases, by REST and by webhook.

A deployment is a change at the moment it was made, and a status for the state that it is in. Its webhook has no time of
its beginning; there the first state that was delivered is taken for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from podanalytics.model import Event, Fault, Kind, Person, Skipped, Told
from podanalytics.places import place
from podanalytics.sources import Source
from podanalytics.sources._clock import iso, iso_precision
from podanalytics.sources._deployed import outcome, version_of
from podanalytics.sources._hooks import NO_TIME, Hook, opened
from podanalytics.sources._pages import records, sample
from podanalytics.sources._read import backdated, each, id_of, text_of

NAME = "gitlab_deployments"
UPCOMING = "release that is announced for later"
_PROJECT = re.compile(r"//[^/]+/(.+?)/-/")
_NUMBER = re.compile(r"/projects/([^/?]+)/")
_WORDED = re.compile(r"(?P<day>\d{4}-\d{2}-\d{2}) (?P<clock>\d{2}:\d{2}:\d{2}) ?(?P<zone>UTC|Z|[+-]\d{2}:?\d{2})$")


def owns(path: Path) -> bool:
    """Deployments or releases of the REST API, or webhooks that name themselves as such."""
    found = sample(path)
    if found is None:
        return False
    kind = opened(found).body.get("object_kind")
    keys = set(found)
    is_release = {"tag_name", "released_at", "description"} <= keys and bool({"_links", "commit_path"} & keys)
    return kind in ("deployment", "release") or {"iid", "sha", "environment", "deployable"} <= keys or is_release


def parse(path: Path) -> Iterator[Told]:
    """Changes and what became of them, in the file's order."""
    return each(NAME, records(path, NAME), _read)


def _read(item: dict[str, Any], origin: str) -> Iterator[Told]:
    hook = opened(item, origin)
    kind = hook.body.get("object_kind")
    if kind == "deployment":
        return _deployment_hook(hook)
    if kind == "release":
        return _release_hook(hook)
    if kind:
        return iter([Skipped(hook.origin, f"webhook of {kind}, which is about no deployment and no release")])
    return _release(item, origin) if "tag_name" in item else _deployment(item, origin)


# --- deployments ------------------------------------------------------------------------------------------------------


def _deployment(item: dict[str, Any], origin: str) -> Iterator[Told]:
    job = item.get("deployable") or {}
    made, state = item["created_at"], text_of(item.get("status"))
    commit = job.get("commit") or {}
    base = _base(item, origin, place(_project(item, job), text_of(item["environment"]["name"])))
    key = f"deployment/{id_of(item)}"
    yield Event(
        kind=Kind.CHANGE,
        key=key,
        value=version_of(text_of(item.get("ref")), text_of(item["sha"])),
        text=_words(item.get("ref"), commit.get("title")),
        occurred_at=iso(made),
        precision=iso_precision(made),
        **base,
    )
    if state:
        # The record's `updated_at` moves with whatever is changed of it later; the job's end does not.
        when = job.get("finished_at") or item.get("updated_at") or made
        yield outcome(key, state, iso(when), iso_precision(when), base)
    yield from _person(item.get("user"))


def _base(item: dict[str, Any], origin: str, subject: str) -> dict[str, Any]:
    url = (item.get("deployable") or {}).get("web_url")
    return {"source": NAME, "subject": subject, "origin": origin, "actor": _who(item.get("user")), "url": url}


def _words(ref: Any, title: Any) -> str:
    said = text_of(title)
    return f"deploy of {text_of(ref)}{': ' if said else ''}{said}"


def _project(item: dict[str, Any], job: dict[str, Any]) -> str:
    """The project's path, which only addresses tell; else its number, from the request that fetched it."""
    pipeline = job.get("pipeline") or {}
    for address in (job.get("web_url"), pipeline.get("web_url"), (job.get("commit") or {}).get("web_url")):
        if hit := _PROJECT.search(text_of(address)):
            return hit[1]
    asked = _NUMBER.search(text_of((item.get("_envelope") or {}).get("url")))
    number = text_of(pipeline.get("project_id")) or (asked[1] if asked else "")
    if number:
        return f"project {number}"
    raise ValueError(
        "it does not say which project it belongs to: keep the request's `url` beside it, and it in `data`"
    )


def _deployment_hook(hook: Hook) -> Iterator[Told]:
    body = hook.body
    written = body["status_changed_at"]
    when, key = _moment(written), f"deployment/{text_of(body['deployment_id'])}"
    path, user = text_of(body["project"]["path_with_namespace"]), body.get("user")
    base = _base({"user": user}, hook.origin, place(path, text_of(body["environment"])))
    base["url"] = body.get("deployable_url")
    # Of several deliveries the earliest stands, and before all of them the list's, which knows the beginning.
    yield Event(
        kind=Kind.CHANGE,
        key=key,
        value=version_of(text_of(body.get("ref")), text_of(body.get("short_sha"))),
        text=_words(body.get("ref"), body.get("commit_title")),
        occurred_at=when,
        **base,
    )
    yield outcome(key, text_of(body["status"]), when, iso_precision(str(written)), base)
    yield from _person(user)


# --- releases ---------------------------------------------------------------------------------------------------------


def _release(item: dict[str, Any], origin: str) -> Iterator[Told]:
    links = item.get("_links") or {}
    hit = _PROJECT.search(text_of(links.get("self") or links.get("edit_url")))
    asked = _NUMBER.search(text_of((item.get("_envelope") or {}).get("url")))
    if hit is None and asked is None:
        raise ValueError("it does not say which project it belongs to: fetch it with its `_links`")
    project = hit[1] if hit else f"project {asked[1] if asked else ''}"
    if item.get("upcoming_release"):
        yield Skipped(origin, UPCOMING)
        return
    yield _published(item, text_of(item["tag_name"]), project, origin, _who(item.get("author")), links.get("self"))
    yield from _person(item.get("author"))


def _published(item: dict[str, Any], tag: str, project: str, origin: str, actor: str | None, url: Any) -> Event:
    written = text_of(item.get("released_at") or item["created_at"])
    name = text_of(item.get("name"))
    told = Event(
        kind=Kind.CHANGE,
        key=f"release/{project}/{tag}",
        value=tag,
        text=f"release published: {name}" if name and name != tag else "release published",
        occurred_at=_moment(written),
        precision=iso_precision(written),
        source=NAME,
        subject=place(project),
        origin=origin,
        actor=actor,
        url=url,
    )
    return backdated(told, max(told.occurred_at, _moment(item.get("created_at") or written)))


def _release_hook(hook: Hook) -> Iterator[Told]:
    body = hook.body
    project, tag = text_of(body["project"]["path_with_namespace"]), text_of(body["tag"])
    if body.get("action") != "delete":
        yield _published(body, tag, project, hook.origin, None, body.get("url"))
        return
    if hook.delivered is None:
        yield Fault(NAME, hook.origin, f"the release was deleted: {NO_TIME}", tag)
        return
    yield Event(
        kind=Kind.OTHER,
        key=f"release/{project}/{tag}/gone",
        value="release deleted",
        text=tag,
        occurred_at=hook.delivered,
        source=NAME,
        subject=place(project),
        origin=hook.origin,
    )


# --- times and people -------------------------------------------------------------------------------------------------


def _moment(written: Any) -> datetime:
    """A time as the API (ISO) or a webhook writes it: `2026-10-03 15:30:00 +0200`, `2026-10-03 13:30:00 UTC`."""
    found = _WORDED.match(text_of(written))
    if found is None:
        return iso(written)
    zone = found["zone"].replace("UTC", "Z")
    return iso(f"{found['day']}T{found['clock']}{zone}")


def _who(user: Any) -> str | None:
    return text_of(user.get("username")) or None if isinstance(user, dict) else None


def _person(user: Any) -> Iterator[Person]:
    if key := _who(user):
        email = text_of(user.get("email"))
        known = email if "@" in email else None
        yield Person(NAME, key, text_of(user.get("name")) or None, key, known, bool(user.get("bot")))


source = Source(
    title="GitLab deployments and releases",
    manual="https://docs.gitlab.com/api/deployments/",
    owns=owns,
    parse=parse,
    group="change history",
    takes="REST API and webhooks: deployments and releases",
    known_by="a deployment's `iid`, commit, environment and job; a release's tag; webhooks with such an `object_kind`",
)
