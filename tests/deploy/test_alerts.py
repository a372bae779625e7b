"""Alerts fire and are silent as their tests say, and the commands in their texts work."""

import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.deploy.files import ROOT
from tests.support.in_process import run_here
from tests.support.long import all_long_but
from tests.support.sites import Site, small_site

FOLDER = ROOT / "deploy" / "prometheus"
RULES = yaml.safe_load((FOLDER / "rules.yaml").read_text())
ALERTS = {rule["alert"]: rule for group in RULES["groups"] for rule in group["rules"] if "alert" in rule}
SCENES = sorted((FOLDER / "tests").glob("*.yaml"))

EVERYDAY = [scene for scene in SCENES if scene.stem != "warm"]
"""That one takes as long as all others together."""

READS = re.compile(r"renders( list\b.*| orphans| spend)?$|misses|doctor|plan$|store verify|release list")
"""Commands that change nothing on a site: they are carried out, the others are only understood."""

FINE = {"plan": {0, 3}}
"""Statuses besides 0 that are no failure."""


def commands() -> list[str]:
    """Every command of ours in a text of the rules or of the dashboard."""
    texts = [text for rule in ALERTS.values() for text in rule["annotations"].values()]
    dashboard = json.loads((ROOT / "deploy" / "grafana" / "greenroom.json").read_text())
    texts += [panel["description"] for panel in dashboard["panels"]]
    return sorted({found for text in texts for found in re.findall(r"`(greenroom [^`]+)`", text)})


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return small_site(tmp_path_factory.mktemp("night"))


@pytest.mark.parametrize("command", commands())
def test_a_command_in_an_alert_works(command: str, site: Site) -> None:
    arguments = shlex.split(command)[1:]

    done = run_here(site, *arguments, *(() if READS.match(" ".join(arguments)) else ("--help",)))

    assert done.returncode in FINE.get(arguments[0], {0}), done.stdout + done.stderr
    assert done.stdout.strip()


def test_an_option_that_is_not_there_would_be_noticed(site: Site) -> None:
    assert run_here(site, "renders", "--state", "parked").returncode == 2
    assert run_here(site, "warm", "--again", "--help").returncode == 2


@pytest.mark.parametrize("scene", all_long_but(SCENES, *EVERYDAY), ids=lambda path: path.stem)
def test_alerts_fire_when_they_should(scene: Path) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is missing; Debian's package `prometheus` has it")

    run = subprocess.run([promtool, "test", "rules", str(scene)], capture_output=True, text=True, check=False)

    assert run.returncode == 0, run.stdout + run.stderr


def test_every_alert_fires_in_a_scene() -> None:
    told = "".join(scene.read_text() for scene in SCENES)

    assert {name for name in ALERTS if f'alertname="{name}"' not in told} == set()


def test_no_page_hangs_on_the_name_of_a_job() -> None:
    assert not any("job=" in rule["expr"] for rule in ALERTS.values())
