"""Docker's lists: an image is a version that was built, a container is one that was put into place.

Sources: `docker image ls` and `docker ps` with `--format json`, a record a line, times as Go writes them with the name
of the zone behind its offset; `docker image inspect` and `docker container inspect`, a list with ISO times.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from podanalytics.model import Event, Kind, Skipped, Told
from podanalytics.places import place
from podanalytics.sources import Source
from podanalytics.sources._clock import iso, iso_precision
from podanalytics.sources._pages import records, sample
from podanalytics.sources._read import each, text_of

NAME = "docker_images"
SHORT = 12  # characters of an image's or a container's id, as docker abbreviates it
NEVER = "image without a time of its making"
UNNAMED = "image without a name and a tag"
_NONE = "<none>"
# Go's form, `2026-10-03 15:02:11 +0200 CEST`: the offset says which moment it is, the name behind it says nothing more.
_WORDED = re.compile(
    r"(?P<day>\d{4}-\d{2}-\d{2}) (?P<clock>\d{2}:\d{2}:\d{2}(?:\.\d+)?) (?P<zone>[+-]\d{4})(?: [A-Z+-][\w+-]*)?$"
)
_SHAPES = {
    "image": {"Repository", "Tag", "ID", "CreatedAt"},
    "container": {"Image", "Names", "ID", "CreatedAt"},
    "inspected image": {"Id", "RepoTags", "Created", "RootFS"},
    "inspected container": {"Id", "Name", "Created", "Image", "Config", "State"},
}


def owns(path: Path) -> bool:
    """Records with the fields of one of docker's lists."""
    found = sample(path)
    return found is not None and bool(_shape(found))


def parse(path: Path) -> Iterator[Told]:
    """Images built and containers put into place, in the file's order."""
    return each(NAME, records(path, NAME), _read, lambda item: item.get("ID") or item.get("Id"))


def _shape(item: dict[str, Any]) -> str:
    return next((shape for shape, fields in _SHAPES.items() if fields <= set(item)), "")


def _read(item: dict[str, Any], origin: str) -> Iterator[Told]:
    shape = _shape(item)
    if shape == "image":
        name, tag = text_of(item["Repository"]), text_of(item["Tag"])
        return _images([f"{name}:{tag}"], text_of(item["ID"]), text_of(item["CreatedAt"]), origin)
    if shape == "inspected image":
        digests = [text_of(digest).partition("@")[0] + f":{_NONE}" for digest in item.get("RepoDigests") or []]
        return _images(
            [text_of(tag) for tag in item["RepoTags"] or digests],
            text_of(item["Id"]),
            text_of(item["Created"]),
            origin,
        )
    if shape == "container":
        return _container(item["ID"], item["Names"], item["Image"], "", item["CreatedAt"], origin)
    if shape == "inspected container":
        return _container(item["Id"], item["Name"], item["Config"]["Image"], item["Image"], item["Created"], origin)
    raise ValueError("neither an image nor a container of docker's lists")


def _images(names: list[str], id: str, written: str, origin: str) -> Iterator[Told]:
    if not written or written.startswith("0001-01-01"):  # reproducible builds leave it empty
        yield Skipped(origin, NEVER)
        return
    told = [(repository, tag) for repository, tag in map(_split, names) if repository]
    if not told:
        yield Skipped(origin, UNNAMED)
    short = _short(id)
    if not short:
        raise ValueError("the image has no id")
    for repository, tag in told:
        yield Event(
            kind=Kind.CHANGE,
            key=f"image/{short}/{repository}:{tag}",
            value=_version(tag, short),
            text=f"image built: {short}",
            occurred_at=iso(_plain(written)),
            precision=iso_precision(_plain(written)),
            source=NAME,
            subject=place(repository),
            origin=origin,
        )


def _container(id: Any, names: Any, image: Any, image_id: Any, written: Any, origin: str) -> Iterator[Told]:
    short, made = _short(text_of(id)), _plain(text_of(written))
    if not short:
        raise ValueError("the container has no id")
    name, reference = text_of(names).partition(",")[0].removeprefix("/"), text_of(image)
    repository, tag = _split(reference)
    yield Event(
        kind=Kind.CHANGE,
        key=f"container/{short}",
        value=_version(tag, _short(text_of(image_id)) or tag or _short(reference)),
        text=f"container created from {reference}",
        occurred_at=iso(made),
        precision=iso_precision(made),
        source=NAME,
        subject=place(repository or _short(reference), f"container {name or short}"),
        origin=origin,
    )


def _version(tag: str, id: str) -> str:
    """What runs: the tag, unless it moves from image to image."""
    return id if tag in ("", "latest") else tag


def _short(id: str) -> str:
    """An image's or a container's id as the lists write it, which abbreviate it unless asked not to.

    >>> _short("sha256:0fb1c2d3e4f5061728394a5b6c7d8e9f")
    '0fb1c2d3e4f5'
    """
    return id.removeprefix("sha256:")[:SHORT]


def _split(reference: str) -> tuple[str, str]:
    """Repository and tag of an image's reference; empty where there is none.

    >>> _split("registry.example:5000/acme/pod-api:2.14.0"), _split("pod-api"), _split("<none>:<none>")
    (('registry.example:5000/acme/pod-api', '2.14.0'), ('pod-api', 'latest'), ('', ''))
    """
    name = reference.partition("@")[0]
    if re.fullmatch(r"(?:sha256:)?[0-9a-f]{12,64}", name):
        return "", ""
    above, slash, last = name.rpartition("/")
    last, colon, tag = last.partition(":")
    repository = f"{above}{slash}{last}"
    tag = tag if colon else ("" if "@" in reference else "latest")
    return ("" if repository == _NONE else repository), ("" if tag == _NONE else tag)


def _plain(written: str) -> str:
    """A time as ISO: Go's form without the zone's name. Whatever else it is, `iso` judges."""
    found = _WORDED.match(written.strip())
    return f"{found['day']}T{found['clock']}{found['zone']}" if found else written


source = Source(
    title="Docker images and containers",
    manual="https://docs.docker.com/reference/cli/docker/image/ls/",
    owns=owns,
    parse=parse,
    group="change history",
    takes="`docker image ls`, `docker ps` with `--format json`, and what `inspect` prints",
    known_by="an image's repository, tag and time, or a container's image, name and time, with docker's capitals",
)
