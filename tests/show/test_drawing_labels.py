"""Labels of drawings: their widths are the font's own, they stand where they fit, and none runs into another."""

from __future__ import annotations

import struct
from datetime import datetime, timedelta
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podanalytics.show.drawing.measure import _WIDTHS, OTHER_FONT, text_width
from podanalytics.show.drawing.ticks import MOST
from tests.drawings import NS, boxes, drawn, lying, plot, texts


def test_the_widths_are_the_fonts_own() -> None:
    spec = find_spec("font_source_sans_pro")
    assert spec is not None and spec.origin is not None
    data = Path(spec.origin).with_name("files").joinpath("SourceSansPro-Regular.ttf").read_bytes()
    count = struct.unpack(">H", data[4:6])[0]
    tables = {
        data[12 + 16 * i : 16 + 16 * i]: struct.unpack(">I", data[20 + 16 * i : 24 + 16 * i])[0] for i in range(count)
    }
    wide = struct.unpack(">H", data[tables[b"hhea"] + 34 : tables[b"hhea"] + 36])[0]
    glyphs = _glyphs(data, tables[b"cmap"])
    for char, width in _WIDTHS.items():
        place = tables[b"hmtx"] + 4 * min(glyphs[char], wide - 1)
        assert struct.unpack(">H", data[place : place + 2])[0] == width, char


def _glyphs(data: bytes, cmap: int) -> dict[str, int]:
    """The font's character map of format 4 (OpenType specification, cmap)."""
    found: dict[str, int] = {}
    for n in range(struct.unpack(">H", data[cmap + 2 : cmap + 4])[0]):
        at = cmap + struct.unpack(">I", data[cmap + 8 + 8 * n : cmap + 12 + 8 * n])[0]
        if struct.unpack(">H", data[at : at + 2])[0] != 4:
            continue
        half = struct.unpack(">H", data[at + 6 : at + 8])[0]
        ends, starts, deltas, offsets = (
            struct.unpack(f">{half // 2}H", data[at + o : at + o + half])
            for o in (14, 16 + half, 16 + 2 * half, 16 + 3 * half)
        )
        for i, (start, end) in enumerate(zip(starts, ends, strict=True)):
            for code in range(start, end + 1):
                glyph = code
                if offsets[i]:
                    place = at + 16 + 3 * half + 2 * i + offsets[i] + 2 * (code - start)
                    glyph = struct.unpack(">H", data[place : place + 2])[0]
                if glyph:
                    found[chr(code)] = (glyph + deltas[i]) & 0xFFFF
    return found


def test_a_label_stands_in_its_bar_only_where_it_fits() -> None:
    wide = text_width("33 min 14 s", 12) + 12

    def told(pixels: float, **more: Any) -> list[tuple[str, float, float]]:
        figure = lying(0, 0, xaxis={"range": [0, 900]}, margin={"l": 60, "r": 0})
        figure["data"][0] |= {"text": ["33 min 14 s"], "x": [pixels], **more}
        return [box for box in boxes(drawn(figure)) if box[0] == "33 min 14 s"]

    assert len(told(wide + 1, textposition="inside")) == 1
    assert told(wide - 8, textposition="inside") == []
    beside = told(wide - 8, textposition="auto")
    assert beside[0][1] > 60 + wide - 8
    start, end = (told(300, insidetextanchor=anchor)[0] for anchor in ("start", "end"))
    assert start[1] == pytest.approx(65, abs=0.1) and end[2] == pytest.approx(355, abs=0.1)


def test_lane_labels_have_room_and_long_ones_are_set_in_lines() -> None:
    long = "Internal status updates every fifteen minutes, without a gap, to the whole team"
    figure = lying(0, 10)
    figure["data"][0] |= {"y": [long]}
    assert long in "".join(texts(drawn(figure)))
    narrow = drawn(figure, width=300)
    assert not [box for box in boxes(narrow) if box[1] < 0]
    assert plot(narrow)[2] > 140


@pytest.mark.parametrize("width", [960, 400])
@pytest.mark.parametrize(
    ("begin", "end", "some"),
    [
        ("2026-10-14T14:00:10", "2026-10-14T14:00:40", {"14:00:15", "14:00:30"}),
        ("2026-10-14T13:50:00", "2026-10-14T17:10:00", {"14:00", "16:00"}),
        ("2026-10-14T22:00:00", "2026-10-15T03:00:00", {"00:0015 Oct"}),
        ("2026-10-10T00:00:00", "2026-10-14T12:00:00", {"12 Oct"}),
        ("2026-01-10T00:00:00", "2026-12-14T12:00:00", {"Jul"}),
        ("2019-06-01T00:00:00", "2026-02-01T00:00:00", {"2020", "2024"}),
    ],
)
def test_times_are_marked_at_natural_steps(width: int, begin: str, end: str, some: set[str]) -> None:
    figure = {
        "data": [{"mode": "markers", "x": [begin, end], "y": [1, 2]}],
        "layout": {"xaxis": {"range": [begin, end]}},
    }
    found = texts(drawn({**figure, "layout": {**figure["layout"], "yaxis": {"visible": False}}}, width=width))  # type: ignore[dict-item]
    assert {label for label in found if any(label.startswith(s) for s in some)}, found
    assert 2 <= len(found) <= MOST
    if end < "2026-10-16" and begin > "2026-10-14":
        assert found[0].endswith("14 Oct 2026")


@settings(max_examples=150, deadline=None)
@given(
    st.datetimes(datetime(1971, 1, 1), datetime(2200, 1, 1)),
    st.floats(0, 9.5).map(lambda power: timedelta(seconds=round(10**power, 3))),
    st.sampled_from([200, 300, 400, 720, 960]),
)
def test_date_labels_never_touch(begin: datetime, span: timedelta, width: int) -> None:
    ends = [begin.isoformat(), min(begin + span, datetime(9000, 1, 1)).isoformat()]
    layout = {"xaxis": {"type": "date", "range": ends}, "yaxis": {"visible": False}}
    picture = drawn({"data": [{"mode": "markers", "x": ends, "y": [1, 2]}], "layout": layout}, width=width)
    assert all(left >= -0.1 and right <= width + 0.1 for _, left, right in boxes(picture))
    spots = [float(t.get("x", "")) for t in picture.iter(f"{NS}text")]
    assert len(spots) <= MOST and spots == sorted(set(spots))
    heads = [(float(t.get("x", "")), text_width(t.text or "", 13)) for t in picture.iter(f"{NS}text")]
    for (left, wide), (right, wider) in pairwise(heads):
        assert right - left >= (wide + wider) / 2


def test_what_fits_here_fits_in_another_font_too() -> None:
    assert OTHER_FONT > 1.09  # Arial's digits: 556 of 1000 against 497, its letters about a tenth wider


@pytest.mark.parametrize(
    "axis",
    [
        {"type": "date", "range": ["0001-01-01", "9999-12-31T23:59:59"]},
        {"type": "date", "range": [-1e17, 1e17]},
        {"type": "date", "range": [1e17, 2e17]},
        {"type": "log", "range": [-900, 900]},
        {"type": "linear", "range": [1e-300, 2e-300]},
        {"type": "linear", "range": [0, 1e6], "dtick": 0.001},
        {"type": "category", "categoryarray": [f"a long name of lane {n}" for n in range(80)]},
    ],
)
def test_odd_ranges_are_marked_in_time_and_without_overlap(axis: dict[str, Any]) -> None:
    picture = drawn({"layout": {"xaxis": axis, "yaxis": {"visible": False}}}, width=500)
    found = sorted(boxes(picture), key=lambda box: box[1])
    assert len(found) <= 30
    assert all(after[1] >= before[1] for before, after in pairwise(found))
