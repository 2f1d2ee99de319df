"""What is laid over a plot: shapes (lines, rectangles) and annotations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from podanalytics.show.drawing.frame import Frame
from podanalytics.show.drawing.pen import Pen, filled, paint, stroked, tag
from podanalytics.show.drawing.reading import Told, one_of
from podanalytics.show.drawing.rich import Rich, draw_text, rich
from podanalytics.show.drawing.scales import Axis, Reach

_ANCHORS = {"left": "start", "center": "middle", "right": "end"}
_EDGE = 2.0  # pixels kept between an annotation and the end of the picture


def _named_axis(ref: str, axes: Mapping[str, Axis], what: str) -> str | None:
    """The axis that a place is measured on; None for the plot itself (paper)."""
    return None if ref == "paper" else str(one_of(ref, (*axes, "paper"), f"{what} with reference"))


def shape_reaches(shapes: Sequence[Told], axes: Mapping[str, Axis], axis: str) -> Iterator[Reach]:
    """The ends of shapes that lie on an axis."""
    side = axis[0]
    for shape in shapes:
        if _named_axis(shape.get(f"{side}ref", side), axes, "a shape") == axis:
            for key in (f"{side}0", f"{side}1"):
                at = axes[axis].place(shape.get(key))
                if at is not None:
                    yield Reach(at)


def note_reaches(notes: Sequence[Told], axes: Mapping[str, Axis], axis: str, size: float) -> Iterator[Reach]:
    """The room that annotations need on an axis they are placed by."""
    side = axis[0]
    for note in _shown(notes):
        if _named_axis(note.get(f"{side}ref", side), axes, "an annotation") != axis:
            continue
        at = axes[axis].place(note.get(side), logged=True)
        if at is not None:
            yield Reach(at, *_extents(note, side, size))


def _extents(note: Told, side: str, size: float) -> tuple[float, float]:
    """Pixels before and after the place of an annotation: left and right, or below and above."""
    text = _text(note, size)
    extent = text.width if side == "x" else text.height
    anchor = note.get(f"{side}anchor", "auto")
    after = {"left": extent, "right": 0.0, "bottom": extent, "top": 0.0}.get(anchor, extent / 2)
    shift = float(note.get(f"{side}shift", 0))
    return max(extent - after - shift, 0.0), max(after + shift, 0.0)


def _shown(notes: Sequence[Told]) -> Iterator[Told]:
    return (note for note in notes if note.get("visible", True) is not False)


def _text(note: Told, size: float) -> Rich:
    # Plotly writes annotations one step smaller than the rest.
    return rich(note.get("text", ""), float(note.get("font", {}).get("size", size - 1)))


def _spot(laid: Frame, side: str, ref: str, value: Any, what: str, logged: bool = False) -> float | None:
    """Pixels of a place on an axis or, as a share, on the plot itself."""
    name = _named_axis(ref, {n: found.axis for n, found in laid.scales.items()}, what)
    if name is not None:
        at = laid.scales[name].axis.place(value, logged)
        return None if at is None else laid.scales[name].at(at)
    share = float(value)
    if side == "x":
        return laid.left + share * (laid.right - laid.left)
    return laid.bottom - share * (laid.bottom - laid.top)


def _held(laid: Frame, side: str, ref: str, pair: tuple[float, float]) -> tuple[float, float] | None:
    """Both ends, kept within the axis they are measured on; None where all of it lies beyond."""
    if ref == "paper":
        return pair
    found = laid.scales[ref]
    low, high = sorted((found.begin, found.end))
    if max(pair) < low - 0.01 or min(pair) > high + 0.01:
        return None
    return min(max(pair[0], low), high), min(max(pair[1], low), high)


def draw_shapes(shapes: Sequence[Told], laid: Frame, layer: str) -> str:
    """The lines and rectangles of a layer, below or above the traces."""
    parts = []
    for shape in shapes:
        if one_of(shape.get("layer", "above"), ("below", "above"), "a shape's layer") == layer:
            parts.append(_shape(shape, laid))
    return "".join(parts)


def _shape(shape: Told, laid: Frame) -> str:
    xs, ys = (_ends(shape, laid, side) for side in ("x", "y"))
    if xs is None or ys is None:
        return ""
    line = shape.get("line", {})
    width = float(line.get("width", 2))
    opacity = float(shape.get("opacity", 1.0))
    edge = {}
    if width:
        edge = stroked(paint(line.get("color", "#444444"), "a shape").faded(opacity), width, line.get("dash", "solid"))
    if shape["type"] == "line":
        return tag("line", x1=xs[0], y1=ys[0], x2=xs[1], y2=ys[1], **edge) if edge else ""
    fill = paint(shape.get("fillcolor", "transparent"), "a shape").faded(opacity)
    face = filled(fill) if fill.opacity else {"fill": "none"}
    wide, high = abs(xs[1] - xs[0]), abs(ys[1] - ys[0])
    return tag("rect", x=min(xs), y=min(ys), width=wide, height=high, **face, **edge)


def _ends(shape: Told, laid: Frame, side: str) -> tuple[float, float] | None:
    ref = shape.get(f"{side}ref", side)
    first, last = (_spot(laid, side, ref, shape.get(f"{side}{n}"), "a shape") for n in (0, 1))
    return None if first is None or last is None else _held(laid, side, ref, (first, last))


def draw_notes(pen: Pen, notes: Sequence[Told], laid: Frame) -> str:
    """The annotations; one that would run out of the picture is moved into it."""
    return "".join(_note(pen, note, laid) for note in _shown(notes))


def _note(pen: Pen, note: Told, laid: Frame) -> str:
    refs = {side: note.get(f"{side}ref", side) for side in ("x", "y")}
    spots = {side: _spot(laid, side, refs[side], note.get(side, 0), "an annotation", True) for side in ("x", "y")}
    x, y = spots["x"], spots["y"]
    if x is None or y is None or _beyond(laid, refs, spots):
        return ""
    text = _text(note, laid.size).within(laid.width - 2 * _EDGE)
    anchor = _anchor(note, "x", refs["x"])
    x += float(note.get("xshift", 0))
    y -= float(note.get("yshift", 0))
    before = {"left": 0.0, "center": text.width / 2, "right": text.width}[anchor]
    x = min(max(x, before + _EDGE), laid.width - _EDGE - text.width + before)
    colour = note.get("font", {}).get("color")
    ink = None if colour is None else paint(colour, "an annotation")
    return draw_text(pen, text, x, y, _ANCHORS[anchor], _anchor(note, "y", refs["y"]), ink)


def _beyond(laid: Frame, refs: Mapping[str, str], spots: Mapping[str, float | None]) -> bool:
    """Whether an annotation's place is not on the stretch its axis shows."""
    for side, ref in refs.items():
        spot = spots[side]
        if ref != "paper" and spot is not None:
            low, high = sorted((laid.scales[ref].begin, laid.scales[ref].end))
            if not low - 0.5 <= spot <= high + 0.5:
                return True
    return False


def _anchor(note: Told, side: str, ref: str) -> str:
    """Which part of the text lies at its place; without a word, as Plotly decides: by thirds on paper, else centred."""
    known = ("left", "center", "right") if side == "x" else ("bottom", "middle", "top")
    told = one_of(note.get(f"{side}anchor", "auto"), ("auto", *known), f"an annotation's {side}anchor")
    if told != "auto":
        return str(told)
    if ref != "paper":
        return known[1]
    share = float(note.get(side, 0))
    return known[0] if share <= 1 / 3 else known[2] if share >= 2 / 3 else known[1]
