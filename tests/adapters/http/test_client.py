"""The guarded door, against a real server on loopback that must never be reached unless it is the trusted one."""

import asyncio
import contextlib

import pytest
import stamina

from app.adapters.http.client import ProviderHttp
from app.adapters.http.endpoint import Access, Endpoint
from app.adapters.http.response import Timeouts
from app.errors import MediaError, OutcomeUnknownError, ProviderUnavailableError

HOSTILE = """
http://127.0.0.1:{p}/ http://127.0.0.2:{p}/ http://127.255.255.254:{p}/ http://127.1:{p}/ http://127.0.1:{p}/
http://2130706433:{p}/ http://0x7f000001:{p}/ http://0x7f.0.0.1:{p}/ http://0177.0.0.1:{p}/ http://017700000001:{p}/
http://0:{p}/ http://0.0.0.0:{p}/ http://localhost:{p}/ http://LOCALHOST:{p}/ http://localhost.:{p}/
http://[::1]:{p}/ http://[::]:{p}/ http://[::ffff:127.0.0.1]:{p}/ http://[::ffff:7f00:1]:{p}/ http://[0:0:0:0:0:0:0:1]:{p}/
http://[::127.0.0.1]:{p}/ http://[64:ff9b::7f00:1]:{p}/ http://[2002:7f00:1::]:{p}/ http://[fe80::1]:{p}/
http://user:pass@127.0.0.1:{p}/ http://example.org@127.0.0.1:{p}/ http://127.0.0.1:{p}@127.0.0.1:{p}/
http://127.0.0.1:{p}/#@example.org http://127.0.0.1:{p}?@example.org/ http://127.0.0.1:{p}\\@example.org/
http://①②⑦.⓪.⓪.①:{p}/ http://127。0。0。1:{p}/ http://ⓛocalhost:{p}/ http://127.0.0.1%2eexample.org:{p}/
http://127.0.0.1 http://127.1 http://2130706433 http://0x7f000001 http://0 http://localhost http://[::1] http://[::]
http://10.0.0.1/ http://172.16.0.1/ http://192.168.0.1/ http://169.254.169.254/latest/meta-data/ http://100.100.100.200/
http://192.0.0.192/ http://[fd00:ec2::254]/ http://[fec0::1]/ http://[ff02::1]/ http://224.0.0.1/ http://255.255.255.255/
http://198.18.0.1/ http://203.0.113.1/ http://240.0.0.1/ https://127.0.0.1:{p}/ https://localhost/ https://[::1]/
ftp://127.0.0.1:{p}/ file:///etc/passwd gopher://127.0.0.1:{p}/_GET data:video/mp4;base64,AAAA unix:///var/run/x.sock
http:/127.0.0.1:{p}/ //127.0.0.1:{p}/ 127.0.0.1:{p} http:// http:///x javascript:1 http://8.8.8.8:22/ http://8.8.8.8:6379/
""".split()  # noqa: SIM905  a list would be four pages


class Server:
    """Answers each connection with what `say` holds, and counts them."""

    def __init__(self) -> None:
        self.say = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfilm"
        self.requests: list[bytes] = []
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            self.requests.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(self.say)
            await writer.drain()
        writer.close()


@pytest.fixture
async def server():
    made = Server()
    listening = await asyncio.start_server(made.answer, "127.0.0.1", 0)
    made.port = listening.sockets[0].getsockname()[1]
    others = await asyncio.start_server(made.answer, ["127.0.0.2", "127.255.255.254"], made.port)
    stamina.set_testing(True, attempts=2)
    yield made
    stamina.set_testing(False)
    listening.close()
    others.close()


@pytest.fixture
async def wire():
    made = _wire(None)
    yield made
    await made.aclose()


def _wire(base_url: str | None, **times: float) -> ProviderHttp:
    site = Endpoint("https://api.example.org", domains=("example.org",), base_url=base_url)
    return ProviderHttp(site, {"Authorization": "Key sesame"}, secrets=("sesame",), timeouts=Timeouts(**times))


def test_the_corpus_is_large_enough():
    assert len(set(HOSTILE)) >= 60


@pytest.fixture
def open_port(server, monkeypatch):
    """Lets the server's port through, so that only the address stands between it and a request."""
    monkeypatch.setattr("app.adapters.http.client._PORTS", frozenset({80, 443, server.port}))
    return server.port


@pytest.mark.parametrize("template", HOSTILE)
async def test_a_hostile_address_is_never_reached(template, server, open_port, wire, tmp_path):
    url = template.replace("{p}", str(open_port))

    with pytest.raises((MediaError, ProviderUnavailableError)):
        await wire.fetch_to(url, tmp_path / "film.mp4", max_bytes=100, total_s=5)

    assert server.requests == []
    assert not (tmp_path / "film.mp4").exists()


@pytest.mark.parametrize("template", HOSTILE[:30])
async def test_bytes_are_not_handed_to_a_hostile_address(template, server, open_port, wire):
    with pytest.raises((MediaError, ProviderUnavailableError)):
        await wire.hand_over(template.replace("{p}", str(open_port)), b"face", headers={})

    assert server.requests == []


async def test_another_port_than_the_web_s_is_refused(server, wire, tmp_path):
    with pytest.raises(MediaError, match="port 80 or 443"):
        await wire.fetch_to("http://8.8.8.8:22/", tmp_path / "film.mp4", max_bytes=100)


async def test_without_the_guard_the_corpus_does_reach_the_server(server, open_port, wire, tmp_path, monkeypatch):
    async def unguarded(host: str, _: int) -> str:
        return host

    monkeypatch.setattr("app.adapters.http.client.public_address", unguarded)
    for template in HOSTILE[:5]:
        await wire.fetch_to(template.replace("{p}", str(open_port)), tmp_path / "film.mp4", max_bytes=100)

    assert len(server.requests) == 5


async def test_the_looked_up_address_is_the_one_connected_to(server, open_port, wire, tmp_path, monkeypatch):
    async def looked_up(_: str, __: int) -> str:
        return "127.0.0.1"

    monkeypatch.setattr("app.adapters.http.client.public_address", looked_up)

    await wire.fetch_to(f"http://cdn.example.org:{open_port}/film", tmp_path / "film.mp4", max_bytes=100)

    assert f"host: cdn.example.org:{open_port}".encode() in server.requests[0].lower()


async def test_a_redirect_to_an_inner_address_is_refused(server, tmp_path):
    wire = _wire(server.url)
    server.say = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.2:80/\r\nContent-Length: 0\r\n\r\n"

    with pytest.raises(MediaError, match="public address"):
        await wire.fetch_to(f"{server.url}/film", tmp_path / "film.mp4", max_bytes=100)


async def test_redirects_end(server, tmp_path):
    wire = _wire(server.url)
    server.say = b"HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n"

    with pytest.raises(MediaError, match="redirects"):
        await wire.fetch_to(f"{server.url}/film", tmp_path / "film.mp4", max_bytes=100)


async def test_the_configured_host_is_fetched_from_without_the_key(server, tmp_path):
    wire = _wire(server.url)

    await wire.fetch_to(f"{server.url}/film", tmp_path / "film.mp4", max_bytes=100)

    assert (tmp_path / "film.mp4").read_bytes() == b"film"
    assert b"sesame" not in server.requests[0]


@pytest.mark.parametrize(
    ("say", "error"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n", MediaError),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nc8\r\n" + b"x" * 200 + b"\r\n0\r\n\r\n", MediaError),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", MediaError),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nfilm", MediaError),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: 4\r\n\r\n<p>!", MediaError),
        (b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n", MediaError),
        (b"HTTP/1.1 206 Partial Content\r\nContent-Length: 4\r\n\r\nfilm", MediaError),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\nfilm", ProviderUnavailableError),
        (b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", ProviderUnavailableError),
        (b"nonsense", ProviderUnavailableError),
    ],
)
async def test_what_is_no_whole_result_leaves_no_file(say, error, server, tmp_path):
    wire, server.say = _wire(server.url), say

    with pytest.raises(error):
        await wire.fetch_to(f"{server.url}/film", tmp_path / "film.mp4", max_bytes=100)

    assert not (tmp_path / "film.mp4").exists()


async def test_a_submit_is_sent_once_whatever_the_answer(server):
    wire, server.say = _wire(server.url), b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"

    answer = await wire.submit("/job", {})

    assert answer.status == 503
    assert len(server.requests) == 1


async def test_a_submit_without_an_answer_is_unknown_and_sent_once(server):
    wire, server.say = _wire(server.url), b""

    with pytest.raises(OutcomeUnknownError):
        await wire.submit("/job", {})

    assert len(server.requests) == 1


async def test_a_submit_that_drips_is_given_up(server):
    wire = _wire(server.url, total_s=0.2)
    server.say = b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n"

    given_up = asyncio.Event()

    async def hold(reader, writer):
        await reader.read()  # to its end, which is the client's
        writer.close()
        given_up.set()

    server.answer, listening = hold, await asyncio.start_server(hold, "127.0.0.1", 0)
    wire.site = Endpoint(
        "https://x.y", domains=(), base_url=f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    )

    with pytest.raises(OutcomeUnknownError, match="TimeoutError"):
        await wire.submit("/job", {})
    await asyncio.wait_for(given_up.wait(), 60)
    listening.close()


async def test_a_question_is_asked_again(server):
    wire, server.say = _wire(server.url), b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nRetry-After: 7\r\n\r\n"

    with pytest.raises(ProviderUnavailableError) as caught:
        await wire.ask("GET", "/status")

    assert len(server.requests) == 2
    assert caught.value.retry_after_s == 7


async def test_the_key_goes_to_the_vendor_only(wire):
    with pytest.raises(ProviderUnavailableError, match="nothing was sent"):
        await wire.ask("GET", "https://example.org.evil.test/status")
    with pytest.raises(ProviderUnavailableError, match="nothing was sent"):
        await wire.ask("GET", "http://api.example.org/status")


def test_a_base_url_takes_the_place_of_every_host_of_the_vendor():
    site = Endpoint("https://queue.fal.run", domains=("fal.run", "fal.ai"), base_url="http://127.0.0.1:9900/fal/")

    assert site.at("/a/b") == "http://127.0.0.1:9900/fal/a/b"
    assert site.at("https://rest.fal.ai/storage/x?y=1") == "http://127.0.0.1:9900/fal/storage/x?y=1"
    assert site.at("http://127.0.0.1:9900/fal/a/requests/1") == "http://127.0.0.1:9900/fal/a/requests/1"
    assert site.trusted_hosts == {"127.0.0.1"}


def test_nothing_secret_is_shown(wire):
    access = Access("sesame", webhook_secret="whsec_open")

    assert "sesame" not in repr(access)
    assert "whsec" not in repr(access)
    assert (
        wire.clean('bad key sesame at https://cdn.test/a.mp4?sig=abc "x"')
        == 'bad key *** at https://cdn.test/a.mp4?*** "x"'
    )


@pytest.fixture
async def at_home(server):
    made = ProviderHttp(Endpoint("https://api.example.org", domains=(), base_url=server.url), {})
    yield made
    await made.aclose()


@pytest.mark.parametrize("answers", [[False], [True, False]], ids=["before the head", "between head and body"])
async def test_a_job_that_would_leave_too_late_does_not_leave(answers, server, at_home):
    left = iter(answers)

    with pytest.raises(ProviderUnavailableError, match="time has run out"):
        await at_home.submit("/jobs", {"a": 1}, may_send=lambda: next(left, True))

    await asyncio.sleep(0.05)
    assert not any(b'"a"' in request for request in server.requests)
    assert len(server.requests) == len(answers) - 1


async def test_a_job_is_asked_whether_it_may_leave_before_each_write(server, at_home):
    asked = []

    def may_send() -> bool:
        asked.append(server.port)
        return True

    await at_home.submit("/jobs", {"a": 1}, may_send=may_send)

    assert len(asked) == 2
