"""Own servers: the key stays with them, each is asked, and a silent one proves nothing."""

from contextlib import AsyncExitStack
from dataclasses import dataclass, replace

import pytest
import stamina
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from app.adapters.http.endpoint import Access
from app.adapters.vendors.base import ProviderRenderer
from app.adapters.vendors.registry import open_vendors
from app.errors import OutcomeUnknownError, ProviderRefusedError, ProviderUnavailableError, SettingsError
from app.rendering.ports import JobStatus
from tests.support.simulated import served, spoken_job

TOKEN = "0123456789abcdef" * 2


class OwnServer:
    """A server that knows the jobs it was sent; `elsewhere` is where it sends those who want a video."""

    def __init__(self) -> None:
        self.jobs: dict[str, dict] = {}
        self.keys: list[tuple[str, str]] = []
        self.elsewhere = ""
        self.renames = False

    async def answer(self, request: Request) -> Response:
        self.keys.append((request.url.path, request.headers.get("authorization", "")))
        if request.method == "POST":
            name = (await request.json())["id"]
            self.jobs[name] = {"id": name, "state": "done", "video_bytes": 5}
            return JSONResponse({"id": "other" if self.renames else name, "state": "queued"}, 201)
        if request.url.path.endswith("/video"):
            return RedirectResponse(self.elsewhere) if self.elsewhere else Response(b"video")
        job = self.jobs.get(request.path_params["path"].removeprefix("v1/renders/"))
        return JSONResponse(job or {"error": "none"}, 200 if job else 404)


@dataclass
class Desk:
    """Two own servers, and renderers that are closed at the end."""

    first: OwnServer
    second: OwnServer
    one: str
    two: str
    opened: AsyncExitStack

    def renderer(self, *, key: str = "key", second: str = "") -> ProviderRenderer:
        more = {"http": {"models": {"small": {"endpoint": second or self.two, "price_per_s": "0"}}}}
        made = open_vendors({"http": Access(key, base_url=self.one)}, more)["http"]
        self.opened.push_async_callback(made.aclose)
        return made


@pytest.fixture
async def desk():
    stamina.set_testing(True, attempts=2)
    first, second = OwnServer(), OwnServer()
    routes = [[Route("/{path:path}", one.answer, methods=["GET", "POST"])] for one in (first, second)]
    with served(Starlette(routes=routes[0])) as one, served(Starlette(routes=routes[1])) as two:
        async with AsyncExitStack() as opened:
            yield Desk(first, second, one, two, opened)
    stamina.set_testing(False)


async def test_each_model_is_a_server_and_a_job_is_found_at_its_own(desk, tmp_path):
    assert await desk.renderer().submit(spoken_job(tmp_path, model="small", token=TOKEN)) == TOKEN

    assert (list(desk.first.jobs), list(desk.second.jobs)) == ([], [TOKEN])
    later = desk.renderer()  # another process, which knows no place of any job
    assert await later.find(TOKEN) == TOKEN
    assert await later.poll(TOKEN) == JobStatus("done", done_share=1.0)
    await later.fetch(TOKEN, tmp_path / "film.mp4")
    assert (tmp_path / "film.mp4").read_bytes() == b"video"


async def test_a_server_that_is_silent_proves_nothing(desk):
    with pytest.raises(ProviderUnavailableError):
        await desk.renderer(second="http://127.0.0.1:9").find(TOKEN)


async def test_the_key_goes_to_its_own_server_only(desk, tmp_path):
    desk.first.elsewhere = f"{desk.two}/v1/renders/x/video"
    renderer = desk.renderer()
    await renderer.submit(spoken_job(tmp_path, model="renderer", token=TOKEN))

    await renderer.fetch(TOKEN, tmp_path / "film.mp4")

    assert {key for _, key in desk.first.keys} == {"Bearer key"}
    assert desk.second.keys == [("/v1/renders/x/video", "")]


async def test_without_a_key_none_is_sent(desk, tmp_path):
    await desk.renderer(key="").submit(spoken_job(tmp_path, model="renderer", token=TOKEN))

    assert desk.first.keys == [("/v1/renders", "")]


async def test_a_job_under_another_name_is_not_believed(desk, tmp_path):
    desk.first.renames = True

    with pytest.raises(OutcomeUnknownError):
        await desk.renderer().submit(spoken_job(tmp_path, model="renderer", token=TOKEN))


async def test_whether_a_failure_is_billed_is_what_the_server_says(desk):
    renderer = desk.renderer()
    told = {"id": TOKEN, "state": "failed", "error": "no face"}

    states = []
    for job in (told, {**told, "billed": True}, {**told, "state": "cancelled", "billed": False}):
        desk.first.jobs[TOKEN] = job
        states.append(await renderer.poll(TOKEN))

    assert [state.charged for state in states] == [False, True, False]
    assert {state.error for state in states} == {"no face"}


async def test_a_model_that_is_not_there_or_has_no_address_is_refused(desk, tmp_path):
    job = spoken_job(tmp_path, model="renderer", token=TOKEN)

    with pytest.raises(ProviderRefusedError, match="renderer, small"):
        await desk.renderer().submit(replace(job, model="large"))
    with pytest.raises(SettingsError, match=r"http\.models\.small\.endpoint"):
        desk.renderer(second="10.0.0.6:8188")
