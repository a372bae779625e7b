"""The units for systemd: parsed, and running commands of ours."""

import configparser
import shlex

import pytest

from tests.deploy.files import ROOT, a_command

UNITS = sorted((ROOT / "deploy" / "systemd").iterdir())


def parsed(path) -> configparser.ConfigParser:
    unit = configparser.ConfigParser(strict=True, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read_string(path.read_text())
    return unit


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_has_the_sections_of_its_kind(path) -> None:
    unit = parsed(path)

    assert {"Unit", path.suffix[1:].capitalize()} <= set(unit.sections())


@pytest.mark.parametrize("path", [path for path in UNITS if path.suffix == ".service"], ids=lambda path: path.name)
def test_a_service_runs_a_command_of_ours_as_somebody_without_rights(path) -> None:
    service = parsed(path)["Service"]

    program, *arguments = shlex.split(service["ExecStart"])
    assert program.endswith("/greenroom")
    a_command(arguments)
    assert service["User"] == "greenroom"
    assert service["NoNewPrivileges"] == "yes"


def test_the_timer_starts_the_warm_up() -> None:
    timer = parsed(ROOT / "deploy" / "systemd" / "greenroom-warm.timer")

    assert (ROOT / "deploy" / "systemd" / "greenroom-warm.service").exists()
    assert timer["Timer"]["Persistent"] == "true"
