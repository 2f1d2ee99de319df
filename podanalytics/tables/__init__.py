"""Every tidy table, declared once: column, type, meaning.

The store, the frames, the checks and docs/tables.md read it from here.
"""

from __future__ import annotations

from podanalytics.tables.found import (
    ACTIONS,
    CHECKS,
    CLOCKS,
    INCIDENTS,
    MEMBERS,
    MILESTONES,
    READINGS,
    ROLES,
    SEGMENTS,
    SILENCES,
    SPELLS,
    UPDATES,
    WATCHES,
)
from podanalytics.tables.shape import Column, Table, Type
from podanalytics.tables.told import EVENTS, FAULTS, LOADS, PEOPLE

__all__ = [
    "ACTIONS",
    "ALL",
    "CHECKS",
    "CLOCKS",
    "EVENTS",
    "FAULTS",
    "INCIDENTS",
    "LOADS",
    "MEMBERS",
    "MILESTONES",
    "PEOPLE",
    "READINGS",
    "ROLES",
    "SEGMENTS",
    "SILENCES",
    "SPELLS",
    "UPDATES",
    "WATCHES",
    "Column",
    "Table",
    "Type",
]

ALL: tuple[Table, ...] = (
    EVENTS,
    PEOPLE,
    FAULTS,
    LOADS,
    MEMBERS,
    INCIDENTS,
    MILESTONES,
    READINGS,
    UPDATES,
    SILENCES,
    SEGMENTS,
    CLOCKS,
    ROLES,
    WATCHES,
    SPELLS,
    ACTIONS,
    CHECKS,
)
