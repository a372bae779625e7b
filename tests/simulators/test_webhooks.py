"""Deliveries, verified by formulas written here from the facts page, not by the code that signs."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tests.simulators.customers import (
    ATLASCLOUD,
    CUSTOMERS,
    DID,
    EACHLABS,
    FAL,
    HEYGEN,
    SYNC,
    WAVESPEED,
    Customer,
    sent,
)
from tests.simulators.running import Mailbox, Running, until

Headers = dict[str, str]
Check = Callable[[Running, Headers, bytes], bool]


def _mac(secret: str, message: bytes) -> str:
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def _unpadded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _ed25519(sim: Running, path: str, signature: bytes, message: bytes) -> bool:
    for key in sim.http.get(path).json()["keys"]:
        assert (key["kty"], key["crv"]) == ("OKP", "Ed25519")
        try:
            Ed25519PublicKey.from_public_bytes(_unpadded(key["x"])).verify(signature, message)
        except InvalidSignature:
            continue
        return True
    return False


def fal_holds(sim: Running, headers: Headers, body: bytes) -> bool:
    prefix = "x-fal-webhook-"
    parts = [headers[f"{prefix}{name}"] for name in ("request-id", "user-id", "timestamp")]
    message = "\n".join([*parts, hashlib.sha256(body).hexdigest()]).encode()
    return _ed25519(sim, "/fal/.well-known/jwks.json", bytes.fromhex(headers[f"{prefix}signature"]), message)


def wavespeed_holds(sim: Running, headers: Headers, body: bytes) -> bool:
    answer = sim.http.get("/wavespeed/api/v3/webhook/secret", headers=WAVESPEED.headers)
    secret = answer.json()["data"]["secret"]
    assert secret.startswith("whsec_")
    version, _, digest = headers["webhook-signature"].partition(",")
    message = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    return version == "v3" and hmac.compare_digest(digest, _mac(secret[len("whsec_") :], message))


def eachlabs_holds(_: Running, headers: Headers, __: bytes) -> bool:
    return headers["x-webhook-secret"] == "s3cret"


def atlascloud_holds(sim: Running, headers: Headers, body: bytes) -> bool:
    prefix = "x-atlascloud-webhook-"
    message = f"{headers[f'{prefix}timestamp']}.".encode() + body
    signature = _unpadded(headers[f"{prefix}signature-ed25519"])
    path = "/atlascloud/api/v1/webhooks/jwks.json"
    known = {key["kid"] for key in sim.http.get(path).json()["keys"]}
    return headers[f"{prefix}key-id"] in known and _ed25519(sim, path, signature, message)


def sync_holds(sim: Running, headers: Headers, body: bytes) -> bool:
    parts = dict(part.split("=", 1) for part in headers["sync-signature"].split(","))
    secret = sim.admin("GET", "/secrets")["sync"]
    return hmac.compare_digest(parts["v1"], _mac(secret, f"{parts['t']}.".encode() + body))


SIGNED: tuple[tuple[Customer, Check], ...] = (
    (FAL, fal_holds),
    (WAVESPEED, wavespeed_holds),
    (EACHLABS, eachlabs_holds),
    (ATLASCLOUD, atlascloud_holds),
    (SYNC, sync_holds),
)
signed = pytest.mark.parametrize(("customer", "holds"), SIGNED, ids=lambda one: getattr(one, "name", ""))


@pytest.fixture
def order(sim: Running, portrait, speech, mailbox: Mailbox) -> Callable[[Customer], dict]:
    """Submits a job that is to be announced, and gives the answer."""

    def submit(customer: Customer) -> dict:
        answer = customer.submit(sim, *sent(sim, customer, portrait, speech), webhook=mailbox.url)
        assert answer.is_success, answer.text
        return answer.json()

    return submit


@signed
def test_a_delivery_is_signed_as_the_vendor_signs(sim, customer, holds: Check, order, mailbox: Mailbox):
    order(customer)

    headers, body = mailbox.wait()[0]

    assert holds(sim, headers, body)


@signed
def test_another_body_under_the_signature_does_not_hold(sim, customer, holds: Check, order, mailbox: Mailbox):
    order(customer)

    headers, body = mailbox.wait()[0]

    assert holds(sim, headers, body.replace(b"{", b"{ ", 1)) == (customer is EACHLABS)


@signed
def test_a_forged_delivery_does_not_hold(sim, customer, holds: Check, order, mailbox: Mailbox):
    sim.fault(customer.name, "forged")
    order(customer)

    headers, body = mailbox.wait()[0]

    assert not holds(sim, headers, body)


@signed
def test_after_rotation_only_the_new_keys_hold(sim, customer, holds: Check, order, mailbox: Mailbox):
    keys = sim.http.get("/fal/.well-known/jwks.json").json()
    sim.fault(customer.name, "keys_rotated")
    order(customer)

    headers, body = mailbox.wait()[0]

    assert holds(sim, headers, body)
    assert (sim.http.get("/fal/.well-known/jwks.json").json() == keys) == (customer is not FAL)


def test_heygen_signs_the_body_alone_with_the_secret_shown_once(sim: Running, order, mailbox: Mailbox):
    made = sim.http.post("/heygen/v3/webhooks/endpoints", headers=HEYGEN.headers, json={"url": mailbox.url}).json()
    secret, endpoint = made["data"]["secret"], made["data"]["endpoint_id"]
    listed = sim.http.get("/heygen/v3/webhooks/endpoints", headers=HEYGEN.headers).json()
    order(HEYGEN)

    headers, body = mailbox.wait()[0]
    sim.http.delete(f"/heygen/v3/webhooks/endpoints/{endpoint}", headers=HEYGEN.headers)

    assert headers["heygen-signature"] == _mac(secret, body)
    assert headers["heygen-event-id"] == json.loads(body)["event_id"]
    assert "secret" not in listed["data"][0]


def test_heygen_does_not_sign_for_an_account_without_an_endpoint(order, mailbox: Mailbox):
    order(HEYGEN)

    headers, _ = mailbox.wait()[0]

    assert "heygen-signature" not in headers


def test_did_signs_nothing(order, mailbox: Mailbox):
    order(DID)

    headers, _ = mailbox.wait()[0]

    assert not [name for name in headers if "signature" in name or "secret" in name]


def test_bodies_are_the_vendors_own(order, mailbox: Mailbox):
    told = {}
    for at, customer in enumerate(CUSTOMERS):
        order(customer)
        told[customer.name] = mailbox.body(at)

    assert told["fal"]["status"] == "OK"
    assert told["fal"]["payload"]["video"]["url"]
    assert told["wavespeed"]["status"] == "completed"
    assert "data" not in told["wavespeed"]
    assert (told["eachlabs"]["status"], told["eachlabs"]["error"]) == ("succeeded", "")
    assert told["atlascloud"]["event_type"] == "video.task.terminal"
    assert told["heygen"]["event_type"] == "avatar_video.success"
    assert told["heygen"]["event_data"]["callback_id"] == told["did"]["user_data"] == "mine"
    assert told["sync"]["status"] == "COMPLETED"


def test_a_failed_job_is_announced_in_each_vendors_words(sim: Running, order, mailbox: Mailbox):
    told = {}
    for at, customer in enumerate(CUSTOMERS):
        sim.fault(customer.name, "job_failed")
        order(customer)
        told[customer.name] = mailbox.body(at)

    assert told["fal"]["status"] == "ERROR"
    assert told["fal"]["payload"]["detail"][0]["msg"]
    assert told["wavespeed"]["status"] == "failed"
    assert told["eachlabs"]["status"] == "failed"
    assert told["eachlabs"]["output"][0]["error"]
    assert (told["atlascloud"]["status"], told["atlascloud"]["payload"]["status"]) == ("OK", "failed")
    assert told["heygen"]["event_type"] == "avatar_video.fail"
    assert told["did"]["status"] == "error"
    assert told["sync"]["errorCode"]


def test_replayed_is_the_same_letter_twice(sim: Running, order, mailbox: Mailbox):
    sim.fault("fal", "replayed")
    order(FAL)

    first, second = mailbox.wait(2)

    assert first == second


def test_tenfold_is_ten_letters(sim: Running, order, mailbox: Mailbox):
    sim.fault("fal", "tenfold")
    order(FAL)

    assert len({body for _, body in mailbox.wait(10)}) == 1


def test_early_comes_before_the_submit_is_answered(sim: Running, order, mailbox: Mailbox):
    sim.admin("PATCH", "/settings", json={"latency_s": 3_600})
    sim.fault("fal", "early")

    accepted = order(FAL)

    assert mailbox.body()["request_id"] == accepted["request_id"]


def test_late_comes_two_hours_later(sim: Running, order, mailbox: Mailbox):
    sim.fault("fal", "late")
    accepted = order(FAL)
    FAL.wait(sim, accepted)
    assert mailbox.letters == []

    def later() -> bool:
        sim.admin("POST", "/clock", json={"seconds": 3_600})
        return bool(mailbox.letters)

    until(later)

    assert mailbox.body()["request_id"] == accepted["request_id"]


def test_stale_is_signed_two_hours_ago(sim: Running, order, mailbox: Mailbox):
    sim.fault("fal", "stale")
    order(FAL)

    headers, body = mailbox.wait()[0]

    assert fal_holds(sim, headers, body)
    assert sim.stage.clock.now() - int(headers["x-fal-webhook-timestamp"]) > 7_000


def test_swapped_tells_of_another_job(sim: Running, order, mailbox: Mailbox):
    first = order(FAL)
    mailbox.wait(1)
    sim.fault("fal", "swapped")
    second = order(FAL)

    headers, body = mailbox.wait(2)[1]

    assert json.loads(body)["request_id"] == first["request_id"] != second["request_id"]
    assert fal_holds(sim, headers, body)


def test_lost_never_comes(sim: Running, order, mailbox: Mailbox):
    sim.fault("fal", "lost")
    FAL.wait(sim, order(FAL))
    time.sleep(0.2)

    assert mailbox.letters == []
    assert sim.admin("GET", "/webhooks")["attempts"] == []


def test_fal_tries_eleven_times_within_two_hours(sim: Running, order, mailbox: Mailbox):
    mailbox.answers = [500]
    order(FAL)

    def later() -> bool:
        sim.admin("POST", "/clock", json={"seconds": 600})
        return len(mailbox.letters) >= 11

    until(later)
    sim.admin("POST", "/clock", json={"seconds": 7_200})

    def tried() -> int:
        return len(sim.admin("GET", "/webhooks", params={"vendor": "fal"})["attempts"])

    until(lambda: tried() >= 11)  # the last one is noted when its answer is there
    assert tried() == 11
