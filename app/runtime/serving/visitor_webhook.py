"""Webhook of the site: forms and wishes for a person are posted to it, signed, until it has taken them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import structlog

from app.adapters.http.client import ProviderHttp
from app.adapters.http.endpoint import Endpoint
from app.adapters.http.response import Response
from app.adapters.http.webhook_signature import delivery_headers
from app.conversation.page.deliveries import Deliveries, Delivery
from app.errors import GreenroomError, ProviderUnavailableError, StateUnavailableError
from app.runtime.settings.site import Settings
from app.runtime.wiring.clock import SystemClock

log = structlog.get_logger()

LOOK_EVERY_S = 2.0
HELD = timedelta(minutes=5)
"""Time for which a node that has taken a delivery holds it: longer than the tries of one post."""


@dataclass(frozen=True, slots=True)
class VisitorWebhook:
    """Poster of deliveries to one address."""

    deliveries: Deliveries
    url: str
    secret: str = ""

    async def keep(self, *, now: Callable[[], datetime], sleep: Callable[[float], Awaitable[None]]) -> None:
        """Post what is due every two seconds, for ever."""
        while True:
            try:
                await self.post_due(now)
            except StateUnavailableError as error:
                log.warning("visitor_webhook.waits", error=str(error)[:200])
            await sleep(LOOK_EVERY_S)

    async def post_due(self, now: Callable[[], datetime]) -> int:
        """Post what is due, one after another; return how many were taken.

        Each is held only while it is posted: however slow the site is, no other node posts what waits here.

        Raises:
            StateUnavailableError: the database does not answer; what was posted may be posted again.
        """
        taken = 0
        while due := await self.deliveries.take(began := now(), until=began + HELD, most=1):
            (delivery,) = due
            trouble = await self._post(delivery, began)
            later = delivery.failed(trouble, now()) if trouble else None
            if later:
                await self.deliveries.wait(later)
                log.warning("visitor_webhook.failed", delivery=delivery.id, tries=later.tries, error=trouble[:200])
                continue
            if trouble:
                log.error("visitor_webhook.given_up", delivery=delivery.id, kind=delivery.kind, error=trouble[:200])
            await self.deliveries.done(delivery.id)
            taken += not trouble
        return taken

    async def _post(self, delivery: Delivery, now: datetime) -> str:
        """Post one, signed with the time of this try; return what was wrong, empty if it was taken."""
        content = delivery.body.encode()
        address = urlsplit(self.url)
        home = f"{address.scheme}://{address.netloc}"
        client = _SiteHttp(Endpoint(home, domains=(), base_url=home), {})
        try:
            signed = delivery_headers(content, delivery=delivery.id, at=now, secret=self.secret)
            headers = {"Content-Type": "application/json", **signed}
            await client.hand_over(self.url, content, headers=headers, method="POST")
        except GreenroomError as error:
            return str(error) or error.code
        finally:
            await client.aclose()
        return ""


class _SiteHttp(ProviderHttp):
    """Client of the site: what it answers may repeat what its visitors sent, so that only the status is told."""

    def unavailable(self, answer: Response) -> ProviderUnavailableError:
        """Return the error for a refusal."""
        message = f"The site answered with status {answer.status}."
        return ProviderUnavailableError(message, retry_after_s=answer.retry_after_s)


async def keep_webhook(settings: Settings, deliveries: Deliveries, clock: SystemClock) -> None:
    """Post what is due to the address that the settings name, for ever; at once nothing if they name none."""
    url, secret = settings.visitor_webhook.get_secret_value(), settings.visitor_secret.get_secret_value()
    if url:
        await VisitorWebhook(deliveries, url, secret).keep(now=clock.now, sleep=clock.sleep)
