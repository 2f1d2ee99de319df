"""Writing SVG: elements, numbers, colours, and the two schemes. No style that a print renderer would not know."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from podanalytics.show.escape import html_text

INK, INK_DARK = "#3f4753", "#b8c0cc"  # as packet.js gives them to Plotly
FONT = "'Source Sans Pro','Source Sans 3',Arial,sans-serif"
DASHES = {"solid": (), "dot": (1.0, 2.0), "dash": (4.0, 3.0)}  # in line widths, as Plotly has them, about
_DARK = f"@media screen and (prefers-color-scheme:dark){{.pod-ink{{fill:{INK_DARK}}}}}"

_HEX = re.compile(r"#(?:[0-9a-fA-F]{3}){1,2}")
_RGB = re.compile(r"rgba?\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\s*(?:,\s*(\d*\.?\d+)\s*)?\)")
_NAMED = {"white": "#ffffff", "black": "#000000"}


@dataclass(frozen=True, slots=True)
class Paint:
    """A colour that every renderer knows: six hexadecimal digits and an opacity."""

    colour: str
    opacity: float = 1.0

    def faded(self, by: float) -> Paint:
        """The same, less opaque."""
        return Paint(self.colour, self.opacity * by)

    def is_light(self) -> bool:
        """Whether dark text reads better on it, on white paper (relative luminance, WCAG 2.1)."""
        channels = (int(self.colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
        linear = [self._linear(c * self.opacity + 1 - self.opacity) for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] > 0.36

    @staticmethod
    def _linear(channel: float) -> float:
        return float(channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4)


def paint(colour: Any, what: str) -> Paint:
    """A colour as charts write it: #rgb, #rrggbb, rgb(), rgba(), white, black or transparent; ValueError else."""
    text = str(colour).strip()
    if text == "transparent":
        return Paint("#ffffff", 0.0)
    text = _NAMED.get(text, text)
    if _HEX.fullmatch(text):
        return Paint(text.lower() if len(text) == 7 else "#" + "".join(c * 2 for c in text[1:].lower()))
    found = _RGB.fullmatch(text)
    if found and all(int(part) < 256 for part in found.groups()[:3]):
        return Paint("#" + "".join(f"{int(part):02x}" for part in found.groups()[:3]), min(float(found[4] or 1), 1.0))
    raise ValueError(f"{what}: the colour {colour!r} is not drawn; write #rrggbb or rgba(…)")


def number(value: float) -> str:
    """A number of at most two decimals.

    >>> number(12.0), number(0.126), number(-0.001)
    ('12', '0.13', '0')
    """
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def tag(name: str, body: str | None = None, **attributes: Any) -> str:
    """An element; `body` is markup already. Underscores in names become hyphens; None leaves an attribute out."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_written(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{written}/>" if body is None else f"<{name}{written}>{body}</{name}>"


def _written(value: Any) -> str:
    return number(value) if isinstance(value, int | float) else html_text(str(value))


def filled(colour: Paint) -> dict[str, Any]:
    """Attributes of a filled shape."""
    return {"fill": colour.colour, "fill_opacity": None if colour.opacity == 1 else colour.opacity}


def stroked(colour: Paint, width: float, dash: str = "solid", what: str = "a line") -> dict[str, Any]:
    """Attributes of a line; ValueError for a dash that is not drawn."""
    if dash not in DASHES:
        raise ValueError(f"{what}: the dash {dash!r} is not drawn; known: {', '.join(DASHES)}")
    dashes = ",".join(number(part * max(width, 1.0)) for part in DASHES[dash]) or None
    opacity = None if colour.opacity == 1 else colour.opacity
    return {"stroke": colour.colour, "stroke_width": width, "stroke_opacity": opacity, "stroke_dasharray": dashes}


@dataclass(frozen=True, slots=True)
class Pen:
    """What depends on the scheme: how ink is written. `light` is plain attributes; `auto` follows the reader's."""

    scheme: str

    def __post_init__(self) -> None:
        if self.scheme not in ("light", "auto"):
            raise ValueError(f"no scheme {self.scheme!r}; known: light, auto")

    def style(self) -> str:
        """The style element, where the scheme needs one."""
        return tag("style", _DARK) if self.scheme == "auto" else ""

    def ink(self, colour: Paint | None = None) -> dict[str, Any]:
        """Attributes of text in that colour; without one, in the scheme's ink."""
        if colour is not None:
            return filled(colour)
        return {"fill": INK, "class_": "pod-ink" if self.scheme == "auto" else None}
