"""Command `greenroom`: the list of its commands, and the sentence that any error ends in."""

import sys
from collections.abc import Sequence
from types import MappingProxyType

import typer

from app.cli.lazy import LazyCommand, LazyGroup, grouped


class Commands(LazyGroup):
    """Commands of `greenroom`; a new one has its line here.

    The list shows the first sentence of its docstring.
    """

    entries = MappingProxyType(
        {
            "demo": LazyCommand("app.cli.serve:demo"),
            "serve": LazyCommand("app.cli.serve:serve"),
            "worker": LazyCommand("app.cli.worker:worker"),
            "init": LazyCommand("app.cli.catalogs.init:init"),
            "new": LazyCommand("app.cli.catalogs.new:new"),
            "import": LazyCommand("app.cli.catalogs.imports:import_"),
            "export": LazyCommand("app.cli.catalogs.exports:export"),
            "check": LazyCommand("app.cli.check:check"),
            "say": LazyCommand("app.cli.say:say"),
            "plan": LazyCommand("app.cli.plan_and_warm:plan"),
            "warm": LazyCommand("app.cli.plan_and_warm:warm"),
            "diff": LazyCommand("app.cli.releases.diff:diff"),
            "release": LazyCommand("app.cli.releases.release:releases"),
            "audit": LazyCommand("app.cli.trust.audit:audit"),
            "pause": LazyCommand("app.cli.trust.pause:pause"),
            "resume": LazyCommand("app.cli.trust.pause:resume"),
            "consent": LazyCommand("app.cli.trust.consent:consent"),
            "provenance": LazyCommand("app.cli.trust.provenance:provenance"),
            "keys": LazyCommand("app.cli.trust.keys:keys"),
            "renders": LazyCommand("app.cli.renders:renders"),
            "ask": LazyCommand("app.cli.ask:ask"),
            "eval": LazyCommand("app.cli.evaluate:evaluate"),
            "answer": LazyCommand("app.cli.answer.commands:answer"),
            "tune": LazyCommand("app.cli.tune:tune"),
            "explain": LazyCommand("app.cli.turns:explain"),
            "questions": LazyCommand("app.cli.questions.questions:questions"),
            "forecast": LazyCommand("app.cli.questions.forecast:forecast"),
            "report": LazyCommand("app.cli.questions.letter:report"),
            "misses": LazyCommand("app.cli.turns:misses"),
            "label": LazyCommand("app.cli.turns:label"),
            "erase": LazyCommand("app.cli.turns:erase"),
            "session": LazyCommand("app.cli.turns:session"),
            "store": LazyCommand("app.cli.stores.store:store"),
            "schema": LazyCommand("app.cli.schema:schema"),
            "simulate": LazyCommand("app.cli.simulate:simulate"),
            "mcp": LazyCommand("app.cli.mcp:mcp"),
            "voices": LazyCommand("app.cli.voices:voices"),
            "doctor": LazyCommand("app.cli.doctor:doctor"),
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
    """Run the command line. Any error becomes one sentence and a status, never a traceback."""
    try:
        app(args=arguments, prog_name="greenroom")
    except Exception as error:  # noqa: BLE001 - the edge of the command line
        from app.cli.failure import report  # noqa: PLC0415 - settings and a console that help does without

        report(error, as_json="--json" in (sys.argv if arguments is None else arguments))
