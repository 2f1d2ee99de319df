"""How wide the columns of a printed table are: those with little in them as wide as that, the rest shared."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import Any

from podanalytics.publish.sheet_text import BREAK, printed

# Ems of a character on the average: of code, which is set smaller, and of any other text.
EM = {"code": 0.52}
SANS, BROAD = 0.48, 0.54
ONE_LINE = ("time", "number", "verdict")  # kinds of columns that are never narrower than their content
PADDING = 1.0  # ems beside a cell
CHIP = 1.2  # ems of a verdict's chip around its words
LITTLE = 10.5  # ems that a column of text may have for itself where not all have what they want
NARROW = 10  # characters that a label may have on a line over a column that is narrower


@dataclass(frozen=True)
class Head:
    """What stands over a column: its label, those of what stands under its cells, and what its cells are."""

    labels: list[str]
    kind: str


def text_of(cell: Any) -> str:
    """What a cell of a sheet shows, as text of one or more lines."""
    if isinstance(cell, str):
        return cell
    if "stack" in cell:
        first, *below = cell["stack"]
        lines = [text_of(one) for one in below]
        timed = isinstance(first, dict) and first.get("local")
        return text_of(first) + (" · " + " · ".join(lines) if timed else "\n" + "\n".join(lines))
    if "links" in cell:
        return ", ".join(str(link["label"]) for link in cell["links"])
    if "clock" in cell:
        return f"{cell['date']} {cell['clock']}\n{cell['local']}"
    if "mark" in cell:
        return cell["mark"] if cell["was"] is None else f"{cell['was']} → {cell['mark']}"
    return str(cell.get("words") or cell.get("code") or cell.get("none") or "")


def columns_of(columns: list[Head], texts: list[list[str]], room: float) -> list[dict[str, Any]]:
    """The columns of a table's rows of texts: label, kind, share of the room left (None: as wide as the content).

    `room` is the width of the page in ems of the table's type. Where it is not enough for all, a column is given what
    it wants as long as that is little and no more than an equal part of what is left; the others share by the length of
    their longer cells.
    """
    cells = [sorted(_length(row[i]) for row in texts) for i in range(len(columns))]
    wanted = [_wanted(column, lengths) for column, lengths in zip(columns, cells, strict=True)]
    wide = set(range(len(columns)))
    left = room - PADDING * len(columns)
    crowded = sum(wanted) > left
    little = [LITTLE if crowded and column.kind == "text" else room for column in columns]
    for i in sorted(wide):
        if columns[i].kind in ONE_LINE:
            left -= wanted[i]
            wide.remove(i)
    while wide and (settled := {i for i in wide if wanted[i] <= min(left / len(wide), little[i])}):
        left -= sum(wanted[i] for i in settled)
        wide -= settled
    if not wide:
        wide = {max(range(len(columns)), key=lambda i: (columns[i].kind == "text", wanted[i]))}
    least = {i: _least(columns[i], [row[i] for row in texts]) for i in wide}
    shares = _shares({i: _weight(cells[i]) for i in sorted(wide)}, least, left)
    return [_column(column, cells[i], shares.get(i)) for i, column in enumerate(columns)]


def _shares(weights: dict[int, float], least: dict[int, float], left: float) -> dict[int, float]:
    """Ems for each wide column: by its weight, but never less than its longest word."""
    shares: dict[int, float] = {}
    while weights:
        em = (left - sum(shares.values())) / sum(weights.values())
        short = [i for i in weights if weights[i] * em < least[i]]
        for i in short or list(weights):
            shares[i] = round(least[i] if short else max(weights[i] * em, 1), 2)
            del weights[i]
    return shares


def _weight(lengths: list[int]) -> float:
    """What a column's longer cells need: four of five are no longer, and the longest has two lines more at most."""
    return max(lengths[len(lengths) * 4 // 5], lengths[-1] / 3, 1) if lengths else 1.0


def _column(column: Head, lengths: list[int], share: float | None) -> dict[str, Any]:
    labels = column.labels
    if share is None:
        # A narrow column's label is broken, so that it does not widen what it stands over.
        across = max([NARROW, *lengths[-1:], _word(labels)])
        labels = [textwrap.fill(one, across, break_long_words=False, break_on_hyphens=False) for one in labels]
    return {"labels": [printed(label) for label in labels], "kind": column.kind, "share": share}


def _wanted(column: Head, lengths: list[int]) -> float:
    wanted = max([*lengths[-1:], _word(column.labels)]) * EM.get(column.kind, SANS)
    return wanted + (CHIP if column.kind == "verdict" else 0)


def _word(texts: list[str]) -> int:
    """Characters of the longest word that cannot be broken."""
    words = (word for text in texts for word in text.replace(BREAK, " ").split())
    return max((len(word) for word in words), default=0)


def _least(column: Head, texts: list[str]) -> float:
    """The ems that its longest word needs; counted generously, as letters differ."""
    return (_word([*column.labels, *texts]) + 1) * BROAD


def _length(text: str) -> int:
    """Characters of its longest line."""
    return max((len(line) for line in text.replace(BREAK, "").split("\n")), default=0)
