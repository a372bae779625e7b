"""Commands `greenroom release draft`, `drafts`, `approve`, `unschedule`, `drop`, and publishing a draft or later."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated

import typer

from app.author_errors import ClipsMissingError, ReleaseStaleError
from app.authoring.releases.drafts import Draft
from app.cli.options import CacheOption, CatalogOption, JsonOption, settings_for
from app.cli.output import STALE, WORK, PlainTable, out, print_json
from app.cli.releases.shown import ByOption, MessageOption, print_missing, print_stale, signed, with_publishing
from app.runtime.commands.releases.drafts import (
    SaveOrder,
    approve_draft,
    drop_draft,
    publish_draft,
    save_draft,
    schedule_draft,
)
from app.runtime.commands.releases.publishing import Publishing
from app.runtime.settings.site import Settings

Name = Annotated[str, typer.Argument(metavar="NAME", help="The draft's name.")]


def save(
    name: Name,
    message: MessageOption = "",
    by: ByOption = None,
    allow_missing: Annotated[
        bool, typer.Option("--allow-missing", help="Let it be published even if answers are not rendered by then.")
    ] = False,
    catalog: CatalogOption = None,
    cache: CacheOption = None,
    as_json: JsonOption = False,
) -> None:
    """Save the folder as a draft: a named release that is not served.

    Saving again under the name replaces it; what was approved or scheduled before is so no more.

    \b
    Examples:
      greenroom release draft christmas --message "Christmas opening hours"
    """
    order = SaveOrder(by=signed(by), message=message, allow_missing=allow_missing)
    _carry_out(settings_for(catalog, cache), lambda publishing: save_draft(publishing, name, order), as_json=as_json)


def list_(catalog: CatalogOption = None, cache: CacheOption = None, as_json: JsonOption = False) -> None:
    """List the drafts, those that wait first.

    \b
    Examples:
      greenroom release drafts
    """
    found = with_publishing(settings_for(catalog, cache), lambda publishing: publishing.drafts.list())
    if as_json:
        print_json({"drafts": found})
        return
    table = PlainTable("draft", "saved", "by", "approved by", "at", "state", "message")
    for one in found:
        at = f"{one.publish_at:%Y-%m-%d %H:%M} UTC" if one.publish_at else ""
        state = f"release {one.release}" if one.release else one.failure or one.state
        table.add_row(one.name, f"{one.made_at:%Y-%m-%d %H:%M}", one.made_by, one.approved_by, at, state, one.message)
    out.print(table if found else "There is no draft; `greenroom release draft NAME` saves the folder as one.")


def approve(
    name: Name,
    by: ByOption = None,
    catalog: CatalogOption = None,
    cache: CacheOption = None,
    as_json: JsonOption = False,
) -> None:
    """Approve a draft. It must be somebody else than who saved it.

    \b
    Examples:
      greenroom release approve christmas
    """
    who = signed(by)
    _carry_out(
        settings_for(catalog, cache), lambda publishing: approve_draft(publishing, name, by=who), as_json=as_json
    )


def unschedule(
    name: Name,
    by: ByOption = None,
    catalog: CatalogOption = None,
    cache: CacheOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take back the time at which a draft would be published. The draft stays.

    \b
    Examples:
      greenroom release unschedule christmas
    """
    who = signed(by)
    _carry_out(
        settings_for(catalog, cache), lambda publishing: schedule_draft(publishing, name, None, by=who), as_json=as_json
    )


def drop(
    name: Name,
    by: ByOption = None,
    catalog: CatalogOption = None,
    cache: CacheOption = None,
    as_json: JsonOption = False,
) -> None:
    """Delete a draft. Releases are never deleted.

    \b
    Examples:
      greenroom release drop christmas
    """
    who = signed(by)
    with_publishing(settings_for(catalog, cache), lambda publishing: drop_draft(publishing, name, by=who))
    if as_json:
        print_json({"dropped": name})
        return
    out.print(f"Draft {name} is deleted.", markup=False)


def publish_later(settings: Settings, name: str | None, at: datetime | None, order: SaveOrder, as_json: bool) -> None:
    """Publish a draft now or at a time; without a name the folder is saved as one first."""

    async def job(publishing: Publishing) -> Draft:
        saved = name or f"at-{at:%Y%m%d-%H%M}"
        if name is None:
            await save_draft(publishing, saved, order)
        if at is not None:
            return await schedule_draft(publishing, saved, at, by=order.by)
        await publish_draft(publishing, saved, by=order.by)
        return await publishing.drafts.get(saved)

    _carry_out(settings, job, as_json=as_json)


def time_of(text: str | None) -> datetime | None:
    """Read a time; one without a zone is this computer's.

    Raises:
        BadParameter: it is none.
    """
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text).astimezone()
    except ValueError:
        raise typer.BadParameter(f"expected a time such as 2026-12-24T08:00 after --at, got {text!r}.") from None


def _carry_out(settings: Settings, job: Callable[[Publishing], Awaitable[Draft]], *, as_json: bool) -> None:
    try:
        draft = with_publishing(settings, job)
    except ReleaseStaleError as error:
        print_stale(error, as_json=as_json)
        raise typer.Exit(STALE) from None
    except ClipsMissingError as error:
        print_missing(error, as_json=as_json)
        raise typer.Exit(WORK) from None
    if as_json:
        print_json({"draft": draft})
        return
    out.print(_told(draft), markup=False)


def _told(draft: Draft) -> str:
    if draft.release is not None:
        return f"Release {draft.release} is current: draft {draft.name}."
    said = [f"Draft {draft.name}, revision {draft.revision}, by {draft.made_by}"]
    said += [f"approved by {draft.approved_by}"] if draft.approved_by else []
    said += [f"published at {draft.publish_at:%Y-%m-%d %H:%M} UTC"] if draft.publish_at else []
    said += [f"{draft.missing} of its clips are not rendered yet"] if draft.missing else []
    return f"{'; '.join(said)}."
