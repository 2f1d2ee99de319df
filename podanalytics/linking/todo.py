"""Action items of an incident: records that its own point at, or that point at them, and that are promises.

What makes a record a promise is the policy's: its type, a label on it, or how the link between the two is called (a
sub-task, "is caused by"). Items of a task list (`- [ ] #12`) in what the incident's record says are links as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from podanalytics.linking.containers import Container, Known, container_of
from podanalytics.model import Kind
from podanalytics.policy import Policy
from podanalytics.policy.parts import Actions

Row = dict[str, object]
TASKS = "task list"  # how a link out of one is called
_TASK = re.compile(r"(?m)^[ \t]*[-*+][ \t]+\[[ xX]\][ \t]+(.+)$")
_URL = re.compile(r"https?://[^\s<>|)\]\"']+")
_KEY = re.compile(r"\b[A-Z][A-Z0-9]+-\d+\b")
_NUMBER = re.compile(r"(?<![\w/])([\w.-]+/[\w.-]+)?#(\d+)\b")


@dataclass(frozen=True, slots=True)
class Link:
    """One record that points at another one, and how the tool or the text calls that."""

    here: Container
    there: Container
    words: str
    event: Row


def action_items(events: pl.DataFrame, home: dict[Container, str], known: Known, policy: Policy) -> Iterator[Row]:
    """MEMBERS rows, one an item. `home`: the incident of each container that was joined."""
    declared = events.filter(pl.col("kind") == Kind.DECLARED.value)
    records = set(declared.select("source", "subject").unique().iter_rows()) - home.keys()
    if not records:
        return
    promised = _promised(events, declared, policy.actions) & records
    seen: set[Container] = set()
    for link in _links(events, home, records, known):
        if link.here in records and link.there in home:
            item, incident, named = link.here, home[link.there], bool(_says(policy.actions.back, link.words))
            why = f"action item {link.here[1]} points at {link.there[1]}"
        elif link.there in records and link.here in home:
            item, incident, named = link.there, home[link.here], bool(_says(policy.actions.links, link.words))
            why = f"{link.here[1]} points at action item {link.there[1]}"
        else:
            continue
        if item not in seen and (named or item in promised):
            seen.add(item)
            told = why if item in promised else f"{why}: {link.words}"
            yield {
                "incident": incident,
                "source": item[0],
                "subject": item[1],
                "method": "action",
                "score": 1.0,
                "why": told,
                "evidence": link.event["id"],
            }


def _says(pattern: str | None, words: str) -> bool:
    return bool(pattern and re.search(pattern, words))


def _promised(events: pl.DataFrame, declared: pl.DataFrame, rules: Actions) -> set[Container]:
    """Records that are action items by themselves: by their type, or by a label that is on them."""
    by_type = declared.filter(pl.col("value").str.contains(rules.value)).select("source", "subject").unique()
    found: set[Container] = set(by_type.iter_rows())
    if rules.labels is None:
        return found
    labelled = events.filter(pl.col("kind") == Kind.LABELLED.value).with_columns(
        pl.coalesce("value", "was").alias("label"), pl.col("value").is_not_null().alias("on")
    )
    last = labelled.sort("occurred_at", "key").unique(["source", "subject", "label"], keep="last", maintain_order=True)
    stands = events.filter((pl.col("kind") == Kind.OTHER.value) & (pl.col("value") == "label")).with_columns(
        pl.col("text").alias("label"), pl.lit(True).alias("on")
    )
    # A label that is only known to be there now counts, unless its history is told as well.
    untold = stands.join(last, on=["source", "subject", "label"], how="anti")
    shown = ["source", "subject", "label", "on"]
    on = pl.concat([last.select(shown), untold.select(shown)])
    fits = on.filter(pl.col("on") & pl.col("label").str.contains(rules.labels))
    return found | set(fits.select("source", "subject").iter_rows())


def _links(events: pl.DataFrame, home: dict[Container, str], records: set[Container], known: Known) -> Iterator[Link]:
    """Every link between two records, in time order: link fields, then task lists of the incidents' own records."""
    ends = {subject: (source, subject) for source, subject in sorted({*records, *home})}
    for row in events.filter(pl.col("kind") == Kind.LINKED.value).sort("occurred_at", "id").iter_rows(named=True):
        here, target = (row["source"], row["subject"]), str(row["value"])
        there = (row["source"], target)
        if there not in records and there not in home:
            found = container_of(target)
            there = ends.get(target) or known.former.get(found, found)
        yield Link(here, there, row["text"], row)
    prose = pl.col("kind").is_in([Kind.OTHER.value, Kind.MESSAGE.value])
    written = events.filter(prose & pl.col("text").str.contains(r"(?m)^\s*[-*+]\s+\["))
    for row in written.sort("occurred_at", "id").iter_rows(named=True):
        here = (row["source"], row["subject"])
        for line in _TASK.findall(row["text"]) if here in home else ():
            for there in _named(line, here, known):
                yield Link(here, there, TASKS, row)


def _named(line: str, here: Container, known: Known) -> Iterator[Container]:
    """The records that a line of a task list names: by address, by key, or by number in its own repository."""
    for url in _URL.findall(line):
        found = container_of(url)
        yield known.former.get(found, found)
    rest = _URL.sub(" ", line)
    for key in _KEY.findall(rest):
        yield known.former.get(("jira", key), ("jira", key))
    repository = here[1].partition("#")[0]
    for other, number in _NUMBER.findall(rest):
        if other or "/" in repository:
            yield "github", f"{other or repository}#{number}"
