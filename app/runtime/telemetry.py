"""Structured logs: event names in `noun.verb` form, values as keys; secrets and visitors' words are left out."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

REDACTED = frozenset({"token", "resume_token", "secret", "api_key", "authorization", "text", "question", "comment"})
"""Keys whose values never reach a log line."""


def set_up_logging(*, format_: str, level: str) -> None:
    """Send every log line, ours and the libraries', to standard error in one form; libraries speak up from warnings on.

    With `json` a line is one JSON object: `event`, `level`, `timestamp`, the event's own keys, `exception` if there is
    one.
    """
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        redact,
    ]
    renderers: list[Any] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(default=str)]
        if format_ == "json"
        else [_console()]
    )
    threshold = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[*shared, *renderers],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=lambda *_: structlog.WriteLogger(sys.stderr),  # looked up each time: it may be redirected
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderers],
            foreign_pre_chain=shared,
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("app").setLevel(threshold)


def _console() -> Any:
    """For people; tracebacks without the values of variables, which hold visitors' words and tokens."""
    return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)


def redact(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace the values of redacted keys, however deep."""
    for key, value in event.items():
        if key.lower() in REDACTED:
            event[key] = "[redacted]"
        elif isinstance(value, dict):
            event[key] = redact(_logger, _method, dict(value))
    return event
