"""Charts: labels that never cover each other, one clock an axis, and no more of Plotly than print can draw too."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podanalytics.show import charts
from podanalytics.show.charts.labels import GAP, PHONE, ROWS
from podanalytics.show.figures import Figure

START = datetime(2026, 10, 14, 13, tzinfo=UTC)
NAMES = ("begin", "alert fired", "acknowledged", "status page started", "first notice", "mitigated", "resolved")


def window(minutes: float, zone: str = "UTC", start: datetime = START) -> charts.Window:
    return charts.Window(start, start + timedelta(minutes=minutes), zone)


def lines(*minutes: float) -> list[charts.Line]:
    return [charts.Line(START + timedelta(minutes=m), NAMES[n % len(NAMES)]) for n, m in enumerate(minutes)]


spread = st.lists(st.floats(0, 1), min_size=1, max_size=12)
lengths = st.sampled_from([10.0, 90.0, 1440.0, 9 * 1440.0])


@settings(max_examples=300, deadline=None)
@given(spread, lengths, st.sampled_from([PHONE / 3, 190.0, PHONE]), st.integers(1, 4))
def test_labels_never_cover_each_other_and_no_milestone_is_lost(
    shares: list[float], length: float, room: float, wider: int
) -> None:
    marks, shown = lines(*(s * length for s in shares)), window(length)
    found = charts.placed(marks, shown, room)
    assert sorted((line.at, line.label) for label in found for line in label.lines) == sorted(
        (line.at, line.label) for line in marks
    )
    assert all(label.row < ROWS for label in found)
    for one, other in combinations(found, 2):
        if one.row == other.row:  # as narrow as it was made for, and in any wider plot
            (a, b), (c, d) = (_reach(label, shown, room * wider) for label in (one, other))
            assert b <= c or d <= a, (one.text, other.text)


def _reach(label: charts.Placed, shown: charts.Window, room: float) -> tuple[float, float]:
    at, wide = shown.share(label.at) * room, charts.width_of(label.text)
    return (at - GAP - wide, at - GAP) if label.before else (at + GAP, at + GAP + wide)


def test_neighbours_stand_as_a_stair_and_no_line_runs_through_a_label() -> None:
    found = charts.placed(lines(30, 31, 33, 40, 60), window(200), 200)
    assert [label.row for label in found] == [4, 3, 2, 1, 0], "the earliest on top, so every line ends below the others"
    assert [label.text for label in found][:2] == ["13:30 begin", "13:31 alert fired"]


def test_what_finds_no_row_of_its_own_is_collapsed_and_named() -> None:
    found = charts.placed(lines(30, 30.4, 31), window(200), rows=2)
    assert [label.text for label in found] == ["13:30 begin, alert fired", "13:31 acknowledged"]
    together = charts.placed(lines(30, 30.4, 31), window(200), rows=1)
    assert [label.text for label in together] == ["13:30–13:31 begin, alert fired, 1 more"]
    at_once = charts.placed(lines(30, 30), window(200))
    assert [label.text for label in at_once] == ["13:30 alert fired, begin"]


def test_a_label_at_the_right_edge_stands_left_of_its_line() -> None:
    (only,) = charts.placed(lines(199), window(200))
    assert only.before and only.right < PHONE


def test_over_days_a_label_has_its_date() -> None:
    assert charts.placed(lines(30), window(3 * 1440))[0].text == "10-14 13:30 begin"


def test_an_axis_keeps_its_clock_where_the_clocks_are_set_back() -> None:
    start = datetime(2026, 10, 25, 0, 44, tzinfo=UTC)
    shown = window(40, "Europe/Berlin", start)
    walls = [shown.at(start + timedelta(minutes=m)) for m in range(41)]
    assert walls == sorted(walls) and walls[0] == "2026-10-25T02:44:00" and walls[-1] == "2026-10-25T03:24:00"
    assert shown.axis()["title"]["text"] == "time (Europe/Berlin, CEST throughout, though it becomes CET)"
    assert shown.told(start + timedelta(minutes=20)) == "02:04:00 CET"
    assert window(40, "Europe/Berlin").axis()["title"]["text"] == "time (Europe/Berlin, CEST)"
    assert window(40).axis()["title"]["text"] == "time (UTC)"


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def span(begin: float, end: float, label: str, lane: str = "a", **more: object) -> charts.Span:
    return charts.Span(lane, at(begin), at(end), label, charts.BLUE, "", **more)  # type: ignore[arg-type]


def texts(figure: dict[str, object]) -> list[str]:
    return [note["text"] for note in figure["layout"]["annotations"]]  # type: ignore[index]


def test_a_bar_beside_a_slider_has_a_label_only_where_it_fits_and_a_legend_where_not() -> None:
    wide, short = span(0, 60, "investigating", series="investigating"), span(60, 62, "identified", series="identified")
    short = charts.Span("a", short.began_at, short.ended_at, short.label, charts.RED, "", "identified")
    made = charts.lane_timeline(["a"], [charts.Point("a", at(5), "x")], [wide, short], [], window(120))
    bars = [trace for trace in made["data"] if trace["type"] == "bar"]
    assert [trace["text"] for trace in bars] == [["investigating"], [""]]
    assert [trace["showlegend"] for trace in bars] == [False, True] and made["layout"]["showlegend"]


def test_a_label_beside_its_bar_goes_where_there_is_room_else_inside() -> None:
    right = charts.lane_chart(["a"], window(120), spans=[span(10, 20, "10 min", beside=True)])
    left = charts.lane_chart(["a"], window(120), spans=[span(100, 119, "19 min", beside=True)])
    full = charts.lane_chart(["a"], window(120), spans=[span(1, 119, "1 h 58 min", beside=True)])
    assert [note["xanchor"] for made in (right, left) for note in made["layout"]["annotations"]] == ["left", "right"]
    assert not full["layout"]["annotations"] and full["data"][0]["text"] == ["1 h 58 min"]


def test_the_slider_reaches_further_than_what_is_shown_at_first() -> None:
    made = charts.lane_timeline(["a"], [], [span(0, 9, "x")], [], window(10), window(600))
    assert made["layout"]["xaxis"]["range"][1] == "2026-10-14T13:10:00"
    assert made["layout"]["xaxis"]["rangeslider"]["range"][1] == "2026-10-14T23:00:00"


def test_a_lane_without_anybody_says_so() -> None:
    made = charts.lane_chart(["a", "b"], window(60), spans=[span(0, 9, "x")], empty=[charts.Empty("b", "nobody")])
    assert texts(made) == ["nobody"] and made["layout"]["annotations"][0]["y"] == 0


def test_a_step_that_is_unknown_or_too_far_has_words_and_no_bar() -> None:
    steps = [
        charts.Step("until acknowledged", "2 min", 0, 2, ((5, "Acknowledge: 5 min"),)),
        charts.Step("until triaged", "unknown: no record tells when"),
        charts.Step("until closed", "4 d, beyond this scale", 30, 6000, missed=True),
    ]
    made = charts.waterfall(steps, 60, "the begin")
    bars, ticks = made["data"]
    assert (bars["y"], bars["base"], bars["x"]) == (["until acknowledged"], [0.0], [2.0])
    assert (ticks["x"], ticks["text"]) == ([5.0], ["Acknowledge: 5 min"])
    assert len(texts(made)) == 3 and made["layout"]["xaxis"]["title"]["text"] == "minutes since the begin"


def test_long_clocks_are_told_in_hours_and_days() -> None:
    steps = [charts.Step("until resolved", "", 0, 600)]
    assert charts.waterfall(steps, 600, "x")["data"][0]["x"] == [10.0]
    assert charts.waterfall(steps, 9 * 1440, "x")["layout"]["xaxis"]["title"]["text"] == "days since x"


def test_a_share_far_over_its_target_is_cut_and_the_axis_says_so() -> None:
    shares = [charts.Share("a", "2 d of 30 min", 99.0, True), charts.Share("b", "20 min of 30 min", 0.67, False)]
    made = charts.against_targets(shares)
    assert [trace["x"] for trace in made["data"]] == [[67.0], [200.0]]
    assert "cut at 200 %" in made["layout"]["xaxis"]["title"]["text"]
    assert "cut" not in charts.against_targets(shares[1:])["layout"]["xaxis"]["title"]["text"]


def test_a_hidden_stretch_has_no_number_anywhere() -> None:
    bins = [charts.Bin(at(0), {"messages": 7}, 5), charts.Bin(at(10), None, None), charts.Bin(at(20), None, None)]
    made = charts.load_chart(bins, ["messages"], timedelta(minutes=10), [], window(30), "<5")
    assert [trace["y"] for trace in made["data"]] == [[7, None, None], [5, None, None]]
    (field,) = made["layout"]["shapes"]
    assert (field["x0"], field["x1"]) == ("2026-10-14T13:10:00", "2026-10-14T13:30:00") and texts(made) == ["<5"]


def test_the_data_table_names_lanes_and_keeps_the_axis_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wall time has no zone: the zone of the machine has no say in it."""
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    made = charts.lane_chart(["up", "down"], window(60, "Europe/Berlin"), spans=[span(0, 9, "x", "down", series="s")])
    rows = Figure("f", "c", "a", made).table().rows
    assert rows[0][:4] == ("s", "2026-10-14T15:00:00", "2026-10-14T15:09:00", "down")


# What the static drawing for print knows; a chart that needs more must be drawn there too.
SYMBOLS = {"circle", "diamond", "square", "triangle-up", "triangle-down", "line-ns", "x"}


def assert_drawable(figure: dict[str, object]) -> None:
    assert json.loads(json.dumps(figure)) == figure, "plain, and read back as it was"
    for trace in figure["data"]:  # type: ignore[attr-defined]
        assert trace["type"] in ("scatter", "bar")
        assert trace.get("marker", {}).get("symbol", "circle") in SYMBOLS
        assert trace.get("textposition", "inside") in ("inside", "outside", "auto")
    layout = figure["layout"]
    assert all(shape["type"] in ("line", "rect") for shape in layout["shapes"])  # type: ignore[index]
    assert all(note["showarrow"] is False for note in layout["annotations"])  # type: ignore[index]


def test_charts_stay_inside_what_print_can_draw() -> None:
    shown, points = window(60), [charts.Point("a", at(3), "h", series) for series in ("evidence", "updates")]
    steps = [charts.Step("s", "t", 0, 2, ((5, "w"),), True)]
    shares = [charts.Share("a", "t", 0.7, False)]
    bins = [charts.Bin(at(0), {"messages": 7}, 5), charts.Bin(at(10), None, None)]
    for made in (
        charts.lane_timeline(["a"], points, [span(0, 9, "x", beside=True)], lines(5, 6), shown),
        charts.waterfall(steps, 60, "x"),
        charts.against_targets(shares),
        charts.load_chart(bins, ["messages"], timedelta(minutes=10), lines(5), shown, "<5"),
    ):
        assert_drawable({**made, "layout": {"shapes": [], **made["layout"]}})
