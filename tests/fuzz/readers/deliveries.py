"""Webhooks as nobody sends them, at every vendor's own check: each is an event or a refusal."""

import json
import random
from collections import Counter
from contextlib import AsyncExitStack
from datetime import UTC, datetime

from app.adapters.http.endpoint import Access
from app.adapters.vendors.base import ProviderRenderer
from app.adapters.vendors.registry import VENDORS, open_vendors
from app.adapters.vendors.webhook_signatures import KeySet
from app.errors import GreenroomError
from app.simulators import signing
from tests.fuzz.readers.mutations import altered, damaged

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
MOST = 300
SCHEMES = {
    "fal": signing.fal,
    "wavespeed": signing.wavespeed,
    "eachlabs": signing.eachlabs,
    "atlascloud": signing.atlascloud,
    "heygen": signing.heygen,
    "sync": signing.sync,
}
_BODIES = [
    json.dumps(body).encode()
    for body in (
        {"id": "job-1", "status": "done", "exec_id": "job-1", "request_id": "job-1", "session_id": "job-1"},
        {"task_id": "job-1", "task_status": "succeed", "data": [{"taskUUID": "job-1"}], "errors": []},
        {"event_type": "avatar_video.success", "event_data": {"video_id": "job-1"}, "event_id": "e"},
        {"request_id": "job-1", "status": "OK", "payload": {"status": "completed", "video": {"url": "https://a.b"}}},
        {"id": "job-1", "status": "COMPLETED", "outputDuration": 2.5, "error": None, "metadata": {"n": [1, {"a": 2}]}},
    )
]


async def bombard(deliveries: int, seed: int) -> Counter[str]:
    """Check so many; how many were events, by vendor, and how many were refused."""
    chance = random.Random(seed)
    keys = signing.Keys()
    counted: Counter[str] = Counter()
    async with AsyncExitStack() as stack:
        vendors = _opened(keys)
        for vendor in vendors.values():
            stack.push_async_callback(vendor.aclose)
        for _ in range(deliveries):
            name = chance.choice(list(vendors))
            headers, body = _delivery(name, keys, chance)
            try:
                event = await vendors[name].verify(headers, body, now=NOW)
            except GreenroomError:
                counted["refused"] += 1
            else:
                counted[name] += 1
                for text in (event.request_id, event.event_id):
                    assert text.isprintable(), (name, text)
                    assert len(text) <= MOST, (name, text)
    return counted


def _opened(keys: signing.Keys) -> dict[str, ProviderRenderer]:
    """Every vendor that sends webhooks; keys that are published have been read already."""
    access = Access("key", webhook_base="https://site.test", webhook_secret=keys.secret)
    vendors = open_vendors(dict.fromkeys(VENDORS, access))
    chosen = {name: one for name, one in vendors.items() if one.capabilities.webhook != "none"}
    for one in chosen.values():
        published = getattr(one, "_keys", None)
        if isinstance(published, KeySet):
            published._keys = (keys.private.public_key(),)
            published._read_at = published._asked_at = NOW
    return chosen


def _delivery(name: str, keys: signing.Keys, chance: random.Random) -> tuple[dict[str, str], bytes]:
    """Three in four are signed after they were damaged: else none would be read further than its signature."""
    body = chance.choice(_BODIES)
    match chance.randrange(4):
        case 0 | 1:
            body = json.dumps(altered(json.loads(body), chance)).encode()
        case 2:
            body = damaged(body, _BODIES, chance)
    event_id = chance.choice(("job-1", "", "job\x00", "é" * 40, "j" * 900))
    delivery = signing.Delivery(body, event_id, int(NOW.timestamp()), own_secret=keys.secret)
    headers = dict(SCHEMES.get(name, signing.unsigned)(delivery, keys))
    if chance.random() < 0.25 and headers:
        shown = chance.choice(list(headers))
        headers[shown] = damaged(headers[shown].encode(), _BODIES, chance).decode("latin-1")
    return headers, body
