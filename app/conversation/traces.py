"""The spans of a session's questions: a root each, and a child for every step of work."""

from app.conversation.actions import Record, Work
from app.rendering.tracing import Span, Tracer


class TurnTraces:
    """Begins and ends them. Words of visitors are no attributes: only what became of a question."""

    def __init__(self, tracer: Tracer) -> None:
        """Nothing is under way."""
        self._tracer = tracer
        self._questions: dict[str, Span] = {}
        self._steps: dict[tuple[str, Work], Span] = {}

    def begin(self, turn: str, work: Work) -> None:
        """A step of work begins, and with the first one the question."""
        if turn not in self._questions:
            self._questions[turn] = self._tracer.begin("question", turn=turn)
        parent = self._questions[turn].traceparent
        self._steps[turn, work] = self._tracer.begin(work.value, parent=parent, turn=turn)

    def parent(self, turn: str, work: Work) -> str:
        """What work done elsewhere for this step names as its parent."""
        span = self._steps.get((turn, work))
        return span.traceparent if span else ""

    def end(self, turn: str, work: Work, *, error: str = "") -> None:
        """A step is over."""
        span = self._steps.pop((turn, work), None)
        if span:
            span.end(error=error)

    def close(self, record: Record) -> None:
        """A question came to its end; what it still waited for is over with it."""
        for turn, work in [key for key in self._steps if key[0] == record.turn]:
            self.end(turn, work, error="dropped")
        span = self._questions.pop(record.turn, None)
        if span:
            told = {name: str(record.receipt.get(name) or "") for name in ("stage", "release", "encoder")}
            span.note(outcome=record.outcome, intent=record.intent or "", locale=record.locale, **told)
            span.end(error="failed" if record.outcome == "failed" else "")
