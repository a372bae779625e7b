"""`greenroom`: every command parses, calls and presents; what it does lives below."""

import sys
import traceback
from collections.abc import Sequence
from types import MappingProxyType

import typer

from app.cli.lazy import LazyCommand, LazyGroup, grouped
from app.cli.output import err, fail
from app.errors import GreenroomError, SettingsError
from app.runtime.settings.site import load_settings


class Commands(LazyGroup):
    """All of them; a new command has its line here."""

    entries = MappingProxyType(
        {
            "demo": LazyCommand(
                "app.cli.serve:demo", "Film what is missing, then serve it and say which page to open."
            ),
            "serve": LazyCommand("app.cli.serve:serve", "Serve the chat, the clips and the demo page."),
            "worker": LazyCommand("app.cli.worker:worker", "Film what nodes ask for, on a computer of its own."),
            "check": LazyCommand(
                "app.cli.check:check", "Check the catalog: every finding with file, line and a way out."
            ),
            "plan": LazyCommand(
                "app.cli.plan_and_warm:plan", "Compare the catalog with the store; say what is to be filmed."
            ),
            "warm": LazyCommand("app.cli.plan_and_warm:warm", "Film what the plan says is missing."),
            "release": LazyCommand("app.cli.release:app", "Publish the catalog, look at what was published, go back."),
            "audit": LazyCommand(
                "app.cli.audit:app", "Say who did what about money, consent, releases; verify the log."
            ),
            "consent": LazyCommand(
                "app.cli.consent:app", "Take a person's consent back; list the faces not to be shown."
            ),
            "keys": LazyCommand("app.cli.keys:app", "Make keys with roles for the HTTP routes, and list them."),
            "renders": LazyCommand(
                "app.cli.renders:app", "Look into the ledger: show, reconcile, cancel, retry, spend."
            ),
            "ask": LazyCommand("app.cli.ask:ask", "Decide a question as the server would, and say why."),
            "eval": LazyCommand(
                "app.cli.evaluate:evaluate", "Say what the catalog promises, and whether its tests pass."
            ),
            "tune": LazyCommand("app.cli.tune:tune", "Teach the encoder this catalog; keep it only if it is better."),
            "explain": LazyCommand("app.cli.turns:explain", "Explain why a visitor's question got the answer it got."),
            "misses": LazyCommand(
                "app.cli.turns:misses", "List the questions that nothing answered, most asked first."
            ),
            "erase": LazyCommand("app.cli.turns:erase", "Erase a visitor's session and all that was said in it."),
            "store": LazyCommand("app.cli.store:app", "Look after the clip store: stats, verify, copy, gc."),
            "schema": LazyCommand("app.cli.schema:schema", "Print the JSON Schema of a catalog file."),
            "simulate": LazyCommand("app.cli.simulate:simulate", "Serve stand-ins for every vendor on this computer."),
            "doctor": LazyCommand(
                "app.cli.doctor:doctor", "Say what is there, what is missing and what to do about it."
            ),
        }
    )


app: typer.Typer = grouped(
    Commands,
    name="greenroom",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Keeps a digital human's answers filmed before they are asked.",
)


def main(arguments: Sequence[str] | None = None) -> None:
    """The edge of the command line: whatever goes wrong becomes one sentence and status 1, never a traceback."""
    try:
        app(args=arguments, prog_name="greenroom")
    except Exception as error:  # noqa: BLE001 - the edge of the command line
        fail(_known(error), as_json="--json" in (sys.argv if arguments is None else arguments))


def _known(error: BaseException) -> GreenroomError:
    """The error as one raised on purpose; a group of errors is told by its first."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, GreenroomError):
        return error
    if isinstance(error, OSError) and error.strerror:
        return GreenroomError(f"The computer refused: {error.strerror}{_file(error)}.")
    _trace(error)
    return GreenroomError(
        f"Expected to get to the end, got {type(error).__name__}: {str(error)[:300]!s}; this is a defect of Greenroom: "
        "run it again with GREENROOM_LOG_LEVEL=debug to see where, and report that."
    )


def _file(error: OSError) -> str:
    return f" at `{error.filename}`" if error.filename else ""


def _trace(error: BaseException) -> None:
    try:
        wanted = load_settings().log_level == "debug"
    except SettingsError:
        wanted = False
    if wanted:
        err.print("".join(traceback.format_exception(error)), markup=False)
