"""`greenroom simulate`: every vendor on this computer, at no cost."""

from typing import Annotated

import typer

from app.cli.present import out
from app.runtime.vendor_settings import KEY_NAMES
from app.simulators.server import VENDORS, serve
from app.simulators.stage import Stage


def simulate(
    host: Annotated[str, typer.Option("--host", metavar="H", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", metavar="P", min=1, max=65535, help="Port.")] = 9900,
    latency_s: Annotated[float, typer.Option("--latency", metavar="S", min=0, help="Seconds a job takes.")] = 2.0,
    only: Annotated[str | None, typer.Option(metavar="VENDOR", help="Serve one vendor at the root.")] = None,
) -> None:
    """Serve stand-ins for every vendor: they accept, refuse, deliver playable files and bill as the real ones do.

    Orders of mischief (429, lost answers, forged webhooks, ...) go to /_admin/faults, the bill is at /_admin/bill.

    \b
    Examples:
      greenroom simulate
      FAL_KEY=any FAL_BASE_URL=http://127.0.0.1:9900/fal greenroom plan
    """
    if only is not None and only not in VENDORS:
        raise typer.BadParameter(f"expected one of {', '.join(VENDORS)}, got {only!r}.", param_hint="--only")
    for vendor in (only,) if only else VENDORS:
        path = "" if only else f"/{vendor}"
        out.print(f"{KEY_NAMES[vendor]}=any {vendor.upper()}_BASE_URL=http://{host}:{port}{path}", markup=False)
    serve(host, port, stage=Stage(latency_s=latency_s), only=only)
