"""The policies a team has had: an incident is judged by the one that was in force when it began."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from podanalytics.errors import PolicyError
from podanalytics.policy import Policy


@dataclass(frozen=True, slots=True)
class Policies:
    """Policies by their effective dates, the earliest first; at least one. `policies_of` makes them."""

    versions: tuple[Policy, ...]

    def in_force(self, moment: datetime) -> Policy:
        """The one in force at that moment; before all of them, the first."""
        return next((p for p in reversed(self.versions) if p.effective <= moment), self.versions[0])

    def labelled(self, label: str) -> Policy:
        """The one of that name and version. Raises KeyError."""
        for policy in self.versions:
            if policy.label == label:
                return policy
        raise KeyError(label)


def policies_of(given: Iterable[Policy]) -> Policies:
    """Policies in the order in which they came into force. Raises PolicyError where two cannot be told apart."""
    versions = sorted(given, key=lambda p: (p.effective, p.label))
    for one, other in pairwise(versions):
        if one.effective == other.effective:
            raise PolicyError(
                f"the policies {one.label} and {other.label} come into force at the same moment, "
                f"{one.effective:%Y-%m-%d %H:%M} UTC: give one of them another `effective`"
            )
    labels = [p.label for p in versions]
    if twice := sorted({label for label in labels if labels.count(label) > 1}):
        raise PolicyError(f"two policies are called {', '.join(twice)}: give each its own `version`")
    return Policies(tuple(versions))
