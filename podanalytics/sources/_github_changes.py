"""One deployment, one state of one, a release, a run of a workflow or a push, as GitHub tells them: by REST, by GraphQL
or in a webhook.

A deployment's states are statuses of their own. GitHub marks a deployment inactive when a later one has replaced it,
and only one that had succeeded (REST API, deployment statuses, `auto_inactive`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from podanalytics.model import Event, Fault, Kind, Person, Skipped, Told
from podanalytics.places import place
from podanalytics.sources._clock import epoch, iso, iso_precision
from podanalytics.sources._deployed import SHORT, SPOKEN, outcome, version_of
from podanalytics.sources._github_records import people_of, who
from podanalytics.sources._hooks import NO_TIME
from podanalytics.sources._read import backdated, id_of, text_of

NAME = "github_deployments"
_REPOSITORY = re.compile(r"//[^/]+/(?:api/v3/)?(?:repos/)?([\w.-]+/[\w.-]+?)(?:/|\.git$|$)")
_DEPLOYMENT = re.compile(r"/deployments/(\d+)")
DRAFT = "draft of a release"
CODE_ONLY = "push without a tag, which speaks of no deployment"
OTHER_RUN = "run of a workflow that speaks of no deployment"


def shape_of(item: dict[str, Any]) -> str:
    """What kind of record of the REST API or GraphQL this is; empty for any other."""
    keys = set(item)
    if {"sha", "environment"} <= keys and ("statuses_url" in keys or "task" in keys):
        return "deployment"
    if {"state", "deployment_url"} <= keys:
        return "deployment_status"
    if {"tag_name", "published_at", "draft"} <= keys:
        return "release"
    if {"head_sha", "run_number", "workflow_id"} <= keys:
        return "workflow_run"
    lowered = {key[:1].lower() + key[1:] for key in keys}
    return "graphql" if {"databaseId", "commitOid", "environment", "createdAt"} <= lowered else ""


def record(item: dict[str, Any], origin: str) -> Iterator[Told]:
    """What one record of the API tells."""
    shape = shape_of(item)
    if shape == "graphql":
        yield from _graphql(item, origin)
    elif shape == "deployment":
        yield from deployment(item, origin, _repository(item))
    elif shape == "deployment_status":
        yield from deployment_status(item, origin, _repository(item))
    elif shape == "release":
        yield from release(item, origin, _repository(item))
    elif shape == "workflow_run":
        yield from workflow_run(item, origin, _repository(item))
    else:
        raise ValueError("neither a deployment nor a status of one, a release or a run of a workflow")


def _repository(item: dict[str, Any]) -> str:
    given = item.get("repository")
    if isinstance(given, dict) and given.get("full_name"):
        return text_of(given["full_name"])
    addresses = (item.get("repository_url"), item.get("url"), item.get("html_url"), item.get("deployment_url"))
    for address in (given.get("url") if isinstance(given, dict) else None, *addresses):
        if hit := _REPOSITORY.search(str(address or "")):
            return hit[1]
    raise ValueError("it does not say which repository it belongs to")


def deployment(item: dict[str, Any], origin: str, repository: str) -> Iterator[Told]:
    """A deployment, at the moment it began."""
    ref, made = text_of(item.get("ref")), item["created_at"]
    words = f"{text_of(item.get('task')) or 'deploy'} of {ref or text_of(item.get('sha'))}"
    told = text_of(item.get("description"))
    yield Event(
        kind=Kind.CHANGE,
        key=f"deployment/{id_of(item)}",
        value=version_of(ref, text_of(item.get("sha"))),
        text=f"{words}: {told}" if told else words,
        occurred_at=iso(made),
        precision=iso_precision(made),
        source=NAME,
        subject=place(repository, text_of(item.get("environment"))),
        origin=origin,
        actor=who(item.get("creator")),
    )
    yield from _people(item.get("creator"))


def deployment_status(
    item: dict[str, Any], origin: str, repository: str, of: dict[str, Any] | None = None
) -> Iterator[Told]:
    """A state that a deployment came to. `of` is the deployment, where it stands beside."""
    named = _DEPLOYMENT.search(text_of(item.get("deployment_url")))
    if of is None and named is None:
        raise ValueError("it does not say which deployment it is of")
    id = id_of(of) if of is not None else str(named[1] if named else "")
    environment = text_of(item.get("environment") or (of or {}).get("environment"))
    made = item["created_at"]
    base: dict[str, Any] = {"source": NAME, "subject": place(repository, environment), "origin": origin}
    base |= {"actor": who(item.get("creator")), "text": text_of(item.get("description"))}
    base |= {"url": item.get("log_url") or item.get("target_url") or None}
    told = outcome(f"deployment/{id}", _word(item["state"]), iso(made), iso_precision(made), base, f"@{made}")
    yield backdated(told, iso(item["updated_at"])) if item.get("updated_at") else told
    yield from _people(item.get("creator"))


def _word(value: Any) -> str:
    if word := text_of(value):
        return word
    raise ValueError("its state is empty")


def _graphql(given: dict[str, Any], origin: str) -> Iterator[Told]:
    """A node of GraphQL's `deployments`, also with the capitals that DevLake's collector writes."""
    item = _lowered(given)
    repository = _repository({"repository": _lowered(item.get("repository") or {})})
    ref = _lowered(item.get("ref") or {})
    name = text_of(ref.get("name"))
    made = {
        "id": item["databaseId"],
        "sha": item["commitOid"],
        "ref": name,
        "task": item.get("task"),
        "environment": item.get("environment"),
        "description": item.get("description"),
        "created_at": item["createdAt"],
        "creator": _lowered(item.get("creator") or {}),
    }
    yield from deployment(made, origin, repository)
    states = _lowered(item.get("statuses") or {}).get("nodes") or []
    for state in map(_lowered, states or filter(None, [item.get("latestStatus")])):
        when = state.get("createdAt") or state["updatedAt"]
        status = {"state": _word(state["state"]).lower(), "created_at": when, "environment": item.get("environment")}
        yield from deployment_status(status, origin, repository, {"id": item["databaseId"]})


def _lowered(item: Any) -> dict[str, Any]:
    if not isinstance(item, dict):
        raise ValueError("a part of it is not a record")
    return {key[:1].lower() + key[1:]: value for key, value in item.items()}


def release(
    item: dict[str, Any], origin: str, repository: str, action: str = "", delivered: datetime | None = None
) -> Iterator[Told]:
    """A release that was published. It says that there is a version, and not that it runs anywhere."""
    if action in ("deleted", "unpublished"):
        yield _gone(f"release/{id_of(item)}", f"release {action}", text_of(item["tag_name"]), origin, repository,
                    delivered)  # fmt: skip
        return
    if item.get("draft") or not item.get("published_at"):
        yield Skipped(origin, DRAFT)
        return
    name, made = text_of(item.get("name")), item["published_at"]
    words = "pre-release published" if item.get("prerelease") else "release published"
    told = Event(
        kind=Kind.CHANGE,
        key=f"release/{id_of(item)}",
        value=text_of(item["tag_name"]),
        text=f"{words}: {name}" if name else words,
        occurred_at=iso(made),
        precision=iso_precision(made),
        source=NAME,
        subject=place(repository),
        origin=origin,
        actor=who(item.get("author")),
        url=item.get("html_url"),
    )
    yield backdated(told, iso(item["updated_at"])) if item.get("updated_at") else told
    yield from _people(item.get("author"))


def _gone(key: str, word: str, what: str, origin: str, repository: str, when: datetime | None) -> Event | Fault:
    if when is None:
        return Fault(NAME, origin, f"{word}: {NO_TIME}", what or None)
    fields: dict[str, Any] = {"source": NAME, "subject": place(repository), "origin": origin}
    return Event(kind=Kind.OTHER, key=f"{key}/gone", value=word, text=what, occurred_at=when, **fields)


def workflow_run(
    item: dict[str, Any], origin: str, repository: str, workflow: dict[str, Any] | None = None
) -> Iterator[Told]:
    """A run of a workflow that speaks of a deployment, and how it ended."""
    name = text_of(item.get("name")) or text_of((workflow or {}).get("name"))
    title = text_of(item.get("display_title"))
    if not SPOKEN.search(f"{name} {item.get('path') or ''}".replace("_", " ")):
        yield Skipped(origin, OTHER_RUN)
        return
    made = item.get("run_started_at") or item["created_at"]
    actor = item.get("triggering_actor") or item.get("actor")
    key = f"workflow_run/{id_of(item)}/{item.get('run_attempt') or 1}"
    words = f"workflow {name} #{item['run_number']}"
    base: dict[str, Any] = {"source": NAME, "subject": place(repository), "origin": origin, "actor": who(actor)}
    base["url"] = item.get("html_url")
    yield Event(
        kind=Kind.CHANGE,
        key=key,
        value=version_of(item.get("head_branch"), item["head_sha"]),
        text=f"{words}: {title}" if title else words,
        occurred_at=iso(made),
        precision=iso_precision(made),
        **base,
    )
    if item.get("conclusion") and item.get("status") == "completed":
        ended = item["updated_at"]
        yield outcome(key, _word(item["conclusion"]), iso(ended), iso_precision(ended), base)
    yield from _people(actor)


def push(body: dict[str, Any], origin: str, repository: str, delivered: datetime | None) -> Iterator[Told]:
    """A tag that was pushed, or a commit on the default branch that speaks of a deployment."""
    ref, after = text_of(body["ref"]), text_of(body["after"])
    pushed = body["repository"].get("pushed_at")
    when = delivered or (epoch(pushed) if isinstance(pushed, int) else iso(pushed))
    name = re.sub(r"^refs/(?:tags|heads)/", "", ref)
    if body.get("deleted"):
        yield _gone(f"push/{ref}/{text_of(body['before'])}", f"deleted {ref}", name, origin, repository, when)
        return
    is_tag = ref.startswith("refs/tags/")
    said = text_of((body.get("head_commit") or {}).get("message")).partition("\n")[0]
    on_main = name == body["repository"].get("default_branch") and bool(SPOKEN.search(said))
    if not is_tag and not on_main:
        yield Skipped(origin, CODE_ONLY)
        return
    words = "tag pushed" if is_tag else f"pushed to {name}"
    yield Event(
        kind=Kind.CHANGE,
        key=f"push/{ref}/{after}",
        value=name if is_tag else after[:SHORT],
        was=None if is_tag or body.get("created") else text_of(body.get("before"))[:SHORT] or None,
        text=f"{words}: {said}" if said else words,
        occurred_at=when,
        source=NAME,
        subject=place(repository),
        origin=origin,
        actor=who(body.get("sender")),
        url=body.get("compare"),
    )
    yield from _people(body.get("sender"))


def _people(*users: dict[str, Any] | None) -> Iterator[Person]:
    return people_of(*users, source=NAME)
