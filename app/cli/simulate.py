"""Command `greenroom simulate`: simulators of every provider on this computer, at no cost."""

from enum import StrEnum
from typing import Annotated

import typer

from app.cli.output import out
from app.runtime.settings.site import load_settings
from app.runtime.settings.vendors import KEY_NAMES, address_name
from app.simulators.context import SimulatorContext
from app.simulators.local_video import LocalMedia
from app.simulators.server import VENDORS, serve
from app.simulators.stub_video import PlainMedia
from app.simulators.voice import LocalVoice, ToneVoice


class VideoKind(StrEnum):
    """Kind of the delivered video: a face that speaks, or a still picture and tones, made in a moment."""

    LOCAL = "local"
    PLAIN = "plain"


def simulate(
    host: Annotated[str, typer.Option("--host", metavar="H", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", metavar="P", min=1, max=65535, help="Port.")] = 9900,
    latency_s: Annotated[float, typer.Option("--latency", metavar="S", min=0, help="Seconds a job takes.")] = 2.0,
    only: Annotated[str | None, typer.Option(metavar="VENDOR", help="Serve one provider at the root.")] = None,
    films: Annotated[
        VideoKind,
        typer.Option(
            help="`local`: speaking faces from the local renderer; "
            "`plain`: still pictures, which the quality gate refuses."
        ),
    ] = VideoKind.LOCAL,
) -> None:
    """Serve simulators of every provider on this computer.

    They accept, refuse, deliver playable files and bill as the real ones do. Order faults (429, lost answers,
    forged webhooks, ...) at /_admin/faults; the bill is at /_admin/bill.

    \b
    Examples:
      greenroom simulate
      FAL_KEY=any FAL_BASE_URL=http://127.0.0.1:9900/fal greenroom plan
      FAL_KEY=any FAL_BASE_URL=http://127.0.0.1:9900/fal greenroom warm --yes
    """
    if only is not None and only not in VENDORS:
        raise typer.BadParameter(f"expected one of {', '.join(VENDORS)}, got {only!r}.", param_hint="--only")
    for provider in (only,) if only else VENDORS:
        path = "" if only else f"/{provider}"
        out.print(f"{KEY_NAMES[provider]}=any {address_name(provider)}=http://{host}:{port}{path}", markup=False)
    serve(host, port, stage=_stage(films, latency_s), only=only)


def _stage(films: VideoKind, latency_s: float) -> SimulatorContext:
    if films is VideoKind.PLAIN:
        return SimulatorContext(latency_s=latency_s, media=PlainMedia(longest_px=256), voice=ToneVoice())
    models_dir = load_settings().models_dir.expanduser()
    return SimulatorContext(latency_s=latency_s, media=LocalMedia(models_dir), voice=LocalVoice())
