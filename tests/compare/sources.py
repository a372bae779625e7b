"""What stands in a checkout's source text, whichever file it stands in: names that programs outside rely on."""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.compare.surfaces import Surface

LOGGERS = re.compile(r"(?:^|[._])log(?:ger)?$")
LEVELS = {"debug", "info", "warning", "error", "exception", "critical", "log"}
METRICS = {"Counter", "Gauge", "Histogram", "Summary", "Info", "GaugeMetricFamily", "CounterMetricFamily"}
VERSION = re.compile(r"(?:^|_)(?:VERSION|SCHEMA|REVISION|SUBPROTOCOL)$")


def read_sources(checkout: Path) -> dict[str, Surface]:
    """Log events, metrics, version constants, task names, migrations."""
    paths = sorted((checkout / "app").rglob("*.py"))
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in paths]
    migrations = [tree for path, tree in zip(paths, trees, strict=True) if path.parent.name == "versions"]
    return {
        "log event names": _counted(trees, _log_event),
        "metrics in the source": _counted(trees, _metric),
        "names of tasks": _counted(trees, _task),
        "version constants": {f"{name} = {value!r}": True for tree in trees for name, value in _versions(tree)},
        "migration revisions": dict(_revision(tree) for tree in migrations),
    }


def _counted(trees: list[ast.Module], read: Callable[[ast.Call], str | None]) -> Surface:
    """How often each name stands there."""
    found = [read(node) for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return {name: found.count(name) for name in sorted({one for one in found if one})}


def _log_event(call: ast.Call) -> str | None:
    match call:
        case ast.Call(func=ast.Attribute(value=logger, attr=level), args=[ast.Constant(value=str(event)), *_]):
            return event if level in LEVELS and LOGGERS.search(ast.unparse(logger)) else None
    return None


def _metric(call: ast.Call) -> str | None:
    """Kind, name and labels."""
    kind = ast.unparse(call.func).rpartition(".")[2]
    match call.args:
        case [ast.Constant(value=str(name)), _, *labels] if kind in METRICS:
            return f"{kind} {name} {[ast.unparse(one) for one in labels]}"
    return None


def _task(call: ast.Call) -> str | None:
    named = (one.value for one in call.keywords if one.arg == "task_name")
    return next((one.value for one in named if isinstance(one, ast.Constant)), None)


def _versions(tree: ast.Module) -> Iterator[tuple[str, Any]]:
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=value)) if VERSION.search(name):
                yield name, value


def _revision(tree: ast.Module) -> tuple[str, Any]:
    """A revision, the one before it, and what it does, word for word."""
    values = {
        node.targets[0].id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant)
    }
    steps = [ast.unparse(node) for node in tree.body if isinstance(node, ast.FunctionDef)]
    return str(values["revision"]), {"after": values["down_revision"], "steps": steps}
