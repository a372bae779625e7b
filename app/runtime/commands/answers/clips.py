"""Clip that was already made: what was rendered for one visitor becomes an answer for all, and nothing is rendered."""

import asyncio
from dataclasses import dataclass

from app.author_errors import EditRefusedError
from app.authoring.edits import AddTexts, NewIntent
from app.authoring.effect import EditPreview
from app.errors import TurnNotFoundError
from app.learning.turn_log import TurnRecord
from app.runtime.commands.answers.editor import PREVIEW, CatalogEditor, EditTerms
from app.runtime.commands.answers.new_intent import free_id
from app.runtime.commands.plan import catalog_keys
from app.store.ports import Entry, RecipeIndex


@dataclass(frozen=True, slots=True)
class UsedClip:
    """Clip as an answer, and its effect; `rendered` says that its clip is the stored one, at no cost."""

    preview: EditPreview
    intent: str
    text: str
    rendered: bool


@dataclass(frozen=True, slots=True)
class ClipTarget:
    """Intent that gets the clip: one that is there, as one more variant; or a new one with this title."""

    intent: str | None = None
    title: str | None = None
    topic: str = "answers"


async def use_clip(
    editor: CatalogEditor,
    recipes: RecipeIndex,
    turn: TurnRecord | None,
    target: ClipTarget,
    *,
    terms: EditTerms = PREVIEW,
) -> UsedClip:
    """Give the clip that answered a turn to an intent, or to a new one with the turn's question as its phrase.

    Raises:
        TurnNotFoundError: there is no such turn.
        EditRefusedError: no clip was made for the turn, or neither an intent nor a title is named.
        CatalogError: the catalog has errors, or would have some.
    """
    if turn is None:
        raise TurnNotFoundError("No turn has this id; `greenroom questions` lists them.")
    entry = await _entry_of(recipes, turn.clip)
    text = entry.labels.text if entry else None
    if entry is None or not text:
        raise EditRefusedError(
            f"Expected a turn with a clip of its own, got `{turn.id}`, for which none is stored. Write an answer."
        )
    if (target.intent is None) == (not target.title):
        raise EditRefusedError("Expected an intent or the title of a new one, got both or neither. Name one.")
    edit = _edit(editor, turn, target, text=text, locale=entry.labels.locale or turn.locale)
    edited = (await asyncio.to_thread(editor.files.edited, [edit])).catalog
    preview = await editor.carry_out([edit], terms)
    keys = await catalog_keys(editor.settings, edited)
    name = edit.intent if isinstance(edit, AddTexts) else edit.id
    return UsedClip(preview, name, text, entry.key in keys)


def _edit(
    editor: CatalogEditor, turn: TurnRecord, target: ClipTarget, *, text: str, locale: str
) -> AddTexts | NewIntent:
    if target.intent is not None:
        return AddTexts(target.intent, "answer", locale, (text,))
    title = (target.title or "").strip()
    name = free_id(editor.catalog, title)
    return NewIntent(name, target.topic, title, {locale: (turn.question,)}, {locale: (text,)})


async def _entry_of(recipes: RecipeIndex, clip: str | None) -> Entry | None:
    """Return the stored clip whose video has this digest."""
    if clip is None:
        return None
    async for entry in recipes.scan():
        if entry.kind == "clip" and entry.blobs.get("video") == clip:
            return entry
    return None
