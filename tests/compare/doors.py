"""What a checkout shows at its doors: command line, HTTP, the database that it makes, the sample catalog's plan."""

import hashlib
import json
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.compare.checkout import CheckoutSite
from tests.compare.decisions import decide, write_catalog_of_any_day
from tests.compare.surfaces import Surface, leaves
from tests.journeys.probes import fetch

PAGES = (
    "/",
    "/docs",
    "/livez",
    "/readyz",
    "/metrics",
    "/v1/misses",
    "/v1/catalog",
    "/v1/releases",
    "/v1/audit",
    "/nowhere",
    "/widget.js",
    "/widget/element.js",
    "/widget/wire.js",
)

COMMANDS = (
    "--help",
    "nonsense",
    "check --json",
    "check --catalog nowhere --json",
    "plan --json",
    "ask",
    "explain t_nobodys --json",
    "misses --json",
    "erase s_nobodys --json",
    "renders --json",
    "renders show 123456 --json",
    "renders retry 123456",
    "renders spend --since yesterday",
    "audit verify --json",
    "release list --json",
    "release use 7 --json",
    "consent list --json",
    "keys list --json",
    "store stats --json",
    "store verify --json",
    "schema nonsense",
)
"""Fine, failed, misunderstood, work to do: each exit code by several commands."""

SCHEMAS = ("catalog", "intent", "avatar", "tests")


def read_doors(checkout: Path, root: Path) -> dict[str, Surface]:
    """Everything but the decisions."""
    write_catalog_of_any_day(root)
    site = CheckoutSite(root, checkout)
    ended = {command: _ended(site, command) for command in COMMANDS}
    documents = {kind: _printed(site, f"schema {kind}") for kind in SCHEMAS}
    plan = _printed(site, "plan --json")
    surfaces: dict[str, Surface] = {
        "exit codes and error codes": ended,
        "tables and columns": _tables(root / "state" / "greenroom.db"),
        "recipe keys of the sample catalog": {item["key"]: [item["renderer"], item["model"]] for item in plan["new"]},
        "fields of the plan": {path: value for path, value in leaves(plan, texts=False) if "wall_s" not in path},
    }
    with site.served() as address:
        documents |= {name: json.loads(fetch(f"{address}/{name}.json")[2]) for name in ("openapi", "asyncapi")}
        surfaces["pages"] = {path: _page(address, path) for path in PAGES}
        surfaces["metric names"] = _metrics(address)
    for name, document in documents.items():
        surfaces[f"document {name}"] = dict(leaves(document, texts=False))
    prose = {f"{name}{path}": text for name, one in documents.items() for path, text in leaves(one, texts=True)}
    return {**surfaces, "texts of documents": prose}


def read_decisions(checkout: Path, root: Path, texts: list[str]) -> Surface:
    """A decision with its whole receipt for every question."""
    found = decide(checkout, root, texts)
    return {f"{at} {text[:60]}": one for at, (text, one) in enumerate(zip(texts, found, strict=True))}


def _ended(site: CheckoutSite, command: str) -> list[Any]:
    """Exit code, and the error's code where one is told."""
    ran = _run(site, command)
    told = [line for line in ran.stdout.splitlines() if line.startswith('{"error"')]
    return [ran.returncode, *(json.loads(line)["error"]["code"] for line in told)]


def _printed(site: CheckoutSite, command: str) -> Any:
    ran = _run(site, command)
    if not ran.stdout:
        raise RuntimeError(f"Expected `{command}` to print something, got: {ran.stderr}")
    return json.loads(ran.stdout)


def _run(site: CheckoutSite, command: str) -> subprocess.CompletedProcess[str]:
    """Run it on the site's folders, which the environment names: not every command takes options for them."""
    folders = {"GREENROOM_CATALOG": str(site.catalog), "GREENROOM_CACHE": str(site.cache)}
    return subprocess.run(
        [sys.executable, "-m", "app", *command.split()],
        env={**site.environment(), **folders},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )


def _tables(database: Path) -> Surface:
    """Tables, columns, indexes and conditions, in the database's own words."""
    with sqlite3.connect(database) as plain:
        return dict(plain.execute("SELECT type || ' ' || name, sql FROM sqlite_master ORDER BY name"))


def _page(address: str, path: str) -> list[Any]:
    """Status, kind, and for what is code the digest of the body."""
    status, headers, body = fetch(address + path)
    digest = hashlib.sha256(body).hexdigest() if path.endswith((".js", ".css")) else ""
    return [status, headers.get("content-type", ""), digest]


def _metrics(address: str) -> Surface:
    _, _, body = fetch(f"{address}/metrics")
    lines = [line.split() for line in body.decode().splitlines() if line.startswith("# TYPE ")]
    return {name: kind for _, _, name, kind in lines}
