"""What chats have in common: what was done to a message afterwards, and people who are named once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from podanalytics.model import Event, Kind, Person, Precision

NOT_TOLD = " (at the message's time: the export does not tell when)"


def reacted(
    main: Event, emoji: str, user: str, at: datetime | None = None, precision: Precision | None = None
) -> Event:
    """An emoji that somebody put on a message: at its own time where the tool tells it, else at the message's."""
    shown = f":{emoji}:" if emoji.isascii() else emoji
    return Event(
        occurred_at=at or main.occurred_at,
        kind=Kind.REACTED,
        source=main.source,
        subject=main.subject,
        key=f"{main.key}#{emoji}/{user}",
        origin=main.origin,
        precision=precision or main.precision,
        actor=user,
        text=f"reacted with {shown}{'' if at else NOT_TOLD}",
        was=main.key,
        value=emoji,
    )


def edited(main: Event, stamp: str, at: datetime, precision: Precision, actor: str | None = None) -> Event:
    """A change of a message's text; what it read before no export tells. `stamp` is the time as the tool writes it."""
    return Event(
        occurred_at=at,
        kind=Kind.EDITED,
        source=main.source,
        subject=main.subject,
        key=f"{main.key}#edited/{stamp}",
        origin=main.origin,
        precision=precision,
        actor=actor,
        text=main.text,
        value=main.key,
    )


@dataclass(frozen=True, slots=True)
class People:
    """Who was named already, so that each is told once a file."""

    source: str
    known: set[str] = field(default_factory=set)

    def tell(self, key: str | None, **what: Any) -> Iterator[Person]:
        """The person's entry, the first time that this key comes up."""
        if key and key not in self.known:
            self.known.add(key)
            yield Person(self.source, key, **what)
