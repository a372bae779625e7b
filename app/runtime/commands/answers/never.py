"""Never this answer to that: a near miss where it works, and the proof that it holds."""

import asyncio
from dataclasses import dataclass

from app.authoring.edits import AddTexts, Edit, SetTexts
from app.authoring.effect import EditPreview
from app.matching.decision import Decision
from app.matching.normalise import normalise
from app.runtime.commands.answers.editor import PREVIEW, CatalogEditor, EditTerms
from app.runtime.commands.answers.phrases import with_words

_LONG_WORD = 5
"""Letters from which a word with one slip is still read as this word."""

_MOST_TRIED = 60


@dataclass(frozen=True, slots=True)
class NeverReceipt:
    """Near miss with its effect, the decision about the question with it, and how many spellings were tried."""

    preview: EditPreview
    decision: Decision
    tried: int
    reached: tuple[str, ...]
    """Spellings that would still reach the intent: none."""
    removed: tuple[str, ...]
    """Phrases of the intent that said the same, and go."""

    @property
    def holds(self) -> bool:
        """Return whether no spelling reaches the intent."""
        return not self.reached


async def never(
    editor: CatalogEditor,
    question: str,
    intent: str,
    *,
    locale: str | None = None,
    terms: EditTerms = PREVIEW,
) -> NeverReceipt:
    """See to it that an intent never answers a question.

    The question becomes a near miss in the intent's own file. A phrase that says the same word for word goes.

    Raises:
        EditRefusedError: there is no such intent, it comes from a pack, or the question has no words.
        EditConflictError: the file changed since the author saw it.
        CatalogError: the catalog has errors, or would have some.
    """
    (text,) = with_words([question])
    spoken = locale or (await editor.ready()).default_locale
    edits, removed = _edits(editor, text, intent, spoken)
    edited = await asyncio.to_thread(editor.files.edited, edits, seen=terms.seen)
    preview = await editor.carry_out(edits, terms)
    matcher = await asyncio.to_thread(editor.matcher_of, edited.catalog)
    tried = [text, *_slips(normalise(text))]
    decisions = await asyncio.to_thread(matcher.decide_many, tried, locale=spoken)
    reached = tuple(
        one for one, decision in zip(tried, decisions, strict=True) if intent in (decision.intent, *decision.choices)
    )
    return NeverReceipt(preview, decisions[0], len(tried), reached, removed)


def _edits(editor: CatalogEditor, text: str, intent: str, locale: str) -> tuple[list[Edit], tuple[str, ...]]:
    edits: list[Edit] = [AddTexts(intent, "not_phrases", locale, (text,))]
    found, removed = editor.catalog.intent(intent), []
    for spoken, phrases in found.phrases.items() if found else ():
        same = [one for one in phrases if normalise(one) == normalise(text)]
        if same:
            edits.append(SetTexts(intent, "phrases", spoken, tuple(one for one in phrases if one not in same)))
            removed += same
    return edits, tuple(removed)


def _slips(question: str) -> list[str]:
    """Return spellings with one slip inside a longer word: two letters swapped, one left out, one typed twice."""
    words, found = question.split(), []
    for at, word in enumerate(words):
        for i in range(1, len(word) - 1 if len(word) >= _LONG_WORD else 0):
            before, after = word[:i], word[i + 1 :]
            typed = dict.fromkeys((before + after[0] + word[i] + after[1:], before + after, before + word[i - 1 :]))
            found += [" ".join((*words[:at], one, *words[at + 1 :])) for one in typed if one != word]
    return found[:_MOST_TRIED]
