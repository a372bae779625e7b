"""Running commands in this process: as true as a subprocess for what is printed and returned, and much faster."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from app.cli.main import main
from tests.support.in_process import logging_kept
from tests.support.sites import Site


@dataclass(frozen=True)
class Ran:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """Standard output, which must be one JSON document and nothing else."""
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        """Standard output, which must be JSON lines and nothing else."""
        return [json.loads(line) for line in self.out.splitlines()]


Greenroom = Callable[..., Ran]


@pytest.fixture
def _logging() -> Iterator[None]:
    """Put logging back: `serve` sets it up for its own process."""
    with logging_kept():
        yield


@pytest.fixture
def greenroom(
    _logging: None,
    warmed_site: Site,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Greenroom:
    """`greenroom("plan", "--json")` runs it on the warmed site; `site=` names another one, `site=None` none."""

    def run(*arguments: str, site: Site | None = warmed_site) -> Ran:
        where: list[str] = []
        if site is not None:
            where = ["--catalog", str(site.catalog), "--cache", str(site.cache)]
            monkeypatch.setenv("GREENROOM_DATABASE_URL", site.environment()["GREENROOM_DATABASE_URL"])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([*arguments, *where])
        printed = capsys.readouterr()
        code = ended.value.code
        assert code is None or isinstance(code, int)
        assert "Traceback" not in printed.err + printed.out
        return Ran(code or 0, printed.out, printed.err)

    return run


@pytest.fixture
def copy(warmed_site: Site, tmp_path: Path) -> Site:
    """The warmed site, to be spoilt."""
    shutil.copytree(warmed_site.root, tmp_path / "site")
    return Site(tmp_path / "site")


def reword(site: Site, words: str) -> None:
    path = site.catalog / "visiting" / "dogs.yaml"
    path.write_text(path.read_text().replace("Guide dogs are welcome.", words))
