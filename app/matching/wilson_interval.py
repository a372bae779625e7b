"""Wilson score interval of a proportion."""

from math import sqrt

from app.matching.decision import Value

Z95 = 1.959964
"""Two-sided 95 % quantile of the standard normal distribution."""


class Share(Value):
    """Proportion from 0 to 1 with its 95 % interval."""

    value: float
    low: float
    high: float


def wilson(hits: float, of: float) -> Share:
    """Return the score interval (Wilson, 1927), which stays inside 0 to 1; it is 0 to 1 if `of` is 0."""
    if of <= 0:
        return Share(value=0.0, low=0.0, high=1.0)
    share, z2 = hits / of, Z95**2
    centre = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = Z95 * sqrt(share * (1 - share) / of + z2 / (4 * of * of)) / (1 + z2 / of)
    return Share(value=share, low=max(0.0, centre - half), high=min(1.0, centre + half))
