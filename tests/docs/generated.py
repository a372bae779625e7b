"""What the pages say in the code's own words, between markers; `python -m tests.docs.generated` writes it anew."""

import ast
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import typer
from typer.testing import CliRunner

from app.cli.main import app
from tests.docs.pages import REFERENCE, ROOT

WIDTH = 100
LLMS = ROOT / "docs/llms.txt"
LISTED = (
    ("Guides", "."),
    ("For authors", "authoring"),
    ("Reference", "reference"),
    ("Renderers", "reference/providers"),
    ("Operating", "operating"),
    ("Contributing", "contributing"),
    ("Measurements", "benchmarks"),
    ("Decisions", "decisions"),
)
"""Sections of `docs/llms.txt`, and their folders."""

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


def llms() -> str:
    """Make `docs/llms.txt`: every page with its first sentence, so that an agent knows where to read."""
    lines = ["# Greenroom", "", f"> {_first_sentence(ROOT / 'README.md')}", ""]
    for heading, folder in LISTED:
        pages = sorted((ROOT / "docs" / folder).glob("*.md"))
        lines += [f"## {heading}", ""]
        for path in pages:
            title = path.read_text().splitlines()[0].removeprefix("# ")
            lines.append(f"- [{title}]({path.relative_to(ROOT / 'docs')}): {_first_sentence(path)}")
        lines.append("")
    return "\n".join(lines[:-1]) + "\n"


def _first_sentence(page: Path) -> str:
    """Return the first sentence of the first paragraph, without links and marks."""
    paragraphs = page.read_text().split("\n\n")
    plain = next(one for one in paragraphs if one[:1].isalnum() or one[:1] in "`*[")
    words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", " ".join(plain.split())).replace("**", "")
    return re.split(r"(?<=[.:!?]) ", words)[0].rstrip(":.") + "."


def write(say: Callable[[str], object] = print) -> None:
    """Rewrite the pages whose blocks are out of date."""
    for path in (*sorted(REFERENCE.glob("*.md")), ROOT / "docs/architecture.md"):
        before = path.read_text()
        after = filled(before)
        if after != before:
            path.write_text(after)
            say(f"wrote {path.name}")
    if not LLMS.exists() or LLMS.read_text() != llms():
        LLMS.write_text(llms())
        say(f"wrote {LLMS.name}")


if __name__ == "__main__":
    write()
