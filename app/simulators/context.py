"""Context of a server: the parts that all its simulators share."""

import random
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from app.simulators.clock import Clock
from app.simulators.faults import FaultBook
from app.simulators.file_storage import FileStorage
from app.simulators.http_client import Outbound
from app.simulators.stub_video import MediaMaker, PlainMedia
from app.simulators.voice import ToneVoice, VoiceMaker


@dataclass(slots=True)
class SimulatorContext:
    """Shared parts: clock, media makers, faults, files and settings.

    Args:
        latency_s: how long a job runs; `queue_s`: how long it waits first, even if a place is free.
        public_base: the address customers reach the server under; None takes it from each request.
        keys: the expected API key by provider; a provider without one accepts any key.
        private_media: fetch files from loopback and private addresses, which a real provider cannot; uploads
            to this server are always accepted.
        private_webhooks: call webhooks on loopback and over plain http, which a real provider would refuse.
        blind_s: how long AtlasCloud answers 404 for a job it has just accepted.
        silence_s: how long a connection is held that never answers; drip_s: seconds between two dripped
            bytes.
        oversize_bytes: the length of a file that is ten times too large.
        late_video_s: how much later than its job the address of a late video is given.
        seed: makes ids the same in each run; None makes them unique.
    """

    latency_s: float = 2.0
    queue_s: float = 0.0
    public_base: str | None = None
    keys: Mapping[str, str] = field(default_factory=dict)
    private_media: bool = False
    private_webhooks: bool = True
    blind_s: float = 0.0
    silence_s: float = 120.0
    drip_s: float = 0.5
    oversize_bytes: int = 640 * 1024 * 1024
    late_video_s: float = 3.0
    seed: int | None = None
    clock: Clock = field(default_factory=Clock)
    media: MediaMaker = field(default_factory=PlainMedia)
    voice: VoiceMaker = field(default_factory=ToneVoice)
    faults: FaultBook = field(default_factory=FaultBook)
    storage: FileStorage = field(default_factory=FileStorage)
    outbound: Outbound = field(default_factory=Outbound)
    _ids: random.Random = field(init=False)

    def __post_init__(self) -> None:
        """Start the sequence of ids."""
        self._ids = random.Random(self.seed)

    def new_id(self) -> str:
        """Return a new UUID."""
        return str(uuid.UUID(int=self._ids.getrandbits(128), version=4))
