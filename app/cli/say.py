"""Command `greenroom say`: hear a sentence before anything is filmed."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli.lazy import LazyCommand
from app.cli.options import CacheOption, CatalogOption, JsonOption, run, settings_for
from app.cli.output import err, out, print_json
from app.runtime.commands.say import Said
from app.runtime.commands.say import say as say_aloud


def say(
    text: Annotated[str, typer.Argument(help="What is written.")],
    locale: Annotated[
        str | None, typer.Option("--locale", metavar="L", help="Its locale; the catalog's default one if left out.")
    ] = None,
    to: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write the sound to this WAV file.")] = None,
    catalog: CatalogOption = None,
    cache: CacheOption = None,
    paid: Annotated[
        bool,
        typer.Option(
            "--paid",
            help="Speak with the voice that the clips have in this locale, within the day's budget. The sound is kept, "
            "and the clip of these words takes it.",
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Speak one sentence as an answer would be, and show how it is read. Without `--paid` it costs nothing.

    Figures, signs and abbreviations are read as words, names as `pronounce:` of the catalog says. The local voice
    speaks, whichever voice the clips have.

    \b
    Examples:
      greenroom say "Adults pay €12.50, call 030 555 0142." --out hear.wav
      greenroom say "Open Mon–Fri 9am-5pm." --json
      greenroom say "Der Eintritt kostet 12,50 €." --locale de --paid --out hear.wav
    """
    if paid:
        speaking = LazyCommand("app.runtime.commands.say_paid:say_paid").load()  # a site takes a second to import
        said: Said = run(speaking(settings_for(catalog, cache, folder=True), text, locale=locale))
    else:
        said = run(say_aloud(settings_for(catalog, None), text, locale=locale))
    if to is not None:
        to.write_bytes(said.wav)
    if as_json:
        print_json(_document(said, to))
    else:
        _show(said, to)


def _document(said: Said, to: Path | None) -> dict[str, object]:
    return {
        "text": said.text,
        "read": said.read,
        "seconds": said.seconds,
        "words": [
            {"text": word.text, "start_s": round(word.start_s, 3), "end_s": round(word.end_s, 3)} for word in said.words
        ],
        "locale": said.locale,
        "voice": said.spoken_by,
        "price": f"{said.price:f}",
        "unsettled": [{"text": one.written, "readings": one.readings} for one in said.unsettled],
        "file": str(to) if to else None,
    }


def _show(said: Said, to: Path | None) -> None:
    out.print(said.read, markup=False)
    heard = f", written to {to}" if to else "; `--out FILE` writes the sound"
    out.print(f"{said.seconds:.1f} s, {len(said.words)} words{heard}.", style="dim", markup=False)
    if said.price:
        out.print(f"Spoken by `{said.spoken_by}` for {said.price:.4f} USD.", style="dim", markup=False)
    if said.voice != said.spoken_by:
        named, none = f"the clips have the voice of `{said.voice}`", f"the avatar has no voice for `{said.locale}`"
        clips = named if said.voice else none
        out.print(f"Spoken by the local voice; {clips}.", style="dim", markup=False)
    for one in said.unsettled:
        first, second = one.readings
        err.print(f"`{one.written}` has two readings: {first}, or {second}. {one.hint}", markup=False)
