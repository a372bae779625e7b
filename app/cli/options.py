"""Options that every command shares, and the settings they lead to."""

from pathlib import Path
from typing import Annotated

import typer

from app.runtime.settings import Settings, load_settings
from app.runtime.telemetry import set_up_logging

CatalogOption = Annotated[
    Path | None,
    typer.Option("--catalog", metavar="DIR", help="What can be said [GREENROOM_CATALOG, intents].", show_default=False),
]
CacheOption = Annotated[
    str | None,
    typer.Option("--cache", metavar="DIR", help="The clip store, a folder or s3://… [GREENROOM_CACHE, cache]."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


def settings_for(catalog: Path | None, cache: str | None) -> Settings:
    """The settings with the command line's folders on top; log lines go to standard error from here on."""
    settings = load_settings(catalog=catalog, cache=cache)
    set_up_logging(format_=settings.log_format, level="warning")
    return settings
