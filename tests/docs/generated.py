"""What the pages say in the code's own words, between markers; `python -m tests.docs.generated` writes it anew."""

import ast
import re
from collections.abc import Callable
from typing import Any

import typer
from typer.testing import CliRunner

from app.cli.main import app
from tests.docs.pages import REFERENCE, ROOT

WIDTH = 100

_BLOCK = re.compile(r"(<!-- generated: (.+?) -->\n)(.*?)(<!-- end -->)", re.DOTALL)


def filled(text: str) -> str:
    """The page with everything between its markers made anew."""
    return _BLOCK.sub(lambda found: f"{found[1]}{_made(found[2])}{found[4]}", text)


def generated_blocks(text: str) -> list[str]:
    """What the page's markers ask for."""
    return [found[2] for found in _BLOCK.finditer(text)]


def commands() -> tuple[str, ...]:
    """Every command as it is typed, groups before their members."""
    return tuple(_walk("greenroom", typer.main.get_command(app)))


def _walk(path: str, command: Any) -> list[str]:
    inner = getattr(command, "list_commands", None)
    if inner is None:
        return [path]
    context = command.make_context(path, [], resilient_parsing=True)
    names: list[str] = inner(context)
    return [path, *(one for name in names for one in _walk(f"{path} {name}", command.get_command(context, name)))]


def tree() -> str:
    """The folders under `app/`, a line each: how many files, and the first line of the docstring."""
    lines = []
    for init in sorted((ROOT / "app").rglob("__init__.py"), key=lambda path: path.parent.parts):
        folder = init.parent.relative_to(ROOT)
        says = (ast.get_docstring(ast.parse(init.read_text())) or "").splitlines()[0].rstrip(".")
        count = len(list(init.parent.glob("*.py"))) - 1
        lines.append(f"{'  ' * (len(folder.parts) - 1) + folder.name + '/':<26}{count or '':>3}  {says}")
    return "```text\n" + "\n".join(line.rstrip() for line in lines) + "\n```\n"


def _made(what: str) -> str:
    if what == "tree of app/":
        return tree()
    command = what.removesuffix(" --help").split()
    result = CliRunner().invoke(
        app, [*command[1:], "--help"], prog_name=command[0], env={"COLUMNS": str(WIDTH), "NO_COLOR": "1"}
    )
    assert result.exit_code == 0, result.output
    return f"```text\n{result.output.strip()}\n```\n"


def write(say: Callable[[str], object] = print) -> None:
    """Rewrite the pages whose blocks are out of date."""
    for path in (*sorted(REFERENCE.glob("*.md")), ROOT / "docs/architecture.md"):
        before = path.read_text()
        after = filled(before)
        if after != before:
            path.write_text(after)
            say(f"wrote {path.name}")


if __name__ == "__main__":
    write()
