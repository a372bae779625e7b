"""Where providers call back: a delivery is verified, kept once, and only then taken as a hint to look."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app.digest import digest_bytes
from app.errors import NotFoundError
from app.rendering.ports import Webhooks
from app.rendering.records import Hook
from app.rendering.studio import Studio


@dataclass(frozen=True, slots=True)
class CallDesk:
    """Takes webhooks; `wake` tells the reconciler, should nobody here be waiting for the token."""

    studio: Studio
    wake: Callable[[], None] = lambda: None

    async def receive(self, provider: str, token: str, *, headers: Mapping[str, str], body: bytes) -> bool:
        """Keep a delivery; False when it was kept already. Nothing of it is believed: whoever waits asks the provider.

        Raises:
            NotFoundError: this provider does not call back here.
            AccessError: it is not the provider's, or too old.
            ProviderUnavailableError: it cannot be verified now; it will be delivered again.
        """
        renderer = self.studio.renderers.get(provider)
        if not isinstance(renderer, Webhooks):
            raise NotFoundError(f"No provider {provider!r} calls back here.")
        now = self.studio.clock()
        event = await renderer.verify(headers, body, now=now)
        hook = Hook(provider, token, event.request_id, event.state, now, digest_bytes(body))
        fresh = await self.studio.ledger.keep_hook(hook)
        if fresh and not self.studio.hints.call(token):
            self.wake()
        return fresh
