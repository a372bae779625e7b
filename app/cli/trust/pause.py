"""Commands `greenroom pause` and `resume`: no new answers for visitors, on every node, until somebody resumes."""

import asyncio
from typing import Annotated, Literal

import typer

from app.adapters.sql.audit import SqlAudit
from app.cli.options import CacheOption, CatalogOption, JsonOption, settings_for
from app.cli.output import out, print_json
from app.runtime.serving.config_audit import who
from app.runtime.settings.site import Settings
from app.runtime.wiring.answer_switch import AnswerSwitch
from app.runtime.wiring.clock import SystemClock
from app.runtime.wiring.database import open_database

WhatArgument = Annotated[Literal["answers"], typer.Argument(metavar="answers", help="New answers for visitors.")]


def pause(
    what: WhatArgument,
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="Why, for the audit log.")] = "",
    catalog: CatalogOption = None,
    cache: CacheOption = None,
    as_json: JsonOption = False,
) -> None:
    """Pause new answers on every node at once: nothing more is worded, filmed or paid for visitors.

    Stored clips play on, and what has no clip is answered in words. A film that has been ordered is finished.

    \b
    Examples:
      greenroom pause answers --note "somebody plays games with it"
    """
    _turn(what, settings_for(catalog, cache), on=False, note=note, as_json=as_json)


def resume(
    what: WhatArgument,
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="Why, for the audit log.")] = "",
    catalog: CatalogOption = None,
    cache: CacheOption = None,
    as_json: JsonOption = False,
) -> None:
    """Resume new answers that were paused.

    \b
    Examples:
      greenroom resume answers
    """
    _turn(what, settings_for(catalog, cache), on=True, note=note, as_json=as_json)


def _turn(what: str, settings: Settings, *, on: bool, note: str, as_json: bool) -> None:
    changed = asyncio.run(_turned(settings, on=on, note=note))
    state = "resumed" if on else "paused"
    if as_json:
        print_json({"what": what, "state": state, "changed": changed})
    elif changed:
        out.print(f"New answers are {state} on every node.")
    else:
        out.print(f"New answers were {'not paused' if on else 'paused already'}; nothing was changed.")


async def _turned(settings: Settings, *, on: bool, note: str) -> bool:
    async with open_database(settings) as database:
        return await AnswerSwitch(SqlAudit(database)).turn(on=on, actor=who(), at=SystemClock().now(), note=note)
