"""docker-compose.yml: valid by the specification, and careful: pinned, unprivileged, healthy, no secrets in it."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from compose_pydantic import ComposeSpecification

from app.runtime.settings.site import Settings
from app.runtime.settings.vendors import StorageSettings
from tests.deploy.files import ROOT, a_command

FILE = ROOT / "docker-compose.yml"
OURS = ("api", "worker", "warm")


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return yaml.safe_load(FILE.read_text())


def plain(document: dict[str, Any]) -> dict[str, Any]:
    """Without what only its own anchors point to; the models are made from the specification's JSON Schema."""
    return {name: part for name, part in document.items() if not name.startswith("x-")}


def test_it_is_a_compose_file(document: dict[str, Any]) -> None:
    ComposeSpecification.model_validate(plain(document))


def test_a_slip_would_be_noticed() -> None:
    slipped = yaml.safe_load(FILE.read_text().replace("healthcheck:", "healthchek:", 1))

    with pytest.raises(ValueError, match="healthchek"):
        ComposeSpecification.model_validate(plain(slipped))


def test_every_image_is_pinned(document: dict[str, Any]) -> None:
    for name, service in document["services"].items():
        assert re.fullmatch(r"[\w./-]+:\d+\.\d+[\w.-]*", service["image"]), name


def test_every_service_that_stays_says_whether_it_is_well(document: dict[str, Any]) -> None:
    lasting = {name for name, service in document["services"].items() if "profiles" not in service}

    assert lasting == {name for name, service in document["services"].items() if "healthcheck" in service}
    assert document["services"]["api"]["deploy"]["replicas"] == 2


def test_our_own_containers_may_do_nothing_they_need_not(document: dict[str, Any]) -> None:
    for name in OURS:
        service = document["services"][name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert "no-new-privileges:true" in service["security_opt"]
    assert re.search(r"^USER 10001:10001$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)


def test_secrets_are_files_and_nothing_else_is_secret(document: dict[str, Any]) -> None:
    for service in document["services"].values():
        assert set(service.get("secrets", ())) <= set(document["secrets"])
        for variable in service.get("environment", {}):
            assert not re.search(r"SECRET|PASSWORD(?!_FILE)|_KEY|DATABASE_URL", variable)
    made = (ROOT / "deploy" / "make-secrets").read_text()
    for name, where in document["secrets"].items():
        assert where == {"file": f"./secrets/{name}"}
        assert f"keep {name} " in made
    assert "secrets/" in (ROOT / ".gitignore").read_text().split()


def test_only_the_proxy_can_be_reached(document: dict[str, Any]) -> None:
    assert [name for name, service in document["services"].items() if "ports" in service] == ["proxy"]


def test_what_our_containers_are_told_are_settings_and_commands(document: dict[str, Any]) -> None:
    known = {f"GREENROOM_{name.upper()}" for name in Settings.model_fields}
    known |= {name.upper() for name in StorageSettings.model_fields}
    for name in OURS:
        service = document["services"][name]
        assert set(service["environment"]) | {secret.upper() for secret in service["secrets"]} <= known
        a_command(service["command"])


def test_volumes_that_are_named_are_there(document: dict[str, Any]) -> None:
    for service in document["services"].values():
        for volume in service.get("volumes", ()):
            source = volume.partition(":")[0]
            assert source in document["volumes"] or (ROOT / source).exists()


def test_the_image_copies_what_is_there_and_runs_a_command() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    ignored = (ROOT / ".dockerignore").read_text().split()

    for line in re.findall(r"^COPY (?:--chown=\S+ )?(?!--from)(.+)$", dockerfile, re.MULTILINE):
        for source in line.split()[:-1]:
            assert (ROOT / source).exists()
            assert f"!{source}" in ignored
    a_command(yaml.safe_load(re.search(r"^CMD (\[.*\])$", dockerfile, re.MULTILINE)[1]))  # type: ignore[index]


def test_secrets_are_made_once_and_kept(tmp_path: Path) -> None:
    (tmp_path / "deploy").mkdir()
    script = shutil.copy(ROOT / "deploy" / "make-secrets", tmp_path / "deploy")

    subprocess.run([script], check=True, capture_output=True)
    before = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
    subprocess.run([script], check=True, capture_output=True)

    assert {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()} == before
    assert len(before["greenroom_secret"]) >= 32
    assert before["postgres_password"] in before["greenroom_database_url"]
    (account,) = yaml.safe_load(before["storage_accounts"])["identities"]
    assert account["credentials"][0]["secretKey"] == before["aws_secret_access_key"]
    assert (tmp_path / "secrets").stat().st_mode & 0o077 == 0
