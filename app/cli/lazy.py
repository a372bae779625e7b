"""Commands that are imported when they are run: `greenroom --help` loads none of what they need."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup


@dataclass(frozen=True, slots=True)
class LazyCommand:
    """Where a command lives: `module:name`, a function or a group of commands; its first sentence for the list."""

    where: str
    summary: str


class LazyGroup(TyperGroup):
    """A group that knows its commands by name and first sentence; subclasses name them."""

    entries: Mapping[str, LazyCommand] = {}

    def __init__(self, **attributes: Any) -> None:
        """As typer makes it, with `entries` for commands."""
        super().__init__(**attributes)
        self.commands: Any = _Loaded(self.entries)  # read only: this group is never added to

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]  # noqa: ARG002 - click's signature
        """The names, in order."""
        return list(self.entries)

    def format_commands(self, ctx: typer.Context, formatter: Any) -> None:  # type: ignore[override]  # noqa: ARG002
        """The list in `--help`."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in self.entries.items()])


def grouped(group: type[LazyGroup], **settings: Any) -> typer.Typer:
    """A typer app of such a group."""
    app = typer.Typer(cls=group, no_args_is_help=True, rich_markup_mode=None, add_completion=False, **settings)
    app.callback()(_nothing)
    return app


class _Loaded(Mapping[str, Any]):
    """Click's commands by name, each made when it is asked for."""

    def __init__(self, entries: Mapping[str, LazyCommand]) -> None:
        self._entries = entries

    def __getitem__(self, name: str) -> Any:
        module, _, attribute = self._entries[name].where.partition(":")
        found = getattr(import_module(module), attribute)
        if isinstance(found, typer.Typer):
            return _named(typer.main.get_command(found), name)
        single = typer.Typer(add_completion=False, rich_markup_mode=None)
        single.command(name)(found)
        return _named(typer.main.get_command(single), name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


def _named(command: Any, name: str) -> Any:
    command.name = name
    return command


def _nothing() -> None:
    pass
