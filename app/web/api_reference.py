"""API reference at `/docs`: routes, messages, close codes and errors on one page, made from the code."""

from collections.abc import Mapping
from typing import Any

from jinja2 import Environment

from app.conversation.protocol.rules import CLOSE_RULES
from app.web.asyncapi import CLIENT_MESSAGES, SERVER_MESSAGES, message_name
from app.web.problems import STATUS

_PAGE = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string("""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark"><title>Greenroom API</title>
</head><body><main>
<h1>Greenroom API</h1>
<p>For programs: <a href="openapi.json">openapi.json</a> (HTTP) and
<a href="asyncapi.json">asyncapi.json</a> (WebSocket).</p>
<h2>HTTP</h2>
<dl>
{% for route in routes %}
<dt><code>{{ route.method }} {{ route.path }}</code></dt><dd>{{ route.text }}</dd>
{% endfor %}
</dl>
{% for title, rows in tables %}
<h2>{{ title }}</h2>
<dl>
{% for row in rows %}
<dt id="{{ row[0] }}"><code>{{ row[0] }}</code></dt><dd>{{ row[1] }}</dd>
{% endfor %}
</dl>
{% endfor %}
</main></body></html>
""")


def reference_page(openapi: Mapping[str, Any]) -> str:
    """Render the page as HTML; it loads nothing from other servers."""
    routes = [
        {"method": method.upper(), "path": path, "text": operation.get("description", "")}
        for path, operations in openapi["paths"].items()
        for method, operation in operations.items()
    ]
    messages = [
        (f"WebSocket, {side}", [(message_name(cls), " ".join((cls.__doc__ or "").split())) for cls in classes])
        for side, classes in (("client to server", CLIENT_MESSAGES), ("server to client", SERVER_MESSAGES))
    ]
    closes = [(int(code), f"{rule.meaning}; the client: {rule.client}") for code, rule in CLOSE_RULES.items()]
    errors = [(code, f"{status.value} {status.phrase}") for code, status in STATUS.items()]
    return _PAGE.render(routes=routes, tables=[*messages, ("Close codes", closes), ("Error codes", errors)])
