"""Static drawings: everything lies where its axis says, text is inert, and what cannot be drawn is refused by name."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given, settings
from hypothesis import strategies as st

from podanalytics.show.drawing import svg
from podanalytics.show.escape import visible
from tests.drawings import NS, TAGS, boxes, drawn, lying, plot, rects, texts
from tests.hostile import HOSTILE, UNSEEN

# --- where things lie -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("axis", "base", "length", "begin", "end"),
    [
        ({"range": [0, 100]}, 10, 10, 0.1, 0.2),
        ({"range": [100, 0]}, 10, 10, 0.8, 0.9),
        ({"range": [-50, 50]}, -20, 30, 0.3, 0.6),
        ({"type": "log", "range": [0, 4]}, 10, 990, 0.25, 0.75),
        (
            {"type": "date", "range": ["2026-10-14T14:00", "2026-10-14T15:00"]},
            "2026-10-14T14:15:00",
            900_000,
            0.25,
            0.5,
        ),
        # Europe's clocks go back in this night: what the chart gives is wall time, and wall time is what is drawn.
        ({"type": "date", "range": ["2026-10-25", "2026-10-26"]}, "2026-10-25T03:00:00", 21_600_000, 0.125, 0.375),
        ({"type": "date", "range": ["2026-10-25", "2026-10-26"]}, "2026-10-25T03:00:00Z", 21_600_000, 0.125, 0.375),
        ({"range": [15, 100]}, 10, 10, 0, 5 / 85),  # what lies beyond is cut off
    ],
)
def test_a_bar_lies_where_its_axis_says(
    axis: dict[str, Any], base: Any, length: float, begin: float, end: float
) -> None:
    picture = drawn(lying(base, length, xaxis=axis))
    left, top, wide, high = plot(picture)
    x, y, width, height = rects(picture)[0]
    assert x == pytest.approx(left + begin * wide, abs=0.02)
    assert x + width == pytest.approx(left + end * wide, abs=0.02)
    assert (y, height) == (pytest.approx(top + 0.1 * high, abs=0.02), pytest.approx(0.8 * high, abs=0.02))


def test_points_lie_where_both_axes_say() -> None:
    trace = {"mode": "markers", "x": ["a", "b"], "y": [1, 1000], "marker": {"size": 8}}
    picture = drawn({"data": [trace], "layout": {"yaxis": {"type": "log", "range": [0, 4]}}})
    left, top, wide, high = plot(picture)
    spots = [(float(c.get("cx", "")), float(c.get("cy", ""))) for c in picture.iter(f"{NS}circle")]
    assert spots[0] == (pytest.approx(left + wide / 4, abs=0.02), pytest.approx(top + high, abs=0.02))
    assert spots[1] == (pytest.approx(left + wide * 3 / 4, abs=0.02), pytest.approx(top + high / 4, abs=0.02))


def test_bars_stand_side_by_side_on_each_other_or_over_each_other() -> None:
    data = [{"type": "bar", "x": ["a"], "y": [10]}, {"type": "bar", "x": ["a"], "y": [5]}]
    made = {m: rects(drawn({"data": data, "layout": {"barmode": m}})) for m in ("group", "stack", "overlay")}
    first, second = made["group"]
    assert first[0] + first[2] == pytest.approx(second[0], abs=0.02) and first[3] == pytest.approx(
        2 * second[3], abs=0.05
    )
    first, second = made["stack"]
    assert first[0] == second[0] and first[1] == pytest.approx(second[1] + second[3], abs=0.02)
    first, second = made["overlay"]
    assert first[0] == second[0] and first[1] + first[3] == pytest.approx(second[1] + second[3], abs=0.02)


def test_a_step_line_breaks_at_what_is_missing() -> None:
    trace = {"mode": "lines", "x": [0, 1, 2, 3, 4], "y": [0, 1, None, 1, 0], "line": {"shape": "hv"}}
    path = next(p for p in drawn({"data": [trace]}).find(f"{NS}svg").iter(f"{NS}path"))  # type: ignore[union-attr]
    assert re.sub(r"[\d. -]+", "", path.get("d", "")) == "MHVMHV"


def test_shapes_and_annotations_lie_where_they_say() -> None:
    line = {"type": "line", "xref": "x", "yref": "paper", "x0": 25, "x1": 25, "y0": 0, "y1": 1, "line": {"dash": "dot"}}
    band = {"type": "rect", "xref": "x", "yref": "y", "x0": 50, "x1": 300, "y0": -0.4, "y1": 0.4, "fillcolor": "#eee"}
    note = {"x": 25, "y": 1, "yref": "paper", "xanchor": "left", "yanchor": "bottom", "text": "here", "xshift": 3}
    layout = {"xaxis": {"range": [0, 100]}, "shapes": [line, band], "annotations": [{**note, "showarrow": False}]}
    picture = drawn(lying(0, 10, **layout))
    left, top, wide, high = plot(picture)
    found = picture.find(f"{NS}line")
    assert found is not None and found.get("stroke-dasharray")
    assert float(found.get("x1", "")) == pytest.approx(left + wide / 4, abs=0.02)
    assert {float(found.get("y1", "")), float(found.get("y2", ""))} == {top, top + high}
    box = next(r for r in picture.findall(f"{NS}rect") if r.get("fill") == "#eeeeee")
    assert float(box.get("width", "")) == pytest.approx(wide / 2, abs=0.02)  # cut off where the axis ends
    assert float(box.get("height", "")) == pytest.approx(high * 0.8, abs=0.02)
    begin = next(b for b in boxes(picture) if b[0] == "here")[1]
    assert begin == pytest.approx(left + wide / 4 + 3, abs=0.02)


def test_a_second_y_axis_stands_right_or_below() -> None:
    data = [
        {"x": [1, 2], "y": [1, 2], "mode": "markers"},
        {"x": [1, 2], "y": [10, 20], "yaxis": "y2", "mode": "markers"},
    ]
    fixed = {"range": [0, 100]}
    over = drawn({"data": data, "layout": {"yaxis": fixed, "yaxis2": {**fixed, "overlaying": "y", "side": "right"}}})
    _, top, _, high = plot(over)
    spots = [float(c.get("cy", "")) for c in over.iter(f"{NS}circle")]
    assert spots[2] == pytest.approx(top + 0.9 * high, abs=0.02)
    assert max(end for _, _, end in boxes(over)) > 900
    under = drawn(
        {"data": data, "layout": {"yaxis": {**fixed, "domain": [0.6, 1]}, "yaxis2": {**fixed, "domain": [0, 0.5]}}}
    )
    _, top, _, high = plot(under)
    spots = [float(c.get("cy", "")) for c in under.iter(f"{NS}circle")]
    assert spots[0] == pytest.approx(top + high * 0.4 * 0.99, abs=0.02)
    assert spots[2] == pytest.approx(top + high * (0.5 + 0.5 * 0.9), abs=0.02)


# --- what is refused --------------------------------------------------------------------------------------------------

POINT = {"x": [1], "y": [2]}
NOTE = {"text": "n", "x": 1, "y": 1}


@pytest.mark.parametrize(
    ("figure", "named"),
    [
        ({"data": [{"type": "heatmap"}]}, "a trace of type 'heatmap'"),
        ({"data": [{**POINT, "mode": "lines+stars"}]}, "a mode 'stars'"),
        ({"data": [{**POINT, "mode": "markers", "marker": {"symbol": "star"}}]}, "the symbol 'star'"),
        ({"data": [{**POINT, "marker": {"symbol": ["circle-open"]}}]}, "the symbol 'circle-open'"),
        ({"data": [{**POINT, "marker": {"colorscale": "Jet"}}]}, "colorscale"),
        ({"data": [{**POINT, "marker": {"color": "url(#x)"}}]}, r"the colour 'url\(#x\)'"),
        ({"data": [{**POINT, "error_y": {}}]}, "error_y"),
        ({"data": [{**POINT, "line": {"shape": "spline"}}]}, "a line's shape 'spline'"),
        ({"data": [{**POINT, "x": [1, 2], "y": [1, 2], "line": {"dash": "5px"}}]}, "the dash '5px'"),
        ({"data": [{**POINT, "fill": "tonexty"}]}, "a fill 'tonexty'"),
        ({"data": [{**POINT, "xaxis": "x2"}]}, r"a second x axis \(x2\)"),
        ({"data": [{**POINT, "yaxis": "z2"}]}, "an axis 'z2'"),
        ({"data": [{**POINT, "x": {"bdata": "AA=="}}]}, "x must be a list"),
        ({"data": [{**POINT, "type": "bar", "textangle": 90}]}, "a textangle 90"),
        ({"data": [{**POINT, "type": "bar", "orientation": "z"}]}, "an orientation 'z'"),
        ({"layout": {"xaxis": {"type": "multicategory"}}}, "layout.xaxis: an axis of type 'multicategory'"),
        ({"layout": {"yaxis": {"tickformat": "%H"}}}, "layout.yaxis: tickformat"),
        ({"layout": {"barmode": "relative"}}, "barmode 'relative'"),
        ({"layout": {"polar": {}}}, "the layout: polar"),
        ({"layout": {"legend": {"orientation": "v"}}}, "a legend's orientation 'v'"),
        ({"layout": {"shapes": [{"type": "circle"}]}}, "a shape of type 'circle'"),
        ({"layout": {"shapes": [{"type": "line", "xref": "x domain", "x0": 0, "x1": 1}]}}, "'x domain'"),
        ({"layout": {"annotations": [NOTE]}}, "an annotation with an arrow is not drawn: 'n'"),
        ({"layout": {"annotations": [{**NOTE, "showarrow": False, "textangle": 3}]}}, "textangle"),
    ],
)
def test_what_is_not_drawn_is_refused_by_name(figure: dict[str, Any], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        svg(figure)


def test_no_scheme_or_width_but_ours() -> None:
    with pytest.raises(ValueError, match="no scheme 'dark'"):
        svg({}, scheme="dark")
    with pytest.raises(ValueError, match="a figure 20 pixels wide"):
        svg({}, width=20)


# --- text of others, and the form itself ------------------------------------------------------------------------------


def told_everywhere(text: str) -> dict[str, Any]:
    """A figure with `text` wherever text may stand."""
    dots = {"mode": "markers+text+lines", "name": text, "x": [text, "b"], "y": [text, "c"], "text": [text, text]}
    bars = {
        "type": "bar",
        "orientation": "h",
        "name": text,
        "y": [text],
        "x": ["b"],
        "text": [text],
        "hovertext": [text],
    }
    beside = {
        "type": "bar",
        "yaxis": "y2",
        "x": [text],
        "y": [4],
        "text": text,
        "textposition": "outside",
        "name": text,
    }
    note = {"text": text, "x": text, "y": 0.5, "yref": "paper", "showarrow": False, "hovertext": text}
    ticks = {"overlaying": "y", "side": "right", "tickvals": [1], "ticktext": [text], "ticksuffix": text}
    return {
        "data": [dots, bars, beside],
        "layout": {
            "title": {"text": text},
            "xaxis": {"title": {"text": text}},
            "yaxis": {"title": {"text": text}, "categoryorder": "array", "categoryarray": [text, "c"]},
            "yaxis2": ticks,
            "annotations": [note],
        },
    }


@pytest.mark.parametrize("scheme", ["light", "auto"])
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_text(text: str, scheme: str) -> None:
    written = svg(told_everywhere(text), scheme=scheme, alt=text, title=text, width=2000)
    picture = fromstring(written)
    assert {element.tag.removeprefix(NS) for element in picture.iter()} <= TAGS
    attributes = [(name, value) for element in picture.iter() for name, value in element.attrib.items()]
    assert not [name for name, _ in attributes if name.startswith("on") or "href" in name or name in ("id", "style")]
    assert not [value for _, value in attributes if "url(" in value or "script" in value]
    assert not set(UNSEEN) & set(written)
    assert picture.findtext(f"{NS}title") == picture.findtext(f"{NS}desc") == visible(text)
    flat = " ".join(visible(text).split())
    shown = [" ".join(told.split()) for told in texts(picture)]
    assert shown.count(flat) >= 8 or not flat


def test_only_our_own_markup_is_markup() -> None:
    note = {"text": "<b>late</b><br><i>by</i> 3 <u>min</u> <b onclick=x>", "x": 0.5, "y": 0.5, "showarrow": False}
    picture = drawn({"layout": {"annotations": [{**note, "xref": "paper", "yref": "paper"}]}})
    text = next(t for t in picture.iter(f"{NS}text") if "late" in "".join(t.itertext()))
    assert "".join(text.itertext()) == "lateby 3 <u>min</u> <b onclick=x>"
    assert [s.get("font-weight") or s.get("font-style") for s in text.iter(f"{NS}tspan")] == ["bold", None, "italic"]


def test_light_is_plain_and_auto_follows_the_reader() -> None:
    light, auto = (svg(told_everywhere("t"), scheme=scheme) for scheme in ("light", "auto"))
    assert "<style" not in light and "class=" not in light and "var(" not in light
    assert auto.count("<style>@media screen and (prefers-color-scheme:dark)") == 1
    assert re.sub(r'<style>.*?</style>| class="pod-ink"', "", auto) == light


def test_typst_draws_it(tmp_path: Path) -> None:
    import typst
    from pypdf import PdfReader

    (tmp_path / "figure.svg").write_text(svg(told_everywhere("a & b"), alt="x"))
    (tmp_path / "page.typ").write_text('#image("figure.svg", width: 100%, alt: "x")')
    pdf = tmp_path / "page.pdf"
    typst.compile(str(tmp_path / "page.typ"), output=str(pdf))
    assert PdfReader(pdf).pages[0].extract_text().count("a & b") >= 6


def test_a_crowd_of_points_is_drawn_once_where_it_covers_itself() -> None:
    at = [(datetime(2026, 10, 14, 14) + timedelta(seconds=n)).isoformat() for n in range(1_999)] + [
        "2026-10-14T23:00:00"
    ]
    lanes = [f"lane {n % 5}" for n in range(2_000)]
    dots = {"mode": "markers", "x": at, "y": lanes, "text": ["a message"] * 2_000, "marker": {"size": 7}}
    written = svg({"data": [dots]}, width=720)
    assert 5 < written.count("<circle") < 500 and len(written) < 30_000


LABEL = st.text(st.characters(exclude_categories=()), max_size=30)
NUMBER = st.floats(-1e9, 1e9, width=32) | st.integers(-1000, 1000)
MOMENT = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)).map(datetime.isoformat)


@st.composite
def figures(draw: st.DrawFn) -> dict[str, Any]:
    """Figures of the subset: any axis types, traces, shapes and notes, some with missing values."""
    kinds = {"linear": NUMBER, "log": NUMBER, "date": MOMENT, "category": LABEL}
    x, y = (draw(st.sampled_from(sorted(kinds))) for _ in range(2))
    traces = []
    for _ in range(draw(st.integers(0, 3))):
        count = draw(st.integers(0, 6))
        some = {
            key: draw(st.lists(st.none() | kinds[kind], min_size=count, max_size=count))
            for key, kind in (("x", x), ("y", y))
        }
        if draw(st.booleans()):
            mode = "+".join(draw(st.lists(st.sampled_from(["lines", "markers", "text"]), min_size=1, unique=True)))
            traces.append(
                {**some, "mode": mode, "text": draw(LABEL), "fill": draw(st.sampled_from(["none", "tozeroy"]))}
            )
        else:
            place = draw(st.sampled_from(["inside", "outside", "auto"]))
            traces.append({**some, "type": "bar", "text": draw(LABEL), "textposition": place,
                           "orientation": draw(st.sampled_from("hv")), "name": draw(LABEL)})  # fmt: skip
    note = {"text": draw(LABEL), "x": draw(kinds[x]), "y": 1.1, "yref": "paper", "showarrow": False}
    if x == "log":
        note["x"] = draw(st.integers(-5, 9))
    line = {"type": "line", "x0": draw(kinds[x]), "x1": draw(kinds[x]), "y0": 0, "y1": 1, "yref": "paper"}
    return {
        "data": traces,
        "layout": {
            "xaxis": {"type": x, "title": {"text": draw(LABEL)}},
            "yaxis": {"type": y},
            "barmode": draw(st.sampled_from(["group", "stack", "overlay"])),
            "annotations": [note],
            "shapes": [line],
        },
    }


@settings(max_examples=300, deadline=None)
@given(figures(), st.sampled_from([240, 400, 960]))
def test_any_figure_of_the_subset_is_drawn_whole(figure: dict[str, Any], width: int) -> None:
    written = svg(figure, width=width, alt="a")
    assert written == svg(figure, width=width, alt="a")
    picture = fromstring(written)
    assert not re.search(r'="[^"]*(?:\d\.\d{3}|nan|inf|e[+-]\d)', re.sub("<text.*?</text>", "", written))
    for text, left, right in boxes(picture):
        assert left >= -0.1 and right <= width + 0.1, text
    if figure["data"] and (inner := picture.find(f"{NS}svg")) is not None:
        left, top, wide, high = plot(picture)
        for x, y, w, h in rects(picture):
            assert left - 0.1 <= x and x + w <= left + wide + 2 and top - 0.1 <= y and y + h <= top + high + 2
        assert inner.get("overflow") == "hidden"
