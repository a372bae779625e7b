"""Tracing over OpenTelemetry, sent by OTLP over HTTP; the standard `OTEL_…` variables configure it."""

import os
from typing import Any

from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from app.tracing import Span, Value

_CONTEXT = TraceContextTextMapPropagator()
_KEY = "traceparent"


class OtelTracer:
    """Tracer with explicit parents.

    They are not taken from the context, so that a span never outlives its task.
    """

    def __init__(self, processor: SpanProcessor, *, service: str = "greenroom") -> None:
        """Send spans to the processor; `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` add attributes."""
        resource = {} if os.environ.get("OTEL_SERVICE_NAME") else {"service.name": service}
        self._provider = TracerProvider(resource=Resource.create(resource))
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer("greenroom")

    def begin(self, name: str, *, parent: str = "", **attributes: Value) -> Span:
        """Begin a span; without a known parent it begins its own trace."""
        context = _CONTEXT.extract({_KEY: parent}) if parent else trace.set_span_in_context(trace.INVALID_SPAN)
        return _OtelSpan(self._tracer.start_span(name, context, attributes=_prefixed(attributes)))

    def close(self) -> None:
        """Send waiting spans; blocks for up to the exporter's own time limit."""
        self._provider.shutdown()


class _OtelSpan:
    def __init__(self, span: trace.Span) -> None:
        self._span = span

    @property
    def traceparent(self) -> str:
        carrier: dict[str, str] = {}
        _CONTEXT.inject(carrier, trace.set_span_in_context(self._span))
        return carrier.get(_KEY, "")

    def note(self, **attributes: Value) -> None:
        self._span.set_attributes(_prefixed(attributes))

    def event(self, name: str) -> None:
        self._span.add_event(name)

    def end(self, *, error: str = "") -> None:
        if error:
            self._span.set_status(Status(StatusCode.ERROR, error))
        self._span.end()


def otlp_processor() -> SpanProcessor:
    """Return a processor for OTLP/HTTP, configured by `OTEL_EXPORTER_OTLP_ENDPOINT` and the like."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415 - an extra

    return BatchSpanProcessor(OTLPSpanExporter())


def _prefixed(attributes: dict[str, Value]) -> dict[str, Any]:
    return {f"greenroom.{name}": value for name, value in attributes.items()}
