"""What the tests of the deployment files share."""

from collections.abc import Sequence
from pathlib import Path

import typer

from app.cli.main import app

ROOT = Path(__file__).parents[2]


def a_command(arguments: Sequence[str]) -> None:
    """See that these arguments are a command of ours with options that it has."""
    group = typer.main.get_command(app)
    context = group.make_context("greenroom", [], resilient_parsing=True)
    command = group.get_command(context, arguments[0])  # type: ignore[attr-defined]
    assert command is not None, arguments
    command.make_context(arguments[0], list(arguments[1:]))
