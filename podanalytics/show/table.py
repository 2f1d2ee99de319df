"""The table block: captioned, with typed columns, and with a CSV and a JSON twin."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from podanalytics.model import Verdict
from podanalytics.show import words
from podanalytics.show.cells import (
    Cell,
    Cleaned,
    Link,
    Links,
    Marked,
    cell_csv,
    cell_data,
    cell_from,
    cell_html,
    cell_markdown,
    cell_plain,
    row_id,
)
from podanalytics.show.escape import html_lines, html_text, markdown_text, slug
from podanalytics.show.mime import INERT, Shown, element_id
from podanalytics.show.packing import packed

# Quotation marks are escaped in every text, so these are attributes of ours.
_FOR_THE_PAGE = re.compile(r' (?:data-label="[^"]*"|role="(?:table|rowgroup|row|cell|rowheader|columnheader)")')
KINDS = ("text", "time", "number", "verdict", "id", "code")
TALL = 40  # rows from which on a table scrolls in a box of its own
PLAIN = 150  # rows from which on a page packs the others
WIDE = 3  # columns from which on a narrow screen shows each row as a card; the roles keep it a table to every reader
LONG, SHORT = 40, 14  # characters of a column's longest cell: from LONG on it is given room, up to SHORT one line


@dataclass(frozen=True)
class Column(Cleaned):
    """One column: its name in the CSV and JSON twins, the label people read, and what its cells are.

    Where people read, a column with `under` stands below the cells of the column of that name, so that a row fits the
    page; the twins have it beside the others. A `bare` one is in the twins alone: a number that already stands in
    words.
    """

    name: str
    label: str
    kind: str = "text"
    under: str = ""
    bare: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.kind not in KINDS:
            raise ValueError(f"column {self.name}: kind {self.kind!r} is none of {', '.join(KINDS)}")

    def data(self) -> dict[str, Any]:
        """The column as JSON."""
        told = {"name": self.name, "label": self.label, "kind": self.kind}
        return {**told, **({"under": self.under} if self.under else {}), **({"bare": True} if self.bare else {})}


@dataclass(frozen=True)
class Table(Shown):
    """A table; `name` is also its twins' file name, `zone` adds local time to times, `empty` stands for no rows."""

    name: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    empty: str = "nothing recorded"
    zone: str = "UTC"

    def __post_init__(self) -> None:
        slug(self.name, "a table's name")
        put = object.__setattr__
        put(self, "columns", tuple(self.columns))
        put(self, "rows", tuple(self._row(row) for row in self.rows))
        names = [column.name for column in self.columns]
        if len(set(names)) < len(names):
            raise ValueError(f"table {self.name}: two columns of one name in {', '.join(names)}")
        leading = {column.name for column in self.columns if not column.under and not column.bare}
        for column in self.columns:
            if column.under and column.under not in leading:
                raise ValueError(f"table {self.name}: {column.name} cannot stand under {column.under!r}")
        super().__post_init__()

    def _row(self, row: Any) -> tuple[Cell, ...]:
        cells = tuple(row)
        if len(cells) != len(self.columns):
            raise ValueError(f"table {self.name}: a row of {len(cells)} cells under {len(self.columns)} columns")
        return tuple(_verdict(cell, column) for cell, column in zip(cells, self.columns, strict=True))

    def notebook_html(self) -> str:
        """Every row plain, and nothing that only the page's style and script need: in a notebook neither is there.

        A notebook that is not trusted has no style at all, so what stands below is broken off by itself.
        """
        below = '<span class="pod-under'
        return _FOR_THE_PAGE.sub("", self.html("", len(self.rows))).replace(below, f"<br>{below}")

    def html(self, within: str = "", plain: int = PLAIN) -> str:
        """The table in a box that scrolls by itself; its header row and first telling column are marked as headers.

        The first `plain` rows stand there as they are, and the page's script unpacks the others.
        """
        ident = element_id(within, self.name)
        if not self.rows:
            return (
                f'<p class="pod-empty {INERT}" id="{html_text(ident)}"><strong>{html_text(self.caption)}:</strong> '
                f"{html_text(self.empty)}</p>"
            )
        stacks = [(stack, self._class(stack[0])) for stack in self.stacks()]
        head = "".join(
            f'<th scope="col" role="columnheader" class="{kind}">{self._heads(stack)}</th>' for stack, kind in stacks
        )
        tall = " pod-tall" if len(self.rows) > TALL else ""
        wide = " pod-wide" if len(stacks) >= WIDE else ""
        rows = [f'<tr role="row"{self._row_id(row)}>{self._cells(row, stacks)}</tr>' for row in self.rows]
        body = "\n".join([*rows[:plain], *_rest(rows[plain:], len(stacks))])
        return (
            f'<div class="pod-table{tall}{wide} {INERT}" id="{html_text(ident)}" role="region" tabindex="0" '
            f'aria-label="{html_text(self.caption)}"><table role="table">\n'
            f"<caption>{html_lines(self.caption)}</caption>\n"
            f'<thead role="rowgroup"><tr role="row">{head}</tr></thead>\n'
            f'<tbody role="rowgroup">\n{body}\n</tbody></table></div>'
        )

    def _row_id(self, row: tuple[Cell, ...]) -> str:
        """An id for a row that starts with its number, so that evidence can point at it."""
        numbered = self.columns[0].kind == "number" and type(row[0]) is int
        return f' id="{row_id(self.name, row[0])}"' if numbered else ""  # type: ignore[arg-type]

    def _label(self, column: Column) -> str:
        zone = ""
        if column.kind == "time":
            zone = " (UTC)" if self.zone == "UTC" else f" (UTC, {self.zone})"
        return html_text(column.label + zone)

    def stacks(self) -> list[list[int]]:
        """The columns as people read them: the place of each that leads, followed by those that stand under it."""
        return [
            [place, *(i for i, column in enumerate(self.columns) if column.under == leading.name)]
            for place, leading in enumerate(self.columns)
            if not leading.under and not leading.bare
        ]

    def _heads(self, stack: list[int]) -> str:
        first, *below = (self._label(self.columns[i]) for i in stack)
        return first + "".join(f'<span class="pod-under">{label}</span>' for label in below if label)

    def _cells(self, row: tuple[Cell, ...], stacks: list[tuple[list[int], str]]) -> str:
        shown = []
        for place, (stack, kind) in enumerate(stacks):
            tag = 'th scope="row" role="rowheader"' if place == 0 else 'td role="cell"'
            label = html_text(self.columns[stack[0]].label)
            shown.append(f'<{tag} class="{kind}" data-label="{label}">{self._stacked(row, stack)}</{tag[:2]}>')
        return "".join(shown)

    def _stacked(self, row: tuple[Cell, ...], stack: list[int]) -> str:
        """A cell, and below it what stands under it, where there is anything."""
        first, *below = stack
        lines = [self._shown(row, first)]
        lines += [
            f'<span class="pod-under pod-{self.columns[i].kind}">{self._shown(row, i)}</span>'
            for i in below
            if row[i] not in (None, "")
        ]
        return "".join(lines)

    def _shown(self, row: tuple[Cell, ...], place: int) -> str:
        return cell_html(row[place], kind=self.columns[place].kind, zone=self.zone)

    def _class(self, place: int) -> str:
        """A column's kind, and for text whether it holds sentences, which want room, or words, which stay on a line."""
        kind = self.columns[place].kind
        return f"pod-{kind}" + (self._room(place) if kind == "text" else "")

    def _room(self, place: int) -> str:
        longest = self._longest(place)
        return " pod-long" if longest > LONG else " pod-short" if longest <= SHORT else ""

    def _longest(self, index: int) -> int:
        cells = [row[index] for row in self.rows]
        return max((len(c.label if isinstance(c, Link) else cell_plain(c, zone=self.zone)) for c in cells), default=0)

    def markdown(self) -> str:
        """A GitHub table under its caption; times say UTC in the header, local time in the cell."""
        caption = f"**{markdown_text(self.caption)}**"
        if not self.rows:
            return f"{caption}: {markdown_text(self.empty)}"
        stacks = self.stacks()
        heads = ["<br>".join(filter(None, (self._markdown_head(i) for i in stack))) for stack in stacks]
        rules = ["---:" if self.columns[stack[0]].kind == "number" else "---" for stack in stacks]
        lines = [heads, rules, *([self._markdown_cell(row, stack) for stack in stacks] for row in self.rows)]
        return f"{caption}\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines)

    def _markdown_head(self, place: int) -> str:
        column = self.columns[place]
        return markdown_text(column.label + (" (UTC)" if column.kind == "time" else ""))

    def _markdown_cell(self, row: tuple[Cell, ...], stack: list[int]) -> str:
        first, *below = stack
        lines = [self._one(cell_markdown, row[first], self.columns[first])]
        lines += [
            f"<sub>{self._one(cell_markdown, row[i], self.columns[i])}</sub>" for i in below if row[i] not in (None, "")
        ]
        return "<br>".join(lines)

    def _pairs(self, row: tuple[Cell, ...]) -> list[tuple[Cell, Column]]:
        return [pair for pair in zip(row, self.columns, strict=True) if not pair[1].bare]

    def _one(self, form: Any, cell: Cell, column: Column) -> str:
        return str(form(cell, kind=column.kind, zone=self.zone))

    def plain(self) -> str:
        """The table in aligned columns."""
        if not self.rows:
            return f"{self.caption}: {self.empty}"
        lines = [[c.label for c in self.columns if not c.bare]]
        lines += [[words.shortened(self._one(cell_plain, *p), 80) for p in self._pairs(row)] for row in self.rows]
        widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
        shown = ["  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)) for line in lines]
        return "\n".join([self.caption, *(line.rstrip() for line in shown)])

    def brief(self) -> str:
        """The caption and the number of rows."""
        return f"{self.caption} ({words.plural(len(self.rows), 'row')})"

    def data(self) -> dict[str, Any]:
        """The table as JSON: columns, and rows as lists of cells."""
        return {
            "block": "table",
            "name": self.name,
            "caption": self.caption,
            "columns": [column.data() for column in self.columns],
            "rows": [[cell_data(cell) for cell in row] for row in self.rows],
            "empty": self.empty,
            "zone": self.zone,
        }

    @staticmethod
    def from_data(data: dict[str, Any]) -> Table:
        """The table again from its JSON."""
        return Table(
            name=data["name"],
            caption=data["caption"],
            columns=tuple(Column(**column) for column in data["columns"]),
            rows=tuple(tuple(cell_from(cell) for cell in row) for row in data["rows"]),
            empty=data["empty"],
            zone=data["zone"],
        )

    def csv(self) -> str:
        """The table as CSV (RFC 4180 with newlines only): times in ISO UTC, unknown empty, no cell a formula.

        A column with links gets a `<name>_url` column beside it, one with corrections a `<name>_was` column.
        """
        extras = [self.extras(index) for index in range(len(self.columns))]
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(
            [
                name
                for c, extra in zip(self.columns, extras, strict=True)
                for name in (c.name, *(f"{c.name}_{e}" for e in extra))
            ]
        )
        for row in self.rows:
            writer.writerow([text for cell, extra in zip(row, extras, strict=True) for text in _with(cell, extra)])
        return out.getvalue()

    def extras(self, index: int) -> tuple[str, ...]:
        """What a column's twin has beside it: `url` where it holds links, `was` where it holds corrections."""
        cells = [row[index] for row in self.rows]
        url = any(isinstance(cell, Link) for cell in cells)
        was = any(isinstance(cell, Marked) and cell.was is not None for cell in cells)
        return ("url",) * url + ("was",) * was

    def records(self) -> list[dict[str, Any]]:
        """The rows as JSON objects by column name: times in ISO UTC, verdicts and links and corrections spelt out."""
        return [{name: _record(cell) for name, cell in row.items()} for row in self.named()]

    def named(self) -> list[dict[str, Cell]]:
        """The rows as they are, each cell by its column's name."""
        names = [column.name for column in self.columns]
        return [dict(zip(names, row, strict=True)) for row in self.rows]


def _rest(rows: list[str], columns: int) -> list[str]:
    """One row in the place of those that are packed into it."""
    if not rows:
        return []
    told = f"{words.plural(len(rows), 'more row')}: shown where scripts run, and all of them are in the CSV beside this"
    inside = f'<script type="text/plain" class="pod-packed">{packed("".join(rows))}</script>'
    return [f'<tr role="row" class="pod-rest"><td role="cell" colspan="{columns}">{told}.{inside}</td></tr>']


def _verdict(cell: Cell, column: Column) -> Cell:
    if column.kind == "verdict" and isinstance(cell, str) and cell in list(Verdict):
        return Verdict(cell)
    return cell


def extra_of(cell: Cell, extra: str) -> str | None:
    """A link's `url`, a correction's `was`; None of a cell that has none."""
    return getattr(cell, extra, None)


def _with(cell: Cell, extras: tuple[str, ...]) -> list[str]:
    return [cell_csv(cell), *(cell_csv(extra_of(cell, extra)) for extra in extras)]


def _record(cell: Cell) -> Any:
    if isinstance(cell, Verdict):
        return cell.value
    if isinstance(cell, datetime):
        return words.iso(cell)
    if isinstance(cell, Link):
        return {"label": cell.label, "url": cell.url}
    if isinstance(cell, Links):
        return [link.label for link in cell.links]
    if isinstance(cell, Marked):
        return cell.text if cell.was is None else {"text": cell.text, "was": cell.was}
    return cell
