"""Phrases of an intent: what visitors asked, or what was proposed, becomes a way to ask for it."""

from collections.abc import Sequence

from app.author_errors import EditRefusedError
from app.authoring.edits import AddTexts
from app.authoring.effect import EditPreview
from app.runtime.commands.answers.editor import PREVIEW, CatalogEditor, EditTerms
from app.text import wordless


async def make_phrases(
    editor: CatalogEditor,
    intent: str,
    texts: Sequence[str],
    *,
    locale: str | None = None,
    terms: EditTerms = PREVIEW,
) -> EditPreview:
    """Make these texts phrases of an intent.

    Raises:
        EditRefusedError: there is no such intent, or a text has no words.
        EditConflictError: the file changed since the author saw it.
        CatalogError: the catalog has errors, or would have some.
    """
    spoken = with_words(texts)
    edits = [AddTexts(intent, "phrases", locale or (await editor.ready()).default_locale, spoken)]
    return await editor.carry_out(edits, terms)


def with_words(texts: Sequence[str]) -> tuple[str, ...]:
    """Return the texts without blanks around them.

    Raises:
        EditRefusedError: there is none, or one has no letter and no digit.
    """
    found = tuple(text.strip() for text in texts)
    if not found or any(wordless(text) for text in found):
        bad = next((text for text in found if wordless(text)), "")
        raise EditRefusedError(f"Expected questions with words, got {bad[:60]!r}. Write what visitors ask.")
    return found
