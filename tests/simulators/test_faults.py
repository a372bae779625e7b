"""Every fault that can be asked for, seen from the customer's side, and what it does to the bill."""

import io
import time

import av
import httpx2 as httpx
import pytest

from app.simulators.faults import FILE, HOOK, JOB, STATUS, WIRE, Fault
from tests.simulators.customers import CUSTOMERS, EVERYDAY, FAL, HEYGEN, SYNC, WAVESPEED, Customer, sent
from tests.simulators.running import SECONDS, Running
from tests.support.long import all_long_but

every_vendor = pytest.mark.parametrize("customer", all_long_but(CUSTOMERS, *EVERYDAY), ids=lambda one: one.name)
BROKEN = (httpx.ReadError, httpx.RemoteProtocolError)


@pytest.fixture
def files(sim: Running, portrait, speech) -> tuple[str, str]:
    """Files of fal's storage, for the tests of the customer that is nearest."""
    return sent(sim, FAL, portrait, speech)


def test_every_fault_is_of_one_kind():
    kinds = [WIRE, JOB, FILE, HOOK]

    assert sum(len(kind) for kind in kinds) == len(Fault) == len(frozenset().union(*kinds))


@every_vendor
@pytest.mark.parametrize("fault", sorted(STATUS))
def test_an_error_status_comes_in_the_vendors_shape_and_costs_nothing(sim, customer: Customer, fault, portrait, speech):
    files = sent(sim, customer, portrait, speech)
    sim.fault(customer.name, fault)

    refused = customer.submit(sim, *files)

    assert refused.status_code == int(fault[:3])
    assert refused.json()
    assert ("retry-after" in refused.headers) == (fault == "429")
    assert sim.bill(customer.name)["jobs_accepted"] == 0


@every_vendor
def test_a_lost_answer_leaves_a_paid_job(sim: Running, customer: Customer, portrait, speech):
    files = sent(sim, customer, portrait, speech)
    sim.fault(customer.name, "lost_answer")

    with pytest.raises(BROKEN):
        customer.submit(sim, *files)

    assert sim.bill(customer.name)["jobs_accepted"] == 1


@every_vendor
def test_a_reset_before_acceptance_leaves_nothing(sim: Running, customer: Customer, portrait, speech):
    files = sent(sim, customer, portrait, speech)
    sim.fault(customer.name, "reset")

    with pytest.raises(BROKEN):
        customer.submit(sim, *files)

    assert sim.bill(customer.name)["jobs_accepted"] == 0
    assert customer.submit(sim, *files).is_success


@every_vendor
def test_an_unknown_state_is_told_once(sim: Running, customer: Customer, portrait, speech):
    accepted = customer.submit(sim, *sent(sim, customer, portrait, speech)).json()
    sim.fault(customer.name, "unknown_state", operation="poll")

    odd = customer.state(customer.ask(sim, accepted).json())

    assert odd.lower() == "hibernating"
    assert customer.outcome(sim, accepted)


@every_vendor
def test_a_job_can_end_without_a_video(sim: Running, customer: Customer, portrait, speech):
    files = sent(sim, customer, portrait, speech)
    sim.fault(customer.name, "no_video")

    accepted = customer.submit(sim, *files).json()

    assert customer.state(customer.wait(sim, accepted)) == customer.done
    assert not customer.outcome(sim, accepted)


@every_vendor
def test_a_job_can_fail(sim: Running, customer: Customer, portrait, speech):
    files = sent(sim, customer, portrait, speech)
    sim.fault(customer.name, "job_failed")

    accepted = customer.submit(sim, *files).json()

    assert customer.state(customer.wait(sim, accepted)) == customer.failed
    assert sim.bill(customer.name)["jobs_charged"] == (1 if customer is FAL else 0)


@every_vendor
@pytest.mark.parametrize("fault", ["failed_billed", "failed_free"])
def test_a_job_can_fail_and_be_billed_or_not(sim: Running, customer: Customer, portrait, speech, fault):
    files = sent(sim, customer, portrait, speech)
    sim.fault(customer.name, fault)

    accepted = customer.submit(sim, *files).json()

    assert customer.state(customer.wait(sim, accepted)) == customer.failed
    assert sim.bill(customer.name)["jobs_charged"] == (fault == "failed_billed")


@every_vendor
def test_a_video_s_address_can_be_late(sim: Running, customer: Customer, portrait, speech):
    files = sent(sim, customer, portrait, speech)
    sim.admin("PATCH", "/settings", json={"late_video_s": 3600.0})
    sim.fault(customer.name, "late_video")
    accepted = customer.submit(sim, *files).json()
    assert customer.state(customer.wait(sim, accepted)) == customer.done
    assert not customer.outcome(sim, accepted)

    sim.admin("POST", "/clock", json={"seconds": 3600.0})

    assert customer.outcome(sim, accepted)
    assert sim.bill(customer.name)["jobs_charged"] == 1


def test_a_fault_has_a_second_name(sim: Running):
    sim.fault("fal", "completed_without_video")

    assert sim.admin("GET", "/faults")["faults"][0]["fault"] == "no_video"


@every_vendor
def test_a_job_can_run_for_ever(sim: Running, customer: Customer, portrait, speech):
    files = sent(sim, customer, portrait, speech)
    sim.fault(customer.name, "never_finish")
    accepted = customer.submit(sim, *files).json()
    sim.admin("POST", "/clock", json={"seconds": 86_400})

    state = customer.state(customer.ask(sim, accepted).json())

    assert state not in {customer.done, customer.failed}


def test_silence_holds_the_connection_and_then_breaks_it(sim: Running, files):
    sim.fault("fal", "silence")
    began = time.monotonic()

    with pytest.raises(BROKEN):
        FAL.submit(sim, *files)

    assert time.monotonic() - began > 0.9
    assert sim.bill("fal")["jobs_accepted"] == 0


def test_silence_can_follow_acceptance(sim: Running, files):
    sim.fault("fal", "silence", accepted=True)

    with pytest.raises(httpx.ReadTimeout):
        sim.http.post(
            "/fal/fal-ai/kling-video/ai-avatar/v2/pro",
            headers=FAL.headers,
            json=FAL.body(*files),
            timeout=0.3,
        )

    assert sim.bill("fal")["jobs_accepted"] == 1


def test_a_slow_drip_is_the_whole_answer_byte_by_byte(sim: Running, files):
    sim.admin("PATCH", "/settings", json={"drip_s": 0.001})
    sim.fault("fal", "slow_drip")
    asked = {"headers": FAL.headers, "json": FAL.body(*files)}

    with sim.http.stream("POST", "/fal/fal-ai/kling-video/ai-avatar/v2/pro", **asked) as answer:
        pieces = list(answer.iter_raw())

    assert len(pieces) > 20
    assert b'"request_id"' in b"".join(pieces)


@pytest.mark.parametrize("fault", ["html_200", "truncated_json"])
def test_a_spoiled_answer_is_200_and_no_json_but_the_job_is_paid(sim: Running, files, fault):
    sim.fault("fal", fault)

    answer = FAL.submit(sim, *files)

    assert answer.status_code == 200
    with pytest.raises(ValueError, match=r"."):
        answer.json()
    assert sim.bill("fal")["jobs_accepted"] == 1


def test_a_gateway_error_can_hide_an_accepted_job(sim: Running, files):
    sim.fault("fal", "504", accepted=True)

    answer = FAL.submit(sim, *files)

    assert answer.status_code == 504
    assert sim.bill("fal")["jobs_accepted"] == 1


@pytest.mark.parametrize(("fault", "status"), [("result_403", 403), ("result_404", 404)])
def test_a_result_can_be_out_of_reach(sim: Running, files, fault, status):
    url = FAL.outcome(sim, FAL.submit(sim, *files).json())
    sim.fault("fal", fault)

    first, second = sim.http.get(url), sim.http.get(url)

    assert (first.status_code, second.status_code) == (status, 200)


def test_a_job_keeps_the_flaw_of_its_file(sim: Running, files):
    sim.fault("fal", "zero_bytes", operation="submit")
    url = FAL.outcome(sim, FAL.submit(sim, *files).json())

    assert [len(sim.http.get(url).content) for _ in range(2)] == [0, 0]


def test_a_result_can_be_no_film(sim: Running, files):
    url = FAL.outcome(sim, FAL.submit(sim, *files).json())
    sim.fault("fal", "not_mp4")

    film = sim.http.get(url)

    assert film.headers["content-type"] == "video/mp4"
    with pytest.raises(av.FFmpegError):
        av.open(io.BytesIO(film.content))


def test_a_result_can_be_ten_times_too_big_without_saying_so(sim: Running, files):
    sim.admin("PATCH", "/settings", json={"oversize_bytes": 3_000_000})
    url = FAL.outcome(sim, FAL.submit(sim, *files).json())
    sim.fault("fal", "oversized")

    film = sim.http.get(url)

    assert "content-length" not in film.headers
    assert len(film.content) >= 3_000_000


def test_a_film_can_be_mute(sim: Running, files):
    sim.fault("fal", "no_audio")

    with _film(sim, files) as film:
        assert not film.streams.audio


def test_a_film_can_be_too_short(sim: Running, files):
    sim.fault("fal", "wrong_duration")

    with _film(sim, files) as film:
        assert film.duration / av.time_base == pytest.approx(SECONDS / 2, abs=0.1)


def test_a_fault_lets_some_pass_and_strikes_as_often_as_told(sim: Running, files):
    sim.fault("fal", "500", after=1, times=2)

    statuses = [FAL.submit(sim, *files).status_code for _ in range(4)]

    assert statuses == [200, 500, 500, 200]
    assert sim.admin("GET", "/faults")["faults"][0]["struck"] == 2


def test_times_zero_is_for_ever_until_cleared(sim: Running, files):
    sim.fault("*", "503", times=0)
    sick = [FAL.submit(sim, *files).status_code for _ in range(3)]
    sim.admin("DELETE", "/faults")

    assert sick == [503, 503, 503]
    assert FAL.submit(sim, *files).status_code == 200


def test_a_request_can_bring_its_own_fault(sim: Running, files):
    refused = FAL.submit(sim, *files, headers={"X-Simulate-Fault": "402"})
    accepted = FAL.submit(sim, *files, headers={"X-Simulate-Fault": "500;accepted"})

    assert (refused.status_code, accepted.status_code) == (402, 500)
    assert sim.bill("fal")["jobs_accepted"] == 1


def test_a_header_that_names_no_fault_is_told_so(sim: Running, files):
    answer = FAL.submit(sim, *files, headers={"X-Simulate-Fault": "gremlins"})

    assert answer.status_code == 400
    assert "gremlins" in answer.text


@pytest.mark.parametrize("customer", [HEYGEN, SYNC], ids=lambda one: one.name)
def test_after_a_lost_answer_the_key_brings_the_same_job_back(sim: Running, customer: Customer, portrait, speech):
    files = sent(sim, customer, portrait, speech)
    key = {"Idempotency-Key": f"recipe-1-{customer.name}-lost"}
    sim.fault(customer.name, "lost_answer")
    with pytest.raises(BROKEN):
        customer.submit(sim, *files, headers=key)

    again = customer.submit(sim, *files, headers=key)

    assert again.is_success
    assert sim.bill(customer.name)["jobs_accepted"] == 1
    assert customer.outcome(sim, again.json())


def test_an_upload_can_fail(sim: Running):
    sim.fault("wavespeed", "500", operation="upload")

    answer = sim.http.post(
        "/wavespeed/api/v3/media/uploads", headers=WAVESPEED.headers, json={"filename": "a", "size": 1}
    )

    assert answer.status_code == 500


def _film(sim: Running, files: tuple[str, str]) -> "av.container.InputContainer":
    url = FAL.outcome(sim, FAL.submit(sim, *files).json())
    return av.open(io.BytesIO(sim.http.get(url).content))
