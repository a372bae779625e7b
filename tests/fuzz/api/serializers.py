"""How schemathesis sends what is neither JSON nor a form."""

from typing import Any

import schemathesis


@schemathesis.serializer("audio/wav", "application/x-ndjson")
def send_as_it_is(_: schemathesis.SerializationContext, value: Any) -> bytes:
    """Bytes and text as they are, anything else as its text."""
    return value if isinstance(value, bytes) else str(value).encode(errors="surrogateescape")
