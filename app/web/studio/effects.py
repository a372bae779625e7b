"""Effects: what an edit would change, as a page with the button that writes it, and what follows the writing."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from fastapi import Response

from app.author_errors import QuestionNotFoundError
from app.authoring.effect import EditPreview
from app.runtime.commands.answers.editor import CatalogEditor, EditTerms
from app.runtime.commands.checkout import commit, is_checkout
from app.web.studio.access import Visit
from app.web.studio.diffs import line_changes
from app.web.studio.pages import page, to


def editor_of(visit: Visit) -> CatalogEditor:
    """Return the editor of the catalog's folder; its encoder is the one that serves."""
    container = visit.container
    return CatalogEditor.of(container.site.settings, audit=container.audit, loaded=container.loaded.encoder)


def terms_of(visit: Visit, *, quick: bool = False) -> EditTerms:
    """Return the terms of an edit: a form that agrees to it writes, any other only looks."""
    seen = {file: digest for one in visit.texts("seen") for file, _, digest in [one.rpartition("@")]}
    return EditTerms(visit.caller.actor if agreed(visit) else None, seen, (), quick)


def agreed(visit: Visit) -> bool:
    """Return whether the form is the second step."""
    return visit.text("agreed") == "yes"


@dataclass(frozen=True, slots=True)
class Held:
    """Proof that a near miss holds: how many spellings were tried, which still reach, and which phrases go."""

    tried: int
    reached: tuple[str, ...]
    removed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Effect:
    """Effect of an edit as its page shows it."""

    title: str
    preview: EditPreview
    place: str
    """Where its form goes."""
    fields: Mapping[str, tuple[str, ...]]
    """Fields of the form, once more."""
    back: str
    proposed_by: str | None = None
    held: Held | None = None


async def effect_page(visit: Visit, effect: Effect) -> Response:
    """Show what an edit would change, with the button that writes it."""
    titles = {one.id: one.title for one in visit.container.catalog.intents}
    changes = [(one, line_changes(one.old, one.new)) for one in effect.preview.changes]
    seen = [f"{one.file}@{one.before}" for one in effect.preview.changes if one.before]
    git = await is_checkout(visit.container.site.settings.catalog)
    return page(visit, "effect", here="", effect=effect, titles=titles, changes=changes, seen=seen, git=git)


async def written(visit: Visit, preview: EditPreview, subject: str, place: str) -> Response:
    """Commit what was written if the form asks for it, and go on."""
    visit.studio.figures.changed()
    if group := visit.text("group"):
        with suppress(QuestionNotFoundError):  # its turns may be over their time
            await visit.container.questions.mark(group, "in_work", by=visit.caller.actor)
    folder, files = visit.container.site.settings.catalog, [one.file for one in preview.changes]
    if visit.text("commit") and files and await is_checkout(folder):
        await commit(folder, files, subject=visit.text("message") or subject, by=visit.caller.actor)
        return to(visit, place, done="committed")
    return to(visit, place, done="written")
