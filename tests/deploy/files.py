"""What the tests of the deployment files share."""

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import typer
from pydantic import SecretStr
from pydantic_settings import BaseSettings

from app.cli.main import app

ROOT = Path(__file__).parents[2]


def a_command(arguments: Sequence[str]) -> None:
    """See that these arguments are a command of ours with options that it has."""
    group = typer.main.get_command(app)
    context = group.make_context("greenroom", [], resilient_parsing=True)
    command = group.get_command(context, arguments[0])  # type: ignore[attr-defined]
    assert command is not None, arguments
    command.make_context(arguments[0], list(arguments[1:]))


def secrets_of(settings: type[BaseSettings]) -> set[str]:
    """Names of the settings that are never shown."""
    return {name for name, field in settings.model_fields.items() if field.annotation is SecretStr}


def made_secrets(folder: Path, *arguments: str, **environment: str) -> Path:
    """What `deploy/make-secrets` writes, in a folder of its own."""
    (folder / "deploy").mkdir()
    script = shutil.copy(ROOT / "deploy" / "make-secrets", folder / "deploy")
    subprocess.run([script, *arguments], check=True, capture_output=True, env={"PATH": "/usr/bin:/bin", **environment})
    return folder / "secrets"
