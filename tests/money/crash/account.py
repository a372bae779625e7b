"""Account of a simulated vendor, kept in a folder: its jobs, its bill and its files outlive the simulators' process."""

import pickle
import time
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from app.simulators.file_storage import FileStorage
from app.simulators.jobs import Job
from app.simulators.vendor import SimulatedProvider

_KEPT = tuple(field.name for field in fields(Job) if field.name != "settled")


class _KeptStorage(FileStorage):
    """Files that stay when the simulators end."""

    def forget(self) -> None:
        """Keep them."""


@dataclass
class KeptAccount:
    """What a folder holds of an account; the address is kept, too, because orders name it."""

    folder: Path
    vendor: SimulatedProvider | None = None

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.storage = _KeptStorage(self.folder / "files")

    @property
    def port(self) -> int:
        """The port of the last time, 0 at first."""
        return int(self._port.read_text()) if self._port.exists() else 0

    @property
    def rows(self) -> list[dict[str, Any]]:
        """All jobs as they were kept."""
        return pickle.loads(self._jobs.read_bytes()) if self._jobs.exists() else []  # noqa: S301  our own file

    def open(self, vendor: SimulatedProvider, url: str) -> None:
        """Give the vendor its jobs back."""
        self.vendor = vendor
        self._port.write_text(str(urlsplit(url).port))
        for row in self.rows:
            job = Job(**row)
            job.settled.set()
            vendor.jobs._jobs[job.id] = job
            if job.result is not None:
                self.storage._named[job.result.name] = job.result

    def keep(self) -> None:
        """Write the jobs down, whole or not at all, once those at work are over; nobody may be ordering."""
        if self.vendor is None:
            return
        while self.vendor.jobs.unfinished:
            time.sleep(0.05)
        jobs = [{name: getattr(job, name) for name in _KEPT} for job in self.vendor.jobs.all()]
        part = self._jobs.with_suffix(".part")
        part.write_bytes(pickle.dumps(jobs))
        part.replace(self._jobs)

    @property
    def _jobs(self) -> Path:
        return self.folder / "jobs.pickle"

    @property
    def _port(self) -> Path:
        return self.folder / "port"
