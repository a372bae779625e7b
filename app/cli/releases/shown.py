"""Options, output and the open database that the commands about releases share."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar, cast

import typer

from app.adapters.sql.audit import SqlAudit
from app.adapters.sql.drafts import SqlDrafts
from app.adapters.sql.releases import SqlReleases
from app.author_errors import ClipsMissingError, ReleaseStaleError
from app.authoring.releases.base import FolderState
from app.authoring.releases.merge import ChangedFile, MergeConflict, Side
from app.catalog.releases import Releases
from app.cli.output import err, out, print_json
from app.runtime.commands.releases.publishing import Publishing
from app.runtime.serving.config_audit import who
from app.runtime.settings.site import Settings
from app.runtime.wiring.clock import SystemClock
from app.runtime.wiring.database import open_database
from app.runtime.wiring.folder_standing import GivenBase

T = TypeVar("T")

MessageOption = Annotated[
    str, typer.Option("--message", "-m", "--note", help="Why: a sentence for people, up to 500 letters.")
]
ByOption = Annotated[str | None, typer.Option("--by", metavar="NAME", help="Who, besides the computer's account.")]
BaseOption = Annotated[
    str | None,
    typer.Option(
        "--base",
        metavar="N|current",
        help="The release that the folder was made from; `current` replaces what is current.",
    ),
]
PreferOption = Annotated[
    str | None, typer.Option("--prefer", metavar="mine|theirs", help="Whose version wins where both changed the same.")
]

SIGNS = {"added": "+", "removed": "-", "changed": "~"}


def signed(by: str | None) -> str:
    """Return who does it: the computer's account, after the name that was given."""
    return f"{by.strip()} ({who()})"[:200] if by and by.strip() else who()


def base_of(text: str | None) -> GivenBase:
    """Read `--base`.

    Raises:
        BadParameter: it is neither a release's number nor `current`.
    """
    if text is None or text == "current":
        return cast("GivenBase", text)
    if not text.isdecimal() or int(text) < 1:
        raise typer.BadParameter(f"expected a release's number or `current` after --base, got {text!r}.")
    return int(text)


def prefer_of(text: str | None) -> Side | None:
    """Read `--prefer`.

    Raises:
        BadParameter: it names no side.
    """
    if text not in {None, "mine", "theirs"}:
        raise typer.BadParameter(f"expected `mine` or `theirs` after --prefer, got {text!r}.")
    return cast("Side | None", text)


def with_releases(settings: Settings, job: Callable[[Releases], Awaitable[T]]) -> T:
    """Carry a job out with the site's releases."""
    return with_publishing(settings, lambda publishing: job(publishing.releases))


def with_publishing(settings: Settings, job: Callable[[Publishing], Awaitable[T]]) -> T:
    """Carry a job out with all that publishing needs."""

    async def done() -> T:
        async with open_database(settings) as database:
            publishing = Publishing(
                settings=settings,
                releases=SqlReleases(database),
                drafts=SqlDrafts(database),
                audit=SqlAudit(database),
                now=SystemClock().now,
            )
            return await job(publishing)

    return asyncio.run(done())


def print_stale(error: ReleaseStaleError, *, as_json: bool) -> None:
    """Print why nothing was published, file by file, with both versions of what collides."""
    found = error.standing if isinstance(error.standing, FolderState) else None
    if as_json:
        print_json({"error": {"code": error.code, "message": str(error), "retryable": False}, "standing": found})
        return
    err.print(f"Not published. {error}", markup=False)
    if found:
        show_files(found.came)
        show_conflicts(found.conflicts)


def print_missing(error: ClipsMissingError, *, as_json: bool) -> None:
    """Print that clips are missing, and what they cost."""
    if as_json:
        print_json({"step": None, "release": None, "missing": error.missing, "price": error.price})
        return
    err.print(str(error), markup=False)


def show_standing(found: FolderState) -> None:
    """Print how a folder stands."""
    if found.current is None:
        out.print("There is no release yet.")
    elif not found.stale:
        made = f"Made from release {found.base} ({found.source})." if found.base else ""
        out.print(f"{made} It lacks nothing of release {found.current}, which is current.".strip(), markup=False)
    else:
        made = f"from release {found.base} ({found.source})" if found.base else "from none of the releases"
        out.print(f"Made {made}; release {found.current} came meanwhile, by {found.by}.", markup=False)
        show_files(found.came)
        show_conflicts(found.conflicts)


def show_files(files: tuple[ChangedFile, ...]) -> None:
    """Print files with a sign each."""
    for one in files:
        out.print(f" {SIGNS[one.kind]} {one.path}", markup=False)


def show_conflicts(conflicts: tuple[MergeConflict, ...]) -> None:
    """Print each place with both versions."""
    for one in conflicts:
        out.print(f" ! {one.path}{f', {one.key}' if one.key else ''}", markup=False)
        for name, text in (("was", one.base), ("published", one.theirs), ("here", one.mine)):
            lines = ["(not there)"] if text is None else text.splitlines() or [""]
            for at, line in enumerate(lines[:8]):
                out.print(f"   {name if at == 0 else '':>9}  {line}", markup=False, style="dim")


def show_merged(names: tuple[str, ...]) -> None:
    """Print the files that a merge wrote."""
    if names:
        out.print(f"Merged into the folder: {', '.join(names)}.", markup=False)
