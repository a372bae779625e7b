"""Structured logs: event names in `noun.verb` form, values as keys; secrets and visitors' words are left out."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

REDACTED = frozenset({"token", "resume_token", "secret", "api_key", "authorization", "text", "question", "comment"})
"""Keys whose values never reach a log line."""


def set_up_logging(*, format_: str, level: str) -> None:
    """Send every log line, ours and the libraries', to standard error in one form."""
    renderer: Any = structlog.processors.JSONRenderer() if format_ == "json" else structlog.dev.ConsoleRenderer()
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        redact,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.format_exc_info, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processor=renderer, foreign_pre_chain=shared))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)


def redact(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace the values of redacted keys."""
    for key in REDACTED & event.keys():
        event[key] = "[redacted]"
    return event
