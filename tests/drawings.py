"""Reading a drawing back: where its plot, its bars and its texts are."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring

from podanalytics.show.drawing import svg
from podanalytics.show.drawing.measure import text_width

NS = "{http://www.w3.org/2000/svg}"
TAGS = {"svg", "title", "desc", "style", "g", "path", "rect", "circle", "line", "text", "tspan"}


def drawn(figure: dict[str, Any], **more: Any) -> Element:
    return fromstring(svg(figure, **more))


def plot(picture: Element) -> tuple[float, float, float, float]:
    """Left, top, width and height of the plot: the inner svg that cuts the traces off."""
    inner = picture.find(f"{NS}svg")
    assert inner is not None
    return tuple(float(inner.get(key, "")) for key in ("x", "y", "width", "height"))  # type: ignore[return-value]


def rects(picture: Element) -> list[tuple[float, float, float, float]]:
    inner = picture.find(f"{NS}svg")
    return [
        tuple(float(r.get(key, "")) for key in ("x", "y", "width", "height"))  # type: ignore[misc]
        for r in (inner.iter(f"{NS}rect") if inner is not None else ())
    ]


def texts(picture: Element) -> list[str]:
    return ["".join(text.itertext()) for text in picture.iter(f"{NS}text")]


def boxes(picture: Element) -> list[tuple[str, float, float]]:
    """Each line of unturned text with its left and right end."""
    found = []
    for text in picture.findall(f"{NS}text"):  # those in the plot itself are cut off with it
        if text.get("transform"):
            continue
        anchor, size = text.get("text-anchor", "start"), float(text.get("font-size", "0"))
        lines = [[text.text or ""]]
        for span in text:
            if span.get("x"):
                lines.append([])
            lines[-1] += ["".join(span.itertext()), span.tail or ""]
        for line in lines:
            wide = text_width("".join(line), size)
            begin = float(text.get("x", "")) - {"start": 0.0, "middle": wide / 2, "end": wide}[anchor]
            found.append(("".join(line), begin, begin + wide))
    return found


def lying(base: Any, length: float, **layout: Any) -> dict[str, Any]:
    trace = {"type": "bar", "orientation": "h", "y": ["lane"], "base": [base], "x": [length]}
    return {"data": [trace], "layout": {"height": 200, **layout}}
