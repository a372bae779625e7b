"""Command `greenroom mcp`: the author's verbs as tools for an agent (Model Context Protocol)."""

import os
from importlib.metadata import version
from importlib.util import find_spec
from typing import Annotated

import typer

from app.cli.options import JsonOption, run
from app.cli.output import err, out, print_json
from app.errors import SettingsError

KEY = "GREENROOM_MCP_KEY"


def mcp(
    url: Annotated[str, typer.Option("--url", metavar="URL", help="The running site.")] = "http://127.0.0.1:8080",
    tools: Annotated[bool, typer.Option("--list", help="List the tools of the key and end.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Serve the author's verbs to an agent over standard input and output (Model Context Protocol).

    A running site does the work: its routes, its checks, its audit log. The key in GREENROOM_MCP_KEY says what
    the agent may do; on this computer in development none is needed.

    \b
    Examples:
      greenroom mcp --list
      GREENROOM_MCP_KEY=gr_… greenroom mcp --url https://talk.example.org
    """
    if find_spec("mcp") is None:
        raise SettingsError("Expected the extra `mcp`, which is not installed; run `pip install 'greenroom[mcp]'`.")
    from app.mcp.server import SiteRoutes, checked_address, serve_stdio, site_tools  # noqa: PLC0415

    site = SiteRoutes(checked_address(url), os.environ.get(KEY, ""))
    if not tools:
        err.print(f"Serving the tools of {url} on standard input and output.", style="dim", markup=False)
        run(serve_stdio(site, version=version("greenroom")))
        return
    found = run(site_tools(site))
    if as_json:
        print_json({"tools": [{"name": one.name, "role": one.role, "description": one.description} for one in found]})
        return
    for one in found:
        out.print(f"{one.name:<24} {one.role:<10} {one.description.partition('. ')[0]}", markup=False, soft_wrap=True)
