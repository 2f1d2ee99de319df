"""A page as the JSON that the printed form is set from: only lists, text and numbers, each text made visible."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from podanalytics.model import Verdict
from podanalytics.narrative import Page, Part, Prose
from podanalytics.publish.sheet_prose import blocks_of
from podanalytics.publish.sheet_text import printed
from podanalytics.publish.sheet_width import Head, columns_of, text_of
from podanalytics.show import words
from podanalytics.show.blocks import Cell, Clocks, Draft, Facts, Figure, Link, Links, Listing, Marked, Note, Table, Text
from podanalytics.show.cells import CITED, local_text, row_id, simple, verdict_words
from podanalytics.show.escape import safe_url, visible
from podanalytics.show.mime import Shown, element_id
from podanalytics.show.prose import NOTE_SYMBOLS, UNKNOWN, came_to
from podanalytics.show.table import TALL

PAPERS = {"a4": ("a4", 515.9), "letter": ("us-letter", 532.6)}  # typst's name, and the points between the margins
SMALL, NORMAL = 7.0, 7.8  # points; of the type in tall tables and in others
DRAWN = 800  # pixels of a figure across the page: its type is a little smaller than the text's
LINE = 40  # characters that a line break counts for
LONG_ROW = 2000  # characters of a cell from which on a row may be cut: it could be higher than a page
WHOLE = 900  # characters up to which a table is kept on one page
UNCITED = 100  # rows in print of a table whose rows have no numbers, so that nothing cites them
UNSET = (
    "{n} different characters are in none of the fonts of this form. They stand in angle brackets ‹›, symbols by their "
    "names, letters by their numbers; the HTML form shows them."
)


def sheet_of(page: Page, paper: str = "a4") -> dict[str, Any]:
    """The page for templates/packet.typ. ValueError for a paper that is none of `PAPERS`.

    `glance` is how many parts stand on page one: what comes before the first heading, and what is under it; `brief` is
    whether it is worth trying sizes of type until that fits.
    """
    if paper not in PAPERS:
        raise ValueError(f"paper {paper!r} is none of {', '.join(PAPERS)}")
    name, width = PAPERS[paper]
    sheet = _Sheet(width, _ids(page))
    titled = [index for index, part in enumerate(page.parts) if part.title]
    glance = titled[0] + 1 if titled else len(page.parts)
    long = any(
        isinstance(item, Table) and len(item.rows) > TALL for part in page.parts[:glance] for item in part.content
    )
    return {
        "paper": name,
        "title": printed(page.title),
        "incident": printed(page.about),
        "facts": [[printed(label), printed(value)] for label, value in page.facts],
        "glance": glance,
        "brief": not long,
        "parts": [sheet.part(part) for part in page.parts],
        "unset_note": UNSET,
    }


def _ids(page: Page) -> set[str]:
    """Every place on the page that a link can lead to."""
    found = {part.id for part in page.parts if part.title}
    for part in page.parts:
        for item in part.content:
            if isinstance(item, Table | Figure):
                found.add(element_id(part.id, item.name))
            if isinstance(item, Table):
                found |= {place for row in item.rows if (place := _row_place(item, row))}
    return found


def _row_place(table: Table, row: tuple[Cell, ...]) -> str:
    numbered = table.columns[0].kind == "number" and type(row[0]) is int
    return row_id(table.name, row[0]) if numbered else ""  # type: ignore[arg-type]


@dataclass
class _Sheet:
    """What is made while walking the page; a place is marked once, at its first."""

    width: float
    ids: set[str]
    marked: set[str] = field(default_factory=set)

    def part(self, part: Part) -> dict[str, Any]:
        if part.title:
            self.marked.add(part.id)
        items = [self._item(part.id, item) for item in part.content]
        return {"id": part.id, "title": printed(part.title), "lead": printed(part.lead), "items": items}

    def _item(self, within: str, item: Prose | Shown) -> dict[str, Any]:
        if isinstance(item, Prose):
            return {"is": "prose", "blocks": blocks_of(item.source, self._to)}
        if isinstance(item, Table):
            return self._table(item, element_id(within, item.name))
        if isinstance(item, Figure):
            return self._figure(item, element_id(within, item.name))
        if isinstance(item, Facts):
            rows = [[printed(label), self._cell(value, "text", "UTC", UNKNOWN)] for label, value in item.rows]
            return {"is": "facts", "rows": rows}
        if isinstance(item, Draft):
            return self._draft(within, item)
        if isinstance(item, Listing):
            return {"is": "listing", "ordered": item.ordered, "items": [self._cited(text) for text in item.items]}
        if isinstance(item, Note):
            told = {"tone": item.tone, "symbol": NOTE_SYMBOLS[item.tone], "runs": self._cited(item.text)}
            return {"is": "note", **told, "breakable": len(item.text) > LONG_ROW}
        if isinstance(item, Clocks):
            return {"is": "clocks", "clocks": [_clock(clock) for clock in item.clocks]}
        return {"is": "text", "runs": self._cited(item.text if isinstance(item, Text) else item.plain())}

    def _draft(self, within: str, draft: Draft) -> dict[str, Any]:
        passages = [
            {"heading": printed(passage.heading), "items": [self._item(within, item) for item in passage.content]}
            for passage in draft.passages
        ]
        return {"is": "draft", "title": printed(draft.title), "passages": passages}

    def _cited(self, text: str) -> list[Any]:
        """Text as runs, in which the rows that it cites lead to them."""
        runs: list[Any] = []
        done = 0
        for cited in CITED.finditer(text):
            for number in re.finditer(r"\d+", cited[0]):
                begin, end = (cited.start() + at for at in number.span())
                link = {"link": [number[0]], "to": self._to(f"#{row_id('timeline', int(number[0]))}")}
                runs += [printed(text[done:begin]), link]
                done = end
        return [*runs, printed(text[done:])]

    def _mark(self, place: str) -> str | None:
        if not place or place in self.marked:
            return None
        self.marked.add(place)
        return place

    def _table(self, table: Table, place: str) -> dict[str, Any]:
        small = len(table.rows) > TALL
        mark = self._mark(place)
        stacks, left_out = _kept(table)
        printable = table.rows if any(_row_place(table, row) for row in table.rows) else table.rows[:UNCITED]
        rows = [[self._stacked(table, row, stack) for stack in stacks] for row in printable]
        texts = [[text_of(cell) for cell in row] for row in rows]
        heads = [Head([_label(table, i) for i in stack], table.columns[stack[0]].kind) for stack in stacks]
        return {
            "is": "table",
            "id": mark,
            "caption": printed(table.caption),
            "columns": columns_of(heads, texts, self.width / (SMALL if small else NORMAL)),
            "rows": [
                {"id": self._mark(_row_place(table, told)), "cells": cells, "breakable": _high(shown)}
                for told, cells, shown in zip(printable, rows, texts, strict=True)
            ],
            "empty": printed(table.empty),
            "small": small,
            "whole": sum(len(text) for row in texts for text in row) <= WHOLE,
            "omitted": _omitted(table, left_out, len(printable)),
        }

    def _stacked(self, table: Table, row: tuple[Cell, ...], stack: list[int]) -> Any:
        """A cell; where others stand below it and tell anything, an object with all of them."""
        first, *below = stack
        told = [first, *(i for i in below if row[i] not in (None, ""))]
        cells = [self._cell(row[i], table.columns[i].kind, table.zone, "—") for i in told]
        return {"stack": cells} if len(cells) > 1 else cells[0]

    def _figure(self, figure: Figure, place: str) -> dict[str, Any]:
        told = {"caption": printed(figure.caption), "alt": visible(figure.alt), "svg": figure.svg(DRAWN)}
        return {"is": "figure", "id": self._mark(place), **told}

    def _to(self, url: str) -> dict[str, str]:
        """Where a link leads: a place on the page, an http address, or nowhere."""
        if url.startswith("#"):
            return {"place": url[1:]} if url[1:] in self.ids else {}
        good = safe_url(url)
        return {"url": good} if good else {}

    def _link(self, link: Link) -> dict[str, Any]:
        to = self._to(link.url)
        shown = link.label or link.url
        if not to and not re.fullmatch(r"#[\w-]+", link.url) and link.url not in ("", link.label):
            shown = f"{link.label} ({link.url})"
        return {"label": printed(shown), "to": to}

    def _cell(self, cell: Cell, kind: str, zone: str, none: str) -> Any:
        """A cell: text as it is, anything else as an object with one telling key."""
        if cell is None or (isinstance(cell, Links) and not cell.links):
            return {"none": none}
        if isinstance(cell, Verdict):
            return {"verdict": cell.value, "words": verdict_words(cell)}
        if isinstance(cell, datetime):
            local = "" if zone == "UTC" else local_text(cell, zone)
            clock = words.clock(cell) + (" UTC" if kind == "text" else "")
            return {"date": words.day(cell), "clock": clock, "local": local}
        if isinstance(cell, Link | Links):
            return {"links": [self._link(link) for link in (cell.links if isinstance(cell, Links) else (cell,))]}
        if isinstance(cell, Marked):
            was = None if cell.was is None else printed(cell.was)
            return {"mark": printed(cell.text), "was": was, "tone": cell.tone}
        shown = printed(simple(cell, kind))
        return {"code": shown} if kind == "code" else shown


def _kept(table: Table) -> tuple[list[list[int]], list[str]]:
    """The columns in print, in stacks as people read them, and the labels of those left out.

    The way back to a raw line is for the screen and the twins: in a tall table it would cost a page or two. A column
    that names its rows, or that others stand under, stays.
    """
    if len(table.rows) <= TALL:
        return table.stacks(), []
    leading = {column.under for column in table.columns}
    gone = [i for i, c in enumerate(table.columns) if i > 0 and c.kind == "code" and c.name not in leading]
    stacks = [[i for i in stack if i not in gone] for stack in table.stacks()]
    return [stack for stack in stacks if stack], [table.columns[i].label for i in gone]


def _label(table: Table, place: int) -> str:
    column = table.columns[place]
    zone = "" if table.zone == "UTC" else f", {table.zone}"
    return f"{column.label} (UTC{zone})" if column.kind == "time" else column.label


def _high(texts: list[str]) -> bool:
    """Whether a row may be higher than a page, so that it has to be cut rather than lost."""
    return max(len(text) + LINE * text.count("\n") for text in texts) > LONG_ROW


def _omitted(table: Table, labels: list[str], rows: int) -> str:
    """What of a table is not in print, and where it is; nothing where all of it is."""
    told = []
    if labels:
        column = "columns" if len(labels) > 1 else "column"
        told.append(f"the {column} {words.listed([f'“{label}”' for label in labels])}")
    if rows < len(table.rows):
        told.append(f"{words.plural(len(table.rows) - rows, 'further row')}")
    return (
        printed(f"Not in print: {words.listed(told)}; see the HTML form, or tables/{table.name}.csv.") if told else ""
    )


def _clock(clock: Any) -> dict[str, Any]:
    verdict = clock.verdict
    return {
        "label": printed(clock.label),
        "value": printed(came_to(clock)),
        "verdict": verdict.value if verdict else None,
        "words": verdict_words(verdict) if verdict else "",
        "detail": printed(clock.detail),
    }
