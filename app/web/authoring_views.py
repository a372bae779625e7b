"""Bodies of the authoring routes: what an edit is, and what it does."""

from collections.abc import Callable, Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

from app.authoring.edits import AddTexts, Edit, NewIntent, SetDraft, SetFact, SetNext, SetTexts, SetTitle
from app.conversation.protocol.client_messages import MAX_TEXT_CHARS
from app.matching.decision import Decision, Outcome

Id = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Locale = Annotated[str, StringConstraints(min_length=1, max_length=35)]
Words = Annotated[str, StringConstraints(min_length=1, max_length=5000)]
Asked = Annotated[str, StringConstraints(min_length=1, max_length=MAX_TEXT_CHARS)]

NEWEST = 500
"""Recorded questions that are asked again, unless the caller says how many."""

_MOST_TEXTS = 200


class CatalogFileView(BaseModel):
    """Catalog file as it is now."""

    file: str = Field(description="relative to the catalog's folder")
    digest: str = Field(description="send it back in `seen`")
    text: str


class EditTermsBody(BaseModel):
    """Terms of an edit."""

    dry_run: bool = Field(default=False, description="only say what it would do; nothing is written")
    seen: dict[str, str] = Field(
        default={}, description="digest of each file as its author saw it; if one changed, `edit_conflict`"
    )
    recorded: int = Field(NEWEST, ge=0, le=5000, description="so many of the newest recorded questions are asked again")


class EditBody(BaseModel):
    """One edit; `do` says which, and which of the other fields it needs."""

    do: Literal["add_texts", "set_texts", "set_title", "set_next", "set_draft", "set_fact", "new_intent"]
    intent: Id | None = Field(None, description="id of the intent; of the new one for `new_intent`")
    part: Literal["phrases", "not_phrases", "answer"] = Field("phrases", description="for `add_texts`, `set_texts`")
    locale: Locale | None = Field(None, description="the default is the catalog's; of a fact, none")
    texts: tuple[Words, ...] = Field(
        (), max_length=_MOST_TEXTS, description="the texts; for `new_intent` its phrases, for `set_fact` its words"
    )
    title: str = Field("", max_length=200, description="for `set_title`, `new_intent`")
    next: tuple[Id, ...] = Field((), max_length=20, description="for `set_next`, `new_intent`")
    draft: str | None = Field(None, max_length=200, description="why it is a draft; null takes the mark away")
    fact: str = Field("", max_length=200, description="dotted name, for `set_fact`")
    topic: Id | None = Field(None, description="for `new_intent`")
    answer: tuple[Words, ...] = Field((), max_length=20, description="for `new_intent`")

    def edit(self, default: str) -> Edit:
        """Return the edit; `default` is the catalog's locale."""
        return _EDITS[self.do](self, self.intent or "", self.locale or default)


_EDITS: Mapping[str, Callable[[EditBody, str, str], Edit]] = {
    "add_texts": lambda one, name, spoken: AddTexts(name, one.part, spoken, one.texts),
    "set_texts": lambda one, name, spoken: SetTexts(name, one.part, spoken, one.texts),
    "set_title": lambda one, name, _: SetTitle(name, one.title),
    "set_next": lambda one, name, _: SetNext(name, one.next),
    "set_draft": lambda one, name, _: SetDraft(name, one.draft),
    "set_fact": lambda one, *_: SetFact(one.fact, "".join(one.texts[:1]), one.locale),
    "new_intent": lambda one, name, spoken: NewIntent(
        id=name,
        topic=one.topic or "answers",
        title=one.title,
        phrases={spoken: one.texts},
        answer={spoken: one.answer},
        next=one.next,
        draft=one.draft,
    ),
}


class EditsBody(EditTermsBody):
    """Edits, all or none."""

    edits: tuple[EditBody, ...] = Field(min_length=1, max_length=50)
    quick: bool = Field(default=False, description="leave out all that needs the encoder")


class PhrasesBody(EditTermsBody):
    """Questions that become phrases of an intent."""

    intent: Id
    texts: tuple[Asked, ...] = Field(min_length=1, max_length=_MOST_TEXTS)
    locale: Locale | None = Field(None, description="the default is the catalog's")


class IntentBody(EditTermsBody):
    """New intent."""

    title: str = Field(min_length=1, max_length=200)
    phrases: tuple[Asked, ...] = Field(min_length=1, max_length=_MOST_TEXTS)
    answer: Words | None = Field(None, description="without it the documents propose one, and it is a draft")
    topic: Id | None = Field(None, description="its folder; the default is that of the nearest intent")
    id: Id | None = Field(None, description="the default is made of the title")
    locale: Locale | None = Field(None, description="the default is the catalog's")


class NeverBody(EditTermsBody):
    """Question that an intent must never answer."""

    question: Asked
    intent: Id
    locale: Locale | None = Field(None, description="the default is the catalog's")


class ClipBody(EditTermsBody):
    """Turn whose clip becomes an answer."""

    turn: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    intent: Id | None = Field(None, description="the intent that gets it, as a variant; or else `title`")
    title: str | None = Field(None, min_length=1, max_length=200, description="title of a new intent")
    topic: Id = Field("answers", description="the new intent's folder")


class _View(BaseModel, from_attributes=True):
    """View of a value of the core."""


class ChangeView(_View):
    """Change of one file."""

    file: str
    before: str | None = Field(description="digest as it was read; null for a new file")
    old: str
    new: str


class FindingView(_View):
    """Finding of `check`."""

    level: Literal["error", "warning"]
    rule: str
    file: str
    line: int = Field(description="0: the whole file")
    message: str
    hint: str


class AnsweredView(_View):
    """Result of a question."""

    outcome: Outcome
    intent: str | None
    choices: tuple[str, ...]


class MovedView(_View):
    """Question that gets something else."""

    question: str
    locale: str
    times: int
    source: Literal["test", "recorded"]
    before: AnsweredView
    after: AnsweredView
    better: bool | None = Field(description="known for tests alone")


class PreviewView(_View):
    """Effect of an edit, made or only meant."""

    changes: tuple[ChangeView, ...]
    findings: tuple[FindingView, ...] = Field(description="what `check` says now and did not say before")
    cleared: tuple[FindingView, ...] = Field(description="what `check` no longer says")
    moved: tuple[MovedView, ...] = Field(description="tests and recorded questions that get something else")
    asked: int = Field(description="how many were asked before and after")
    right_before: float | None = Field(description="expected share of right clips; null after a quick look")
    right_after: float | None
    wrong_before: float | None = Field(description="expected share of wrong clips")
    wrong_after: float | None
    written: bool


class WrittenIntentView(BaseModel):
    """New intent, and what it does."""

    id: str
    topic: str
    answer: str
    draft: str | None = Field(description="why a person should read it; null if its author wrote the answer")
    preview: PreviewView


class NeverView(_View):
    """Near miss, what it does, and the proof that it holds."""

    preview: PreviewView
    decision: Decision = Field(description="what the question gets now")
    tried: int = Field(description="spellings that were tried, the question among them")
    reached: tuple[str, ...] = Field(description="spellings that would still reach the intent")
    removed: tuple[str, ...] = Field(description="phrases of the intent that said the same, and went")
    holds: bool


class UsedClipView(_View):
    """Clip that became an answer."""

    preview: PreviewView
    intent: str
    text: str
    rendered: bool = Field(description="its clip is stored: nothing is rendered")


class ProposalView(_View):
    """Proposed phrase."""

    text: str
    source: Literal["visitors", "form", "synonym", "answer", "model"]
    adds: float = Field(description="what it adds to the share of the intent's questions that find it")


class ProposalsView(_View):
    """Proposals for one intent, the most useful first."""

    intent: str
    locale: str
    items: tuple[ProposalView, ...]
    found_before: float = Field(description="share of other wordings that find the intent today")
    found_after: float = Field(description="the same with all proposals")
    wordings: int = Field(description="number of these wordings")
