"""Wilson interval: how sure a counted share is."""

from math import sqrt

from app.matching.decision import Value

Z95 = 1.959964
"""Standard deviations to either side that hold 95 % of a normal distribution."""


class Share(Value):
    """A share of 0 to 1 with its 95 % interval."""

    value: float
    low: float
    high: float


def wilson(hits: float, of: float) -> Share:
    """Wilson's score interval (1927), which stays inside 0 to 1 and is honest about 0 of n; 0 to 1 when `of` is 0."""
    if of <= 0:
        return Share(value=0.0, low=0.0, high=1.0)
    share, z2 = hits / of, Z95**2
    centre = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = Z95 * sqrt(share * (1 - share) / of + z2 / (4 * of * of)) / (1 + z2 / of)
    return Share(value=share, low=max(0.0, centre - half), high=min(1.0, centre + half))
