"""Mutation testing with cosmic-ray: `python -m tests.trust.mutate [NAME] [--most N]`.

Works in a copy of the tree under build/mutation, since mutants are written over the files. Prints the share that the
tests of each part kill, and each mutant that none kills.
"""

import argparse
import json
import random
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
COPY = ROOT / "build/mutation"
TIMEOUT_S = 120

PARTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "states": (
        "app/rendering/ledger/states.py",
        ("tests/rendering/ledger/test_states.py", "tests/trust/test_survivors.py"),
    ),
    "ledger": ("app/rendering/ledger/port.py", ("tests/contracts/test_ledger.py", "tests/trust/test_survivors.py")),
    "tokens": ("app/web/tokens.py", ("tests/web/test_socket.py", "tests/web/test_visitors.py")),
    "guards": (
        "app/matching/guards/compare.py",
        ("tests/matching/test_guards.py", "tests/matching/test_minimal_pairs.py"),
    ),
    "policy": ("app/matching/policy.py", ("tests/matching/test_policy.py", "tests/trust/test_survivors.py")),
    "sharing": (
        "app/conversation/responders.py",
        ("tests/conversation/test_responders.py", "tests/trust/test_survivors.py"),
    ),
    "erasing": ("app/conversation/erasing/traces.py", ("tests/contracts/test_traces.py",)),
    "films": ("app/rendering/work/film_erasing.py", ("tests/rendering/work/test_film_erasing.py",)),
    "addresses": (
        "app/adapters/http/public_addresses.py",
        ("tests/adapters/http/test_public_addresses.py", "tests/trust/test_survivors.py"),
    ),
    "audit": ("app/audit.py", ("tests/contracts/test_audit.py",)),
}
"""The parts that are mutated: the file, and the tests that are to notice."""

SLICE = ("states", "policy", "addresses")


def mutated(name: str, most: int, seed: int) -> tuple[int, list[str]]:
    """Run at most this many mutants of a part; return how many were run, and the survivors."""
    module, tests = PARTS[name]
    refuse_missing(tests)
    only = ["-k", "memory or not (sqlite or postgresql)"]
    command = " ".join(["python", "-m", "pytest", "-x", "-q", "-n0", "-p", "no:cacheprovider", *tests])
    config = COPY / f"{name}.toml"
    config.write_text(
        "[cosmic-ray]\n"
        f'module-path = "{module}"\ntimeout = {TIMEOUT_S}.0\nexcluded-modules = []\n'
        f"test-command = {json.dumps(command + ' -k ' + json.dumps(only[1]))}\n"
        '[cosmic-ray.distributor]\nname = "local"\n'
    )
    session = COPY / f"{name}.sqlite"
    session.unlink(missing_ok=True)
    _run("cosmic-ray", "baseline", config.name)  # tests that fail without a mutant would kill every one
    _run("cosmic-ray", "init", config.name, session.name)
    with sqlite3.connect(session) as database:
        jobs = sorted(one for (one,) in database.execute("SELECT job_id FROM work_items"))
        kept = set(random.Random(seed).sample(jobs, min(most, len(jobs))))
        for table in ("mutation_specs", "work_items"):
            database.executemany(f"DELETE FROM {table} WHERE job_id = ?", [(j,) for j in jobs if j not in kept])  # noqa: S608
    _run("cosmic-ray", "exec", config.name, session.name)
    with sqlite3.connect(session) as database:
        rows = database.execute(
            "SELECT s.operator_name, s.start_pos_row, r.test_outcome, r.output FROM work_results r "
            "JOIN mutation_specs s ON s.job_id = r.job_id"
        ).fetchall()
    judged = (
        (f"{module}:{row}: {operator}", why_alive(str(outcome), output or ""))
        for operator, row, outcome, output in rows
    )
    return len(rows), sorted(f"{mutant}{why}" for mutant, why in judged if why is not None)


def refuse_missing(tests: Sequence[str]) -> None:
    """End when a test that is to notice is not there: its mutants would look as if nobody did.

    Raises:
        SystemExit: names what is missing.
    """
    if missing := [test for test in tests if not (ROOT / test).exists()]:
        raise SystemExit(f"Expected these tests, got none: {', '.join(missing)}.")


def why_alive(outcome: str, output: str) -> str | None:
    """Return None for a mutant that a failed test has killed, else what to write behind it.

    cosmic-ray takes every other end of pytest for a kill, too: one that never ends, one that collects nothing.
    """
    if "SURVIVED" in outcome.upper():
        return ""
    return (
        None
        if re.search(r"^FAILED |\b[1-9]\d* failed\b", output, re.MULTILINE)
        else " (no test failed: an error or no end)"
    )


def _run(*command: str) -> None:
    done = subprocess.run(
        [str(Path(sys.executable).parent / command[0]), *command[1:]],
        cwd=COPY,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")


def main() -> int:
    """Mutate the parts that are named, or the slice; status 1 if fewer are killed than must be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", default=list(SLICE), metavar="PART")
    parser.add_argument("--most", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--least", type=float, default=0.9, help="Share that must be killed.")
    asked = parser.parse_args()
    shutil.rmtree(COPY, ignore_errors=True)
    for name in ("app", "tests", "intents"):
        shutil.copytree(ROOT / name, COPY / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", COPY)
    total = lost = 0
    for name in asked.parts:
        count, alive = mutated(name, asked.most, asked.seed)
        print(f"{name}: {count - len(alive)} of {count} killed")
        print("".join(f"  alive: {one}\n" for one in alive), end="", flush=True)
        total, lost = total + count, lost + len(alive)
    print(f"{total - lost} of {total} killed ({1 - lost / max(1, total):.0%})")
    return int(total == 0 or total - lost < asked.least * total)


if __name__ == "__main__":
    sys.exit(main())
