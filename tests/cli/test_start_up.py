"""Start-up: what commands may not import until they need it. Each is the real command in a process of its own."""

import re
import subprocess
import sys

_IMPORTED = re.compile(r"^import time: +\d+ \| +\d+ \| +([\w.]+)$", re.MULTILINE)

CONSOLE = {"rich", "pydantic", "asyncio", "numpy", "app.errors", "app.runtime"}
"""What help does without."""


def imported(*arguments: str) -> set[str]:
    """Packages and modules that a command has imported at its end."""
    command = [sys.executable, "-X", "importtime", "-m", "app", *arguments]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    modules = set(_IMPORTED.findall(run.stderr))
    assert "app.cli.main" in modules
    return modules


def test_help_loads_neither_a_console_nor_settings():
    assert imported("--help") & CONSOLE == set()
