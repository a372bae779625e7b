"""What every render vendor has to do: take files, take a job, tell its state, deliver a film, count it."""

import io
from decimal import Decimal

import av
import pytest

from tests.simulators.customers import CUSTOMERS, EVERYDAY, Customer, sent
from tests.simulators.running import SECONDS, Mailbox, Running, until
from tests.support.long import all_long_but

pytestmark = pytest.mark.parametrize("customer", all_long_but(CUSTOMERS, *EVERYDAY), ids=lambda one: one.name)


def test_a_job_ends_in_a_playable_film_as_long_as_the_speech(sim: Running, customer, portrait, speech):
    accepted = customer.submit(sim, *sent(sim, customer, portrait, speech)).json()

    url = customer.outcome(sim, accepted)

    with av.open(io.BytesIO(sim.http.get(url).content)) as film:
        assert film.streams.video[0].codec_context.name == "h264"
        assert film.streams.audio[0].codec_context.name == "aac"
        assert film.duration / av.time_base == pytest.approx(SECONDS, abs=0.1)


def test_the_bill_has_one_job_its_seconds_and_its_price(sim: Running, customer, portrait, speech):
    accepted = customer.submit(sim, *sent(sim, customer, portrait, speech)).json()
    customer.outcome(sim, accepted)

    bill = sim.bill(customer.name)

    assert (bill["jobs_accepted"], bill["jobs_charged"], bill["seconds"]) == (1, 1, "3.0")
    assert Decimal(bill["amount"]) > 0


def test_no_key_is_401(sim: Running, customer: Customer):
    nobody = sim.http.post(customer.url(customer.path), json=customer.body("a", "b"))

    assert nobody.status_code == 401
    assert sim.bill(customer.name)["jobs_accepted"] == 0


def test_two_jobs_for_the_same_recipe_are_seen_on_the_bill(sim: Running, customer, portrait, speech):
    files = sent(sim, customer, portrait, speech)
    for _ in range(2):
        customer.outcome(sim, customer.submit(sim, *files).json())

    assert sim.bill(customer.name)["paid_twice"] == 1


def test_a_picture_on_this_machine_cannot_be_fetched(sim: Running, customer, portrait, speech):
    _, audio = sent(sim, customer, portrait, speech)
    answer = customer.submit(sim, "http://127.0.0.1:9/me.png", audio)

    refused = answer.status_code == 400 or customer.state(customer.wait(sim, answer.json())) == customer.failed

    assert refused


def test_a_finished_job_is_announced(sim: Running, customer, portrait, speech, mailbox: Mailbox):
    accepted = customer.submit(sim, *sent(sim, customer, portrait, speech), webhook=mailbox.url).json()

    _, body = mailbox.wait()[0]

    assert customer.id_of(accepted).encode() in body


def test_a_webhook_is_tried_again_as_the_vendor_does(sim: Running, customer, portrait, speech, mailbox: Mailbox):
    mailbox.answers = [503, 200]
    customer.submit(sim, *sent(sim, customer, portrait, speech), webhook=mailbox.url)
    until(lambda: sim.admin("GET", "/webhooks")["attempts"])
    once = customer.name in {"atlascloud", "did", "kling", "creatify"}

    def later() -> bool:
        sim.admin("POST", "/clock", json={"seconds": 60})
        return once or len(mailbox.letters) > 1

    until(later)

    assert len(mailbox.letters) == (1 if once else 2)


def test_private_webhooks_are_refused_when_the_stage_says_so(
    sim: Running, customer, portrait, speech, mailbox: Mailbox
):
    sim.admin("PATCH", "/settings", json={"private_webhooks": False})

    answer = customer.submit(sim, *sent(sim, customer, portrait, speech), webhook=mailbox.url)

    assert answer.status_code == 400
    assert sim.bill(customer.name)["jobs_accepted"] == 0


def test_an_unknown_path_is_404_in_the_vendors_shape(sim: Running, customer):
    answer = sim.http.get(customer.url("/nowhere/at/all"))

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/json"
