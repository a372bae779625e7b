"""Tracing: spans of a question or a render, each with its parent, across processes."""

from dataclasses import dataclass, field
from itertools import count
from typing import Protocol

Value = str | int | float | bool


class Span(Protocol):
    """Timed operation. Nothing that a visitor said is ever recorded."""

    @property
    def traceparent(self) -> str:
        """Identifier for children to name as their parent, in this process or another.

        Empty without tracing.
        """
        ...

    def note(self, **attributes: Value) -> None:
        """Add attributes."""
        ...

    def event(self, name: str) -> None:
        """Add a point in time."""
        ...

    def end(self, *, error: str = "") -> None:
        """End the span; `error` is the code of a failure. A second call changes nothing."""
        ...


class Tracer(Protocol):
    """Source of spans; never waits and never fails."""

    def begin(self, name: str, *, parent: str = "", **attributes: Value) -> Span:
        """Begin a span under this parent, or the root of a new trace."""
        ...


class NoSpan:
    """Span that records nothing."""

    traceparent = ""

    def note(self, **attributes: Value) -> None:
        """Do nothing."""

    def event(self, name: str) -> None:
        """Do nothing."""

    def end(self, *, error: str = "") -> None:
        """Do nothing."""


class NoTracer:
    """Tracer that records nothing, at the cost of a call."""

    _span = NoSpan()

    def begin(self, name: str, *, parent: str = "", **attributes: Value) -> Span:
        """Return the same span each time."""
        del name, parent, attributes
        return self._span


@dataclass
class RecordedSpan:
    """Span as it was recorded, for tests."""

    name: str
    number: int
    parent: str
    attributes: dict[str, Value]
    events: list[str] = field(default_factory=list)
    ended: bool = False
    error: str = ""

    @property
    def traceparent(self) -> str:
        """Return its number."""
        return f"span-{self.number}"

    def note(self, **attributes: Value) -> None:
        """Record the attributes."""
        self.attributes |= attributes

    def event(self, name: str) -> None:
        """Record the event."""
        self.events.append(name)

    def end(self, *, error: str = "") -> None:
        """Record the first end."""
        if not self.ended:
            self.ended, self.error = True, error


class MemoryTracer:
    """Tracer that records every span, for tests."""

    def __init__(self) -> None:
        self.spans: list[RecordedSpan] = []
        self._numbers = count(1)

    def begin(self, name: str, *, parent: str = "", **attributes: Value) -> RecordedSpan:
        """Record a new span."""
        span = RecordedSpan(name, next(self._numbers), parent, dict(attributes))
        self.spans.append(span)
        return span

    def named(self, name: str) -> list[RecordedSpan]:
        """Return the spans of a name, in the order they began."""
        return [span for span in self.spans if span.name == name]
