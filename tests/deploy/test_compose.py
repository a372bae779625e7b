"""docker-compose.yml: valid by the specification, and careful: pinned, unprivileged, healthy, no secrets in it."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import yaml
from compose_pydantic import ComposeSpecification
from redis.exceptions import AuthenticationError

from app.adapters.redis.connection import open_redis
from app.errors import StoreError
from app.runtime.commands.doctor import examine
from app.runtime.settings.site import Settings
from app.runtime.settings.vendors import StorageSettings, VendorSettings
from app.runtime.wiring.store_and_encoder import open_store
from app.runtime.wiring.tracing import TraceSettings
from tests.deploy.files import ROOT, a_command, made_secrets
from tests.support.object_storage import ObjectStorage
from tests.support.redis import a_redis

FILE = ROOT / "docker-compose.yml"
OURS = ("api", "worker", "warm", "bucket")
PINNED = re.compile(r"[\w./-]+:\d+\.\d+[\w.-]*@sha256:[0-9a-f]{64}")
MADE_HERE = "greenroom:0.1.0"


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


def test_every_image_is_named_by_version_and_digest(document: dict[str, Any]) -> None:
    for name, service in document["services"].items():
        assert service["image"] == MADE_HERE or PINNED.fullmatch(service["image"]), name
    base = re.search(r"^ARG PYTHON=(.*)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert base
    assert PINNED.fullmatch(base[1])


def test_every_service_has_limits(document: dict[str, Any]) -> None:
    for name, service in document["services"].items():
        assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}, name


def test_every_service_that_stays_says_whether_it_is_well(document: dict[str, Any]) -> None:
    lasting = {name for name, service in document["services"].items() if service["restart"] != "no"}

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
    for name, where in document["secrets"].items():
        assert where == {"file": f"./secrets/{name}"}
    assert "secrets/" in (ROOT / ".gitignore").read_text().split()


def test_only_the_proxy_can_be_reached(document: dict[str, Any]) -> None:
    assert [name for name, service in document["services"].items() if "ports" in service] == ["proxy"]


def test_what_our_containers_are_told_are_settings_and_commands(document: dict[str, Any]) -> None:
    known = {f"GREENROOM_{name.upper()}" for name in Settings.model_fields}
    known |= {name.upper() for name in (*StorageSettings.model_fields, *VendorSettings.model_fields)}
    known |= {name.upper() for name in TraceSettings.model_fields}
    for name in OURS:
        service = document["services"][name]
        assert set(service["environment"]) | {secret.upper() for secret in service["secrets"]} <= known
        a_command(service["command"])


def test_volumes_that_are_named_are_there(document: dict[str, Any]) -> None:
    for service in document["services"].values():
        for volume in service.get("volumes", ()):
            source = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", volume).partition(":")[0]
            assert source in document["volumes"] or (ROOT / source).exists()


def test_catalog_and_providers_are_mounted_and_not_in_the_image(document: dict[str, Any]) -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    for name in OURS:
        mounted = [volume.split(":")[-2] for volume in document["services"][name]["volumes"] if volume.endswith(":ro")]
        assert mounted == ["/srv/greenroom/intents", "/srv/greenroom/providers.toml"]
    assert "COPY intents" not in dockerfile.replace("--chown=root:root ", "")
    assert "WORKDIR /srv/greenroom\nUSER" in dockerfile
    assert tomllib.loads((ROOT / "deploy" / "providers.toml").read_text()) == {}


async def test_valkey_wants_the_password_that_nodes_have(document: dict[str, Any], tmp_path: Path) -> None:
    folder = made_secrets(tmp_path)
    command = document["services"]["redis"]["command"]
    assert command[:2] == ["valkey-server", "/run/secrets/valkey_conf"]
    (password,) = re.fullmatch(r"requirepass (\w+)", (folder / "valkey_conf").read_text()).groups()  # type: ignore[union-attr]
    node = (folder / "greenroom_redis_url").read_text()

    with a_redis(tmp_path, options=(str(folder / "valkey_conf"), *command[2:])) as server:
        told = node.replace("redis:6379", server.url.rpartition("@")[2].removeprefix("redis://").split("/")[0])
        assert password in told
        async with open_redis(told) as client:
            assert await client.ping()
        with pytest.raises(AuthenticationError):
            async with open_redis(told.replace(f":{password}@", "")) as client:
                await client.ping()


async def test_the_first_start_makes_the_bucket_that_nodes_wait_for(
    document: dict[str, Any], object_storage: ObjectStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert document["services"]["bucket"]["command"] == ["doctor", "--only", "store"]
    for name, value in object_storage.environment.items():
        monkeypatch.setenv(name, value)
    settings = Settings(cache=f"s3://clips-{uuid4().hex[:8]}/main")
    with pytest.raises(StoreError):
        await open_store(settings).blobs.ping()

    (store,) = await examine(settings, only=["store"])

    assert store.ok, store.found
    await open_store(settings).blobs.ping()


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
    (tmp_path / "secrets" / "fal_key").write_text("mine")
    subprocess.run([script], check=True, capture_output=True)

    assert (tmp_path / "secrets" / "fal_key").read_text() == "mine"
    assert before["fal_key"] == ""
    assert set(before) == set(yaml.safe_load(FILE.read_text())["secrets"])
    before["fal_key"] = "mine"

    assert {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()} == before
    assert len(before["greenroom_secret"]) >= 32
    assert before["postgres_password"] in before["greenroom_database_url"]
    (account,) = yaml.safe_load(before["storage_accounts"])["identities"]
    assert account["credentials"][0]["secretKey"] == before["aws_secret_access_key"]
    assert (tmp_path / "secrets").stat().st_mode & 0o077 == 0


def test_a_provider_s_key_is_read_from_its_file_and_an_empty_file_is_no_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("FAL_KEY", "HEYGEN_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    folder = made_secrets(tmp_path)
    (folder / "fal_key").write_text("mine\n")

    told = VendorSettings(_secrets_dir=folder)  # type: ignore[call-arg]

    assert told.access("fal").key == "mine"
    assert told.access("heygen").key == ""
    assert VendorSettings.model_config["secrets_dir"] == Settings.model_config["secrets_dir"]
