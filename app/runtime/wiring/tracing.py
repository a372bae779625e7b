"""Where traces go: nowhere, or by OTLP to where the standard variables of OpenTelemetry say."""

from collections.abc import Iterator
from contextlib import contextmanager

from pydantic_settings import BaseSettings, SettingsConfigDict

from app.errors import SettingsError
from app.tracing import NoTracer, Tracer


class TraceSettings(BaseSettings):
    """The variables that turn traces on; the exporter reads these and all the others itself."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    otel_exporter_otlp_endpoint: str = ""
    otel_exporter_otlp_traces_endpoint: str = ""
    otel_sdk_disabled: bool = False

    @property
    def wanted(self) -> bool:
        """Whether spans are to be sent."""
        return bool(self.otel_exporter_otlp_endpoint or self.otel_exporter_otlp_traces_endpoint) and not (
            self.otel_sdk_disabled
        )


@contextmanager
def open_tracer() -> Iterator[Tracer]:
    """The tracer; what waits is sent at the end.

    Raises:
        SettingsError: traces are wanted, and what sends them is not installed.
    """
    if not TraceSettings().wanted:
        yield NoTracer()
        return
    try:
        from app.adapters.otel import OtelTracer, otlp_processor  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise SettingsError(
            "OTEL_EXPORTER_OTLP_ENDPOINT is set, but what sends traces is not installed: say `pip install "
            "greenroom[otel]`, or unset it."
        ) from error
    tracer = OtelTracer(otlp_processor())
    try:
        yield tracer
    finally:
        tracer.close()
