"""Reading a figure strictly: what would change the picture and is not drawn is refused by name, never left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Told = Mapping[str, Any]


def _keys(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Only for the pointer, or names nothing that can be seen.
_UNSEEN = _keys(
    "name type hovertext hoverinfo hovertemplate hoverlabel hoveron customdata meta ids uid legendgroup legendrank "
    "selectedpoints cliponaxis editrevision uirevision"
)
_TRACE = _UNSEEN | _keys("x y text xaxis yaxis visible showlegend opacity marker textfont textposition")
_SCATTER = _TRACE | {"mode", "line", "fill", "fillcolor", "connectgaps"}
_BAR = _TRACE | _keys("orientation base width textangle insidetextanchor insidetextfont outsidetextfont constraintext")
_MARKER = frozenset({"color", "opacity", "line"})
_LINE = frozenset({"color", "width", "dash", "shape"})
_FONT = frozenset({"color", "size", "family"})
_AXIS = _keys(
    "type range rangemode autorange tickmode tickvals ticktext ticksuffix tickprefix tickfont nticks dtick title "
    "automargin categoryarray categoryorder domain overlaying side anchor position showgrid gridcolor zeroline "
    "zerolinecolor showline linecolor ticks showticklabels visible fixedrange rangeslider hoverformat layer "
    "tickangle"
)
_SHAPE = _keys("type xref yref x0 x1 y0 y1 layer line fillcolor opacity name editable")
_NOTE = _keys(
    "text x y xref yref xanchor yanchor xshift yshift font showarrow align visible hovertext captureevents name"
)
_LAYOUT = _keys(
    "shapes annotations barmode bargap showlegend legend margin height width autosize hovermode hoverlabel dragmode "
    "title font colorway paper_bgcolor plot_bgcolor template uirevision hoverdistance spikedistance modebar "
    "clickmode uniformtext"
)
TRACES = {"bar": _BAR, "scatter": _SCATTER}  # what is drawn, with what may be said of it


def only(told: Any, known: frozenset[str], what: str) -> Told:
    """The mapping, all of whose keys are known; ValueError naming those that are not drawn."""
    if not isinstance(told, Mapping):
        raise ValueError(f"{what} is {told!r}, not an object")
    odd = sorted(set(told) - known)
    if odd:
        raise ValueError(f"{what}: {', '.join(odd)} is not drawn")
    return told


def one_of(value: Any, known: Sequence[Any], what: str) -> Any:
    """The value, if it is one of those; ValueError naming it."""
    if value not in known:
        raise ValueError(f"{what} {value!r} is not drawn; known: {', '.join(str(k) for k in known)}")
    return value


def named(trace: Told, index: int) -> str:
    """What a trace is called in a message."""
    return f"trace {index} ({trace.get('name') or trace.get('type', 'scatter')})"


def checked_traces(figure: Told) -> list[tuple[int, Told]]:
    """The visible traces with their index, their type and every key checked."""
    traces = []
    for index, trace in enumerate(figure.get("data", [])):
        kind = one_of(trace.get("type", "scatter"), sorted(TRACES), "a trace of type")
        what = named(trace, index)
        only(trace, TRACES[kind], what)
        marker = only(trace.get("marker", {}), _MARKER | ({"size", "symbol"} if kind == "scatter" else set()), what)
        only(marker.get("line", {}), frozenset({"color", "width"}), f"{what}, line of its marker")
        only(trace.get("line", {}), _LINE, f"{what}, line")
        for font in ("textfont", "insidetextfont", "outsidetextfont"):
            only(trace.get(font, {}), _FONT, f"{what}, {font}")
        if trace.get("visible", True) is True:
            traces.append((index, trace))
    return traces


def checked_layout(figure: Told) -> Told:
    """The layout, its keys checked down to shapes and annotations."""
    layout = figure.get("layout", {})
    axes = {key for key in layout if key == "xaxis" or key.startswith("yaxis")}
    only(layout, _LAYOUT | axes, "the layout")
    for axis in sorted(axes):
        only(layout[axis], _AXIS, f"layout.{axis}")
        only(layout[axis].get("tickfont", {}), _FONT, f"layout.{axis}.tickfont")
        one_of(layout[axis].get("tickangle", 0), (0, "auto"), f"layout.{axis}: a tickangle")
    one_of(layout.get("barmode", "group"), ("group", "overlay", "stack"), "barmode")
    only(layout.get("legend", {}), _keys("orientation x y xanchor yanchor traceorder font"), "the legend")
    one_of(layout.get("legend", {}).get("orientation", "h"), ("h",), "a legend's orientation")
    for shape in layout.get("shapes", []):
        one_of(shape.get("type"), ("line", "rect"), "a shape of type")
        only(shape, _SHAPE, "a shape")
        only(shape.get("line", {}), frozenset({"color", "width", "dash"}), "a shape's line")
    for note in layout.get("annotations", []):
        only(note, _NOTE, "an annotation")
        only(note.get("font", {}), _FONT, "an annotation's font")
        if note.get("showarrow", True):
            raise ValueError(f"an annotation with an arrow is not drawn: {note.get('text')!r}; set showarrow to False")
    return dict(layout)


def many(value: Any, what: str) -> list[Any]:
    """A list as charts write it; ValueError for what else Plotly would take."""
    if isinstance(value, list | tuple):
        return list(value)
    if value is None:
        return []
    raise ValueError(f"{what} must be a list, not {type(value).__name__}")


def each(value: Any, count: int, otherwise: Any = None) -> list[Any]:
    """A value for each of `count` points: the one that holds for all, or a list's own, filled up with `otherwise`."""
    if isinstance(value, list | tuple):
        padded = [*value, *[None] * count][:count]
        return [otherwise if item is None else item for item in padded]
    return [otherwise if value is None else value] * count


def points(trace: Told, what: str) -> tuple[list[Any], list[Any]]:
    """The trace's x and y, of one length; a missing one counts up from zero."""
    xs, ys = many(trace.get("x"), f"{what}: x"), many(trace.get("y"), f"{what}: y")
    if trace.get("x") is None:
        xs = list(range(len(ys)))
    if trace.get("y") is None:
        ys = list(range(len(xs)))
    count = min(len(xs), len(ys))
    return xs[:count], ys[:count]


def numeric(value: Any) -> float | None:
    """A finite number, from a number or its text; else None."""
    if isinstance(value, bool) or value is None:
        return None
    try:
        found = float(value)
    except (TypeError, ValueError):
        return None
    return found if abs(found) < 1e300 else None


def values_on(axis: str, figure: Told) -> Iterator[Any]:
    """Every value of the visible traces that lies on an axis (x, y, y2 …): what its type is guessed from."""
    for index, trace in enumerate(figure.get("data", [])):
        if trace.get("visible", True) is True and trace.get(f"{axis[0]}axis", axis[0]) == axis:
            lengths = trace.get("type") == "bar" and ("x" if trace.get("orientation") == "h" else "y") == axis[0]
            yield from (
                each(trace.get("base"), 1)
                if lengths and trace.get("base") is not None
                else points(trace, named(trace, index))[axis[0] == "y"]
            )
