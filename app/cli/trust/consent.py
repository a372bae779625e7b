"""Command `greenroom consent`: withdraw or restore a person's consent, list withdrawn faces."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer

from app.adapters.sql.audit import SqlAudit
from app.adapters.sql.engine import Database
from app.adapters.sql.releases import SqlReleases
from app.cli.options import CacheOption, CatalogOption, JsonOption, settings_for
from app.cli.output import duration, err, money, out, print_json
from app.digest import Digest
from app.errors import NotFoundError
from app.rendering.media.consent import withdrawal, withdrawn_faces
from app.runtime.commands.replacing import Replacement, replacement
from app.runtime.serving.config_audit import who
from app.runtime.settings.site import Settings
from app.runtime.wiring.clock import SystemClock
from app.runtime.wiring.database import open_database
from app.runtime.wiring.withdrawals import CatalogFace, faces_of

T = TypeVar("T")

app = typer.Typer(add_completion=False, rich_markup_mode=None, no_args_is_help=True)

Subject = Annotated[str, typer.Argument(metavar="[SUBJECT]", help="The person, as `consent.subject` names them.")]
FaceOption = Annotated[
    list[str] | None, typer.Option("--face", metavar="DIGEST", help="A portrait's sha256 instead; may be repeated.")
]

_UNREADABLE = "These releases cannot be read here and may show the same face: {}. Name their portraits with `--face`."


@app.callback()
def consent() -> None:
    """Withdraw or restore a person's consent; list withdrawn faces.

    \b
    Examples:
      greenroom consent withdraw "Ada Example"
      greenroom store gc
    """


@app.command()
def withdraw(
    subject: Subject = "",
    face: FaceOption = None,
    catalog: CatalogOption = None,
    cache: CacheOption = None,
    as_json: JsonOption = False,
) -> None:
    """Withdraw consent for every portrait of a person, in the folder and in every release.

    Within ten seconds no node plays or renders clips of that face. `greenroom store gc` deletes the stored
    ones, even if a release refers to them.

    \b
    Examples:
      greenroom consent withdraw "Ada Example"
      greenroom consent withdraw --face 5f2c… --json
    """
    _change(settings_for(catalog, cache), subject, face or [], restored=False, as_json=as_json)


@app.command()
def restore(
    subject: Subject = "",
    face: FaceOption = None,
    catalog: CatalogOption = None,
    cache: CacheOption = None,
    as_json: JsonOption = False,
) -> None:
    """Record that consent was given again. `greenroom warm` renders deleted clips again.

    \b
    Examples:
      greenroom consent restore "Ada Example"
    """
    _change(settings_for(catalog, cache), subject, face or [], restored=True, as_json=as_json)


@app.command("list")
def list_(catalog: CatalogOption = None, cache: CacheOption = None, as_json: JsonOption = False) -> None:
    """List the faces whose consent is withdrawn, and since when.

    \b
    Examples:
      greenroom consent list
    """
    faces = _with_database(settings_for(catalog, cache), lambda database: withdrawn_faces(SqlAudit(database)))
    if as_json:
        print_json({"faces": [{"face": face, "since": since} for face, since in faces.items()]})
        return
    for face, since in faces.items():
        out.print(f"{face}  since {since:%Y-%m-%d %H:%M} UTC", markup=False, highlight=False, soft_wrap=True)
    if not faces:
        out.print("No consent is withdrawn.")


def _change(settings: Settings, subject: str, named: list[str], *, restored: bool, as_json: bool) -> None:
    faces = tuple(Digest(face) for face in named)

    async def done(database: Database) -> tuple[tuple[CatalogFace, ...], tuple[int, ...], tuple[Digest, ...]]:
        found, unreadable = await faces_of(settings, SqlReleases(database), subject) if subject else ((), ())
        changed = await _record(database, {*faces, *(one.portrait for one in found)}, restored=restored)
        return found, unreadable, changed

    found, unreadable, changed = _with_database(settings, done)
    if subject and not found:
        raise NotFoundError(
            f"Cannot find a consent of {subject!r} in the folder or a release. Write it as in `consent.subject`."
        )
    taken = None if restored else asyncio.run(replacement(settings, {*faces, *(one.portrait for one in found)}))
    if as_json:
        print_json({"faces": changed, "used_in": found, "unreadable": unreadable, "replacement": taken})
        return
    out.print(f"{'Given again' if restored else 'Withdrawn'} for {len(changed)} portraits.")
    for one in found:
        out.print(f"  {one.portrait[:16]}  {one.avatar} in {one.used_in}", markup=False, highlight=False)
    if taken:
        out.print(_goes(taken), markup=False, highlight=False)
    if unreadable:
        err.print(_UNREADABLE.format(", ".join(map(str, unreadable))), markup=False)


def _goes(taken: Replacement) -> str:
    """Say what visitors no longer see, and the price of showing somebody else."""
    gone = f"{taken.clips} stored clips ({duration(taken.video_s)}) are shown no more; visitors read the words instead."
    if taken.price is None:
        return gone
    price = money(taken.price, taken.currency)
    return f"{gone} The catalog's clips with another face: {price} ({taken.renderer}); `greenroom plan` has the rest."


async def _record(database: Database, faces: set[Digest], *, restored: bool) -> tuple[Digest, ...]:
    """Add a row for each face whose consent changes."""
    audit, now = SqlAudit(database), SystemClock().now()
    withdrawn = await withdrawn_faces(audit)
    changed = tuple(sorted(face for face in faces if (face in withdrawn) is restored))
    for face in changed:
        await audit.append(withdrawal(face, by=who(), at=now, restored=restored))
    return changed


def _with_database(settings: Settings, job: Callable[[Database], Awaitable[T]]) -> T:
    async def done() -> T:
        async with open_database(settings) as database:
            return await job(database)

    return asyncio.run(done())
