"""The cast: the invented people and bots of Lantern Relay, and where each of them sits."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

DOMAIN = "lanternrelay.example"


@dataclass(frozen=True, slots=True)
class Member:
    """One invented person. `left` is the day their accounts were switched off."""

    key: str
    name: str
    zone: str
    job: str
    left: str | None = None

    @property
    def email(self) -> str:
        """The address at the invented domain."""
        return f"{self.key}@{DOMAIN}"

    @property
    def login(self) -> str:
        """The login at the code host."""
        return f"{self.key}-lr"


BERLIN, NEW_YORK, KOLKATA = "Europe/Berlin", "America/New_York", "Asia/Kolkata"
BERLIN_ZONE = ZoneInfo(BERLIN)

_MEMBERS = (
    Member("mirela", "Mirela Dragosani", BERLIN, "Site reliability"),
    Member("tomasz", "Tomasz Wielgosz", BERLIN, "Backend, pod-api"),
    Member("levente", "Levente Szalontai", BERLIN, "DevOps"),
    Member("ilse", "Ilse Vandermolen", BERLIN, "Product"),
    Member("anneke", "Anneke Brückholt", BERLIN, "Customer success"),
    Member("marisol", "Marisol Echeverry", NEW_YORK, "Engineering lead"),
    Member("chidi", "Chidi Okwuosa", NEW_YORK, "Backend, pod-relay"),
    Member("theo", "Theo Kaminskis", NEW_YORK, "DevOps"),
    Member("rafaela", "Rafaela Quintanar", NEW_YORK, "Product"),
    Member("odalys", "Odalys Ferreyra", NEW_YORK, "Customer success"),
    Member("sharmistha", "Sharmistha Guhathakurta", KOLKATA, "Site reliability"),
    Member("anirban", "Anirban Chattaraj", KOLKATA, "Backend, pod-indexer"),
    Member("debjani", "Debjani Mukhuti", KOLKATA, "DevOps"),
    Member("prosenjit", "Prosenjit Barua", KOLKATA, "Frontend, pod-web"),
    Member("kwabena", "Kwabena Asantewaa", BERLIN, "Backend, pod-relay", left="2026-08-01"),
)

CAST: dict[str, Member] = {member.key: member for member in _MEMBERS}
