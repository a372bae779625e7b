"""New intent: title, phrases out of what visitors asked, and an answer, written or proposed."""

import asyncio
import re
import unicodedata
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from app.author_errors import EditRefusedError
from app.authoring.edits import NewIntent
from app.authoring.effect import EditPreview
from app.catalog.model import Catalog
from app.runtime.commands.answers.editor import PREVIEW, CatalogEditor, EditTerms
from app.runtime.commands.answers.phrases import with_words
from app.runtime.wiring.responders import open_documents

_LONGEST_ID = 48


@dataclass(frozen=True, slots=True)
class ProposedAnswer:
    """Words that may answer, and who proposes them: the documents, or a chat model."""

    text: str
    source: str


Propose = Callable[[str, str], Awaitable[ProposedAnswer | None]]
"""Question and locale to an answer; None if nothing is found."""


@dataclass(frozen=True, slots=True)
class NewIntentResult:
    """New intent, what it does, and who proposed its answer, if somebody did."""

    intent: NewIntent
    preview: EditPreview
    proposed_by: str | None


@dataclass(frozen=True, slots=True)
class WantedIntent:
    """Intent that an author wants: what is left out is settled by the title, the nearest intent or the documents."""

    title: str
    phrases: Sequence[str]
    answer: str | None = None
    topic: str | None = None
    id: str | None = None
    locale: str | None = None


async def new_intent(
    editor: CatalogEditor, wanted: WantedIntent, *, propose: Propose | None = None, terms: EditTerms = PREVIEW
) -> NewIntentResult:
    """Write an intent of its own.

    Without `answer` the documents (or `propose`) are asked for one, and the intent is marked as a draft.

    Raises:
        EditRefusedError: the id is taken, a phrase has no words, or nothing proposes an answer.
        CatalogError: the catalog has errors, or would have some.
    """
    catalog = await editor.ready()
    spoken = wanted.locale or catalog.default_locale
    asked, found = with_words(wanted.phrases), None
    if not wanted.answer:
        found = await (propose or documents_of(editor))(asked[0], spoken)
        if found is None:
            raise EditRefusedError(
                f"Expected an answer, got none, and nothing in the documents answers “{asked[0][:80]}”. Write one."
            )
    nearest = "" if wanted.topic else await asyncio.to_thread(_nearest_topic, editor, asked[0], spoken)
    edit = NewIntent(
        id=wanted.id or free_id(catalog, wanted.title),
        topic=wanted.topic or nearest,
        title=wanted.title.strip(),
        phrases={spoken: asked},
        answer={spoken: (wanted.answer.strip() if wanted.answer else found.text if found else "",)},
        draft=f"answer proposed by {found.source}" if found else None,
    )
    preview = await editor.carry_out([edit], terms)
    return NewIntentResult(edit, preview, found.source if found else None)


def documents_of(editor: CatalogEditor) -> Propose:
    """Return the documents as proposers: they quote themselves, or are silent."""

    async def propose(question: str, locale: str) -> ProposedAnswer | None:
        del locale
        said = await asyncio.to_thread(open_documents(editor.catalog, editor.encoder).answer, question)
        return ProposedAnswer(said, "the documents") if said else None

    return propose


def free_id(catalog: Catalog, title: str) -> str:
    """Return an id made of a title that no intent has."""
    plain = unicodedata.normalize("NFKD", title.casefold().replace("ß", "ss")).encode("ascii", "ignore").decode()
    made = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_LONGEST_ID].strip("-") or "answer"
    taken, number, name = {intent.id for intent in catalog.intents}, 2, made
    while name in taken:
        name, number = f"{made}-{number}", number + 1
    return name


def _nearest_topic(editor: CatalogEditor, question: str, locale: str) -> str:
    """Return the topic of the author's own intent that is nearest to the question, else `answers`."""
    (decision,) = editor.matcher.decide_many([question], locale=locale)
    near = (editor.catalog.intent(one.intent) for one in decision.receipt.candidates)
    return next((one.topic for one in near if one and not one.starter), "answers")
