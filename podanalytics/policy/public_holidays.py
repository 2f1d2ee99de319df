"""Public holidays of a country or a part of it, observed days included, and what to write for either.

The days are those of the package `holidays`, which is imported only when a policy names a country.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from difflib import get_close_matches
from functools import lru_cache

NEAR = 4


@lru_cache(maxsize=256)
def public_holidays(country: str, subdivision: str | None, year: int) -> frozenset[date]:
    """The public holidays that fall into that year, days observed in place of a weekend's included.

    >>> date(2026, 7, 3) in public_holidays("US", None, 2026)  # the fourth is a Saturday
    True
    """
    from holidays import country_holidays

    return frozenset(country_holidays(country, subdiv=subdivision, years=year))


def known_country(code: str) -> str:
    """The two-letter code of a country whose holidays are known; ValueError names a few near ones."""
    from holidays import list_supported_countries
    from holidays.registry import COUNTRIES

    codes = set(list_supported_countries(include_aliases=False))
    if code in codes:
        return code
    names = {module.replace("_", " "): entry[1] for module, entry in COUNTRIES.items()}
    names |= {alias: entry[1] for entry in COUNTRIES.values() for alias in entry[1:3]}
    shown = {entry[1]: module.replace("_", " ").title() for module, entry in COUNTRIES.items()}
    near = _near(code, {name: id for name, id in names.items() if id in codes}, shown)
    raise ValueError(f"no holidays are known for the country {code!r}; write a code of two letters, such as {near}")


def known_subdivision(country: str, code: str) -> str:
    """The code of a part of that country; ValueError names a few near ones."""
    from holidays import list_supported_countries

    codes = list_supported_countries(include_aliases=False)[country]
    if not codes:
        raise ValueError(f"the country {country} is not divided where holidays are concerned; leave subdivision out")
    if code in codes:
        return code
    from holidays import country_holidays

    names = dict(getattr(country_holidays(country), "subdivisions_aliases", {}))
    near = _near(code, names | {known: known for known in codes}, {id: name for name, id in names.items()})
    raise ValueError(f"{country} has no subdivision {code!r}; write a code such as {near}")


def _near(written: str, names: Mapping[str, str], shown: Mapping[str, str]) -> str:
    """The codes whose names look most like what was written, each with its name; the first ones where none does."""
    folded = {name.casefold(): code for name, code in names.items()}
    close = get_close_matches(written.strip().casefold(), sorted(folded), n=2 * NEAR, cutoff=0.5)
    codes = _distinct(folded[name] for name in close) or sorted(set(names.values()))
    return ", ".join(f"{c} ({shown[c]})" if shown.get(c, c) != c else c for c in codes[:NEAR])


def _distinct(codes: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(codes))
