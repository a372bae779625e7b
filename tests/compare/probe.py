"""Runs inside a checkout: what only its own code knows, as JSON. It finds classes by what they are, not where they lie.

Only two modules are named, `app.errors` and `app.cli.main`: neither moves.
"""

import enum
import importlib
import json
import pkgutil
import sys
from collections.abc import Iterator
from typing import Any

import typer
from pydantic import SecretStr
from pydantic_settings import BaseSettings

import app
from app.cli.main import app as commands
from app.errors import GreenroomError

NOT_IMPORTED = ("migrations", "__main__")
"""What does something when it is imported."""


def main() -> None:
    """Print every surface: its name, and its items by their names."""
    modules = list(_modules())
    surfaces = {
        "settings and their defaults": dict(_settings()),
        "error codes": {one.code: {"retryable": one.retryable} for one in _below(GreenroomError)},
        "statuses of error codes": _statuses(modules),
        "close codes": dict(_close_codes()),
        "commands and their options": dict(_commands("greenroom", typer.main.get_command(commands), "options")),
        "texts of help": dict(_commands("greenroom", typer.main.get_command(commands), "help")),
    }
    json.dump(surfaces, sys.stdout, default=str)


def _modules() -> Iterator[Any]:
    """Every module of the checkout."""
    for found in pkgutil.walk_packages(app.__path__, "app."):
        if not any(part in found.name.split(".") for part in NOT_IMPORTED):
            yield importlib.import_module(found.name)


def _below(kind: type[Any]) -> Iterator[type[Any]]:
    """A class and all that derive from it."""
    yield kind
    for one in kind.__subclasses__():
        yield from _below(one)


def _settings() -> Iterator[tuple[str, str]]:
    for kind in _below(BaseSettings):
        if kind.__module__.startswith("app."):
            prefix = str(kind.model_config.get("env_prefix") or "")
            for name, field in kind.model_fields.items():
                default = field.default
                plain = default.get_secret_value() if isinstance(default, SecretStr) else default
                yield f"{prefix}{name}".upper(), f"{plain!r} {field.annotation}"


def _statuses(modules: list[Any]) -> dict[str, int]:
    """The transport's table: the mapping called `STATUS` that knows the root's code."""
    tables = [getattr(module, "STATUS", None) for module in modules]
    ours = [table for table in tables if isinstance(table, dict) and GreenroomError.code in table]
    return {code: int(status) for table in ours for code, status in table.items()}


def _close_codes() -> Iterator[tuple[str, int]]:
    """An enumeration of whole numbers with some of WebSocket's private range in it."""
    for kind in _below(enum.IntEnum):
        if kind.__module__.startswith("app.") and any(4000 <= member < 5000 for member in kind):
            yield from ((member.name, int(member)) for member in kind)


def _commands(path: str, command: Any, what: str) -> Iterator[tuple[str, Any]]:
    """A command and those below it: each option with all that a script relies on, or each text."""
    if what == "help":
        yield path, [command.help, *(getattr(one, "help", None) for one in command.params)]
    else:
        yield path, [_option(one) for one in command.params]
    if hasattr(command, "list_commands"):
        context = command.make_context(path, [], resilient_parsing=True)
        for name in command.list_commands(context):
            yield from _commands(f"{path} {name}", command.get_command(context, name), what)


OPTION = (
    "opts",
    "secondary_opts",
    "required",
    "nargs",
    "multiple",
    "min",
    "max",
    "metavar",
    "envvar",
    "is_flag",
    "hidden",
)


def _option(one: Any) -> dict[str, Any]:
    """All about an option or argument but its help."""
    known = {name: getattr(one, name, None) for name in OPTION}
    described: Any = one.type_descriptor
    formats = getattr(described.parameter_info, "formats", None)
    return known | {"type": _type(described.annotation), "default": str(one.default), "formats": formats}


def _type(annotation: Any) -> Any:
    """A type by its name; a choice by its values, whatever the class is called."""
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        return [member.value for member in annotation]
    return annotation.__name__ if isinstance(annotation, type) else str(annotation)


if __name__ == "__main__":
    main()
