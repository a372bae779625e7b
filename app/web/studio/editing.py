"""Editing: an intent's words and the facts, with live lint and the words as they are spoken; two steps to write."""

import asyncio
from collections.abc import Sequence

from fastapi import Response
from fastapi.responses import JSONResponse

from app.authoring.edits import Edit, SetDraft, SetFact, SetNext, SetTexts, SetTitle
from app.errors import GreenroomError
from app.runtime.commands.answers.editor import CatalogEditor
from app.runtime.commands.checkout import commits_of
from app.runtime.commands.samples import MOST_CHARS, hear
from app.runtime.commands.sources import FactSource, IntentSource, fact_sources, intent_source
from app.web.studio.access import Authoring, Visit
from app.web.studio.effects import Effect, agreed, editor_of, effect_page, terms_of, written
from app.web.studio.intents import shows_face, variants_of
from app.web.studio.pages import page, studio_router, to

router = studio_router()

MOST_EDITS = 500
"""Newest edits among which those of an intent are looked for."""

PARTS = ("phrases", "not_phrases", "answer")
"""Parts of an intent that hold texts per locale."""


@router.get("/intents/{intent_id}/edit")
async def edit(intent_id: str, visit: Authoring) -> Response:
    """Show the form of an intent."""
    editor = editor_of(visit)
    source = await asyncio.to_thread(intent_source, editor.files, intent_id)
    catalog = visit.container.catalog
    _, facts = await asyncio.to_thread(fact_sources, editor.files, catalog.locales)
    folder = await visit.studio.figures.folder()
    found = folder.catalog.intent(intent_id)
    clips = await variants_of(visit, found, folder) if found else ()
    return page(
        visit,
        "edit",
        posters={(one.locale, one.number): one.clip.poster for one in clips if one.clip and one.clip.poster},
        shows_face=shows_face(visit),
        here="intents",
        intent_id=intent_id,
        source=source,
        locales=_locales(catalog.locales, source),
        intents=[one for one in catalog.intents if one.phrases],
        facts=facts,
        most=MOST_CHARS,
    )


@router.post("/intents/{intent_id}/edit")
async def save(intent_id: str, visit: Authoring) -> Response:
    """Show what the form would change, then write it."""
    editor = editor_of(visit)
    source = await asyncio.to_thread(intent_source, editor.files, intent_id)
    edits = edits_of(visit, intent_id, source)
    if not edits and not agreed(visit):
        return to(visit, f"intents/{intent_id}/edit", done="same")
    async with visit.web.editing:
        preview = await editor.carry_out(edits, terms_of(visit, quick=not _changes_matching(edits)))
    if agreed(visit):
        return await written(visit, preview, f"Edit {intent_id}", f"intents/{intent_id}")
    fields = {name: visit.texts(name) for name in visit.form if name not in {"csrf", "agreed", "seen"}}
    effect = Effect(f"Edit {intent_id}", preview, f"intents/{intent_id}/edit", fields, f"intents/{intent_id}/edit")
    return await effect_page(visit, effect)


@router.post("/intents/{intent_id}/check")
async def check(intent_id: str, visit: Authoring) -> Response:
    """Return what `check` says of the form as it is, and its answers as they are spoken. Nothing is written."""
    editor = editor_of(visit)
    try:
        return JSONResponse(await _checked(visit, editor, intent_id))
    except GreenroomError as error:
        return JSONResponse({"findings": [{"level": "error", "message": str(error), "hint": ""}], "spoken": {}})


async def _checked(visit: Visit, editor: CatalogEditor, intent_id: str) -> dict[str, object]:
    source = await asyncio.to_thread(intent_source, editor.files, intent_id)
    edits = edits_of(visit, intent_id, source)
    edited = await asyncio.to_thread(editor.files.edited, edits)
    preview = await asyncio.to_thread(editor.effect, edited, (), quick=True)
    found = edited.catalog.intent(intent_id)
    return {
        "findings": [{"level": one.level, "message": one.message, "hint": one.hint} for one in preview.findings],
        "spoken": {locale: list(texts) for locale, texts in found.answer.items()} if found else {},
    }


@router.get("/say")
async def say(visit: Authoring) -> Response:
    """Speak a text in the local voice."""
    locale = visit.text("locale") or visit.container.catalog.default_locale
    models_dir = visit.container.site.settings.models_dir.expanduser()
    avatar = visit.container.catalog.avatar
    spoken = await hear(visit.text("text"), locale=locale, avatar=avatar, models_dir=models_dir)
    return Response(spoken.wav, headers={"cache-control": "no-store"}, media_type="audio/wav")


@router.get("/facts")
async def facts(visit: Authoring) -> Response:
    """Show the facts."""
    files, locales = editor_of(visit).files, visit.container.catalog.locales
    file, found = await asyncio.to_thread(fact_sources, files, locales)
    words = visit.text("q").casefold()
    shown = [one for one in found if words in f"{one.name} {one.text}".casefold()]
    return page(visit, "facts", here="facts", file=file, facts=shown, all=len(found), q=visit.text("q"))


@router.post("/facts")
async def save_facts(visit: Authoring) -> Response:
    """Show what the facts would change, then write them."""
    editor = editor_of(visit)
    _, found = await asyncio.to_thread(fact_sources, editor.files, visit.container.catalog.locales)
    edits: list[Edit] = [
        SetFact(one.name, text, one.locale)
        for one in found
        if (field := fact_field(one)) in visit.form and (text := visit.text(field)) != one.text
    ]
    if not edits:
        return to(visit, "facts", done="same")
    async with visit.web.editing:
        preview = await editor.carry_out(edits, terms_of(visit, quick=True))
    if agreed(visit):
        return await written(visit, preview, "Edit facts", "facts")
    fields = {name: visit.texts(name) for name in visit.form if name.startswith("fact.")}
    return await effect_page(visit, Effect("Edit facts", preview, "facts", fields, "facts"))


def fact_field(fact: FactSource) -> str:
    """Return the name of a fact's field in the form."""
    return f"fact.{fact.name}@{fact.locale}" if fact.locale else f"fact.{fact.name}"


def _changes_matching(edits: Sequence[Edit]) -> bool:
    """Return whether edits change which questions reach which intent; else nothing has to be fitted to show them."""
    return any(isinstance(one, SetTexts) and one.part != "answer" for one in edits)


def edits_of(visit: Visit, intent_id: str, source: IntentSource) -> tuple[Edit, ...]:
    """Return the edits between an intent's file and the form."""
    found: list[Edit] = []
    if "title" in visit.form and visit.text("title") != source.intent.title:
        found.append(SetTitle(intent_id, visit.text("title")))
    for part in PARTS:
        before = getattr(source.intent, part)
        for locale in visit.texts(f"{part}-locales"):
            texts = tuple(_lines(visit, part, locale))
            old = before.get(locale, ())
            if texts != tuple(map(_plain, old)):
                as_typed = {_plain(one): one for one in old}
                as_written = tuple(as_typed.get(one, one) for one in texts)
                found.append(SetTexts(intent_id, part, locale, as_written))  # type: ignore[arg-type]
    chips = tuple(one for one in visit.texts("next") if one)
    if "chips" in visit.form and chips != source.intent.next:
        found.append(SetNext(intent_id, chips))
    if visit.text("read") and source.intent.draft:
        found.append(SetDraft(intent_id, None))
    return tuple(found)


def _lines(visit: Visit, part: str, locale: str) -> list[str]:
    """Return the texts of a part: phrases stand one a line, each variant of an answer in a field of its own."""
    sent = visit.texts(f"{part}.{locale}")
    some = sent if part == "answer" else [line for one in sent for line in one.splitlines()]
    return [text for one in some if (text := _plain(one))]


def _plain(text: str) -> str:
    """Return a text on one line, as a field of the form holds it."""
    return " ".join(text.split())


def _locales(served: tuple[str, ...], source: IntentSource) -> tuple[str, ...]:
    own = (locale for part in PARTS for locale in getattr(source.intent, part))
    return tuple(dict.fromkeys((*served, *own)))


@router.get("/intents/{intent_id}/history")
async def history(intent_id: str, visit: Authoring) -> Response:
    """Show who changed an intent: edits through this site, and commits where the folder is a git checkout."""
    folder = visit.container.site.settings.catalog
    file = await asyncio.to_thread(editor_of(visit).files.file_of, intent_id)
    rows = await visit.container.audit.list(actions=("catalog.edited",), limit=MOST_EDITS)
    edits = [row for row in rows if file in f"{row.act.subject}, {row.act.details.get('files', '')}".split(", ")]
    commits = await commits_of(folder, file)
    return page(visit, "history", here="intents", intent_id=intent_id, file=file, edits=edits, commits=commits)
