"""The figure block: a plain Plotly figure with a caption, a text alternative and its data as a table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from podanalytics.show import words
from podanalytics.show.cells import Cell
from podanalytics.show.drawing import svg
from podanalytics.show.escape import html_lines, html_text, markdown_text, plotly_text, script_json, slug
from podanalytics.show.mime import INERT, PLOTLY, Shown, element_id
from podanalytics.show.packing import packed
from podanalytics.show.table import Column, Table

# Okabe and Ito's palette (2008), told apart with every common colour vision; yellow is left out: it fades on white.
PALETTE = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#8A8F98")
GRID, INK = "rgba(128,132,140,0.28)", "#6b7280"

WIDTH = 960  # pixels of a figure that stands alone
PAGE_WIDTH = 720  # and of one on a page, which printed on A4 or Letter is that wide, about
_MAX_ROWS = 250
PLAIN_POINTS = 20  # rows of its table that are not packed: it is folded away
PACKED = 20_000  # characters from which on a figure's JSON is packed
TITLE = 28  # pixels above a plot for its caption, where the plot stands alone

_AXIS = {"gridcolor": GRID, "zerolinecolor": GRID, "linecolor": GRID, "automargin": True, "ticks": ""}
_AXIS |= {"title": {"font": {"size": 12}}}
TEMPLATE = {
    "layout": {
        "colorway": list(PALETTE),
        "font": {"color": INK, "family": "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif", "size": 13},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "margin": {"l": 12, "r": 20, "t": 40, "b": 48},
        "xaxis": _AXIS,
        "yaxis": _AXIS,
        "hoverlabel": {"align": "left"},
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    }
}

# Plotly 7 puts a "Share chart" button on every figure, which uploads it to its maker's cloud: an incident's data stays
# here.
CONFIG = {
    "displaylogo": False,
    "modeBarButtonsToRemove": ["lasso2d", "select2d", "autoScale2d", "sendChartToCloud"],
    "plotlyServerURL": "",
    "responsive": True,
    "showSendToCloud": False,
    "typesetMath": False,
}


def _plain(value: Any) -> Any:
    """The figure as lists, text and rounded numbers only: what can be diffed, and read back as it was."""
    if value is None or isinstance(value, bool | str | int):
        return value
    if isinstance(value, float):
        return round(value, 6)
    if isinstance(value, datetime):
        return words.iso(value)
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    raise ValueError(f"a figure holds {type(value).__name__}; give lists, text and numbers")


def _escaped(value: Any) -> Any:
    if isinstance(value, str):
        return plotly_text(value)
    if isinstance(value, dict):
        return {key: _escaped(item) for key, item in value.items()}
    return [_escaped(item) for item in value] if isinstance(value, list) else value


@dataclass(frozen=True)
class Figure(Shown):
    """A Plotly figure as a plain dict (`data`, `layout`); `alt` says in words what it shows.

    Every text in it may be hostile: only line breaks, bold and italic are drawn as markup. Our template is put in where
    the layout has none, so charts set neither fonts nor grid nor background.
    """

    name: str
    caption: str
    alt: str
    figure: dict[str, Any]

    def __post_init__(self) -> None:
        slug(self.name, "a figure's name")
        object.__setattr__(self, "figure", _plain(self.figure))
        super().__post_init__()
        self.svg()  # a figure that could not be printed is refused where it is made

    def plotly(self) -> dict[str, Any]:
        """What Plotly may be given: every text escaped, our template, no logo, no mathematics."""
        layout = {"template": TEMPLATE, **_escaped(self.figure.get("layout", {}))}
        return {"data": _escaped(self.figure.get("data", [])), "layout": layout, "config": CONFIG}

    def svg(self, width: int = WIDTH, scheme: str = "light") -> str:
        """The figure as static SVG (see `show.drawing`); ValueError naming what cannot be drawn."""
        try:
            return svg(self.figure, width=width, scheme=scheme, alt=self.alt, title=self.caption, colours=PALETTE)
        except ValueError as error:
            raise ValueError(f"figure {self.name}: {error}") from error

    def html(self, within: str = "") -> str:
        """The figure's place on the page: caption, static drawing, text alternative, data.

        The page's script draws a plot in the static one's place, on screen alone.
        """
        ident = html_text(element_id(within, self.name))
        height = int(self.figure.get("layout", {}).get("height", 420))
        return (
            f'<figure class="pod-figure {INERT}" id="{ident}"><figcaption>{html_lines(self.caption)}</figcaption>\n'
            f'<div class="pod-plot" role="img" aria-label="{html_text(self.alt)}" data-height="{height}"></div>\n'
            f'<div class="pod-static">{self.svg(PAGE_WIDTH, "auto")}</div>\n'
            f"{self._json()}\n"
            f"{self._fallback(within)}</figure>"
        )

    def _json(self) -> str:
        """What the page's script draws from; packed where it is long."""
        text = script_json(self.plotly())
        kind, told = ("text/plain", packed(text)) if len(text) > PACKED else ("application/json", text)
        return f'<script type="{kind}" class="pod-figure-json">{told}</script>'

    def notebook_html(self) -> str:
        """Caption and text alternative: Jupyter draws the plot from Plotly's own mime type, which holds the data."""
        caption = f"<figcaption>{html_lines(self.caption)}</figcaption>"
        return f'<figure class="pod-figure {INERT}">{caption}<p class="pod-alt">{html_lines(self.alt)}</p></figure>'

    def _fallback(self, within: str) -> str:
        alt = html_lines(self.alt)
        return (
            '<details class="pod-data"><summary>Figure as text and table</summary>\n'
            f"<p>{alt}</p>\n{self.table().html(within, PLAIN_POINTS)}</details>"
        )

    def markdown(self) -> str:
        """Caption and text alternative."""
        return f"**Figure: {markdown_text(self.caption)}**\n\n{markdown_text(self.alt)}"

    def pictured(self, path: str) -> str:
        """Markdown with the figure's SVG, which lies at that path; the text alternative is the picture's."""
        alt = markdown_text(" ".join(self.alt.split()))
        return f"**Figure: {markdown_text(self.caption)}**\n\n![{alt}]({path})"

    def plain(self) -> str:
        """Caption and text alternative."""
        return f"Figure: {self.caption}\n{self.alt}"

    def data(self) -> dict[str, Any]:
        """The figure as JSON, as its section made it."""
        return {
            "block": "figure",
            "name": self.name,
            "caption": self.caption,
            "alt": self.alt,
            "figure": self.figure,
        }

    @staticmethod
    def from_data(data: dict[str, Any]) -> Figure:
        """The figure again from its JSON."""
        return Figure(data["name"], data["caption"], data["alt"], data["figure"])

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {**super()._repr_mimebundle_(include, exclude), PLOTLY: self.titled()}

    def titled(self) -> dict[str, Any]:
        """The same with the caption as its title: Jupyter shows the plot alone."""
        made = self.plotly()
        layout = dict(made["layout"])
        margin = {**TEMPLATE["layout"]["margin"], **layout.get("margin", {})}  # type: ignore[dict-item]
        title = {"text": plotly_text(self.caption), "font": {"size": 15}, "x": 0, "y": 1, "yref": "container"}
        layout["title"] = {**title, "yanchor": "top", "pad": {"t": 8, "l": 12}}
        layout["margin"] = {**margin, "t": margin["t"] + TITLE}
        layout["height"] = layout.get("height", 420) + TITLE
        return {**made, "layout": layout}

    def table(self) -> Table:
        """The figure's points as a table: series, from, x, y and text, without what is only decoration."""
        layout = self.figure.get("layout", {})
        rows = [
            row
            for trace in self.figure.get("data", [])
            if _tells(trace)
            for row in _points(trace, _names(layout, trace))
        ]
        labels = ("Series", "From", _title(layout, "xaxis", "x"), _title(layout, "yaxis", "y"), "Text")
        used = [i for i in range(len(labels)) if any(row[i] not in (None, "") for row in rows)]
        more = f", the first {_MAX_ROWS} of {len(rows)}" if len(rows) > _MAX_ROWS else ""
        return Table(
            name=f"{self.name}-data",
            caption=f"Data of the figure{more}",
            columns=tuple(Column(f"c{i}", labels[i]) for i in used),
            rows=tuple(tuple(row[i] for i in used) for row in rows[:_MAX_ROWS]),
            empty="no points",
        )


def _tells(trace: dict[str, Any]) -> bool:
    return trace.get("hoverinfo") != "skip" and trace.get("visible", True) is True


def _title(layout: dict[str, Any], axis: str, otherwise: str) -> str:
    title = layout.get(axis, {}).get("title", "")
    return _unmarked((title.get("text", "") if isinstance(title, dict) else title) or otherwise)


def _unmarked(text: str) -> str:
    return re.sub(r"</?(?:b|i|extra)>", "", re.sub(r"<br\s*/?>", "; ", text))


def _names(layout: dict[str, Any], trace: dict[str, Any]) -> dict[float, str]:
    """What the places on a trace's y axis are called, where they have names: lanes are places on a number line."""
    axis = layout.get("yaxis" + str(trace.get("yaxis", "y"))[1:], {})
    return dict(zip(axis.get("tickvals", []), axis.get("ticktext", []), strict=False))


def _points(trace: dict[str, Any], names: dict[float, str]) -> Iterator[tuple[Cell, ...]]:
    xs, ys, bases = _many(trace.get("x")), _many(trace.get("y")), _many(trace.get("base"))
    texts = _many(trace.get("hovertext") or trace.get("text"))
    name = str(trace.get("name", ""))
    for index in range(max(len(xs), len(ys))):
        x, y, base = _at(xs, index), _at(ys, index), _at(bases, index)
        if x is None or y is None:
            continue
        if trace.get("orientation") == "h":
            x = _end(base, x)
        elif base is not None:
            y = _end(base, y)
        y = names.get(round(y), y) if names and isinstance(y, int | float) else y
        yield tuple(_cell(value) for value in (name, base, x, y, _at(texts, index)))


def _many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _at(values: list[Any], index: int) -> Any:
    if len(values) == 1:
        return values[0]
    return values[index] if index < len(values) else None


def _end(base: Any, length: Any) -> Any:
    """Where a bar ends; on a time axis its length is in milliseconds."""
    if isinstance(base, str) and isinstance(length, int | float):
        try:
            end = datetime.fromisoformat(base) + timedelta(milliseconds=length)
            # An axis's wall time has no zone, and is given none: that of this machine has no say in it.
            return end.isoformat().replace("+00:00", "Z")
        except ValueError:
            return length
    return base + length if isinstance(base, int | float) and isinstance(length, int | float) else length


def _cell(value: Any) -> Cell:
    if isinstance(value, str):
        return _unmarked(value)
    return value if value is None or isinstance(value, int | float) else str(value)
