"""The key file of a workspace: who is behind each pseudonym. It lies beside the database and goes nowhere else.

It is made with the first packet or report, from the whole ledger, so that the same files give the same numbers
whichever incident comes first. Whoever appears later is appended; nobody's number changes.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from podanalytics.errors import WorkspaceError
from podanalytics.ledger import Ledger
from podanalytics.redact import handles_in
from podanalytics.redact.columns import strangers
from podanalytics.redact.key import Key, Keyed, numbered
from podanalytics.workspace import Workspace

WARNING = "Who is behind the pseudonyms of this workspace. For your eyes only: no packet or report holds any of this."
PATIENCE = 10.0  # seconds after which the lock of another run is taken for one that a crash left behind
_TEXTS = ("subject", "text", "was", "value", "origin")  # of an event, where a group message may be named


class _Person(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    number: int = Field(ge=1)
    names: list[str]
    handles: list[str]
    known_by: list[str] = Field(min_length=1)


class _Retired(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    number: int = Field(ge=1)
    now: int = Field(ge=1)


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    what: str
    people: list[_Person]
    retired: list[_Retired]


def key_of(ledger: Ledger, known: Key | None = None) -> Key:
    """The key with everybody in it of whom a ledger tells; `known` keep their numbers.

    The order: who acts, by the first moment in time, what is told after `as_of` too; who is in a directory and never
    acts; who holds a role or an action item and is in none.
    """
    acting = [*_in_time(ledger.whole), *_listed(ledger.people), *strangers(ledger.found), *strangers(ledger)]
    return numbered(Key() if known is None else known, ledger.people, acting)


def kept_key(workspace: Workspace, ledger: Ledger) -> Key:
    """The workspace's key, with everybody in it of whom the ledger tells: read, and written where somebody is new.

    Raises WorkspaceError for a file that cannot be read, understood or written.
    """
    path = workspace.pseudonyms
    before = read_key(path)
    after = key_of(ledger, before)
    if after == before:
        return after
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _alone(path):
            after = key_of(ledger, read_key(path))  # another run may have written in the meantime
            _write(path, after)
    except OSError as error:
        raise WorkspaceError(f"cannot write the key of pseudonyms {path}: {error.strerror or error}") from None
    return after


def read_key(path: Path) -> Key:
    """The key in a file; an empty one where there is none. Raises WorkspaceError for one that cannot be used."""
    try:
        found = _File.model_validate(json.loads(path.read_text("utf-8")))
    except FileNotFoundError:
        return Key()
    except OSError as error:
        raise WorkspaceError(f"cannot read the key of pseudonyms {path}: {error.strerror or error}") from None
    except ValidationError as error:
        first = error.errors()[0]
        raise _broken(path, f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    except (ValueError, RecursionError) as error:
        raise _broken(path, str(error)) from None
    numbers = [p.number for p in found.people] + [r.number for r in found.retired]
    if twice := sorted({n for n in numbers if numbers.count(n) > 1}):
        raise _broken(path, f"the number {twice[0]} is given twice")
    if lost := sorted({r.now for r in found.retired} - {p.number for p in found.people}):
        raise _broken(path, f"the number {lost[0]} stands for a retired one and is nobody's")
    people = tuple(Keyed(p.number, tuple(p.known_by), tuple(p.names), tuple(p.handles)) for p in found.people)
    return Key(people, tuple((r.number, r.now) for r in found.retired))


def _broken(path: Path, why: str) -> WorkspaceError:
    return WorkspaceError(
        f"the key of pseudonyms {path} is broken ({why}): put back a copy of it, or move it away, and then everybody "
        "gets a new number, so that packets written before and after no longer fit together"
    )


def _in_time(events: pl.DataFrame) -> Iterator[tuple[str, str]]:
    """(source, actor) of who acts, and of the handles that name group messages, by their first moment."""
    order = ["occurred_at", "source", "key"]
    acts = events.filter(pl.col("actor").is_not_null()).sort(order).unique(["source", "actor"], keep="first")
    found = [(*row[:3], 0, row[1], row[3]) for row in acts.select(*order, "actor").iter_rows()]
    grouped = pl.any_horizontal(pl.col(column).str.contains("mpdm-", literal=True) for column in _TEXTS)
    groups = events.filter(grouped.fill_null(False)).sort(order).unique(_TEXTS, keep="first")
    for at, source, key, *texts in groups.select(*order, *_TEXTS).iter_rows():
        handles = [handle for text in texts if text for handle in handles_in(text)]
        found += [(at, source, key, place, "", handle) for place, handle in enumerate(handles, 1)]
    for *_, source, actor in sorted(found):
        yield source, actor


def _listed(people: pl.DataFrame) -> Iterator[tuple[str, str]]:
    yield from people.filter(~pl.col("bot")).select("source", "key").unique().sort("source", "key").iter_rows()


def _write(path: Path, key: Key) -> None:
    """In one piece, readable by its owner only."""
    people = [
        {"number": p.number, "names": list(p.names), "handles": list(p.handles), "known_by": list(p.nodes)}
        for p in key.people
    ]
    retired = [{"number": number, "now": now} for number, now in key.retired]
    content: dict[str, Any] = {"what": WARNING, "people": people, "retired": retired}
    made = path.with_name(f"{path.name}.{os.getpid()}")
    made.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(made, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
            file.write(json.dumps(content, ensure_ascii=False, indent=1) + "\n")
        made.replace(path)
    finally:
        made.unlink(missing_ok=True)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Only one run at a time writes the file; the lock of one that crashed is taken over."""
    lock = path.with_name(f"{path.name}.lock")
    until = time.monotonic() + PATIENCE
    while True:
        try:
            os.close(os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            break
        except FileExistsError:
            if time.monotonic() > until:
                lock.unlink(missing_ok=True)
            time.sleep(0.02)
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)
