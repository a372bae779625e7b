"""Command `greenroom answer`: make phrases, write an intent, forbid an answer, use a clip that was made, propose."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Annotated, TypeVar

import typer

from app.adapters.sql.audit import SqlAudit
from app.authoring.effect import AskedBefore, EditPreview
from app.cli.answer.shown import show_clip, show_intent, show_never, show_preview, show_proposals
from app.cli.options import CacheOption, CatalogOption, JsonOption, settings_for
from app.cli.output import FAILED, err, print_json
from app.runtime.commands.answers.clips import ClipTarget, UsedClip, use_clip
from app.runtime.commands.answers.editor import CatalogEditor, EditTerms
from app.runtime.commands.answers.never import NeverReceipt, never
from app.runtime.commands.answers.new_intent import (
    NewIntentResult,
    Propose,
    ProposedAnswer,
    WantedIntent,
    new_intent,
)
from app.runtime.commands.answers.phrases import make_phrases
from app.runtime.commands.answers.proposals import USUAL, Ask, Proposals, propose_phrases
from app.runtime.commands.answers.recorded import recorded_questions
from app.runtime.serving.config_audit import who
from app.runtime.settings.site import Settings
from app.runtime.wiring.database import is_new, open_database
from app.runtime.wiring.second_looks import open_answer_model, open_phrase_model
from app.runtime.wiring.site import open_site
from app.runtime.wiring.store_and_encoder import open_store
from app.runtime.wiring.turn_log import open_turn_log

T = TypeVar("T")

app = typer.Typer(add_completion=False, rich_markup_mode=None, no_args_is_help=True)

IntentArgument = Annotated[str, typer.Argument(metavar="INTENT", help="The intent's id.")]
LocaleOption = Annotated[str | None, typer.Option(help="The words' locale; the default is the catalog's.")]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Only say what it would do; nothing is written.")]
RecordedOption = Annotated[
    int,
    typer.Option("--recorded", min=0, max=5000, metavar="N", help="Also ask the newest N recorded questions again."),
]


@app.callback()
def answer() -> None:
    """Change what a question gets: phrases, new intents, near misses, clips that were made.

    \b
    Examples:
      greenroom answer phrases parking "where do I leave my van"
      greenroom answer intent "Lost property" "did you find an umbrella"
      greenroom answer never "do you hire out boats" boat-landing
      greenroom answer propose parking
    """


@app.command()
def phrases(
    intent: IntentArgument,
    texts: Annotated[list[str], typer.Argument(metavar="TEXT...", help="What visitors ask.")],
    locale: LocaleOption = None,
    dry_run: DryRunOption = False,
    recorded: RecordedOption = 500,
    catalog: CatalogOption = None,
    cache: CacheOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make these questions phrases of an intent, and say who is answered otherwise then.

    \b
    Examples:
      greenroom answer phrases parking "where do I leave my van" "is there room for a coach"
      greenroom answer phrases parking "somewhere to park" --dry-run
    """

    async def work(opened: _Opened) -> EditPreview:
        return await make_phrases(opened.editor, intent, texts, locale=locale, terms=opened.terms)

    found = asyncio.run(_opened(settings_for(catalog, cache, folder=True), work, dry_run=dry_run, newest=recorded))
    print_json(found) if as_json else show_preview(found)


@app.command("intent")
def intent_(
    title: Annotated[str, typer.Argument(help="The new intent's title, as its chip says it.")],
    texts: Annotated[list[str], typer.Argument(metavar="PHRASE...", help="What visitors ask.")],
    answer_text: Annotated[
        str | None, typer.Option("--answer", help="The words; without them the documents propose some.")
    ] = None,
    chat: Annotated[
        bool, typer.Option("--chat", help="Let the chat model word one from the documents; each call is paid.")
    ] = False,
    topic: Annotated[str | None, typer.Option(help="The folder; the default is that of the nearest intent.")] = None,
    intent_id: Annotated[str | None, typer.Option("--id", help="The id; the default is made of the title.")] = None,
    locale: LocaleOption = None,
    dry_run: DryRunOption = False,
    recorded: RecordedOption = 500,
    catalog: CatalogOption = None,
    cache: CacheOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a new intent out of what visitors asked.

    An answer that the documents propose, or with --chat the chat model out of them, is marked as a draft: `check` and
    `release publish` name it.

    \b
    Examples:
      greenroom answer intent "Lost property" "did you find an umbrella" --answer "We keep it at the desk."
      greenroom answer intent "Clara" "who founded the museum" "who was clara penrose"
    """
    wanted = WantedIntent(title, texts, answer_text, topic, intent_id, locale)
    settings = settings_for(catalog, cache, folder=True)

    async def work(opened: _Opened) -> NewIntentResult:
        await opened.editor.ready()
        async with _answers(settings, opened.editor, asked=chat and not answer_text) as propose:
            return await new_intent(opened.editor, wanted, propose=propose, terms=opened.terms)

    found = asyncio.run(_opened(settings, work, dry_run=dry_run, newest=recorded))
    print_json(found) if as_json else show_intent(found)


@app.command("never")
def never_(
    question: Annotated[str, typer.Argument(help="The question that got the wrong answer.")],
    intent: IntentArgument,
    locale: LocaleOption = None,
    dry_run: DryRunOption = False,
    recorded: RecordedOption = 500,
    catalog: CatalogOption = None,
    cache: CacheOption = None,
    as_json: JsonOption = False,
) -> None:
    """Never give this answer to that question, whatever phrases come later.

    The question becomes a near miss (`not_phrases`) of the intent. Then it is asked again, with typing slips.

    \b
    Examples:
      greenroom answer never "do you hire out boats" boat-landing
    """

    async def work(opened: _Opened) -> NeverReceipt:
        return await never(opened.editor, question, intent, locale=locale, terms=opened.terms)

    found = asyncio.run(_opened(settings_for(catalog, cache, folder=True), work, dry_run=dry_run, newest=recorded))
    print_json(found) if as_json else show_never(found, intent)
    if not found.holds:
        raise typer.Exit(FAILED)


@app.command()
def clip(
    turn: Annotated[str, typer.Argument(help="The turn whose clip was made for one visitor.")],
    intent: Annotated[str | None, typer.Option(metavar="INTENT", help="Give it to this intent, as a variant.")] = None,
    title: Annotated[str | None, typer.Option(help="Make a new intent of it, with this title.")] = None,
    topic: Annotated[str, typer.Option(help="The new intent's folder.")] = "answers",
    dry_run: DryRunOption = False,
    recorded: RecordedOption = 500,
    catalog: CatalogOption = None,
    cache: CacheOption = None,
    as_json: JsonOption = False,
) -> None:
    """Use the clip that was made for one visitor as an answer for all. Nothing is rendered again.

    \b
    Examples:
      greenroom answer clip turn_01HZX --title "Cloakroom"
      greenroom answer clip turn_01HZX --intent cloakroom
    """
    settings, target = settings_for(catalog, cache, folder=True), ClipTarget(intent, title, topic)

    async def work(opened: _Opened) -> UsedClip:
        async with open_database(settings) as database:
            record = await open_turn_log(settings, database).get(turn)
        return await use_clip(opened.editor, open_store(settings).recipes, record, target, terms=opened.terms)

    found = asyncio.run(_opened(settings, work, dry_run=dry_run, newest=recorded))
    print_json(found) if as_json else show_clip(found)


@app.command()
def propose(
    intent: IntentArgument,
    limit: Annotated[int, typer.Option(min=1, max=40, help="How many.")] = USUAL,
    accept: Annotated[bool, typer.Option("--accept", help="Write all of them into the file.")] = False,
    chat: Annotated[bool, typer.Option("--chat", help="Also ask the chat model; each call is paid.")] = False,
    locale: LocaleOption = None,
    recorded: RecordedOption = 2000,
    catalog: CatalogOption = None,
    cache: CacheOption = None,
    as_json: JsonOption = False,
) -> None:
    """Propose phrases for an intent, each with what it adds.

    They come from visitors who got no answer, from other forms of its own phrases, from synonyms and from its
    answer. Without --chat nothing leaves this computer.

    \b
    Examples:
      greenroom answer propose parking
      greenroom answer propose parking --accept
    """
    settings = settings_for(catalog, cache, folder=True)

    async def work(opened: _Opened) -> tuple[Proposals, EditPreview | None]:
        wanted = partial(propose_phrases, opened.editor, intent, locale=locale, limit=limit)
        async with _model(settings, asked=chat) as ask:
            found = await wanted(recorded=opened.terms.recorded, ask=ask)
        texts = [one.text for one in found.items]
        if not accept or not texts:
            return found, None
        return found, await make_phrases(opened.editor, intent, texts, locale=locale, terms=opened.terms)

    found, written = asyncio.run(_opened(settings, work, dry_run=not accept, newest=recorded))
    if as_json:
        print_json({"proposals": found, "written": written})
        return
    show_proposals(found)
    if written:
        show_preview(written)


@dataclass(frozen=True, slots=True)
class _Opened:
    """Editor of the folder, and the terms of this run."""

    editor: CatalogEditor
    terms: EditTerms


async def _opened(settings: Settings, work: Callable[[_Opened], Awaitable[T]], *, dry_run: bool, newest: int) -> T:
    """Run the work with an editor; a dry run leaves no database behind."""
    recorded: tuple[AskedBefore, ...] = ()
    if not is_new(settings):
        async with open_database(settings) as database:
            recorded = await recorded_questions(open_turn_log(settings, database), newest=newest)
    terms = EditTerms(by=None if dry_run else who(), recorded=recorded)
    if dry_run:
        return await work(_Opened(CatalogEditor.of(settings, note=_note), terms))
    async with open_database(settings) as database:
        return await work(_Opened(CatalogEditor.of(settings, audit=SqlAudit(database), note=_note), terms))


@asynccontextmanager
async def _model(settings: Settings, *, asked: bool) -> AsyncIterator[Ask | None]:
    """Open the chat model with the site's ledger, if it is to be asked."""
    if not asked:
        yield None
        return
    async with open_site(settings) as site, open_phrase_model(settings, site.studio) as ask:
        yield ask


@asynccontextmanager
async def _answers(settings: Settings, editor: CatalogEditor, *, asked: bool) -> AsyncIterator[Propose | None]:
    """Open the chat model with the site's ledger, if it is to word an answer."""
    if not asked:
        yield None
        return
    async with (
        open_site(settings) as site,
        open_answer_model(settings, editor.catalog, editor.encoder, site.studio) as words,
    ):

        async def propose(question: str, locale: str) -> ProposedAnswer | None:
            said = await words(question, locale)
            return ProposedAnswer(said, "the chat model, from the documents") if said else None

        yield propose


def _note(step: str) -> None:
    err.print(f"  {step}…", style="dim", markup=False)
