"""Figures that are compared, one module each: a module with a `FIGURE` is registered by being here."""

import pkgutil
from importlib import import_module

from tests.against.figure import Figure


def figures() -> dict[str, Figure]:
    """Every figure by its name."""
    modules = [import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)]
    return {module.FIGURE.name: module.FIGURE for module in modules}
