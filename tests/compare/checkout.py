"""A checkout of this repository, of whatever age, run as a program: nothing of it is imported here."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.sites import Site

HERE = Path(__file__).parents[2]
"""The checkout that this file belongs to."""


def environment_of(checkout: Path) -> dict[str, str]:
    """What makes `python -m app` the checkout's, wherever it is called from."""
    return {"PYTHONPATH": str(checkout), "PYTHONSAFEPATH": "1"}


@dataclass(frozen=True)
class CheckoutSite(Site):
    """A site that a checkout runs; `more` are settings for it."""

    checkout: Path = HERE
    more: tuple[tuple[str, str], ...] = ()

    def environment(self) -> dict[str, str]:
        """The site's, for that checkout's code."""
        return {**super().environment(), **dict(self.more), **environment_of(self.checkout)}


def python(checkout: Path, script: Path, *arguments: str, timeout_s: float = 300) -> Any:
    """What a script prints as JSON that imports the checkout's code.

    Raises:
        RuntimeError: it failed; the message has what it said.
    """
    ran = subprocess.run(
        [sys.executable, str(script), *arguments],
        env={**os.environ, **environment_of(checkout), "NO_COLOR": "1"},
        cwd=checkout,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )
    if ran.returncode:
        raise RuntimeError(f"Cannot read {script.stem} of {checkout}: {ran.stderr[-2000:] or ran.stdout[-2000:]}")
    return json.loads(ran.stdout)
