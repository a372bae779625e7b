"""The page of `http/renderer`: its contract holds for the simulator, and its reference server does what it says."""

import base64
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2 as httpx
import jsonschema
import pytest
import yaml

from app.simulators.context import SimulatorContext
from app.simulators.server import create_app
from app.simulators.stub_video import PlainMedia
from tests.docs.pages import REFERENCE
from tests.support.simulated import served, spoken_job
from tests.support.sites import SMALL, small_site

PAGE = (REFERENCE / "providers" / "http-renderer.md").read_text()
KEY = {"Authorization": "Bearer key"}
JOB = "0123456789abcdef" * 2


def _contract() -> dict[str, Any]:
    return yaml.safe_load(re.search(r"```yaml\n(openapi.+?)```", PAGE, re.DOTALL)[1])


def _fits(document: object, name: str) -> None:
    schema = {"$ref": f"#/components/schemas/{name}", "components": _contract()["components"]}
    jsonschema.Draft202012Validator(schema).validate(document)


def _render(folder: Path, *, name: str = JOB) -> dict[str, Any]:
    job = spoken_job(folder, model="renderer", token=name)
    portrait, audio = (base64.b64encode(path.read_bytes()).decode() for path in (job.portrait, job.speech_wav))
    media = {"portrait": f"data:image/png;base64,{portrait}", "audio": f"data:audio/wav;base64,{audio}"}
    return {"id": name, **media, "video": {"width": 128, "height": 128, "fps": 25}}


@contextmanager
def _reference(folder: Path, **environment: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The page's server, started as the page says, on a free port."""
    source = re.search(r"```python\n(.+?)```", PAGE, re.DOTALL)[1]
    (folder / "server.py").write_text(source)
    process = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", "server:app", "--app-dir", str(folder), "--port", "0"],
        env={**os.environ, "RENDERER_JOBS": str(folder / "jobs"), "RENDERER_KEY": "key", **environment},
        cwd=folder,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        address = next(found[0] for line in process.stderr if (found := re.search(r"http://[\d.:]+", line)))
        yield address, process
    finally:
        process.kill()
        process.wait(60)
        process.stderr.close()


@pytest.fixture(params=["simulator", "reference server"])
def server(request, tmp_path) -> Iterator[str]:
    if request.param == "simulator":
        with served(create_app(SimulatorContext(latency_s=0.1, media=PlainMedia(longest_px=64)))) as url:
            yield f"{url}/http"
    else:
        with _reference(tmp_path) as (url, _):
            yield url


def _over(url: str, name: str = JOB, *, within_s: float = 120) -> dict[str, Any]:
    give_up = time.monotonic() + within_s
    while True:
        told = httpx.get(f"{url}/v1/renders/{name}", headers=KEY, timeout=60).json()
        _fits(told, "Job")
        if told["state"] in {"done", "failed", "cancelled"}:
            return told
        assert time.monotonic() < give_up, told
        time.sleep(0.1)


def _post(url: str, body: dict[str, Any], headers: dict[str, str] = KEY) -> httpx.Response:
    return httpx.post(f"{url}/v1/renders", json=body, headers=headers, timeout=60)


def test_the_page_has_four_routes():
    routes = [(path, way) for path, ways in _contract()["paths"].items() for way in ways if way != "parameters"]

    assert len(routes) == 4


def test_a_server_keeps_to_the_contract(server, tmp_path):
    body = _render(tmp_path)
    _fits(body, "Render")

    first, again = _post(server, body), _post(server, body)
    told = _over(server)
    video = httpx.get(f"{server}/v1/renders/{JOB}/video", headers=KEY, timeout=60)
    part = httpx.get(f"{server}/v1/renders/{JOB}/video", headers={**KEY, "Range": "bytes=4-11"}, timeout=60)
    cancelled = httpx.delete(f"{server}/v1/renders/{JOB}", headers=KEY, timeout=60)

    assert (first.status_code, again.status_code) == (201, 200)
    assert (told["state"], told["video_bytes"]) == ("done", len(video.content))
    assert (part.status_code, part.content) == (206, video.content[4:12])
    assert (cancelled.status_code, cancelled.json()["state"]) == (200, "done")


def test_a_server_refuses_as_the_contract_says(server, tmp_path):
    body = _render(tmp_path)
    nobody = httpx.get(f"{server}/v1/renders/{JOB}", headers=KEY, timeout=60)
    refused = [
        (_post(server, {**body, "id": "../up"}), {400, 422}),
        (_post(server, {**body, "portrait": "http://127.0.0.1:9/me.png"}), {400, 422}),
        (_post(server, body, {}), {401}),
        (httpx.get(f"{server}/v1/renders/{JOB}/video", headers=KEY, timeout=60), {404}),
        (httpx.delete(f"{server}/v1/renders/{JOB}", headers=KEY, timeout=60), {404}),
        (nobody, {404}),
    ]

    for answer, expected in refused:
        assert answer.status_code in expected
        _fits(answer.json(), "Error")


@pytest.mark.long
def test_a_killed_reference_server_carries_on_with_what_it_took(tmp_path):
    slow = f"{sys.executable} -c 'import time; time.sleep(60)' {{video}}"
    copy = f"{sys.executable} -c 'import shutil, sys; shutil.copy(sys.argv[1], sys.argv[2])' {{audio}} {{video}}"
    with _reference(tmp_path, RENDERER_COMMAND=slow) as (url, process):
        _post(url, _render(tmp_path))
        process.send_signal(signal.SIGKILL)
    with _reference(tmp_path, RENDERER_COMMAND=copy) as (url, _):
        again = _post(url, _render(tmp_path))
        told = _over(url)

    assert again.status_code == 200
    assert told["state"] == "done"


def test_a_command_that_fails_is_told_as_a_failure(tmp_path):
    with _reference(tmp_path, RENDERER_COMMAND="/nowhere/infer {portrait} {audio} {video}") as (url, _):
        _post(url, _render(tmp_path))
        told = _over(url)

    assert told["state"] == "failed"
    assert "FileNotFoundError" in told["error"]


def test_clips_are_warmed_through_the_reference_server(tmp_path):
    small = {**SMALL, "renderers": ["http/renderer", "local"]}
    site = small_site(tmp_path / "site", **{"avatars/mira.yaml": small})
    own = {"HTTP_RENDERER_KEY": "key", "GREENROOM_QUALITY_GATE": "file"}
    asked = ("warm", "--json", "--only", "dogs", "--only", "tickets")
    (tmp_path / "own").mkdir()
    with _reference(tmp_path / "own") as (url, _):
        warmed = site.run(*asked, **own, HTTP_RENDERER_URL=url)
        again = site.run(*asked, **own, HTTP_RENDERER_URL=url)
    jobs = [path for path in (tmp_path / "own" / "jobs").iterdir() if (path / "video.mp4").exists()]

    assert warmed.returncode == again.returncode == 0, warmed.stderr + warmed.stdout
    assert len(jobs) == 2


@pytest.mark.long
def test_the_full_gate_refuses_the_still_pictures_of_the_reference_server(tmp_path):
    site = small_site(tmp_path / "site", **{"avatars/mira.yaml": {**SMALL, "renderers": ["http/renderer"]}})
    (tmp_path / "own").mkdir()
    with _reference(tmp_path / "own") as (url, _):
        own = {"HTTP_RENDERER_KEY": "key", "HTTP_RENDERER_URL": url}
        warmed = site.run("warm", "--json", "--only", "dogs", **own)

    assert warmed.returncode == 1
    assert "stillness" in warmed.stdout
