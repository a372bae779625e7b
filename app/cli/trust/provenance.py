"""Command `greenroom provenance`: who made a clip, of what, and whether it is still as it was signed."""

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from app.cli.options import CacheOption, CatalogOption, JsonOption, run, settings_for
from app.cli.output import FAILED, USAGE, err, out, print_json
from app.errors import NotFoundError
from app.rendering.media.credentials import CredentialsReport
from app.runtime.commands.provenance import Provenance, clips_provenance, file_provenance
from app.runtime.settings.site import Settings
from app.runtime.wiring.credentials import open_reader
from app.runtime.wiring.store_and_encoder import open_store


def provenance(
    target: Annotated[
        str, typer.Argument(metavar="[FILE|INTENT]", help="A media file, or an intent whose stored clips are verified.")
    ] = "",
    every: Annotated[bool, typer.Option("--all", help="Verify every clip of the store.")] = False,
    trust: Annotated[
        Path | None, typer.Option("--trust", metavar="FILE", help="PEM file of certificates to trust as anchors.")
    ] = None,
    catalog: CatalogOption = None,
    cache: CacheOption = None,
    as_json: JsonOption = False,
) -> None:
    """Verify the Content Credentials of a file or of stored clips: who made it, of what, and whether it changed.

    Status 1 if a file has none, or was changed after it was signed.

    \b
    Examples:
      greenroom provenance talk.mp4
      greenroom provenance opening-hours
      greenroom provenance --all --json
    """
    if bool(target) is every:
        err.print("Name a file or an intent, or use --all.")
        raise typer.Exit(USAGE)
    settings = settings_for(catalog, cache)
    found = run(_found(settings, target, trust))
    _show(found, as_json=as_json, briefly=every)
    if any(not one.credentials.intact for one in found):
        raise typer.Exit(FAILED)


def _is_file(target: str) -> bool:
    """Return whether a file is meant: an intent's id has neither a dot nor a slash."""
    return bool(target) and ("/" in target or "." in target or Path(target).exists())


async def _found(settings: Settings, target: str, trust: Path | None) -> list[Provenance]:
    reader = open_reader(trust)
    if _is_file(target):
        return [await file_provenance(Path(target), reader)]
    store = open_store(settings)
    with err.status("Verifying clips", spinner="line") as status:
        verified = clips_provenance(
            store.recipes,
            store.blobs,
            reader,
            intent=target or None,
            progress=lambda done: status.update(f"{done} clips verified"),
        )
        found = sorted([one async for one in verified], key=lambda one: (one.intent, one.locale, one.name))
    if target and not found:
        raise NotFoundError(
            f"Cannot find a file or a stored clip of the intent {target!r}; `greenroom plan` lists them."
        )
    return found


def _show(found: list[Provenance], *, as_json: bool, briefly: bool) -> None:
    if as_json:
        print_json({"files": found, "states": Counter(state(one.credentials) for one in found)})
        return
    if briefly:
        for name, count in sorted(Counter(state(one.credentials) for one in found).items()):
            out.print(f"{count:>6}  {name}", markup=False, highlight=False)
        found = [one for one in found if not one.credentials.intact]
    for one in found:
        _show_one(one)


def _show_one(one: Provenance) -> None:
    lines = [f"{one.intent or one.name}{f' ({one.locale})' if one.locale else ''}: {state(one.credentials)}"]
    report, rows = one.credentials, []
    if report.found:
        rows += [("signed by", report.signer), ("with", report.tool), ("source type", report.source_type)]
        rows += [(name.replace("_", " "), value) for name, value in (report.render or {}).items()]
        rows += [("made from", title) for title in report.ingredients]
    rows += [("file", one.name)] if one.intent else []
    rows += [("problem", problem) for problem in report.problems]
    lines += [f"  {name:<17} {value}" for name, value in rows if value]
    for line in lines:
        out.print(line, markup=False, highlight=False, soft_wrap=True)


def state(report: CredentialsReport) -> str:
    """Return the state of a file in a few words."""
    if not report.found:
        return "no Content Credentials"
    if not report.intact:
        return "CHANGED after it was signed"
    if report.development:
        return "intact, signed with a development certificate that no reader trusts"
    return (
        "intact, signed by a trusted certificate" if report.trusted else "intact, its signer is not among the anchors"
    )
