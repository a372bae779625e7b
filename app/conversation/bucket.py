"""How much of something is allowed in how much time."""


class Bucket:
    """A token bucket: `burst` at once, `per_s` in the long run. Time is given."""

    def __init__(self, *, burst: int, per_s: float) -> None:
        """Start full."""
        self._burst = burst
        self._per_s = per_s
        self._level = float(burst)
        self._at: float | None = None

    def take(self, now: float) -> float:
        """Take one; 0 when there was one, else the seconds until there is."""
        if self._at is not None:
            self._level = min(self._burst, self._level + max(0.0, now - self._at) * self._per_s)
        self._at = now
        if self._level < 1:
            return (1 - self._level) / self._per_s
        self._level -= 1
        return 0.0
