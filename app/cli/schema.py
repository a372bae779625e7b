"""Command `greenroom schema`: the JSON Schema of catalog files."""

from typing import Annotated

import typer

from app.catalog.schema import FILE_KINDS, catalog_schema
from app.cli.output import print_json


def schema(
    kind: Annotated[str, typer.Argument(help=f"One of: {', '.join(FILE_KINDS)}.")] = "intent",
) -> None:
    """Print the JSON Schema of a catalog file. Editors complete and check with it.

    \b
    Examples:
      greenroom schema intent > intent.schema.json
      greenroom schema catalog
    """
    if kind not in FILE_KINDS:
        raise typer.BadParameter(f"expected one of {', '.join(FILE_KINDS)}, got {kind!r}.")
    print_json(catalog_schema(kind))
