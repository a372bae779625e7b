"""The guide explains every rule of `check`, and its files load."""

import ast
import re
import textwrap
from collections.abc import Iterator

import pytest
import yaml

from app.adapters.catalog_files.loader import load_catalog
from app.catalog.lint import lint
from app.runtime.wiring.clock import SystemClock
from tests.docs.pages import ROOT, table
from tests.support.catalogs import write_catalog

GUIDE = (ROOT / "docs" / "guide.md").read_text()

RAISERS = {
    "error",
    "warning",
    "Complaint",
    "Finding",
    "_finding",
    "Problem",
    "PortraitProblem",
    "complain",
    "_complain",
    "_refused",
}
SOURCES = [
    *(ROOT / "app" / "catalog").rglob("*.py"),
    *(ROOT / "app" / "adapters" / "catalog_files").glob("*.py"),
    ROOT / "app" / "runtime" / "commands" / "check.py",
    ROOT / "app" / "runtime" / "commands" / "provider_findings.py",
]
RULE = re.compile(r"[a-z]+(-[a-z]+)+|reference|validity")


def test_every_rule_of_check_is_explained() -> None:
    explained = _explained()

    missing = {rule for rule in _raised() if rule not in explained}

    assert missing == set()


def test_no_rule_is_explained_that_does_not_exist() -> None:
    text = "\n".join(path.read_text() for path in SOURCES)

    unknown = {rule for rule in _explained() if f'"{rule}"' not in text}

    assert unknown <= {"portrait-…", "consent-evidence", "consent-scope"}, "the last two are made in a loop"


@pytest.mark.parametrize(
    "text", re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL), ids=lambda text: text.splitlines()[0]
)
def test_every_file_shown_is_yaml(text: str) -> None:
    assert yaml.safe_load(textwrap.dedent(text))


def test_the_first_answer_loads_without_a_finding(tmp_path) -> None:
    [first] = [
        text
        for text in re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)
        if text.startswith("title: Arriving by boat")
    ]
    root = write_catalog(tmp_path, files={"visiting/boat-landing.yaml": first})

    loaded = load_catalog(root)

    assert loaded.catalog is not None
    found = lint(loaded.catalog, today=SystemClock().today(), places=loaded.places)
    assert [finding for finding in found if "boat" in finding.file] == []


def _explained() -> set[str]:
    told = GUIDE[GUIDE.index("## What check says") : GUIDE.index("## 11.")]
    return {name for row in table(told) for name in re.findall(r"`([^`]+)`", row[0])}


def _raised() -> set[str]:
    return {rule for path in SOURCES for rule in _rules(ast.parse(path.read_text())) if RULE.fullmatch(rule)}


def _rules(tree: ast.AST) -> Iterator[str]:
    """The names that stand first where findings are made, or in the tuples that become findings."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name), args=args) | ast.Call(func=ast.Attribute(attr=name), args=args):
                yield from (one.value for one in args[:2] if name in RAISERS and _is_text(one))
            case ast.Return(value=ast.Tuple(elts=[first, _, _])) | ast.Assign(value=ast.Tuple(elts=[first, _, _])):
                yield from [first.value] if _is_text(first) else []
            case _:
                pass


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)
