"""`make fuzz`: cases that schemathesis draws from the OpenAPI document of a server that was started for real."""

import os
import re
import secrets
import subprocess
import sys
import sysconfig
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from app.runtime.settings.api_keys import KeyRole, new_key
from tests.support.sites import Site, small_site

CHECKS = (
    *("not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance"),
    "response_schema_conformance",
)
"""Of schemathesis' checks. Keys are the business of `tests/web/test_roles.py`: here guesses soon get 429."""

PHASES = "examples,coverage,fuzzing"
"""Each operation on its own; what one leaves for the next is the business of the tests of journeys."""

OPERATIONS = 65
"""About as many as the document has: what `make fuzz` divides its cases by."""


@dataclass(frozen=True)
class Outcome:
    """What came of a run: `told` is the whole report."""

    cases: int
    operations: int
    failed: bool
    told: str


def fuzz(site: Site, *, most: int, seed: int | None = None, only: str = "") -> Outcome:
    """Serve a site, draw up to `most` cases an operation after the systematic ones, and judge every answer.

    Args:
        site: it is changed.
        most: random cases for each operation.
        seed: None: the same cases whenever and wherever.
        only: a regular expression of paths.
    """
    key, kept = new_key("fuzz", KeyRole.OPERATOR)
    with tempfile.TemporaryFile("w+") as log, site.node(log=log, **_settings(kept.line)) as node:
        command = [str(Path(sysconfig.get_path("scripts")) / "schemathesis"), "run", f"{node.address}/openapi.json"]
        command += ["--header", f"X-API-Key: {key}", "--checks", ",".join(CHECKS), "--phases", PHASES]
        command += ["--max-examples", str(most), "--continue-on-failure", "--no-shrink", "--no-color"]
        command += ["--request-timeout", "60", "--suppress-health-check", "all", "--output-truncate", "false"]
        command += ["--warnings", "off"]
        random = ("--seed", str(seed), "--generation-database", "none")
        command += ["--generation-deterministic"] if seed is None else random
        command += ["--include-path-regex", only] if only else []
        with tempfile.TemporaryDirectory() as folder:  # it keeps cases to replay where it stands
            done = subprocess.run(command, capture_output=True, text=True, check=False, env=_hooked(), cwd=folder)
    told = done.stdout + done.stderr
    cases, operations = _number(r"(\d[\d,]*) generated", told), _number(r"Tested: (\d+)", told)
    return Outcome(cases, operations, done.returncode != 0 or not cases, told)


def _hooked() -> dict[str, str]:
    return {**os.environ, "SCHEMATHESIS_HOOKS": "tests.fuzz.api.serializers", "PYTHONPATH": str(Path.cwd())}


def _settings(keys: str) -> dict[str, str]:
    return {
        "GREENROOM_ENVIRONMENT": "production",
        "GREENROOM_SECRET": secrets.token_hex(32),
        "GREENROOM_API_KEYS": keys,
    }


def _number(pattern: str, told: str) -> int:
    found = re.search(pattern, told)
    return int(found[1].replace(",", "")) if found else 0


def main(cases: int, only: str = "") -> None:
    """Draw about so many cases, and say what came of it."""
    seed = int(time.time())
    with tempfile.TemporaryDirectory() as root:
        outcome = fuzz(small_site(Path(root)), most=max(1, cases // OPERATIONS), seed=seed, only=only)
    if outcome.failed:
        print(outcome.told)  # noqa: T201
        sys.exit(1)
    counted = f"{outcome.cases} cases of {outcome.operations} operations (seed {seed})"
    print(f"{counted}: no server error, no answer that the document does not have")  # noqa: T201


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000, sys.argv[2] if len(sys.argv) > 2 else "")
