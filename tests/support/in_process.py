"""Commands run in this process: the same words and status as a process of its own, without seconds of imports."""

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from subprocess import CompletedProcess

import pytest
import structlog

from app.cli.main import main
from tests.support.sites import Site


def run_here(site: Site, *arguments: str, **environment: str) -> "CompletedProcess[str]":
    """Run `greenroom` on a site as `Site.run` does; not from a coroutine, for it runs a loop of its own."""
    out, err = io.StringIO(), io.StringIO()
    command = [*arguments, "--catalog", str(site.catalog), "--cache", str(site.cache)]
    with pytest.MonkeyPatch.context() as patch, logging_kept(), redirect_stdout(out), redirect_stderr(err):
        for name, value in {**site.environment(), **environment}.items():
            patch.setenv(name, value)
        with pytest.raises(SystemExit) as ended:
            main(command)
    code = ended.value.code
    assert code is None or isinstance(code, int)
    return CompletedProcess(command, code or 0, out.getvalue(), err.getvalue())


@contextmanager
def logging_kept() -> Iterator[None]:
    """Put logging back: a command sets it up for its own process."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        logging.getLogger("app").setLevel(logging.NOTSET)
        structlog.reset_defaults()
