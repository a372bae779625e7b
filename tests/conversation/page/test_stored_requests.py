"""A visitor reads that a form was sent when it is stored, and not before."""

from dataclasses import dataclass

from app.conversation.fakes import (
    FakeClipRequester,
    FakeClock,
    FakeConnection,
    FakeDecider,
    FakeMeter,
    FakeResponder,
    FakeTurnLog,
)
from app.conversation.hub import Hub
from app.conversation.page.deliveries import Delivery, MemoryDeliveries
from app.conversation.ports import Services
from app.conversation.protocol.page_messages import HandoverRequest
from app.conversation.protocol.server_messages import ErrorMessage, RequestAccepted, SessionCreated
from app.conversation.script import Script, ServedRelease
from app.errors import StateUnavailableError
from tests.support.hub_house import until
from tests.support.session_world import a_catalog, all_clips


@dataclass
class Full(MemoryDeliveries):
    """Deliveries on a disk that is full at first."""

    full: bool = True

    async def keep(self, delivery: Delivery) -> None:
        """Store a delivery, once there is room."""
        if self.full:
            raise StateUnavailableError("The disk is full.")
        await super().keep(delivery)


async def test_a_request_that_cannot_be_stored_is_not_accepted_and_its_repetition_is_stored():
    deliveries, line = Full(), FakeConnection()
    services = Services(
        FakeDecider(),
        all_clips(a_catalog()),
        FakeResponder(),
        FakeClipRequester(),
        FakeTurnLog(),
        deliveries=deliveries,
    )
    served = ServedRelease(lambda: Script(a_catalog()), services)
    wish = HandoverRequest(type="handover.request", id="h1", reach="555")

    async with Hub(lambda: served, clock=FakeClock(), meter=FakeMeter()) as hub:
        driver = await hub.open(line, locale=None, page={"name": "Ada"})
        driver.receive(wish)
        await until(lambda: "error" in line.types)
        [told] = [one for one in line.sent if isinstance(one, ErrorMessage)]
        assert (told.code, told.ref, told.retryable) == ("state_unavailable", "h1", True)

        deliveries.full = False
        driver.receive(wish)
        await until(lambda: "request.accepted" in line.types)
        [begun] = [one for one in line.sent if isinstance(one, SessionCreated)]
        exported = await hub.export(begun.session, token=begun.resume_token)

    assert [one.ref for one in line.sent if isinstance(one, RequestAccepted)] == ["h1"]
    assert len(deliveries.stored) == 1
    assert exported is not None
    assert [one["reach"] for one in exported["deliveries"]] == ["555"]
    assert exported["page"] == {"name": "Ada"}
