"""The role figure: who held which role from when to when, where nobody did, and where somebody else acted in it."""

from __future__ import annotations

from collections.abc import Iterator

from podanalytics.review import Review
from podanalytics.sections._evidence import only, timeline_end
from podanalytics.sections._spans import incident_window, marks, some, told_marks
from podanalytics.show import charts
from podanalytics.show.blocks import Figure
from podanalytics.show.words import between, listed

ODD = {
    "gap": ("nobody held it", charts.ORANGE, 0.0, 0.3),
    "overlap": ("somebody else than its holder acted in it", charts.PINK, -0.34, 0.16),
}


def roles_figure(review: Review) -> Figure | None:
    """A lane for each role of the policy, nobody's too; None where no record names any holder."""
    held = list(_held(review))
    if not held:
        return None
    odd = list(_odd(review))
    lanes = [*review.policy.roles, *dict.fromkeys(s.lane for s in held if s.lane not in review.policy.roles)]
    nobody = [lane for lane in lanes if not any(s.lane == lane for s in held)]
    window = incident_window(review)
    told = some([f"{s.lane} {s.label} for {between(s.began_at, s.ended_at)}" for s in held], 12)
    strange = some([f"{s.lane}: {s.series} from {window.told(s.began_at)}, {s.hover}" for s in odd])
    parts = [told] + ([f"No holder is named for {listed(nobody)}"] if nobody else [])
    parts += [strange if odd else "No gap and no overlap is known", f"{told_marks(review)} (time in {window.zone})"]
    return Figure(
        "role-map",
        "Who held which role, from when to when",
        ". ".join(parts) + ".",
        charts.lane_chart(
            lanes,
            window,
            spans=[*held, *odd],
            lines=marks(review),
            empty=[charts.Empty(lane, "no holder is named") for lane in nobody],
        ),
    )


def _held(review: Review) -> Iterator[charts.Span]:
    end = timeline_end(review)
    for row in only(review.roles, "inferred", False).iter_rows(named=True):
        stop = min(row["ended_at"] or end, end)
        if stop > row["began_at"]:
            hover = f"{row['role']}: {row['person']}, {between(row['began_at'], stop)}"
            yield charts.Span(row["role"], row["began_at"], stop, row["person"], charts.BLUE, hover, "held")


def _odd(review: Review) -> Iterator[charts.Span]:
    end = timeline_end(review)
    for row in review.watches.iter_rows(named=True):
        stop = min(row["ended_at"] or end, end)
        if stop > row["began_at"]:
            series, colour, shift, width = ODD[row["kind"]]
            lasted = between(row["began_at"], stop)
            yield charts.Span(row["role"], row["began_at"], stop, "", colour, lasted, series, width, shift)
