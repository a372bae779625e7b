"""Command `greenroom release`: publish the catalog, show releases, go back to an earlier one."""

import asyncio
from typing import Annotated, Any

import typer

from app.author_errors import ClipsMissingError, ReleaseStaleError
from app.authoring.releases.diff import DiffReport
from app.catalog.releases import CurrentRelease, PublishedRelease, Releases, every_step
from app.cli.options import CacheOption, CatalogOption, JsonOption, settings_for
from app.cli.output import STALE, WORK, PlainTable, err, out, print_json
from app.cli.releases import drafts
from app.cli.releases.checkout import checkout
from app.cli.releases.diff import show_report
from app.cli.releases.drafts import publish_later, time_of
from app.cli.releases.shown import (
    BaseOption,
    ByOption,
    MessageOption,
    PreferOption,
    base_of,
    prefer_of,
    print_missing,
    print_stale,
    show_merged,
    show_standing,
    signed,
    with_publishing,
    with_releases,
)
from app.runtime.commands.releases.diff import QUESTIONS
from app.runtime.commands.releases.diff import diff as compare
from app.runtime.commands.releases.diff import diff_releases as compare_releases
from app.runtime.commands.releases.drafts import SaveOrder
from app.runtime.commands.releases.folder import merge_folder, standing
from app.runtime.commands.releases.publish import Publication, PublishOrder, publish_folder
from app.runtime.commands.releases.publish import use as make_current_again
from app.runtime.commands.releases.publishing import Publishing
from app.runtime.settings.site import Settings
from app.runtime.wiring.withdrawals import face_of, faces_not_shown

app = typer.Typer(add_completion=False, rich_markup_mode=None, no_args_is_help=True)

app.command("draft")(drafts.save)
app.command("drafts")(drafts.list_)
app.command("approve")(drafts.approve)
app.command("unschedule")(drafts.unschedule)
app.command("drop")(drafts.drop)
app.command("checkout")(checkout)

_WITHDRAWN = "The consent for its face is withdrawn: its clips do not play, and its answers are words."

Number = Annotated[int, typer.Argument(metavar="NUMBER", help="The release's number.", min=1)]


@app.callback()
def releases() -> None:
    """Publish the catalog, show releases, go back to an earlier one.

    \b
    Examples:
      greenroom release publish --message "Winter opening hours"
      greenroom release list
      greenroom release use 12
    """


MergeOption = Annotated[
    bool, typer.Option("--merge", help="First bring what others published meanwhile into the folder.")
]
MissingOption = Annotated[bool, typer.Option("--allow-missing", help="Publish even if answers are not rendered yet.")]
DraftOption = Annotated[
    str | None, typer.Option("--draft", metavar="NAME", help="Publish this draft instead of the folder.")
]
AtOption = Annotated[
    str | None, typer.Option("--at", metavar="TIME", help="Publish then; a time without a zone is this computer's.")
]
QuickOption = Annotated[bool, typer.Option("--quick", help="Ask no questions of the old and the new release.")]


@app.command()
def publish(
    message: MessageOption = "",
    by: ByOption = None,
    base: BaseOption = None,
    merge: MergeOption = False,
    prefer: PreferOption = None,
    allow_missing: MissingOption = False,
    draft: DraftOption = None,
    at: AtOption = None,
    quick: QuickOption = False,
    catalog: CatalogOption = None,
    cache: CacheOption = None,
    as_json: JsonOption = False,
) -> None:
    """Publish the catalog's folder as the next release.

    Nodes with GREENROOM_SERVE=release serve it within seconds.

    Refused with status 9 if others published since the folder was made from a release: nobody's work is lost
    without a word. Status 1 if `check` finds an error. Answers without a clip would be words only, so publish
    after `greenroom warm`: status 3 if clips are missing. Says what the release changes, as `greenroom diff`.

    With --draft a saved draft is published instead, with --at not now but then, by one of the nodes that serve.

    \b
    Examples:
      greenroom release publish --message "Winter opening hours"
      greenroom release publish --merge
      greenroom release publish --at 2026-12-24T08:00 --message "Christmas hours"
      greenroom release publish --draft christmas --at "2026-12-24 08:00+01:00"
      greenroom release publish --allow-missing --json
    """
    settings = settings_for(catalog, cache)
    if draft or at:
        publish_later(
            settings,
            draft,
            time_of(at),
            SaveOrder(by=signed(by), message=message, allow_missing=allow_missing),
            as_json,
        )
        return
    order = PublishOrder(
        by=signed(by),
        message=message,
        base=base_of(base),
        merge=merge,
        prefer=prefer_of(prefer),
        allow_missing=allow_missing,
        questions=0 if quick else QUESTIONS,
    )
    _print_publication(_published(settings, order, as_json=as_json), as_json=as_json)


def _published(settings: Settings, order: PublishOrder, *, as_json: bool) -> Publication:
    """Publish the folder; a stale one, and one without all clips, are told and end the command."""
    try:
        return with_publishing(settings, lambda publishing: publish_folder(publishing, order))
    except ReleaseStaleError as error:
        print_stale(error, as_json=as_json)
        raise typer.Exit(STALE) from None
    except ClipsMissingError as error:
        print_missing(error, as_json=as_json)
        raise typer.Exit(WORK) from None


@app.command()
def merge(
    base: BaseOption = None,
    prefer: PreferOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what came meanwhile.")] = False,
    by: ByOption = None,
    catalog: CatalogOption = None,
    cache: CacheOption = None,
    as_json: JsonOption = False,
) -> None:
    """Bring what others published meanwhile into the folder.

    File by file, key by key, and phrase by phrase, against the release that the folder was made from. Where both
    changed the same, nothing is written, and both versions are shown: status 9. Publishes nothing.

    \b
    Examples:
      greenroom release merge --dry-run
      greenroom release merge --prefer mine
    """
    settings, given, side = settings_for(catalog, cache), base_of(base), prefer_of(prefer)
    if dry_run:
        found = with_publishing(settings, lambda publishing: standing(publishing, base=given))
        print_json(found) if as_json else show_standing(found)
        return
    try:
        found, names = with_publishing(
            settings, lambda publishing: merge_folder(publishing, by=signed(by), base=given, prefer=side)
        )
    except ReleaseStaleError as error:
        print_stale(error, as_json=as_json)
        raise typer.Exit(STALE) from None
    if as_json:
        print_json({"standing": found, "merged": names})
        return
    show_merged(names)
    if not names:
        out.print("The folder lacks nothing of what is published.")


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

    found, current = with_releases(settings_for(catalog, cache), both)
    if as_json:
        print_json({"releases": found, "current": current.release.number if current else None})
        return
    table = PlainTable("", "release", "published", "by", "intents", "note")
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

    release, steps, face = with_releases(settings, both)
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
def use(
    number: Number,
    by: ByOption = None,
    catalog: CatalogOption = None,
    cache: CacheOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a release current again. Nodes follow within seconds.

    \b
    Examples:
      greenroom release use 12
    """
    settings = settings_for(catalog, cache)

    async def both(releases: Releases) -> tuple[CurrentRelease, str]:
        current = await make_current_again(releases, number, by=signed(by))
        return current, await face_of(settings, releases, current.release)

    current, face = with_releases(settings, both)
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
    """Show what a release changes: intents, words, facts and settings.

    Compares a release with another one, or with the folder; `greenroom diff` says more about the folder.

    \b
    Examples:
      greenroom release diff 12
      greenroom release diff 12 13 --json
    """
    settings = settings_for(catalog, cache)

    async def compared(publishing: Publishing) -> DiffReport:
        if other is None:
            return await compare(publishing, against=number, questions=0)
        return await compare_releases(publishing, other, number)

    report = with_publishing(settings, compared)
    kinds = {kind: [one.id for one in report.intents if one.kind == kind] for kind in ("added", "removed", "changed")}
    if as_json:
        print_json({**kinds, "avatar": any(one.key.startswith("avatar.") for one in report.settings), "report": report})
        return
    show_report(report)
    out.print(", ".join(f"{len(names)} {kind}" for kind, names in kinds.items()) + ".")


def _print(current: CurrentRelease, *, as_json: bool, missing: int = 0) -> None:
    if as_json:
        print_json({"step": current.step, "deed": current.deed, "release": current.release, "missing": missing})
        return
    release = current.release
    out.print(f"Release {release.number} is current: {release.name}, {release.intents} intents.", markup=False)
    if missing:
        out.print(f"{missing} of its clips are not rendered yet; `greenroom warm` renders them.")


def _print_publication(done: Publication, *, as_json: bool) -> None:
    if as_json:
        current = done.current
        document = {"step": current.step, "deed": current.deed, "release": current.release, "missing": done.missing}
        print_json({**document, "merged": done.merged, "diff": done.report})
        return
    show_merged(done.merged)
    if done.report and done.report.against:
        show_report(done.report)
    _print(done.current, as_json=False, missing=done.missing)
