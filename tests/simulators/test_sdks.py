"""The vendors' own Python clients, unchanged, against the simulators over real connections."""

import base64
import io
import json
import os
import ssl
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import av
import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.simulators.stub_video import sound
from tests.simulators.customers import SYNC, upload_sync
from tests.simulators.running import SECONDS, Running, quick, run, until
from tests.support.lazy import LazyModule

elevenlabs, openai = LazyModule("elevenlabs"), LazyModule("openai")
sync, wavespeed = LazyModule("sync"), LazyModule("wavespeed")

FAL_CUSTOMER = """
import json, sys
import fal_client
from fal_client import client
client.REST_URL = client.CDN_URL = sys.argv[1]  # the storage hosts are constants of the SDK
portrait = fal_client.upload(open(sys.argv[2], "rb").read(), "image/png", file_name="me.png")
speech = fal_client.upload_file(sys.argv[3])
model = "fal-ai/kling-video/ai-avatar/v2/pro"
seen = []
handle = fal_client.submit(model, arguments={"image_url": portrait, "audio_url": speech})
for event in handle.iter_events(with_logs=True, interval=0.05):
    seen.append(type(event).__name__)
result = handle.get()
streamed = fal_client.subscribe(model, arguments={"image_url": portrait, "audio_url": speech})
late = fal_client.submit(model, arguments={"image_url": portrait})
try:
    late.get()
    refused = None
except fal_client.client.FalClientHTTPError as error:
    refused = error.response.status_code
print(json.dumps({"id": handle.request_id, "seen": seen, "result": result, "again": streamed, "refused": refused}))
"""


@pytest.fixture
def line() -> Iterator[httpx.Client]:
    """What an SDK speaks over; none of them closes its own."""
    with httpx.Client(timeout=60) as opened:
        yield opened


def test_fal_uploads_submits_follows_and_fetches(fal_over_tls: tuple[Running, Path], tmp_path, portrait, speech):
    sim, authority = fal_over_tls
    (tmp_path / "me.png").write_bytes(portrait)
    (tmp_path / "words.wav").write_bytes(speech)
    host = sim.url.removeprefix("https://")
    hosts = {"FAL_RUN_HOST": host, "FAL_QUEUE_RUN_HOST": host, "FAL_KEY": "id:secret"}
    command = [sys.executable, "-c", FAL_CUSTOMER, sim.url, str(tmp_path / "me.png"), str(tmp_path / "words.wav")]

    done = subprocess.run(
        command,
        env={**os.environ, **hosts, "SSL_CERT_FILE": str(authority)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert set(told["seen"]) <= {"Queued", "InProgress", "Completed"}
    assert told["result"]["duration"] == told["again"]["duration"] == SECONDS
    assert told["result"]["video"]["content_type"] == "video/mp4"
    assert told["refused"] == 422
    assert [job["id"] for job in sim.admin("GET", "/jobs")["jobs"]][-1] == told["id"]


def test_wavespeed_uploads_and_runs(sim: Running, portrait, speech):
    client = wavespeed.Client(api_key="key", base_url=f"{sim.url}/wavespeed")
    files = {"image": _named(portrait, "me.png"), "audio": _named(speech, "words.wav")}
    inputs = {name: client.upload(file) for name, file in files.items()}

    film = client.run("kwaivgi/kling-v2-ai-avatar-pro", inputs, poll_interval=0.05)

    assert _seconds(sim, film["outputs"][0]) == pytest.approx(SECONDS, abs=0.1)


def test_wavespeed_waits_inside_the_submit(sim: Running, portrait, speech):
    client = wavespeed.Client(api_key="key", base_url=f"{sim.url}/wavespeed")
    inputs = {"image": client.upload(_named(portrait, "me.png")), "audio": client.upload(_named(speech, "words.wav"))}

    film = client.run_no_throw("kwaivgi/kling-v2-ai-avatar-pro", inputs, enable_sync_mode=True)

    assert film["status"] == "completed"


def test_sync_generates_lists_and_estimates(sim: Running, line: httpx.Client, portrait, speech):
    client = sync.Sync(base_url=f"{sim.url}/sync", api_key="key", httpx_client=line)
    audio = upload_sync(sim, "words.wav", speech)
    idle = _idle_clip(sim, portrait, audio)
    inputs = [sync.Video(url=idle), sync.Audio(url=audio)]

    made = client.generations.create(model="lipsync-2", input=inputs)
    finished = until(lambda: (found := client.generations.get(made.id)).status == "COMPLETED" and found)

    assert made.status in {"PENDING", "PROCESSING"}
    assert finished.output_duration == SECONDS
    assert _seconds(sim, finished.output_url) == pytest.approx(SECONDS, abs=0.1)
    assert made.id in {one.id for one in client.generations.list(status=["COMPLETED"])}
    assert client.generations.estimate_cost(model="lipsync-2", input=inputs)[0].estimated_frame_count == SECONDS * 25


def test_sync_takes_an_idempotency_key_through_the_request_options(sim: Running, line: httpx.Client, portrait, speech):
    client = sync.Sync(base_url=f"{sim.url}/sync", api_key="key", httpx_client=line)
    audio = upload_sync(sim, "words.wav", speech)
    inputs = [sync.Video(url=_idle_clip(sim, portrait, audio)), sync.Audio(url=audio)]
    options = {"additional_headers": {"Idempotency-Key": "once-and-only-once"}}
    before = sim.bill("sync")["jobs_accepted"]

    ids = {client.generations.create(model="lipsync-2", input=inputs, request_options=options).id for _ in range(3)}

    assert len(ids) == 1
    assert sim.bill("sync")["jobs_accepted"] == before + 1


def test_sync_reads_refusals(sim: Running, line: httpx.Client):
    client = sync.Sync(base_url=f"{sim.url}/sync", api_key="key", httpx_client=line)

    with pytest.raises(sync.BadRequestError) as refused:
        client.generations.create(model="nothing", input=[])

    assert refused.value.body.status_code == 400


def test_elevenlabs_speaks_with_times(sim: Running, line: httpx.Client):
    client = elevenlabs.ElevenLabs(base_url=f"{sim.url}/elevenlabs", api_key="key", httpx_client=line)
    words = "We open at nine."

    said = client.text_to_speech.convert_with_timestamps("voice", text=words, output_format="mp3_44100_128")

    heard_s = len(sound(base64.b64decode(said.audio_base_64))) / 48_000
    assert "".join(said.alignment.characters) == words
    assert said.alignment.character_end_times_seconds[-1] == pytest.approx(heard_s, abs=0.06)


def test_elevenlabs_streams(sim: Running, line: httpx.Client):
    client = elevenlabs.ElevenLabs(base_url=f"{sim.url}/elevenlabs", api_key="key", httpx_client=line)

    whole = b"".join(client.text_to_speech.convert("voice", text="We open at nine.", output_format="pcm_24000"))
    chunks = list(client.text_to_speech.stream_with_timestamps("voice", text="We open at nine."))

    assert len(whole) % 2 == 0
    assert len(whole) > 24_000
    assert "".join(chunks[0].alignment.characters) == "We open at nine."


def test_elevenlabs_reads_refusals(sim: Running, line: httpx.Client):
    client = elevenlabs.ElevenLabs(base_url=f"{sim.url}/elevenlabs", api_key="key", httpx_client=line)

    with pytest.raises(elevenlabs.core.api_error.ApiError) as refused:
        client.text_to_speech.convert_with_timestamps("missing", text="Hello.")

    assert refused.value.body["detail"]["status"] == "voice_not_found"


def test_openai_speaks(sim: Running, line: httpx.Client):
    client = openai.OpenAI(base_url=f"{sim.url}/openai/v1", api_key="key", http_client=line)

    said = client.audio.speech.create(model="tts-1", voice="alloy", input="We open at nine.", response_format="wav")

    assert len(sound(said.content)) / 48_000 > 1


def test_openai_chats_whole_and_streamed(sim: Running, line: httpx.Client):
    client = openai.OpenAI(base_url=f"{sim.url}/openai/v1", api_key="key", http_client=line)
    asked = {"model": "gpt-5-mini", "messages": [{"role": "user", "content": "When do you open?"}]}

    whole = client.chat.completions.create(**asked)
    chunks = list(client.chat.completions.create(**asked, stream=True, stream_options={"include_usage": True}))

    words = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert words.strip() == whole.choices[0].message.content == "This is a simulated answer to: When do you open?"
    assert chunks[-1].usage.total_tokens > 0


def test_openai_retries_what_it_may(sim: Running, line: httpx.Client):
    client = openai.OpenAI(base_url=f"{sim.url}/openai/v1", api_key="key", http_client=line)
    sim.fault("openai", "503", times=1)

    assert len(client.models.list().data) > 1
    assert client.audio.speech.create(model="tts-1", voice="alloy", input="Hi.").content
    assert sim.bill("openai")["requests"] == 1


@pytest.fixture
def fal_over_tls(tmp_path) -> Iterator[tuple[Running, Path]]:
    """Fal alone at the root of an https server whose authority nobody but this test knows."""
    certificate, key = tmp_path / "server.pem", tmp_path / "server.key"
    _self_signed(certificate, key)
    served = run(quick(), only="fal", tls=(certificate, key))
    sim = next(served)
    sim.http.close()
    sim.http = type(sim.http)(base_url=sim.url, verify=ssl.create_default_context(cafile=certificate))
    yield sim, certificate
    served.close()


def _self_signed(certificate: Path, key: Path) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "throwaway")])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(private, hashes.SHA256())
    )
    certificate.write_bytes(built.public_bytes(serialization.Encoding.PEM))
    kind = serialization.PrivateFormat.TraditionalOpenSSL
    key.write_bytes(private.private_bytes(serialization.Encoding.PEM, kind, serialization.NoEncryption()))


def _named(content: bytes, name: str) -> io.BytesIO:
    file = io.BytesIO(content)
    file.name = name
    return file


def _idle_clip(sim: Running, portrait: bytes, audio: str) -> str:
    """A film to put new lips on: one that the simulator itself made from a picture."""
    accepted = SYNC.submit(sim, upload_sync(sim, "me.png", portrait), audio).json()
    return SYNC.outcome(sim, accepted)


def _seconds(sim: Running, url: str) -> float:
    with av.open(io.BytesIO(sim.http.get(url).content)) as film:
        return film.duration / av.time_base
