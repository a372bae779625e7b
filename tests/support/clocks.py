"""A time of day of their own for real processes: the library that `libfaketime` brings, told by a file at any moment.

Only the time of day is shifted. What counts seconds (`CLOCK_MONOTONIC`, `CLOCK_BOOTTIME`) goes on, as it does when an
operator or a time server sets a computer's clock.
"""

from importlib.util import find_spec
from pathlib import Path


def own_time(wall: Path) -> dict[str, str]:
    """Settings of a process whose time of day is off by what `wall` says, such as `+3600`; read once a second."""
    spec = find_spec("libfaketime")
    assert spec is not None
    assert spec.origin is not None
    library = Path(spec.origin).parent / "vendor" / "libfaketime" / "src" / "libfaketime.so.1"
    assert library.exists(), "the wheel brings it built"
    wall.write_text("+0")
    return {
        "LD_PRELOAD": str(library),
        "FAKETIME_TIMESTAMP_FILE": str(wall),
        "FAKETIME_CACHE_DURATION": "1",
        "FAKETIME_DONT_RESET": "1",
        "DONT_FAKE_MONOTONIC": "1",
    }
