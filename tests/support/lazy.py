"""Modules that are loaded when a test first uses them.

Each process of a run collects every test and runs a part: what is imported at the head of a file is paid for by all.
"""

import importlib
from typing import Any


class LazyModule:
    """Stands for a module; nothing is imported before one of its names is asked for."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        return getattr(importlib.import_module(self._name), attribute)
