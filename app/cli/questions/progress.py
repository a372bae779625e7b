"""Progress of the grouping, for terminals and logs."""

from app.cli.output import err

_LONG, _STEP = 512, 64


def tell_encoding(done: int, total: int) -> None:
    """Say how far the encoding is, where it takes more than moments."""
    if total >= _LONG and (done % _LONG < _STEP or done == total):
        err.print(f"encoding new questions: {done} of {total}")
