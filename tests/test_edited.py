"""What somebody wrote into a packet since it was made is kept beside the next one, and said."""

from __future__ import annotations

from pathlib import Path

from podanalytics.packets import is_ours, keep_edited
from podanalytics.records import Record


def recorded(folder: Path, *names: str) -> Record:
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"as it was made: {name}")
    return Record("packet", {}, {}, "", {}, {}, {}).of(folder)


def test_an_edited_report_is_kept_and_named(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    record = recorded(old, "public-report.md", "packet.md", "tables/drafts.csv")
    recorded(new, "public-report.md", "packet.md", "tables/drafts.csv")
    (old / "public-report.md").write_text("our own words")
    (old / "tables/drafts.csv").write_text("owner,due")
    (old / "packet.md").unlink()
    assert keep_edited(old, new, record) == [
        "public-report.md was changed after it was written: your copy is kept as public-report.edited.md",
        "tables/drafts.csv was changed after it was written: your copy is kept as tables/drafts.edited.csv",
    ]
    assert (new / "public-report.edited.md").read_text() == "our own words"
    assert (new / "public-report.md").read_text() == "as it was made: public-report.md"


def test_a_second_edit_does_not_take_the_place_of_the_first(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    record = recorded(old, "public-report.md")
    recorded(new)
    (old / "public-report.md").write_text("second")
    (old / "public-report.edited.md").write_text("first")
    keep_edited(old, new, record)
    assert (new / "public-report.edited-2.md").read_text() == "second"
    ours = is_ours(record, "packet")
    assert ours("public-report.md") and not ours("public-report.edited.md") and not ours("tables/drafts.edited.csv")


def test_nothing_is_kept_of_what_nobody_touched_or_nobody_recorded(tmp_path: Path) -> None:
    record = recorded(tmp_path, "packet.md")
    assert keep_edited(tmp_path, tmp_path, record) == [] == keep_edited(tmp_path, tmp_path, None)
