"""The blocks of words: paragraphs, facts, headline clocks, callouts and lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from podanalytics.model import Verdict
from podanalytics.show.cells import (
    Cell,
    Cleaned,
    cell_data,
    cell_html,
    cell_markdown,
    cell_plain,
    chip,
    linked_rows,
    verdict_words,
)
from podanalytics.show.escape import html_lines, html_text, markdown_text
from podanalytics.show.mime import INERT, Shown

NOTE_SYMBOLS = {"info": "ℹ", "warn": "⚠", "bad": "✗", "good": "✓"}
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Text(Shown):
    """A plain paragraph; a line break in it stays one."""

    text: str

    def html(self, within: str = "") -> str:
        """A paragraph."""
        return f'<p class="pod-text {INERT}">{linked_rows(html_lines(self.text))}</p>'

    def markdown(self) -> str:
        """A paragraph."""
        return markdown_text(self.text)

    def plain(self) -> str:
        """The text itself."""
        return self.text

    def data(self) -> dict[str, Any]:
        """The text."""
        return {"block": "text", "text": self.text}


@dataclass(frozen=True)
class Facts(Shown):
    """Labels and their values; a value of None is shown as the word unknown."""

    rows: tuple[tuple[str, Cell], ...]

    def html(self, within: str = "") -> str:
        """A description list."""
        rows = "\n".join(
            f"<div><dt>{html_text(k)}</dt><dd>{cell_html(v, none=UNKNOWN)}</dd></div>" for k, v in self.rows
        )
        return f'<dl class="pod-facts {INERT}">\n{rows}\n</dl>'

    def markdown(self) -> str:
        """A list with bold labels."""
        return "\n".join(f"- **{markdown_text(k)}:** {cell_markdown(v, none=UNKNOWN)}" for k, v in self.rows)

    def plain(self) -> str:
        """A line each."""
        return "\n".join(f"{k}: {cell_plain(v, none=UNKNOWN)}" for k, v in self.rows)

    def data(self) -> dict[str, Any]:
        """Pairs of label and cell."""
        return {"block": "facts", "rows": [[label, cell_data(cell)] for label, cell in self.rows]}


@dataclass(frozen=True)
class Clock(Cleaned):
    """A headline time: what it is, what it came to (None is unknown), its verdict, and one line about its target.

    A verdict of None is for a time that nothing judges.
    """

    label: str
    value: str | None
    verdict: Verdict | None
    detail: str = ""


@dataclass(frozen=True)
class Clocks(Shown):
    """The headline clocks, side by side."""

    clocks: tuple[Clock, ...]

    def html(self, within: str = "") -> str:
        """A list of cards."""
        return f'<ul class="pod-clocks {INERT}">\n' + "\n".join(_card(clock) for clock in self.clocks) + "\n</ul>"

    def markdown(self) -> str:
        """A table of four columns."""
        lines = ["| Clock | Measured | Verdict | Detail |", "| --- | --- | --- | --- |"]
        for clock in self.clocks:
            cells = (clock.label, _came_to(clock), _verdict_words(clock), clock.detail)
            lines.append(f"| {' | '.join(markdown_text(cell) for cell in cells)} |")
        return "\n".join(lines)

    def plain(self) -> str:
        """A line each."""
        return "\n".join(f"{c.label}: {_came_to(c)} [{_verdict_words(c)}] {c.detail}".rstrip() for c in self.clocks)

    def data(self) -> dict[str, Any]:
        """The clocks as objects."""
        each = [
            {"label": c.label, "value": c.value, "verdict": c.verdict and c.verdict.value, "detail": c.detail}
            for c in self.clocks
        ]
        return {"block": "clocks", "clocks": each}


def _came_to(clock: Clock) -> str:
    return clock.value or ("—" if clock.verdict is Verdict.NOT_APPLICABLE else UNKNOWN)


def _verdict_words(clock: Clock) -> str:
    return verdict_words(clock.verdict) if clock.verdict else "not judged"


def _card(clock: Clock) -> str:
    edge = f" pod-edge-{clock.verdict.value.replace('_', '-')}" if clock.verdict else ""
    mark = chip(clock.verdict) if clock.verdict else ""
    return (
        f'<li class="pod-clock{edge}">'
        f'<span class="pod-label">{html_text(clock.label)}</span> '
        f'<strong class="pod-value">{html_text(_came_to(clock))}</strong> {mark} '
        f'<span class="pod-detail">{html_lines(clock.detail)}</span></li>'
    )


@dataclass(frozen=True)
class Note(Shown):
    """A callout; `tone` is info, warn, bad or good."""

    tone: str
    text: str

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.tone not in NOTE_SYMBOLS:
            raise ValueError(f"a note's tone {self.tone!r} is none of {', '.join(NOTE_SYMBOLS)}")

    def html(self, within: str = "") -> str:
        """A paragraph with a symbol and a coloured edge."""
        symbol = f'<span class="pod-symbol" aria-hidden="true">{NOTE_SYMBOLS[self.tone]}</span>'
        kind = f"pod-note pod-note-{self.tone} {INERT}"
        return f'<p class="{kind}" role="note">{symbol} <span>{linked_rows(html_lines(self.text))}</span></p>'

    def markdown(self) -> str:
        """A quotation that begins with the symbol."""
        return f"> {NOTE_SYMBOLS[self.tone]} {markdown_text(self.text)}"

    def plain(self) -> str:
        """The symbol and the text."""
        return f"{NOTE_SYMBOLS[self.tone]} {self.text}"

    def data(self) -> dict[str, Any]:
        """Tone and text."""
        return {"block": "note", "tone": self.tone, "text": self.text}


@dataclass(frozen=True)
class Listing(Shown):
    """A list of lines, numbered where `ordered`."""

    items: tuple[str, ...]
    ordered: bool = False

    def html(self, within: str = "") -> str:
        """An HTML list."""
        tag = "ol" if self.ordered else "ul"
        items = "".join(f"<li>{linked_rows(html_lines(item))}</li>" for item in self.items)
        return f'<{tag} class="pod-list {INERT}">{items}</{tag}>'

    def markdown(self) -> str:
        """A Markdown list."""
        return "\n".join(f"{mark} {markdown_text(item)}" for mark, item in self._marked())

    def plain(self) -> str:
        """A line each."""
        return "\n".join(f"{mark} {item}" for mark, item in self._marked())

    def _marked(self) -> list[tuple[str, str]]:
        return [(f"{n}." if self.ordered else "-", item) for n, item in enumerate(self.items, start=1)]

    def data(self) -> dict[str, Any]:
        """The items."""
        return {"block": "listing", "items": list(self.items), "ordered": self.ordered}
