"""What may stand in a cell: text, numbers, times, verdicts, links and marks, and how each is shown in every form."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

from podanalytics.model import Verdict
from podanalytics.show import words
from podanalytics.show.escape import csv_text, html_lines, html_text, markdown_text, safe_url, visible

SYMBOLS = {
    Verdict.MET: "✓",
    Verdict.MISSED: "✗",
    Verdict.PENDING: "…",
    Verdict.NOT_APPLICABLE: "–",
    Verdict.UNKNOWN: "?",
    Verdict.CONTRADICTORY: "≠",
}
_PLACE = re.compile(r"#[A-Za-z0-9_-]+")
TONES = ("", "good", "bad", "warn", "muted", "info")


def cleaned(value: Any) -> Any:
    """The value as it may be kept: text made visible, times in UTC, numbers finite (else None); naive times refused."""
    if isinstance(value, Verdict):
        return value
    if isinstance(value, str):
        return visible(str(value))  # str(): any other enumeration becomes its plain word
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError(f"{value.isoformat()} has no time zone")
        return value.astimezone(UTC)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return _cleaned_many(value)


def _cleaned_many(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return type(value)(cleaned(item) for item in value)
    if isinstance(value, dict):
        return {cleaned(str(key)): cleaned(item) for key, item in value.items()}
    return value


class Cleaned:
    """A frozen dataclass whose fields are cleaned when it is made."""

    __slots__ = ()

    def __post_init__(self) -> None:
        for each in fields(self):  # type: ignore[arg-type]
            object.__setattr__(self, each.name, cleaned(getattr(self, each.name)))


@dataclass(frozen=True)
class Link(Cleaned):
    """A label that leads to an address: http, https, or a place on the page (`#timeline-row-12`); else it is text."""

    label: str
    url: str


@dataclass(frozen=True)
class Links(Cleaned):
    """Several links in one cell: the rows that prove a number, for instance."""

    links: tuple[Link, ...]


def to_rows(numbers: Iterable[int], table: str = "timeline") -> Links:
    """Links to the rows of a table whose first column counts them.

    >>> to_rows([4, 12]).links[1].url
    '#timeline-row-12'
    """
    return Links(tuple(Link(str(number), f"#{row_id(table, number)}") for number in numbers))


def row_id(table: str, number: int) -> str:
    """The element id of a numbered row."""
    return f"{table}-row-{number}"


_CITED = re.compile(r"\((?:row|rows) \d+(?:, \d+)*\)")


def linked_rows(html: str, table: str = "timeline") -> str:
    """HTML text in which the rows that a sentence cites lead to them; whoever else writes `(row 5)` means the same.

    >>> linked_rows("silence (rows 4, 12)")
    'silence (rows <a href="#timeline-row-4">4</a>, <a href="#timeline-row-12">12</a>)'
    """

    def link(found: re.Match[str]) -> str:
        return re.sub(r"\d+", lambda n: f'<a href="#{row_id(table, int(n[0]))}">{n[0]}</a>', found[0])

    return _CITED.sub(link, html)


@dataclass(frozen=True)
class Marked(Cleaned):
    """Text with a tone ("good", "bad", "warn", "info", "muted"); `was` is what it corrects, shown struck through."""

    text: str
    was: str | None = None
    tone: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.tone not in TONES:
            raise ValueError(f"tone {self.tone!r} is none of {', '.join(TONES[1:])}")


Cell = str | int | float | bool | datetime | Verdict | Link | Links | Marked | None


def chip(verdict: Verdict) -> str:
    """A verdict as HTML: symbol, words and a class for the colour, never colour alone."""
    return (
        f'<span class="pod-chip pod-{verdict.value.replace("_", "-")}">'
        f'<span aria-hidden="true">{SYMBOLS[verdict]}</span> {words.plain_name(verdict.value)}</span>'
    )


def verdict_words(verdict: Verdict) -> str:
    """A verdict as text: symbol and words."""
    return f"{SYMBOLS[verdict]} {words.plain_name(verdict.value)}"


def local_text(moment: datetime, zone: str) -> str:
    """The local time beside a UTC time: date only where it is another day."""
    date = "" if words.day(moment) == words.day(moment, zone) else f"{words.day(moment, zone)} "
    return f"{date}{words.clock(moment, zone)} {words.zone_name(moment, zone)}"


def _time_html(moment: datetime, zone: str) -> str:
    shown = (
        f'<time datetime="{words.iso(moment)}"><span class="pod-date">{words.day(moment)}</span> '
        f"{words.clock(moment)}</time>"
    )
    return (
        shown if zone == "UTC" else f'{shown}<br><span class="pod-local">{html_text(local_text(moment, zone))}</span>'
    )


def _link_html(link: Link) -> str:
    if _PLACE.fullmatch(link.url):
        return f'<a href="{link.url}">{html_text(link.label)}</a>'
    url = safe_url(link.url)
    if url is None:
        return html_lines(f"{link.label} ({link.url})" if link.url and link.url != link.label else link.label)
    return f'<a href="{html_text(url)}" rel="noopener noreferrer nofollow">{html_lines(link.label or url)}</a>'


def _link_plain(link: Link) -> str:
    told = not link.url or link.url == link.label or _PLACE.fullmatch(link.url)
    return link.label if told else f"{link.label} ({link.url})"


def _marked_html(mark: Marked) -> str:
    text = html_lines(mark.text)
    if mark.tone:
        text = f'<span class="pod-tone-{mark.tone}">{text}</span>'
    return text if mark.was is None else f"<del>{html_lines(mark.was)}</del> <ins>{text}</ins>"


def cell_html(cell: Cell, *, kind: str = "text", zone: str = "UTC", none: str = "—") -> str:
    """A cell as escaped HTML; a time of kind "text", under no header that says so, names its zone itself."""
    if cell is None:
        return f'<span class="pod-none">{html_text(none)}</span>'
    if isinstance(cell, Verdict):
        return chip(cell)
    if isinstance(cell, datetime):
        return _time_html(cell, zone) + (" UTC" if kind == "text" else "")
    if isinstance(cell, Link):
        return _link_html(cell)
    if isinstance(cell, Links):
        return ", ".join(_link_html(link) for link in cell.links) or html_text(none)
    if isinstance(cell, Marked):
        return _marked_html(cell)
    shown = html_lines(simple(cell, kind))
    return f"<code>{shown}</code>" if kind == "code" and shown else shown


def cell_markdown(cell: Cell, *, kind: str = "text", zone: str = "UTC", none: str = "—") -> str:
    """A cell as escaped Markdown on one line."""
    if isinstance(cell, Link):
        url = safe_url(cell.url)
        return f"[{markdown_text(cell.label or cell.url)}]({url})" if url else markdown_text(cell_plain(cell))
    if isinstance(cell, Links):
        return ", ".join(cell_markdown(link) for link in cell.links) or none
    if isinstance(cell, Marked) and cell.was is not None:
        return f"<del>{markdown_text(cell.was)}</del> → {markdown_text(cell.text)}"
    return markdown_text(cell_plain(cell, kind=kind, zone=zone, none=none))


def cell_plain(cell: Cell, *, kind: str = "text", zone: str = "UTC", none: str = "—") -> str:
    """A cell as plain text."""
    if cell is None:
        return none
    if isinstance(cell, Verdict):
        return verdict_words(cell)
    if isinstance(cell, datetime):
        local = "" if zone == "UTC" else f" ({local_text(cell, zone)})"
        named = " UTC" if kind == "text" else ""
        return f"{words.day(cell)} {words.clock(cell)}{named}{local}"
    if isinstance(cell, Link):
        return _link_plain(cell)
    if isinstance(cell, Links):
        return ", ".join(_link_plain(link) for link in cell.links) or none
    if isinstance(cell, Marked):
        return cell.text if cell.was is None else f"{cell.was} → {cell.text}"
    return simple(cell, kind)


def simple(cell: str | int | float | bool, kind: str = "text") -> str:
    """Text, truth or number in words; numbers of an id or code column stay as they are."""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, int | float):
        return str(cell) if kind in ("id", "code") else words.number(cell)
    return cell


def cell_csv(cell: Cell) -> str:
    """A cell for a CSV file: machine-readable, never a formula; nothing recorded is empty."""
    if cell is None:
        return ""
    if isinstance(cell, Verdict):
        return cell.value
    if isinstance(cell, datetime):
        return words.iso(cell)
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, int | float):
        return str(cell)
    if isinstance(cell, Links):
        return csv_text(" ".join(link.label for link in cell.links))
    return csv_text(cell.label if isinstance(cell, Link) else cell.text if isinstance(cell, Marked) else cell)


def cell_data(cell: Cell) -> Any:
    """A cell as JSON: text, numbers, truth and nothing as they are, the rest as an object with one telling key."""
    if isinstance(cell, Verdict):
        return {"verdict": cell.value}
    if isinstance(cell, datetime):
        return {"time": words.iso(cell)}
    if isinstance(cell, Link):
        return {"link": cell.label, "url": cell.url}
    if isinstance(cell, Links):
        return {"links": [[link.label, link.url] for link in cell.links]}
    if isinstance(cell, Marked):
        return {"mark": cell.text, "was": cell.was, "tone": cell.tone}
    return cell


def cell_from(data: Any) -> Cell:
    """A cell from its JSON; ValueError where it is none."""
    if isinstance(data, dict):
        return _tagged(data)
    if data is None or isinstance(data, str | int | float):
        return data
    raise ValueError(f"not a cell: {data!r}")


def _tagged(data: dict[str, Any]) -> Cell:
    if "verdict" in data:
        return Verdict(data["verdict"])
    if "time" in data:
        return datetime.fromisoformat(data["time"])
    if "link" in data:
        return Link(data["link"], data["url"])
    if "links" in data:
        return Links(tuple(Link(label, url) for label, url in data["links"]))
    if "mark" in data:
        return Marked(data["mark"], data.get("was"), data.get("tone", ""))
    raise ValueError(f"not a cell: {sorted(data)}")
