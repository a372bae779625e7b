"""Spans as OpenTelemetry has them, in memory and over the wire."""

import http.server
import threading

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from app.adapters.otel import OtelTracer
from app.runtime.wiring.tracing import open_tracer
from app.tracing import NoTracer


@pytest.fixture
def exporter():
    return InMemorySpanExporter()


@pytest.fixture
def tracer(exporter):
    made = OtelTracer(SimpleSpanProcessor(exporter))
    yield made
    made.close()


def finished(exporter):
    return {span.name: span for span in exporter.get_finished_spans()}


def test_a_child_names_its_parent_as_text(tracer, exporter):
    question = tracer.begin("question", turn="t1")
    render = tracer.begin("render", parent=question.traceparent, provider="fal")
    render.event("submitted")
    render.end()
    question.note(outcome="generated")
    question.end()

    spans = finished(exporter)
    assert spans["render"].parent.span_id == spans["question"].context.span_id
    assert spans["render"].context.trace_id == spans["question"].context.trace_id
    assert [event.name for event in spans["render"].events] == ["submitted"]
    assert dict(spans["question"].attributes) == {"greenroom.turn": "t1", "greenroom.outcome": "generated"}


def test_what_has_no_parent_begins_a_trace(tracer, exporter):
    for name, parent in (("one", ""), ("two", "no traceparent at all")):
        tracer.begin(name, parent=parent).end()

    spans = finished(exporter)
    assert spans["one"].parent is None
    assert spans["two"].parent is None
    assert spans["one"].context.trace_id != spans["two"].context.trace_id


def test_an_error_is_a_status_and_an_end_is_final(tracer, exporter):
    span = tracer.begin("film")
    span.end(error="budget_exceeded")
    span.end()

    (found,) = exporter.get_finished_spans()
    assert (found.status.status_code, found.status.description) == (StatusCode.ERROR, "budget_exceeded")


def test_nothing_is_traced_unless_somebody_wants_it(monkeypatch):
    monkeypatch.delenv("OTEL_EXPORTER_OTLP_ENDPOINT", raising=False)

    with open_tracer() as tracer:
        assert isinstance(tracer, NoTracer)


class Collector(http.server.BaseHTTPRequestHandler):
    """Takes what an exporter sends."""

    taken: list[tuple[str, bytes]]

    def do_POST(self) -> None:
        self.taken.append((self.path, self.rfile.read(int(self.headers["content-length"]))))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_spans_reach_a_collector_over_http(monkeypatch):
    Collector.taken = []
    with http.server.HTTPServer(("127.0.0.1", 0), Collector) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setenv("OTEL_SERVICE_NAME", "museum")

        with open_tracer() as tracer:
            tracer.begin("question", turn="t1").end()
        server.shutdown()

    ((path, body),) = Collector.taken
    sent = ExportTraceServiceRequest.FromString(body).resource_spans[0]
    assert path == "/v1/traces"
    assert [span.name for span in sent.scope_spans[0].spans] == ["question"]
    assert {one.key: one.value.string_value for one in sent.resource.attributes}["service.name"] == "museum"
