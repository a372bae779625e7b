"""Command `greenroom release`: publish the catalog, show releases, go back to an earlier one."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.table import Table

from app.adapters.sql.releases import SqlReleases
from app.catalog.releases import CurrentRelease, PublishedRelease, Releases, every_step
from app.cli.options import CacheOption, CatalogOption, JsonOption, settings_for
from app.cli.output import WORK, err, money, out, print_json
from app.runtime.commands.publish import Difference, Proposal, difference, propose
from app.runtime.commands.publish import publish as make_current
from app.runtime.commands.publish import use as make_current_again
from app.runtime.settings.site import Settings
from app.runtime.wiring.database import open_database
from app.runtime.wiring.withdrawals import face_of, faces_not_shown

T = TypeVar("T")

app = typer.Typer(add_completion=False, rich_markup_mode=None, no_args_is_help=True)

_WITHDRAWN = "The consent for its face is withdrawn: its clips do not play, and its answers are words."

Number = Annotated[int, typer.Argument(metavar="NUMBER", help="The release's number.", min=1)]


@app.callback()
def releases() -> None:
    """Publish the catalog, show releases, go back to an earlier one.

    \b
    Examples:
      greenroom release publish --note "Winter opening hours"
      greenroom release list
      greenroom release use 12
    """


@app.command()
def publish(
    note: Annotated[str, typer.Option("--note", help="Note about the change, for people.")] = "",
    allow_missing: Annotated[
        bool, typer.Option("--allow-missing", help="Publish even if answers are not rendered yet.")
    ] = False,
    catalog: CatalogOption = None,
    cache: CacheOption = None,
    as_json: JsonOption = False,
) -> None:
    """Publish the catalog's folder as the next release.

    Nodes with GREENROOM_SERVE=release serve it within seconds.

    Answers without a clip would be words only, so publish after `greenroom warm`. Status 3 if clips are
    missing.

    \b
    Examples:
      greenroom release publish --note "Winter opening hours"
      greenroom release publish --allow-missing --json
    """
    settings = settings_for(catalog, cache)
    proposal = asyncio.run(propose(settings, note=note[:500]))
    if proposal.plan.todo and not allow_missing:
        _print_missing(proposal, settings.catalog, as_json=as_json)
        raise typer.Exit(WORK)
    current = _with_releases(settings, lambda releases: make_current(releases, proposal.draft))
    _print(current, as_json=as_json, missing=len(proposal.plan.todo))


@app.command("list")
def list_(
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 20,
    catalog: CatalogOption = None,
    cache: CacheOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the releases, the newest first; the current one is marked.

    \b
    Examples:
      greenroom release list
    """

    async def both(releases: Releases) -> tuple[Any, CurrentRelease | None]:
        return await releases.list(limit=limit), await releases.current()

    found, current = _with_releases(settings_for(catalog, cache), both)
    if as_json:
        print_json({"releases": found, "current": current.release.number if current else None})
        return
    table = Table("", "release", "published", "by", "intents", "note", box=None, pad_edge=False)
    for one in found:
        mark = "→" if current and one.number == current.release.number else ""
        published = f"{one.published_at:%Y-%m-%d %H:%M}"
        table.add_row(mark, str(one.number), published, one.published_by, str(one.intents), one.note)
    out.print(table if found else "There is no release yet; `greenroom release publish` makes the first one.")


@app.command()
def show(number: Number, catalog: CatalogOption = None, cache: CacheOption = None, as_json: JsonOption = False) -> None:
    """Show one release, and when it was current.

    \b
    Examples:
      greenroom release show 12
    """
    settings = settings_for(catalog, cache)

    async def both(releases: Releases) -> tuple[PublishedRelease, list[CurrentRelease], str]:
        release = await releases.get(number)
        steps = [one async for one in every_step(releases) if one.release.number == number]
        return release, steps, await face_of(settings, releases, release)

    release, steps, face = _with_releases(settings, both)
    withdrawn = face in asyncio.run(faces_not_shown(settings))
    if as_json:
        documents = [{"step": s.step, "deed": s.deed, "at": s.at, "by": s.by} for s in steps]
        print_json({"release": release, "steps": documents, "withdrawn": withdrawn})
        return
    out.print(f"Release {release.number}: {release.name}, {release.intents} intents, {release.catalog}", markup=False)
    if release.note:
        out.print(f"  {release.note}", markup=False)
    if withdrawn:
        out.print(f"  {_WITHDRAWN}", markup=False)
    for one in steps:
        out.print(f"  {one.deed} {one.at:%Y-%m-%d %H:%M} UTC by {one.by}", markup=False)


@app.command()
def use(number: Number, catalog: CatalogOption = None, cache: CacheOption = None, as_json: JsonOption = False) -> None:
    """Make a release current again. Nodes follow within seconds.

    \b
    Examples:
      greenroom release use 12
    """
    settings = settings_for(catalog, cache)

    async def both(releases: Releases) -> tuple[CurrentRelease, str]:
        current = await make_current_again(releases, number)
        return current, await face_of(settings, releases, current.release)

    current, face = _with_releases(settings, both)
    _print(current, as_json=as_json)
    if face in asyncio.run(faces_not_shown(settings)):
        err.print(_WITHDRAWN, markup=False)


@app.command()
def diff(
    number: Number,
    other: Annotated[
        int | None, typer.Argument(metavar="[OTHER]", help="Another release; the default is the folder.")
    ] = None,
    catalog: CatalogOption = None,
    cache: CacheOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what visitors would notice: intents added, removed or changed.

    Compares a release with another one, or with the folder.

    \b
    Examples:
      greenroom release diff 12
      greenroom release diff 12 13 --json
    """
    settings = settings_for(catalog, cache)
    found = _with_releases(settings, lambda releases: difference(settings, releases, number, other))
    if as_json:
        print_json(found)
        return
    _show(found)


def _with_releases(settings: Settings, job: Callable[[Releases], Awaitable[T]]) -> T:
    async def done() -> T:
        async with open_database(settings) as database:
            return await job(SqlReleases(database))

    return asyncio.run(done())


def _print(current: CurrentRelease, *, as_json: bool, missing: int = 0) -> None:
    if as_json:
        print_json({"step": current.step, "deed": current.deed, "release": current.release, "missing": missing})
        return
    release = current.release
    out.print(f"Release {release.number} is current: {release.name}, {release.intents} intents.", markup=False)
    if missing:
        out.print(f"{missing} of its clips are not rendered yet; `greenroom warm` renders them.")


def _print_missing(proposal: Proposal, folder: Path, *, as_json: bool) -> None:
    plan = proposal.plan
    if as_json:
        print_json({"step": None, "release": None, "missing": len(plan.todo), "price": plan.price})
        return
    price = f" for {money(plan.price, 'USD')}" if plan.price else ""
    err.print(
        f"Not published: {len(plan.todo)} clips are not rendered yet. Run `greenroom warm --catalog {folder}` "
        f"first{price}, or use `--allow-missing`: until then those answers are words.",
        markup=False,
    )


def _show(found: Difference) -> None:
    for sign, names in (("+", found.added), ("-", found.removed), ("~", found.changed)):
        for name in names:
            out.print(f" {sign} {name}", markup=False)
    out.print(f"{len(found.added)} added, {len(found.removed)} removed, {len(found.changed)} changed.")
