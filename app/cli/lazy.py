"""Lazy commands: imported only when they run, so that `greenroom --help` loads none of what they need."""

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperGroup


@dataclass(frozen=True, slots=True)
class LazyCommand:
    """Address of a command, `module:function`.

    For a group of commands the function is the callback of its `app`.
    """

    address: str

    @property
    def summary(self) -> str:
        """First sentence of the function's docstring, read from the source: nothing is imported."""
        module, _, name = self.address.partition(":")
        source = Path(str(getattr(find_spec(module), "origin", None))).read_text(encoding="utf-8")
        # Found as text: to parse forty modules for their sentences took longer than all else that `--help` does.
        _, _, function = source.partition(f"\ndef {name}(")
        docstring = function.split('"""', 2)[1]
        return " ".join(docstring.split()).partition(". ")[0].rstrip(".") + "."

    def load(self) -> Any:
        """Import the command: a typer app, or the function if it stands alone."""
        module, _, name = self.address.partition(":")
        with _uncollected():
            loaded = import_module(module)
        group = getattr(loaded, "app", None)
        function = getattr(loaded, name)
        callback = group.registered_callback if isinstance(group, typer.Typer) else None
        return group if callback and callback.callback is function else function


@contextmanager
def _uncollected() -> Iterator[None]:
    """Import without the garbage collector: what modules make stays, and it would go through that again and again."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class LazyGroup(TyperGroup):
    """Group of lazy commands; subclasses name them in `entries`."""

    entries: Mapping[str, LazyCommand] = {}

    def __init__(self, **attributes: Any) -> None:
        """Initialise as typer does, with `entries` as commands."""
        super().__init__(**attributes)
        self.commands: Any = _Loaded(self.entries)  # read only: this group is never added to

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]  # noqa: ARG002 - click's signature
        """Names, in order."""
        return list(self.entries)

    def format_commands(self, ctx: typer.Context, formatter: Any) -> None:  # type: ignore[override]  # noqa: ARG002
        """Write the list of commands for `--help`."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in self.entries.items()])


def grouped(group: type[LazyGroup], **settings: Any) -> typer.Typer:
    """Make a typer app of a lazy group."""
    app = typer.Typer(cls=group, no_args_is_help=True, rich_markup_mode=None, add_completion=False, **settings)
    app.callback()(_nothing)
    return app


class _Loaded(Mapping[str, Any]):
    """Mapping from names to click commands; each is made when it is read."""

    def __init__(self, entries: Mapping[str, LazyCommand]) -> None:
        self._entries = entries

    def __getitem__(self, name: str) -> Any:
        loaded = self._entries[name].load()
        if isinstance(loaded, typer.Typer):
            return _named(typer.main.get_command(loaded), name)
        single = typer.Typer(add_completion=False, rich_markup_mode=None)
        single.command(name)(loaded)
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
