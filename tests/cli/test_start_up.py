"""Start-up: what commands may not import until they need it. Each is the real command in a process of its own."""

import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.support.sites import Site, small_site

_IMPORTED = re.compile(r"^import time: +\d+ \| +\d+ \| +([\w.]+)$", re.MULTILINE)

CONSOLE = {"rich", "pydantic", "asyncio", "numpy", "app.errors", "app.runtime"}
"""What help does without."""


def imported(*arguments: str, env: Mapping[str, str] | None = None) -> set[str]:
    """Packages and modules that a command has imported at its end."""
    command = [sys.executable, "-X", "importtime", "-m", "app", *arguments]
    run = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    modules = set(_IMPORTED.findall(run.stderr))
    assert "app.cli.main" in modules
    return modules


def test_help_loads_neither_a_console_nor_settings():
    assert imported("--help") & CONSOLE == set()


PICTURES = {"cv2", "av", "PIL", "onnxruntime", "onnx", "scipy", "resvg_py"}
"""Libraries of what paints, hears and looks at clips."""

MIGRATIONS = {"alembic", "mako"}

CERTIFICATES = {"cryptography.x509", "c2pa"}


def test_a_quick_check_loads_neither_database_nor_matching_nor_pictures(tmp_path: Path):
    site = small_site(tmp_path)
    site.run("check", "--quick")  # looks at the portrait, and keeps what it saw

    loaded = imported("check", "--quick", "--catalog", str(site.catalog))

    assert loaded & (PICTURES | MIGRATIONS | CERTIFICATES | {"sqlalchemy", "fastapi", "app.matching.matcher"}) == set()


def test_a_plan_loads_no_pictures_nor_web_nor_matching(warmed_site: Site):
    where = ("--catalog", str(warmed_site.catalog), "--cache", str(warmed_site.cache))

    loaded = imported("plan", *where, env=warmed_site.environment())

    assert loaded & (PICTURES | MIGRATIONS | CERTIFICATES | {"fastapi", "app.matching.matcher"}) == set()


def test_a_server_is_ready_without_pictures_migrations_or_certificates(warmed_site: Site, tmp_path: Path):
    site = warmed_site.copied(tmp_path / "site")
    with site.node():  # makes the database, so that the next start migrates nothing
        pass
    command = [sys.executable, "-X", "importtime", *site.command("serve", "--port", "0")[1:]]

    with (tmp_path / "err").open("w+") as told:
        process = subprocess.Popen(command, env=site.environment(), stdout=subprocess.PIPE, stderr=told, text=True)
        assert process.stdout is not None
        with process.stdout:
            assert "http" in process.stdout.readline()
            process.terminate()
            process.wait(120)
        told.seek(0)
        loaded = set(_IMPORTED.findall(told.read()))

    assert "fastapi" in loaded
    assert loaded & ((PICTURES - {"onnxruntime"}) | MIGRATIONS | CERTIFICATES | {"torch", "transformers"}) == set()
