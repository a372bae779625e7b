"""`greenroom`: every command parses, calls and presents; what it does lives below."""

import sys

import typer

from app.cli import catalog, matching, rendering, serving, store
from app.cli.present import fail
from app.errors import GreenroomError

app = typer.Typer(
    name="greenroom",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Keeps a digital human's answers filmed before they are asked.",
)
app.command("demo")(serving.demo)
app.command("serve")(serving.serve)
app.command("check")(catalog.check)
app.command("schema")(catalog.schema)
app.command("plan")(rendering.plan)
app.command("warm")(rendering.warm)
app.command("renders")(rendering.renders)
app.command("ask")(matching.ask)
app.command("eval")(matching.evaluate)
app.command("explain")(matching.explain)
app.command("misses")(matching.misses)
app.add_typer(store.app, name="store")
app.command("doctor")(serving.doctor)


def main() -> None:
    """The edge of the command line: errors raised on purpose become one sentence and status 1."""
    try:
        app()
    except GreenroomError as error:
        fail(error, as_json="--json" in sys.argv)
