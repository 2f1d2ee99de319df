"""Statistics: few, named, and each with the paper it comes from."""

from __future__ import annotations

from math import sqrt

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
