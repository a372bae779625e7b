"""Plugin for pytest that counts processor seconds a test file: `make test PYTEST="-p tests.support.cost"`.

Processor seconds of the test process and of the processes it has waited for. They say the same on a busy machine and on
a quiet one, nearly; wall time does not. What a shared fixture costs is counted to the file that asked for it first.
"""

import json
import resource
import time
from collections import defaultdict
from collections.abc import Generator, Iterable
from pathlib import Path, PurePath
from typing import Any

import pytest

from tests.support.prestarted import Prestarted

PHASES = ("setup", "call", "teardown")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--cost-rows", type=int, default=10, help="how many of the dearest test files are listed")
    parser.addoption("--cost-to", type=Path, help="write what each test cost to this file, one line of JSON a test")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Cost(config), "greenroom-cost")


class Cost:
    """The meter of one process, and in the process that reports the sums of all."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._at_s = 0.0
        self._files: dict[str, dict[str, float]] = defaultdict(lambda: dict.fromkeys((*PHASES, "tests"), 0.0))
        self._tests: dict[str, dict[str, float]] = defaultdict(lambda: dict.fromkeys(PHASES, 0.0))
        self._collected_s: list[float] = []

    def pytest_collection_finish(self) -> None:
        """Take what starting, importing and collecting cost."""
        self._at_s = used_s()
        self._collected_s.append(self._at_s)
        if hasattr(self._config, "workeroutput"):
            self._config.workeroutput["collected_s"] = self._at_s

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take the same of a process of pytest-xdist."""
        self._collected_s.append(getattr(node, "workeroutput", {}).get("collected_s", 0.0))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Write on each report what was used since the one before; pytest-xdist hands it on."""
        report = yield
        before_s, self._at_s = self._at_s, used_s()
        report.cost_s = self._at_s - before_s  # type: ignore[attr-defined]
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Add it up."""
        file = self._files[report.nodeid.split("::")[0]]
        file[report.when] += getattr(report, "cost_s", 0.0)
        file["tests"] += report.when == "setup"
        self._tests[report.nodeid][report.when] += getattr(report, "cost_s", 0.0)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the table that stands in `docs/contributing/tests.md`."""
        terminalreporter.section("processor seconds")
        for line in table(self._files, rows=self._config.getoption("cost_rows")):
            terminalreporter.write_line(line)
        if path := self._config.getoption("cost_to"):
            path.write_text("".join(json.dumps({"test": name, **one}) + "\n" for name, one in self._tests.items()))
        collected = ", ".join(f"{seconds:.0f}" for seconds in self._collected_s)
        terminalreporter.write_line(f"Starting, importing and collecting, by process: {collected}")


def used_s() -> float:
    """Processor seconds of this process and of its children that have ended."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime + Prestarted.used_s


def table(files: dict[str, dict[str, float]], *, rows: int) -> Iterable[str]:
    """The dearest files and the folders, as Markdown."""
    yield "| file | tests | set-up | call | tear-down | sum |"
    yield "|---|---:|---:|---:|---:|---:|"
    for name in sorted(files, key=lambda name: -_sum(files[name]))[:rows]:
        one = files[name]
        cells = " | ".join(f"{one[phase]:.0f}" for phase in PHASES)
        yield f"| `{name}` | {one['tests']:.0f} | {cells} | {_sum(one):.0f} |"
    yield ""
    folders: dict[str, float] = defaultdict(float)
    for name, one in files.items():
        folders["/".join(PurePath(name).parts[:2])] += _sum(one)
    yield ", ".join(f"`{name}` {folders[name]:.0f}" for name in sorted(folders, key=lambda name: -folders[name]))
    tests = sum(one["tests"] for one in files.values())
    yield f"In all {sum(folders.values()):.0f} processor seconds, {tests:.0f} tests."


def _sum(file: dict[str, float]) -> float:
    return sum(file[phase] for phase in PHASES)
