"""Commands `greenroom serve` and `demo`: listen, serve, say goodbye."""

import asyncio
import gc
import signal
import socket
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from types import FrameType
from typing import Annotated

import typer
import uvicorn

from app.cli.meanwhile import MeanwhileOption, with_meanwhile
from app.cli.options import BudgetOption, CacheOption, CatalogOption, YesOption, run, settings_for
from app.cli.output import FAILED, Status, err, out
from app.cli.plan_and_warm import agreed, lowest
from app.cli.progress import watched
from app.conversation.hub import MAX_SESSIONS
from app.conversation.protocol.rules import LIMITS
from app.errors import SettingsError
from app.rendering.plan.planner import Plan
from app.rendering.work.warm import RunLimits
from app.rendering.work.warm_events import OnEvent, Summary
from app.rendering.work.warm_order import opens_talk
from app.runtime.commands.plan import plan_catalog
from app.runtime.commands.verdict import servable
from app.runtime.commands.voices import in_text_told
from app.runtime.commands.warm import warm_catalog
from app.runtime.serving.background_warm import BackgroundWarm, logged
from app.runtime.serving.container import Container, open_container
from app.runtime.serving.lifecycle import told
from app.runtime.settings.site import Settings
from app.runtime.wiring.database import serving_alone
from app.runtime.wiring.logging import set_up_logging
from app.web.app import create_app
from app.web.chat.event_stream import hang_up
from app.web.chat.frame_protocol import fitting_protocol
from app.web.middleware.http_guard import GuardedHttp
from app.web.studio.access import StudioState

HostOption = Annotated[str, typer.Option("--host", metavar="H", help="Address to listen on.")]
PortOption = Annotated[int, typer.Option("--port", metavar="P", min=0, max=65535, help="Port; 0 takes a free one.")]

_FAREWELL_S = 0.25
"""Pause between `session.ending` and the end of the connections."""

_NEAR_PORTS = 10
"""Ports that a demo tries, from the wanted one on."""


def serve(
    host: HostOption = "127.0.0.1",
    port: PortOption = 8080,
    warm: Annotated[bool, typer.Option("--warm", help="Render what is missing, while it serves.")] = False,
    yes: YesOption = False,
    budget: BudgetOption = None,
    meanwhile: MeanwhileOption = None,
    catalog: CatalogOption = None,
    cache: CacheOption = None,
) -> None:
    """Serve the chat, the clips and the demo page. It is ready when /readyz says so.

    With --warm it is ready as soon as a talk can begin; visitors' questions are rendered first.

    \b
    Examples:
      greenroom serve
      greenroom serve --host 0.0.0.0 --port 80
      greenroom serve --warm --budget 2.50 --yes
      greenroom serve --meanwhile keep
    """
    settings = with_meanwhile(settings_for(catalog, cache), meanwhile)
    _warn_open_development(settings, host)
    films = _films(settings)
    set_up_logging(format_=settings.log_format, level=settings.log_level)
    wish = _WarmWish(yes=yes, budget=budget, show=logged) if warm and films else None
    run(_serve(settings, _listen(host, port, tries=1), wish), terminated=Status.OK)


def demo(
    host: HostOption = "127.0.0.1",
    port: PortOption = 8080,
    yes: YesOption = False,
    budget: BudgetOption = None,
    catalog: CatalogOption = None,
    cache: CacheOption = None,
) -> None:
    """Serve the catalog, say which page to open, and render what is missing behind it.

    The page can be opened as soon as a talk can begin. You may end it at any time; the next run goes on.

    \b
    Examples:
      greenroom demo
      greenroom demo --port 9000
    """
    settings = settings_for(catalog, cache)
    _warn_open_development(settings, host)
    films = _films(settings)
    set_up_logging(format_=settings.log_format, level="warning")
    wish = _WarmWish(yes=yes, budget=budget, show=watched) if films else None
    run(_serve(settings, _listen(host, port, tries=_NEAR_PORTS), wish, announce=True), terminated=Status.OK)


@dataclass(frozen=True, slots=True)
class _WarmWish:
    """Wish to render while it serves: agreement to the price, budget, and where it is told how far it is."""

    yes: bool
    budget: Decimal | None
    show: Callable[[Plan], AbstractAsyncContextManager[OnEvent]]


def _listen(host: str, port: int, *, tries: int) -> socket.socket:
    for candidate in range(port, min(port + tries, 65_536)):
        listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Every connection inherits this: without it an answer's second frame waits 40 ms for the first ACK.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            listener.bind((host, candidate))
        except OSError as error:
            listener.close()
            problem = error
        else:
            return listener
    raise SettingsError(
        f"Cannot listen at {host}:{port}: {problem.strerror}. Name another address with --host or --port."
    ) from problem


def _warn_open_development(settings: Settings, host: str) -> None:
    """Warn if others can reach a site in development, where anybody on this computer has all roles."""
    if settings.environment == "development" and host not in {"127.0.0.1", "::1", "localhost"}:
        err.print(
            f"[yellow]note[/yellow]  Listening on {host} in development: set GREENROOM_ENVIRONMENT=production and "
            "GREENROOM_SECRET before you open the site to the public."
        )


def _films(settings: Settings) -> bool:
    """Return whether what is missing may be rendered; tell what stands against it.

    Raises:
        CatalogError: the folder cannot even be served.
    """
    errors = servable(settings)
    if errors:
        err.print("[yellow]note[/yellow]  Nothing is rendered; answers without a clip are given in words:")
    for one in errors:
        err.print(f"  {one}", markup=False, highlight=False, soft_wrap=True)
    return not errors


class _Server(uvicorn.Server):
    """Server that says goodbye before it hangs up, then returns; uvicorn would raise the signal again."""

    def __init__(
        self,
        config: uvicorn.Config,
        *,
        farewell: Callable[[], None],
        hang_up: Callable[[], None],
        studio: StudioState,
    ) -> None:
        super().__init__(config)
        self._farewell, self._hang_up = farewell, hang_up
        self.studio = studio
        self.reason = ""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - uvicorn's signature
        """End in order at the first signal; at once at a second Ctrl-C."""
        self.reason = signal.Signals(sig).name
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Notify the visitors first: uvicorn closes their sockets before the app learns of the end."""
        self._farewell()
        await asyncio.sleep(_FAREWELL_S)
        self._hang_up()
        await super().shutdown(sockets)


async def _serve(
    settings: Settings, listener: socket.socket, wish: _WarmWish | None, *, announce: bool = False
) -> None:
    with listener, serving_alone(settings):
        await _serve_at(settings, listener, wish, announce=announce)


async def _serve_at(settings: Settings, listener: socket.socket, wish: _WarmWish | None, *, announce: bool) -> None:
    async with open_container(settings) as container:
        if wish:
            container.warming = await _warming(container, wish)
        host, port = listener.getsockname()[:2]
        address = f"http://{'localhost' if host in {'127.0.0.1', '::1'} else host}:{port}/"
        server = _server(container, address)
        with told(container.site, "serve", address=address) as ending:
            studio = server.studio if announce else None
            greeting = asyncio.create_task(_announce_when_ready(container.readiness, address, studio))
            await server.serve(sockets=[listener])
            greeting.cancel()
            ending.reason = server.reason


async def _warming(container: Container, wish: _WarmWish) -> BackgroundWarm:
    """Plan what is missing; what costs money is agreed to before anybody can connect.

    Raises:
        Exit: nobody agreed to the price.
    """
    site = container.site
    plan = await plan_catalog(site)
    for line in in_text_told(plan.in_text):
        err.print(f"[yellow]note[/yellow]  {line}", highlight=False, soft_wrap=True)
    if plan.price and not wish.yes and not agreed(plan.price):
        raise typer.Exit(FAILED)

    async def film(made: Plan, budget: Decimal | None, on_event: OnEvent) -> Summary:
        place = container.warm_place(free=not made.price)
        return await warm_catalog(site, made, limits=RunLimits(budget), on_event=on_event, place=place)

    return BackgroundWarm(
        first=plan,
        plan=lambda: plan_catalog(site),
        film=film,
        opens=lambda item: any(opens_talk(line, site.catalog) for line in item.wanted.lines),
        show=wish.show,
        budget=lowest(wish.budget, site.catalog.budget.per_run),
        yes=wish.yes,
    )


def _server(container: Container, address: str) -> _Server:
    app = create_app(container, limits=container.limits)
    studio: StudioState = app.state.studio
    studio.tell = partial(_tell_link, address)
    config = uvicorn.Config(
        app,
        ws=fitting_protocol(),
        ws_per_message_deflate=False,
        ws_max_size=4 * LIMITS.frame_bytes,  # the app refuses above the limit, with its own close code
        ws_ping_interval=20,
        ws_ping_timeout=20,
        timeout_graceful_shutdown=25,
        log_config=None,
        access_log=False,
        server_header=False,
        http=GuardedHttp,
        limit_concurrency=2 * MAX_SESSIONS,
        proxy_headers=False,  # the app believes only the proxies of its settings
    )

    def farewell() -> None:
        app.state.greenroom.hub.going_away(after_s=_FAREWELL_S)
        studio.works.hang_up()

    return _Server(config, farewell=farewell, hang_up=partial(hang_up, app.state.greenroom), studio=studio)


def _tell_link(address: str, link: str) -> None:
    """Print a link that signs in to the Studio, on one line, so that a terminal can open it."""
    out.print(f"Studio  {address}studio/enter?link={link}", soft_wrap=True, markup=False, highlight=False)


async def _announce_when_ready(
    readiness: Callable[[], Awaitable[tuple[str, ...]]], address: str, studio: StudioState | None
) -> None:
    """Print the address once it can be opened; `studio`: that of a demo, which also gets a link that signs in once."""
    while await readiness():  # noqa: ASYNC110 - the question of /readyz
        await asyncio.sleep(0.1)
    _freeze_garbage_collector()
    if studio:
        out.print(f"\n[bold green]Open[/bold green]  [bold]{address}[/bold]   (Ctrl-C ends it)")
        if studio.sessions.links and studio.tell:
            studio.tell(studio.sessions.link())
    else:
        out.print(f"ready  {address}")


def _freeze_garbage_collector() -> None:
    """Exclude loaded objects from garbage collection: each full pass would stop everybody for 0.1 s."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
