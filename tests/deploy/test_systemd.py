"""The units for systemd: parsed, checked by systemd's own tool, and started by what the page says."""

import configparser
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from app.runtime.settings.site import load_settings
from tests.deploy.files import ROOT, a_command

FOLDER = ROOT / "deploy" / "systemd"
UNITS = sorted(path for path in FOLDER.iterdir() if path.suffix in {".service", ".timer"})
SERVICES = [path for path in UNITS if path.suffix == ".service"]
PAGE = (ROOT / "docs" / "operating" / "systemd.md").read_text()
COMMANDS = [
    shlex.split(line, comments=True)
    for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    for line in block.splitlines()
]

MOST_EXPOSED = 2.0
"""Of 10, by `systemd-analyze security`; it was 8.5."""


def parsed(path: Path) -> configparser.ConfigParser:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read_string(path.read_text())
    return unit


def command(program: str, *words: str) -> list[str]:
    """The page's only command of a program with these words."""
    (found,) = [line for line in COMMANDS if line[:1] == [program] and set(words) <= set(line)]
    return found


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_has_the_sections_of_its_kind(path: Path) -> None:
    unit = parsed(path)

    assert {"Unit", path.suffix[1:].capitalize()} <= set(unit.sections())


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_a_service_runs_a_command_of_ours_as_somebody_without_rights(path: Path) -> None:
    service = parsed(path)["Service"]

    program, *arguments = shlex.split(service["ExecStart"])
    assert program.endswith("/greenroom")
    a_command(arguments)
    assert service["User"] == "greenroom"
    assert service["NoNewPrivileges"] == "yes"


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_the_page_makes_everything_that_a_unit_names(path: Path) -> None:
    service = parsed(path)["Service"]

    user = command("useradd")
    assert user[-1] == service["User"]
    assert user[user.index("--home-dir") + 1] == service["WorkingDirectory"] == service["ReadWritePaths"]
    assert command("python3", "venv")[-1] == str(Path(shlex.split(service["ExecStart"])[0]).parents[1])
    assert command("install", "deploy/systemd/greenroom.env")[-1] == service["EnvironmentFile"]
    units = command("install", "/etc/systemd/system/")
    assert {f"deploy/systemd/{unit.name}" for unit in UNITS} <= set(units)
    assert command("cp", "intents")[-1].startswith(service["WorkingDirectory"])
    assert {"greenroom.service", "greenroom-warm.timer"} <= set(command("systemctl", "enable"))


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_models_lie_where_the_unit_may_write_whatever_the_home_is(path: Path) -> None:
    service = parsed(path)["Service"]

    assert service["ProtectHome"] == "yes"
    assert service["Environment"] == f"GREENROOM_MODELS_DIR=/var/cache/{service['CacheDirectory']}"


def test_the_settings_of_the_page_are_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert "GREENROOM_SECRET=$(openssl rand -hex 32)" in " ".join(command("echo"))
    monkeypatch.chdir(tmp_path)
    for line in (FOLDER / "greenroom.env").read_text().splitlines():
        if line and not line.startswith("#"):
            monkeypatch.setenv(*line.split("=", 1))
    monkeypatch.setenv("GREENROOM_SECRET", "0f1e2d3c4b5a69788796a5b4c3d2e1f0")

    settings = load_settings()

    assert settings.environment == "production"
    assert settings.database_url.endswith("///state/greenroom.db"), "in the working directory"


def test_the_timer_starts_the_warm_up() -> None:
    timer = parsed(FOLDER / "greenroom-warm.timer")

    assert (FOLDER / "greenroom-warm.service").exists()
    assert timer["Timer"]["Persistent"] == "true"


def analyze(*arguments: str) -> str:
    """What systemd's tool says; empty where there is none: the tests above hold all the same."""
    if (tool := shutil.which("systemd-analyze")) is None:
        return ""
    ran = subprocess.run([tool, *arguments], capture_output=True, text=True, check=False)
    return ran.stdout + ran.stderr


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_a_service_is_little_exposed(path: Path) -> None:
    said = analyze("security", "--offline=true", str(path))

    if said:
        found = re.search(r"Overall exposure level for \S+: ([\d.]+)", said)
        assert found, said
        assert float(found[1]) <= MOST_EXPOSED


def complaints(root: Path, units: list[Path]) -> list[str]:
    """What `systemd-analyze verify` says of them, in a root of its own that has what the page makes and no targets."""
    program = root / "opt" / "greenroom" / "bin" / "greenroom"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    for path in units:
        (root / "etc" / "systemd" / "system").mkdir(parents=True, exist_ok=True)
        shutil.copy(path, root / "etc" / "systemd" / "system")
    said = analyze("verify", f"--root={root}", *(f"/etc/systemd/system/{path.name}" for path in units))
    return [line for line in said.splitlines() if "sysinit.target not found" not in line]


def test_systemd_finds_nothing_to_complain_about(tmp_path: Path) -> None:
    assert complaints(tmp_path, UNITS) == []


def test_systemd_would_notice_a_slip(tmp_path: Path) -> None:
    slipped = tmp_path / "greenroom.service"
    slipped.write_text((FOLDER / "greenroom.service").read_text().replace("RestartSec=", "RestartSek="))

    said = complaints(tmp_path / "root", [slipped])

    assert shutil.which("systemd-analyze") is None or "RestartSek" in " ".join(said)
