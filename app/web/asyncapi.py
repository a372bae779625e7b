"""AsyncAPI 3.0 document of `WS /v1/chat` and of its stream of events, made from the message classes."""

from collections.abc import Sequence
from typing import Any, get_args

from pydantic import BaseModel

from app.conversation.protocol.client_messages import ClientMessage
from app.conversation.protocol.rules import CLOSE_RULES, EVENTS_PATH, MESSAGES_PATH, PATH, SUBPROTOCOL
from app.conversation.protocol.server_messages import ServerMessage

Json = dict[str, Any]

CLIENT_MESSAGES: tuple[type[BaseModel], ...] = get_args(ClientMessage)
SERVER_MESSAGES: tuple[type[BaseModel], ...] = get_args(ServerMessage)


def asyncapi_document(version: str) -> Json:
    """Make the document; it is valid against the published 3.0.0 schema."""
    schemas: Json = {}
    messages = {cls.__name__: _message(cls, schemas) for cls in (*CLIENT_MESSAGES, *SERVER_MESSAGES)}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Greenroom conversation",
            "version": version,
            "description": _DESCRIPTION,
        },
        "defaultContentType": "application/json",
        "channels": {
            "chat": {
                "address": PATH,
                "description": f"WebSocket with the subprotocol `{SUBPROTOCOL}`.",
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
                "bindings": {"ws": {"method": "GET", "bindingVersion": "0.1.0"}},
            },
            "events": _posted(EVENTS_PATH, _EVENTS, CLIENT_MESSAGES + SERVER_MESSAGES),
            "messages": _posted(MESSAGES_PATH, _MESSAGES, CLIENT_MESSAGES),
        },
        "operations": {
            "hear": _operation("receive", CLIENT_MESSAGES, "Messages from a client to the server."),
            "say": _operation("send", SERVER_MESSAGES, "Messages from the server to a client."),
            "sayAsEvents": _operation("send", SERVER_MESSAGES, "The same, as server-sent events.", channel="events"),
            "hearPosted": _operation("receive", CLIENT_MESSAGES, "The same, posted.", channel="messages"),
        },
        "components": {"messages": messages, "schemas": schemas},
        "x-close-codes": [
            {"code": int(code), "meaning": rule.meaning, "client": rule.client} for code, rule in CLOSE_RULES.items()
        ],
    }


_DESCRIPTION = (
    "One flat JSON object a text frame. Both sides ignore fields and types they do not know. The first frame is "
    "`session.start`, due within 5 s, with a token from `POST /v1/sessions`. Server messages carry `seq` 1, 2, 3...; "
    "after a lost connection `resume` with the last `seq` brings exactly the missed messages, after `session.resumed`."
)


def message_name(cls: type[BaseModel]) -> str:
    """Return the `type` of a message class."""
    name: str = get_args(cls.model_fields["type"].annotation)[0]
    return name


def _message(cls: type[BaseModel], schemas: Json) -> Json:
    schema = cls.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(schema.pop("$defs", {}))
    always = [name for name in ("type", "seq") if name in cls.model_fields]
    schema["required"] = sorted({*schema.get("required", []), *always})
    schemas[cls.__name__] = schema
    return {
        "name": message_name(cls),
        "title": message_name(cls),
        "summary": (cls.__doc__ or "").strip(),
        "contentType": "application/json",
        "payload": {"$ref": f"#/components/schemas/{cls.__name__}"},
    }


_EVENTS = (
    "Where no WebSocket passes: `POST` with `session.start` as its body, one frame a line. The answer is "
    "`text/event-stream`: first `event: line` with the secret for posting, then a frame in each event, at last "
    "`event: close` with a close code."
)
_MESSAGES = "Further frames of an event stream's session: `POST`, one a line, with `Authorization: Bearer <line>`."


def _posted(address: str, description: str, classes: Sequence[type[BaseModel]]) -> Json:
    messages = {cls.__name__: {"$ref": f"#/components/messages/{cls.__name__}"} for cls in classes}
    return {"address": address, "description": description, "messages": messages}


def _operation(action: str, classes: Sequence[type[BaseModel]], summary: str, *, channel: str = "chat") -> Json:
    return {
        "action": action,
        "summary": summary,
        "channel": {"$ref": f"#/channels/{channel}"},
        "messages": [{"$ref": f"#/channels/{channel}/messages/{cls.__name__}"} for cls in classes],
    }
