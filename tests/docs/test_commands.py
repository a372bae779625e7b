"""Commands that pages tell a reader to type (README, guide, upgrade, rollback) do what is said, on a warmed site."""

import re
import shlex

import pytest
from typer.testing import CliRunner

from app.cli.main import app
from tests.docs.pages import ROOT
from tests.support.sites import Site

SAFE = ("check", "plan", "ask", "eval", "schema", "renders", "misses", "store stats", "store gc --dry-run", "doctor")
"""Commands that change nothing and end by themselves."""

FINE = {"eval": {0, 1}, "plan": {0, 3}}
"""Statuses besides 0 that a command may end with on another catalog than the reader's."""


def _told() -> list[str]:
    """Every `greenroom` line of the shell blocks, without comments and redirections."""
    operating = ROOT / "docs" / "operating"
    pages = [ROOT / "README.md", ROOT / "docs" / "guide.md", ROOT / "intents" / "README.md"]
    pages += [operating / "upgrade.md", operating / "rollback.md"]
    blocks = [
        block for page in pages for block in re.findall(r"```sh\n(.*?)```", page.read_text(), re.DOTALL | re.MULTILINE)
    ]
    lines = (re.split(r" +# | > ", line)[0].strip() for block in blocks for line in block.splitlines())
    return sorted({line for line in lines if line.startswith("greenroom ")})


TOLD = _told()
RUN = [line for line in TOLD if line.removeprefix("greenroom ").startswith(SAFE)]


@pytest.mark.parametrize("line", RUN)
def test_a_command_that_is_told_works(line: str, warmed_site: Site) -> None:
    arguments = shlex.split(line)[1:]
    where = (
        () if arguments[0] == "schema" else ("--catalog", str(warmed_site.catalog), "--cache", str(warmed_site.cache))
    )

    done = CliRunner().invoke(app, [*arguments, *where], env=warmed_site.environment())

    assert done.exit_code in FINE.get(arguments[0], {0}), done.output
    assert done.stdout.strip()


def test_commands_that_are_not_run_here_are_few() -> None:
    left_out = {line.split()[1] for line in TOLD if line not in RUN}

    assert left_out <= {"warm", "serve", "tune", "release", "diff"}
