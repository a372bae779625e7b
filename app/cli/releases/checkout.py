"""Command `greenroom release checkout`: the files of a release or a draft, in a folder of their own."""

from pathlib import Path
from typing import Annotated

import typer

from app.author_errors import ReleaseNotFoundError
from app.authoring.releases.drafts import Draft
from app.catalog.releases import PublishedRelease
from app.cli.options import CacheOption, CatalogOption, JsonOption, settings_for
from app.cli.output import out, print_json
from app.cli.releases.shown import with_publishing
from app.runtime.commands.releases.folder import checkout as check_out
from app.runtime.commands.releases.folder import checkout_draft
from app.runtime.commands.releases.publishing import Publishing


def checkout(
    which: Annotated[str, typer.Argument(metavar="RELEASE", help="A release's number, or a draft's name.")],
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A new or empty folder.")],
    catalog: CatalogOption = None,
    cache: CacheOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the files of a release or a draft into a new folder, which remembers what it was made from.

    \b
    Examples:
      greenroom release checkout 12 my-intents
      greenroom release checkout christmas my-intents
    """

    async def job(publishing: Publishing) -> PublishedRelease | Draft:
        if not which.isdecimal():
            return await checkout_draft(publishing, which, folder)
        try:
            return await check_out(publishing, int(which), folder)
        except ReleaseNotFoundError:
            if which not in {one.name for one in await publishing.drafts.list()}:
                raise
        return await checkout_draft(publishing, which, folder)

    found = with_publishing(settings_for(catalog, cache), job)
    kind = "draft" if isinstance(found, Draft) else "release"
    if as_json:
        print_json({kind: found, "folder": folder})
        return
    named = f"{found.name}, revision {found.revision}," if isinstance(found, Draft) else found.number
    out.print(f"{kind.title()} {named} is in {folder}.", markup=False)
