"""`greenroom` processes that begin with everything imported: forked from one that has imported it, three seconds each.

What they do is what `python -m app` does from there on, with descriptors, environment, folder and signals of their own.
"""

import atexit
import json
import os
import resource
import runpy
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import IO, NoReturn

_MOST_BYTES = 1 << 18
_AT_START = ("PYTHON", "LD_", "FAKETIME", "OMP_", "OPENBLAS_", "MKL_")
"""Beginnings of variables that are read when a process starts, or a package is imported."""


def can_start(command: Sequence[str], environment: Mapping[str, str]) -> bool:
    """Whether it is `python -m app` in a test, and nothing in its environment would have to be known earlier.

    Benchmarks measure whole processes.
    """
    told = {name for name in {*environment, *os.environ} if name.startswith(_AT_START) and name != "PYTHONUNBUFFERED"}
    same = all(environment.get(name) == os.environ.get(name) for name in told)
    return same and "pytest" in sys.modules and list(command[:3]) == [sys.executable, "-m", "app"]


class Prestarted:
    """A process, with as much of `subprocess.Popen` as tests use."""

    used_s = 0.0
    """Processor seconds of all that have ended; the system counts none of them to the process that ordered them."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], *, stdout: int, stderr: int) -> None:
        self.args, self.returncode = list(command), None
        self.stdout: IO[str] | None = None
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        order = {"arguments": list(command[3:]), "environment": dict(environment), "folder": str(Path.cwd())}
        with theirs:
            socket.send_fds(_parent(), [json.dumps(order).encode()], [theirs.fileno(), stdout, stderr])
        self.pid = int(self._line.recv(64))

    def poll(self) -> int | None:
        """Its status if it has ended."""
        return self._heard(socket.MSG_DONTWAIT)

    def wait(self, timeout: float | None = None) -> int:
        """Its status, once it has ended."""
        if self.returncode is not None:
            return self.returncode
        self._line.settimeout(timeout)
        try:
            status = self._heard(0)
        except TimeoutError as error:
            raise subprocess.TimeoutExpired(self.args, timeout or 0.0) from error
        assert status is not None
        return status

    def send_signal(self, number: int) -> None:
        """Unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _heard(self, flags: int) -> int | None:
        if self.returncode is None:
            try:
                told = self._line.recv(64, flags)
            except BlockingIOError:
                return None
            status, used_s = told.split() if told else (-signal.SIGKILL, 0.0)
            self.returncode = int(status)
            Prestarted.used_s += float(used_s)
            self._line.close()
        return self.returncode


def run(
    command: Sequence[str], environment: Mapping[str, str], *, timeout_s: float
) -> "subprocess.CompletedProcess[str]":
    """Run one to its end."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        process = Prestarted(command, environment, stdout=out.fileno(), stderr=err.fileno())
        try:
            status = process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
        told = [(file.seek(0), file.read())[1] for file in (out, err)]
    return subprocess.CompletedProcess(list(command), status, *told)


@cache
def _parent() -> socket.socket:
    """The process that has imported everything; it ends with this one."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.prestarted", str(theirs.fileno())],
            env={**os.environ, "NO_COLOR": "1"},
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
        )

    def end() -> None:
        ours.close()
        process.wait(60)

    atexit.register(end)
    return ours


def _be_parent(orders: socket.socket) -> None:
    import app.adapters.local.inspection.inspector  # noqa: PLC0415 -- what commands load when they use it
    import app.adapters.media.content_credentials  # noqa: PLC0415
    import app.adapters.media.pyav  # noqa: PLC0415
    import app.cli.plan_and_warm  # noqa: PLC0415 -- for the commands' processes
    import app.cli.renders  # noqa: PLC0415
    import app.cli.serve  # noqa: PLC0415
    import app.cli.worker  # noqa: F401, PLC0415

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # who waits for a command is gone by itself
    while True:
        message, given, _, _ = socket.recv_fds(orders, _MOST_BYTES, 3)
        if not message:
            return
        if os.fork() == 0:
            orders.close()
            _wait_for_a_command(json.loads(message), *given)
        for descriptor in given:
            os.close(descriptor)


def _wait_for_a_command(order: Mapping[str, object], line: int, out: int, err: int) -> NoReturn:
    """Start it, tell its number, wait for it, tell its status."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    pid = os.fork()
    if pid == 0:
        os.close(line)
        _be_command(order, out, err)
    for descriptor in (out, err):
        os.close(descriptor)
    with socket.socket(fileno=line) as told:
        told.send(str(pid).encode())
        _, ended = os.waitpid(pid, 0)
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        told.send(f"{os.waitstatus_to_exitcode(ended)} {used.ru_utime + used.ru_stime:.3f}".encode())
    os._exit(0)


def _be_command(order: Mapping[str, object], out: int, err: int) -> NoReturn:
    for number, name in ((out, "stdout"), (err, "stderr")):
        os.dup2(number, getattr(sys, f"__{name}__").fileno())
        os.close(number)
        setattr(sys, name, open(getattr(sys, f"__{name}__").fileno(), "w", buffering=1, closefd=False))  # noqa: SIM115
    os.environ.clear()
    os.environ.update(order["environment"])  # type: ignore[call-overload]
    os.chdir(str(order["folder"]))
    sys.argv = ["greenroom", *order["arguments"]]  # type: ignore[misc]
    runpy.run_module("app", run_name="__main__", alter_sys=True)
    sys.exit(0)


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as line:
        _be_parent(line)
