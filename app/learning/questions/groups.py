"""Groups of questions: their values, the port that stores them, and the state that authors give them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from app.learning.questions.query import ASKED, UNHELPED, GroupState, QuestionOutcome, QuestionQuery

EXAMPLES = 5
"""Wordings that a group shows in a list."""

HOLDS_FROM = 0.5
"""Share of a group's askings that must be of questions with a state, so that the group has it."""


@dataclass(frozen=True, slots=True)
class QuestionGroup:
    """Questions of one meaning in one locale; counts are of the turns that a query lets through.

    The texts are masked. The id is that of one of its questions, and the id of any other finds the group as well.
    """

    id: str
    locale: str
    question: str
    """The wording that was asked most."""
    examples: tuple[str, ...]
    asked: int
    visitors: int
    wordings: int
    first_at: datetime
    last_at: datetime
    outcomes: Mapping[QuestionOutcome, int] = field(default_factory=dict)
    intents: Mapping[str, int] = field(default_factory=dict)
    """Intents that were played, most first."""
    nearest: str | None = None
    """Intent that was nearest most often where none was played."""
    up: int = 0
    down: int = 0
    state: GroupState = "open"
    state_by: str | None = None
    state_at: datetime | None = None
    note: str = ""
    asked_since: int = 0
    """How often it was asked after its state was set."""


@dataclass(frozen=True, slots=True)
class GroupMember:
    """One wording of a group: equal words count together."""

    id: str
    question: str
    asked: int
    visitors: int
    last_at: datetime
    outcomes: Mapping[QuestionOutcome, int]


@dataclass(frozen=True, slots=True)
class GroupPage:
    """Page of groups; `hidden` counts those that too few visitors asked."""

    items: tuple[QuestionGroup, ...]
    cursor: str | None
    hidden: int
    grouped_at: datetime | None
    """When questions were grouped last; words that are new since then are in no group yet."""


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over questions that fit a query, clicks on chips and thanks left out."""

    visitors: int
    outcomes: Mapping[QuestionOutcome, int]

    @property
    def asked(self) -> int:
        """Questions that the machine handled."""
        return self._sum(ASKED)

    @property
    def helped(self) -> int:
        """Those that got an answer of the catalog's, or a chip that was chosen."""
        return self._sum(("answered", "chosen"))

    @property
    def made(self) -> int:
        """Those that a document or a model answered."""
        return self._sum(("document", "model"))

    @property
    def unhelped(self) -> int:
        """Those that got nothing, or chips of which none was chosen."""
        return self._sum(UNHELPED)

    @property
    def failed(self) -> int:
        """Those at which the machine failed."""
        return self._sum(("failed",))

    def _sum(self, outcomes: Iterable[QuestionOutcome]) -> int:
        return sum(self.outcomes.get(one, 0) for one in outcomes)


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """Question as it was counted over all turns that are stored; equal words are one question."""

    id: str
    locale: str
    text: str
    """Masked."""
    asked: int
    visitors: int


@dataclass(frozen=True, slots=True)
class GroupedQuestion:
    """Question with its group, and its vector for the next grouping."""

    asked: AskedQuestion
    group: str
    vector: bytes


@dataclass(frozen=True, slots=True)
class StateMark:
    """State that an author gave to a question, or that a group has from its questions."""

    state: GroupState
    by: str
    at: datetime
    note: str = ""


class QuestionBook(Protocol):
    """Groups of a site's questions. States belong to questions, so they outlive any grouping."""

    async def groups(self, query: QuestionQuery, *, visitors: int) -> GroupPage:
        """Return the groups that at least so many visitors asked, of the turns that fit.

        Without outcomes in the query, those of `ASKED` count. Words are looked for in the masked questions.

        Raises:
            QueryInvalidError: the cursor is not one of this list.
        """
        ...

    async def group(self, question: str) -> QuestionGroup | None:
        """Return the group that holds the question with this id, with all of its turns; None if there is none."""
        ...

    async def members(self, question: str, *, limit: int = 200) -> tuple[GroupMember, ...]:
        """Return the wordings of that group, most asked first."""
        ...

    async def totals(self, query: QuestionQuery) -> Totals:
        """Return sums over the turns that fit, state and page apart; words are looked for as groups do."""
        ...

    async def mark(self, question: str, mark: StateMark) -> bool:
        """Give a state to all questions of that group; False if there is none."""
        ...

    async def counted(self) -> tuple[AskedQuestion, ...]:
        """Return every question that was asked in words, the most asked first."""
        ...

    async def vectors(self, encoder: str) -> Mapping[str, bytes]:
        """Return the stored vectors that this encoder made, by question."""
        ...

    async def regroup(self, questions: Sequence[GroupedQuestion], *, encoder: str, at: datetime) -> None:
        """Store the groups of all questions in place of those before; states stay."""
        ...

    async def grouped_at(self) -> datetime | None:
        """Return when questions were grouped last."""
        ...


def held(asked: int, marks: Iterable[tuple[StateMark, int]]) -> StateMark | None:
    """Return the state of a group that was asked so often, from its questions' states and how often each was asked.

    The state that most askings carry is the group's, as long as they are half of all: new wordings open it again.
    """
    weights: dict[GroupState, int] = defaultdict(int)
    newest: dict[GroupState, StateMark] = {}
    for mark, times in marks:
        weights[mark.state] += times
        if mark.state not in newest or newest[mark.state].at < mark.at:
            newest[mark.state] = mark
    if not weights:
        return None
    state = max(weights, key=lambda one: (weights[one], newest[one].at))
    return newest[state] if weights[state] >= HOLDS_FROM * asked else None
