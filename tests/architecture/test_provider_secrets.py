"""Secrets of providers: whoever adds one gives it a place in Compose and in the script that writes the files."""

from pathlib import Path
from typing import Any

import yaml

from app.runtime.settings.vendors import VendorSettings
from tests.deploy.files import ROOT, made_secrets, secrets_of

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
OURS = [service for service in COMPOSE["services"].values() if service["image"].startswith("greenroom:")]


def test_each_container_of_ours_gets_every_secret_of_a_provider() -> None:
    wanted = secrets_of(VendorSettings)

    assert OURS
    for service in OURS:
        assert wanted - set(service["secrets"]) == set(), "add it to `x-greenroom` in docker-compose.yml, and below"
    assert wanted - COMPOSE["secrets"].keys() == set(), "add it to `secrets` in docker-compose.yml"


def test_the_script_writes_a_file_for_every_secret_of_a_provider(tmp_path: Path) -> None:
    made = {path.name for path in made_secrets(tmp_path).iterdir()}

    assert secrets_of(VendorSettings) - made == set(), "add it to `providers` in deploy/make-secrets"
