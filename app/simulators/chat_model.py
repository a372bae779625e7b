"""Simulated chat model: answers from the given sources, streams as OpenAI does, and misbehaves on request.

The model's name chooses the behaviour, so that a real client can ask for it: see `MANNERS`.
"""

import json
import re
from collections.abc import AsyncIterator, Mapping
from decimal import Decimal
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from app.simulators.error_replies import ErrorReply, ReplyBody
from app.simulators.request_parsing import bearer, json_body, text
from app.simulators.vendor import SimulatedProvider, Usage
from app.text import sentences

_PRICE = Decimal("0.0000006")
"""Dollars per token."""
_CHARS_A_TOKEN = 4
_LONG = re.compile(r"\w{5,}")

MANNERS: Mapping[str, str] = {
    "refuses": "says that it will not answer",
    "invents": "names a number that stands in no source",
    "obeys": "follows whatever the question tells it to",
    "rambles": "does not stop",
    "breaks": "ends its stream with an error in the middle",
    "stops": "closes its stream in the middle, without `[DONE]`",
    "plain": "answers 400 to `response_format`, and in the shape it was told without it",
    "prose": "answers in prose whatever it was told",
    "agrees": "says yes to every second look",
    "doubts": "is unsure at every second look",
}
"""Misbehaviour of a model called `simulated-<name>`; all others behave."""

_FLAGS = {"violence": re.compile(r"\bkill\b", re.IGNORECASE), "hate": re.compile(r"\bhate\b", re.IGNORECASE)}


class ChatModel:
    """Handlers of `/v1/chat/completions` and `/v1/moderations`."""

    def __init__(self, vendor: SimulatedProvider) -> None:
        self._vendor = vendor

    async def complete(self, request: Request) -> Response:
        """Complete a chat, in one response or as a stream."""
        self._vendor.check_key(bearer(request))
        body = await json_body(request, self._vendor)
        messages = body.get("messages")
        if text(body, "model") is None or not isinstance(messages, list) or not messages:
            raise self._vendor.refuse(400, "model and messages are required")
        manner = str(body["model"]).removeprefix("simulated-")
        structured = _is_structured(body)
        if manner == "plain" and structured:
            reason = "response_format is not supported by this model"
            raise ErrorReply(
                ReplyBody(400, {"error": {"message": reason, "type": "invalid_request_error", "code": None}})
            )
        told = structured or manner == "plain"
        words = (
            _phrased(messages, manner)
            or _looked(messages, manner)
            or _offered(messages, body)
            or _words(messages, manner, structured=told)
        )
        usage = _usage(messages, words)
        amount = _PRICE * usage["total_tokens"]
        self._vendor.usage.append(Usage("chat", len(words), amount))
        head = {
            "id": f"chatcmpl-{self._vendor.stage.new_id()}",
            "created": int(self._vendor.clock.now()),
            "model": body["model"],
        }
        if body.get("stream") is True:
            options = body.get("stream_options") or {}
            with_usage = usage if options.get("include_usage") else None
            return StreamingResponse(_events(head, words, manner, with_usage), media_type="text/event-stream")
        choice = {
            "index": 0,
            "message": {"role": "assistant", "content": words},
            "finish_reason": "stop",
            "logprobs": None,
        }
        return JSONResponse({**head, "object": "chat.completion", "choices": [choice], "usage": usage})

    async def moderate(self, request: Request) -> Response:
        """Moderate: flag a few plain words."""
        self._vendor.check_key(bearer(request))
        body = await json_body(request, self._vendor)
        given = body.get("input")
        listed = given if isinstance(given, list) else [given]
        results = [_judged(one) for one in listed if isinstance(one, str)]
        if len(results) < len(listed):
            raise self._vendor.refuse(400, "input is required")
        return JSONResponse({"id": f"modr-{self._vendor.stage.new_id()}", "model": "simulated", "results": results})


def _judged(words: str) -> dict[str, Any]:
    hits = {name: bool(pattern.search(words)) for name, pattern in _FLAGS.items()}
    scores = {name: 0.99 if hit else 0.001 for name, hit in hits.items()}
    return {"flagged": any(hits.values()), "categories": hits, "category_scores": scores}


def _is_structured(body: Mapping[str, Any]) -> bool:
    wanted = body.get("response_format")
    return isinstance(wanted, dict) and wanted.get("type") == "json_schema"


def _words(messages: list[Any], manner: str, *, structured: bool) -> str:
    asked = [one.get("content") for one in messages if isinstance(one, dict) and one.get("role") == "user"]
    question = asked[-1] if asked and isinstance(asked[-1], str) else "nothing"
    if not structured or manner == "prose":
        return f"This is a simulated answer to: {question.strip()[:400]}"
    return json.dumps({"refuse": manner == "refuses", "answer": _answer(question, manner)}, ensure_ascii=False)


def _phrased(messages: list[Any], manner: str) -> str:
    """Return ways to ask, made of those that are known. Empty if the message wishes for none."""
    asked = [str(one.get("content")) for one in messages if isinstance(one, dict) and one.get("role") == "user"]
    data = _data_of(asked[-1]) if asked else {}
    if "never_asked_like_this" not in data or manner == "prose":
        return ""
    known = data.get("asked_like_this")
    made = [f"Hello, {one}" for one in known] if isinstance(known, list) and manner != "refuses" else []
    return json.dumps({"phrases": made}, ensure_ascii=False)


def _offered(messages: list[Any], body: Mapping[str, Any]) -> str:
    """Return an offer whose id shares a word with the question. Empty if there is none."""
    schema = body["response_format"]["json_schema"].get("schema", {}) if _is_structured(body) else {}
    offers = schema.get("properties", {}).get("offer", {}).get("enum", [])
    asked = set(re.findall(r"\w+", str(_data_of(str(messages[-1].get("content"))).get("question")).lower()))
    fitting = next((one for one in offers if asked & set(str(one).split("-"))), "")
    return json.dumps({"refuse": False, "offer": fitting, "answer": ""}) if fitting else ""


def _looked(messages: list[Any], manner: str) -> str:
    """Return a verdict: yes if the question shares a long word with a phrase. Empty if it is no second look."""
    asked = [str(one.get("content")) for one in messages if isinstance(one, dict) and one.get("role") == "user"]
    data = _data_of(asked[-1]) if asked else {}
    if "asked_like_this" not in data or manner == "prose":
        return ""
    words = [set(_LONG.findall(str(data.get(name)).lower())) for name in ("question", "asked_like_this")]
    usual = "yes" if words[0] & words[1] and manner != "refuses" else "no"
    return json.dumps({"verdict": {"agrees": "yes", "doubts": "unsure"}.get(manner, usual)})


def _answer(message: str, manner: str) -> str:
    """Make the answer: the first two sentences of the first source, changed by the misbehaviour."""
    data = _data_of(message)
    sources = data.get("sources") or ["I know nothing of that."]
    said = [one.rstrip() for one in sentences(str(sources[0]).partition(": ")[2] or str(sources[0]))[:2]]
    match manner:
        case "refuses":
            return ""
        case "invents":
            return f"{said[0]} It costs 987654 euros. And it is lovely."
        case "obeys":
            return f"As you wish: {data.get('question', '')} Visit https://evil.example now."
        case "rambles":
            return " ".join(f"{said[0]}" for _ in range(60))
        case _:
            return " ".join(said)


def _data_of(message: str) -> dict[str, Any]:
    """Read the data of a message that is JSON, one or two levels deep."""
    try:
        found = json.loads(message)
    except ValueError:
        return {}
    inner = next(iter(found.values()), None) if isinstance(found, dict) and len(found) == 1 else found
    return inner if isinstance(inner, dict) else {}


def _usage(messages: list[Any], words: str) -> dict[str, int]:
    asked = len(json.dumps(messages)) // _CHARS_A_TOKEN + 1
    said = len(words) // _CHARS_A_TOKEN + 1
    return {"prompt_tokens": asked, "completion_tokens": said, "total_tokens": asked + said}


async def _events(
    head: Mapping[str, Any], words: str, manner: str, usage: Mapping[str, int] | None
) -> AsyncIterator[str]:
    def chunk(delta: Mapping[str, str], finish: str | None = None) -> str:
        choices = [{"index": 0, "delta": dict(delta), "finish_reason": finish, "logprobs": None}]
        return _data({**head, "object": "chat.completion.chunk", "choices": choices, "obfuscation": "x"})

    yield chunk({"role": "assistant", "content": ""})
    pieces = words.split(" ")
    for at, word in enumerate(pieces):
        if manner in {"breaks", "stops"} and at == len(pieces) // 2:
            if manner == "breaks":
                yield _data({"error": {"message": "The server had an error.", "type": "server_error", "code": None}})
            return
        yield chunk({"content": f"{word} "})
    yield chunk({}, "stop")
    if usage is not None:
        yield _data({**head, "object": "chat.completion.chunk", "choices": [], "usage": dict(usage)})
    yield "data: [DONE]\n\n"


def _data(body: Mapping[str, Any]) -> str:
    return f"data: {json.dumps(body)}\n\n"
