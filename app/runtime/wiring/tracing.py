"""Tracing: off, or by OTLP to the address in the standard variables of OpenTelemetry."""

from collections.abc import Iterator
from contextlib import contextmanager

from pydantic_settings import BaseSettings, SettingsConfigDict

from app.errors import SettingsError
from app.tracing import NoTracer, Tracer


class TraceSettings(BaseSettings):
    """Variables that turn tracing on; the exporter reads these and all others itself."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    otel_exporter_otlp_endpoint: str = ""
    otel_exporter_otlp_traces_endpoint: str = ""
    otel_sdk_disabled: bool = False

    @property
    def wanted(self) -> bool:
        """Return whether spans are sent."""
        return bool(self.otel_exporter_otlp_endpoint or self.otel_exporter_otlp_traces_endpoint) and not (
            self.otel_sdk_disabled
        )


@contextmanager
def open_tracer() -> Iterator[Tracer]:
    """Open the tracer; waiting spans are sent at the end.

    Raises:
        SettingsError: tracing is on, and the exporter is not installed.
    """
    if not TraceSettings().wanted:
        yield NoTracer()
        return
    try:
        from app.adapters.otel import OtelTracer, otlp_processor  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise SettingsError(
            "Cannot send traces to OTEL_EXPORTER_OTLP_ENDPOINT: the exporter is not installed. Run `pip install "
            "greenroom[otel]`, or unset the variable."
        ) from error
    tracer = OtelTracer(otlp_processor())
    try:
        yield tracer
    finally:
        tracer.close()
