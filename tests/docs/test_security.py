"""docs/security.md: each test that it names is there, under a name that pytest collects."""

import ast
import re

import pytest

from tests.docs.pages import ROOT, section

PAGE = (ROOT / "docs/security.md").read_text()
_NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
ROWS = [
    [cell.strip() for cell in line.strip("| ").split(" | ")]
    for line in section(PAGE, "Threats").splitlines()[3:]
    if line.startswith("| ")
]


def test_every_threat_has_a_defence_and_a_test():
    assert len(ROWS) >= 25
    assert all(len(row) == 3 and row[1] and _NAMED.search(row[2]) for row in ROWS)


@pytest.mark.parametrize(("file", "name"), sorted(set(_NAMED.findall(PAGE))))
def test_a_test_that_is_named_is_collected(file, name):
    path = ROOT / file
    defined = ast.parse(path.read_text()).body
    found = {node.name for node in defined if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}

    assert path.name.startswith("test_")
    assert name.startswith("test_")
    assert name in found
