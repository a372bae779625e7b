"""Command `greenroom keys`: keys with roles for the HTTP routes; a setting stores their digests."""

from typing import Annotated

import typer

from app.cli.options import JsonOption
from app.cli.output import PlainTable, err, out, print_json
from app.runtime.settings.api_keys import KeyRole, new_key
from app.runtime.settings.site import load_settings

app = typer.Typer(add_completion=False, rich_markup_mode=None, no_args_is_help=True)

RoleOption = Annotated[
    KeyRole, typer.Option("--role", help="What the key may do; each role has the rights of the ones before it.")
]


@app.callback()
def keys() -> None:
    """Make keys with roles for the HTTP routes, and list them. Roles: viewer, author, publisher, operator.

    \b
    Examples:
      greenroom keys new ada --role publisher
      greenroom keys list
    """


@app.command()
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The owner's name, as the audit log shows it.")],
    role: RoleOption,
    as_json: JsonOption = False,
) -> None:
    """Make a key. It is shown once; give it to its owner.

    The line for GREENROOM_API_KEYS holds a digest only.

    \b
    Examples:
      greenroom keys new ada --role publisher
      greenroom keys new dashboard --role viewer --json
    """
    key, entry = new_key(name, role)
    if as_json:
        print_json({"key": key, "line": entry.line, "id": entry.id})
        return
    err.print("The key, shown only this once:", style="dim")
    out.print(key, markup=False, highlight=False, soft_wrap=True)
    err.print("The line for GREENROOM_API_KEYS, or its file, on every node:", style="dim")
    out.print(entry.line, markup=False, highlight=False, soft_wrap=True)


@app.command("list")
def list_(as_json: JsonOption = False) -> None:
    """List the keys that the settings name; `api key` is that of GREENROOM_API_KEY.

    \b
    Examples:
      greenroom keys list --json
    """
    found = load_settings().keys
    if as_json:
        print_json({"keys": [{"name": key.name, "role": key.role, "id": key.id} for key in found]})
        return
    table = PlainTable("name", "role", "id")
    for key in found:
        table.add_row(key.name, key.role, key.id)
    out.print(table if found else "No key is set; in production the routes that need one are closed.")
