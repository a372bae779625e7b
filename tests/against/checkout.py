"""The two versions that are compared: a checkout of an older commit, made once under `build/against`, and this one."""

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

from tests.compare.checkout import HERE, CheckoutSite, environment_of

BASE = "285606a"

BUILD = HERE / "build" / "against"


@dataclass(frozen=True)
class Version:
    """A checkout, the interpreter that has its packages, and a folder in which it keeps what is made once."""

    name: str
    folder: Path
    python: str
    kept: Path

    @cached_property
    def environment(self) -> dict[str, str]:
        """For every process of this version: its code, its models, one thread for numbers."""
        threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        return {**threads, **environment_of(self.folder), "GREENROOM_MODELS_DIR": str(self.kept / "models")}

    def ran(self, script: Path, *arguments: str, timeout_s: float = 600) -> Any:
        """What a script prints as JSON in its last line; it imports this version's code.

        Raises:
            RuntimeError: it failed; the message has what it said.
        """
        return json.loads(self.printed(str(script), *arguments, timeout_s=timeout_s).splitlines()[-1])

    def printed(self, *arguments: str, timeout_s: float = 600) -> str:
        """What this version's interpreter prints for these arguments, such as `-m app plan`.

        Raises:
            RuntimeError: it failed; the message has what it said.
        """
        ran = subprocess.run(
            [self.python, *arguments],
            env={**os.environ, **self.environment, "NO_COLOR": "1"},
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )
        if ran.returncode:
            raise RuntimeError(f"{arguments} of {self.name} failed: {ran.stderr[-2000:] or ran.stdout[-2000:]}")
        return ran.stdout

    def site(self, root: Path) -> CheckoutSite:
        """A site of these folders that this version serves and warms."""
        return _Site(root, self.folder, tuple(self.environment.items()), python=self.python)


@dataclass(frozen=True)
class _Site(CheckoutSite):
    python: str = sys.executable

    def command(self, *arguments: str) -> list[str]:
        return [self.python, *super().command(*arguments)[1:]]


def both(base: Path | None = None) -> tuple[Version, Version]:
    """The older version and this one; `base` is a checkout that is there already."""
    folder = base.resolve() if base else _checked_out()
    python = sys.executable if not list(_unsatisfied(folder)) else str(_own_python(folder))
    before = Version(BASE, folder, python, BUILD / "kept" / BASE)
    now = Version("now", HERE, sys.executable, BUILD / "kept" / "now")
    for one in (before, now):
        one.kept.mkdir(parents=True, exist_ok=True)
    return before, now


def _checked_out() -> Path:
    """The commit's files, from this repository's own history."""
    folder = BUILD / BASE
    if not (folder / "pyproject.toml").exists():
        print(f"checking {BASE} out into {folder.relative_to(HERE)} ...", file=sys.stderr, flush=True)  # noqa: T201
        BUILD.mkdir(parents=True, exist_ok=True)
        _git("clone", "--quiet", "--shared", "--no-checkout", str(HERE), str(folder))
        _git("-C", str(folder), "checkout", "--quiet", "--detach", BASE)
    return folder


def _git(*arguments: str) -> None:
    done = subprocess.run(["git", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        told = done.stderr.strip()
        raise SystemExit(f"Cannot check {BASE} out: {told}. A shallow clone lacks it: say `git fetch --unshallow`.")


def _unsatisfied(folder: Path) -> Iterator[str]:
    """What this environment lacks of the packages that a checkout asks for."""
    project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for line in project["dependencies"]:
        wanted = Requirement(line)
        if wanted.marker is not None and not wanted.marker.evaluate():
            continue
        try:
            there = version(wanted.name)
        except PackageNotFoundError:
            yield line
        else:
            if not wanted.specifier.contains(there, prereleases=True):
                yield line


def _own_python(folder: Path) -> Path:
    """An environment of its own for the older checkout, made once, beside it."""
    home = BUILD / "venv"
    python = home / "bin" / "python"
    stamp = home / "ready"
    if not stamp.exists():
        print(f"installing the packages of {BASE} into {home.relative_to(HERE)} ...", file=sys.stderr)  # noqa: T201
        makefile = (folder / "Makefile").read_text(encoding="utf-8")
        torch = re.search(r"^TORCH\s*\?=\s*(\S+)", makefile, re.MULTILINE)
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
        for wanted in ([torch[1]] if torch else [], ["--editable", str(folder)]):
            if wanted:
                subprocess.run([str(python), "-m", "pip", "install", "--quiet", *wanted], check=True)
        stamp.touch()
    return python
