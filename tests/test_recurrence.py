"""Incidents told in like words."""

from __future__ import annotations

from podanalytics.gather import review_of
from podanalytics.ledger import Ledger
from podanalytics.recurrence import Traits, alike
from tests.story import amended, event, ledger_of, status


def traits(words: str, *components: str) -> Traits:
    return Traits(frozenset(words.split()), frozenset(components))


def test_rare_words_weigh_more_and_one_shared_trait_is_too_little() -> None:
    known = {
        "now": traits("outage relay certificate", "API"),
        "same": traits("outage relay certificate", "API"),
        "rare": traits("relay certificate queue"),
        "common": traits("outage queue", "Web"),
        **{f"other{n}": traits(f"outage thing{n}") for n in range(5)},
    }
    found = alike("now", known, [name for name in known if name != "now"])
    assert [f.incident for f in found] == ["same", "rare"], "an outage alone is nothing alike"
    assert found[0].score == 1.0 and 0.1 < found[1].score < 0.8
    assert found[1].words == ("certificate", "relay") and found[1].components == ()


def test_of_equals_the_latest_comes_first() -> None:
    known = {name: traits("relay certificate") for name in ("now", "old", "new")} | {"else": traits("queue deep")}
    assert [f.incident for f in alike("now", known, ["old", "new", "else"])] == ["new", "old"]


def incident(day: int, key: str, title: str) -> list[object]:
    return [
        event(f"+{day} 14:00", "declared", "jira", key, value="Incident", text=title, actor="ana"),
        event(f"+{day} 14:01", "severity", "jira", key, value="P2", actor="ana"),
        status(f"+{day} 15:00", "Resolved", subject=key),
    ]


def action(clock: str, key: str, of: str, title: str) -> list[object]:
    return [
        event(clock, "declared", "jira", key, value="Action item", text=title, actor="ana"),
        event(clock, "linked", "jira", key, value=of, text="relates to"),
    ]


def told(**more: object) -> Ledger:
    return ledger_of(
        *incident(0, "INC-1", "Certificate of the relay expired"),
        *action("16:00", "ACT-1", "INC-1", "Alert before a certificate ends"),
        *incident(2, "INC-2", "Search is slow"),
        *incident(4, "INC-3", "Relay refuses streams, certificates expired"),
        **more,  # type: ignore[arg-type]
    )


def test_an_earlier_incident_in_like_words_comes_with_its_unfinished_items() -> None:
    review = review_of(told(), "INC-3", "UTC")
    assert review.similar["incident"].to_list() == ["INC-1"]
    assert review.similar["words"].to_list() == ["certificate, expired, relay"]
    assert review.unfinished["subject"].to_list() == ["ACT-1"]
    assert review_of(told(), "INC-1", "UTC").similar.is_empty(), "what came later is not known yet"


def test_a_private_incident_is_alike_to_nothing_and_named_nowhere() -> None:
    policy = amended(private=[{"like": "(?i)certificate of", "counted": True}])
    review = review_of(told(policy=policy), "INC-3", "UTC")
    assert review.earlier.height == 2, "it counts"
    assert review.similar.is_empty() and review.unfinished.is_empty()
    assert "INC-1" not in set(review.history["incident"])
