"""Statistics: few, named, and each with the paper it comes from."""

from __future__ import annotations

from collections.abc import Callable
from math import exp, lgamma, log, sqrt

Z95 = 1.959963984540054  # the normal quantile of a two-sided 95 % interval


def wilson(hits: int, of: int, z: float = Z95) -> tuple[float, float] | None:
    """Wilson's score interval of a proportion, as shares of one; None where there is nothing to divide by.

    Wilson, E. B. (1927), J. Am. Stat. Assoc. 22:209-212. It keeps its coverage at small n and near 0 and 1, where the
    textbook interval does not. Raises ValueError for more hits than trials.

    >>> tuple(round(bound, 3) for bound in wilson(11, 14))
    (0.524, 0.924)
    >>> wilson(0, 0) is None
    True
    """
    if not 0 <= hits <= of:
        raise ValueError(f"{hits} of {of} is no proportion")
    if of == 0:
        return None
    share, zz = hits / of, z * z
    centre = (share + zz / (2 * of)) / (1 + zz / of)
    half = z / (1 + zz / of) * sqrt(share * (1 - share) / of + zz / (4 * of * of))
    return max(0.0, centre - half), min(1.0, centre + half)


def garwood(count: int, level: float = 0.95) -> tuple[float, float]:
    """The exact Poisson interval of a count: the means between which it is no surprise. Raises ValueError below zero.

    Garwood, F. (1936), Biometrika 28:437-442. Found by halving, on the tail sums themselves.

    >>> tuple(round(bound, 2) for bound in garwood(25))
    (16.18, 36.9)
    """
    if count < 0:
        raise ValueError(f"{count} is no count")
    tail = (1 - level) / 2
    lower = 0.0 if count == 0 else _mean_where(lambda mean: 1 - _at_most(count - 1, mean) < tail, count)
    return lower, _mean_where(lambda mean: _at_most(count, mean) > tail, count)


def _at_most(count: int, mean: float) -> float:
    """The chance of `count` or fewer where `mean` are expected."""
    return sum(exp(k * log(mean) - mean - lgamma(k + 1)) for k in range(count + 1))


def _mean_where(too_low: Callable[[float], bool], count: int) -> float:
    low, high = 0.0, 2.0 * count + 20
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if too_low(middle) else (low, middle)
    return (low + high) / 2


LEAST = 5  # people whom a figure about work must cover before it is shown (measures.md, edge case 38)


def enough(people: int, least: int = LEAST) -> bool:
    """Whether a figure about so many people's work may be shown: of fewer, each would be known by name.

    >>> enough(4), enough(5)
    (False, True)
    """
    return people >= least


def spread(counts: list[int]) -> tuple[float, float, float, float, float]:
    """Smallest, lower quartile, median, upper quartile and largest, quartiles by linear interpolation (type 7 of
    Hyndman, R. J. and Fan, Y. (1996), Am. Stat. 50:361-365). Raises ValueError for no counts.

    >>> spread([1, 2, 2, 4, 11])
    (1, 2.0, 2.0, 4.0, 11)
    """
    if not counts:
        raise ValueError("nothing to spread")
    ordered = sorted(counts)

    def at(share: float) -> float:
        place = share * (len(ordered) - 1)
        below = int(place)
        above = min(below + 1, len(ordered) - 1)
        return ordered[below] + (place - below) * (ordered[above] - ordered[below])

    return ordered[0], at(0.25), at(0.5), at(0.75), ordered[-1]
