"""Traces: what a question or a render went through, as spans that know their parent, in whatever process."""

from dataclasses import dataclass, field
from itertools import count
from typing import Protocol

Value = str | int | float | bool


class Span(Protocol):
    """Something that takes time. Nothing that a visitor said is ever noted."""

    @property
    def traceparent(self) -> str:
        """What a child names as its parent, in this process or another; empty where nothing is traced."""
        ...

    def note(self, **attributes: Value) -> None:
        """Add facts."""
        ...

    def event(self, name: str) -> None:
        """A point in time was reached."""
        ...

    def end(self, *, error: str = "") -> None:
        """It is over; `error` is the code of what went wrong. A second time changes nothing."""
        ...


class Tracer(Protocol):
    """Begins spans; never waits and never fails."""

    def begin(self, name: str, *, parent: str = "", **attributes: Value) -> Span:
        """A span under this parent, or the root of a trace of its own."""
        ...


class NoSpan:
    """A span of nobody's."""

    traceparent = ""

    def note(self, **attributes: Value) -> None:
        """Forget."""

    def event(self, name: str) -> None:
        """Forget."""

    def end(self, *, error: str = "") -> None:
        """Forget."""


class NoTracer:
    """Traces nothing, at the cost of a call."""

    _span = NoSpan()

    def begin(self, name: str, *, parent: str = "", **attributes: Value) -> Span:
        """Always the same."""
        del name, parent, attributes
        return self._span


@dataclass
class RecordedSpan:
    """A span as it was told, for tests."""

    name: str
    number: int
    parent: str
    attributes: dict[str, Value]
    events: list[str] = field(default_factory=list)
    ended: bool = False
    error: str = ""

    @property
    def traceparent(self) -> str:
        """Its number."""
        return f"span-{self.number}"

    def note(self, **attributes: Value) -> None:
        """Keep."""
        self.attributes |= attributes

    def event(self, name: str) -> None:
        """Keep."""
        self.events.append(name)

    def end(self, *, error: str = "") -> None:
        """Keep the first."""
        if not self.ended:
            self.ended, self.error = True, error


class MemoryTracer:
    """Keeps every span, for tests."""

    def __init__(self) -> None:
        self.spans: list[RecordedSpan] = []
        self._numbers = count(1)

    def begin(self, name: str, *, parent: str = "", **attributes: Value) -> RecordedSpan:
        """Keep it."""
        span = RecordedSpan(name, next(self._numbers), parent, dict(attributes))
        self.spans.append(span)
        return span

    def named(self, name: str) -> list[RecordedSpan]:
        """Those of a name, in the order they began."""
        return [span for span in self.spans if span.name == name]
