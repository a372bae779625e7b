"""fal, WaveSpeed, EachLabs and AtlasCloud in their own words, against the facts page."""

import base64

import pytest

from tests.simulators.customers import ATLASCLOUD, EACHLABS, FAL, WAVESPEED, sent
from tests.simulators.running import Running, sound_of, until

MODEL = "/fal/fal-ai/kling-video/ai-avatar/v2/pro"


def fal_listing(sim: Running, **query: str) -> dict:
    asked = {"endpoint_id": "fal-ai/kling-video/ai-avatar/v2/pro", **query}
    return sim.http.get("/fal/v1/models/requests/by-endpoint", headers=FAL.headers, params=asked).json()


class TestFal:
    def test_addresses_keep_owner_and_alias_only(self, sim: Running, portrait, speech):
        accepted = FAL.submit(sim, *sent(sim, FAL, portrait, speech)).json()

        request_id = accepted["request_id"]

        assert accepted["status"] == "IN_QUEUE"
        assert accepted["status_url"] == f"{sim.url}/fal/fal-ai/kling-video/requests/{request_id}/status"
        assert accepted["response_url"] == f"{sim.url}/fal/fal-ai/kling-video/requests/{request_id}"
        assert "gateway_request_id" not in accepted

    def test_bearer_is_not_the_scheme(self, sim: Running):
        answer = sim.http.post(MODEL, headers={"Authorization": "Bearer key"}, json={})

        assert answer.status_code == 401
        assert isinstance(answer.json()["detail"], str)

    def test_an_unknown_model_is_404(self, sim: Running):
        answer = sim.http.post("/fal/fal-ai/kling-video/v2.6/pro/avatar", headers=FAL.headers, json={})

        assert answer.status_code == 404

    def test_missing_fields_are_found_by_the_model_when_it_runs(self, sim: Running, portrait, speech):
        image, _ = sent(sim, FAL, portrait, speech)
        accepted = sim.http.post(MODEL, headers=FAL.headers, json={"image_url": image})
        status = until(lambda: (found := FAL.ask(sim, accepted.json())).status_code == 200 and found).json()
        result = sim.http.get(accepted.json()["response_url"], headers=FAL.headers)

        assert accepted.status_code == 200
        assert (status["status"], bool(status["error"])) == ("COMPLETED", True)
        assert result.status_code == 422
        assert result.json()["detail"][0]["loc"] == ["body", "audio_url"]
        assert sim.bill("fal")["jobs_charged"] == 1

    @pytest.mark.parametrize("seconds", [1.0, 61.0])
    def test_sound_outside_two_to_sixty_seconds_is_refused(self, sim: Running, portrait, seconds):
        accepted = FAL.submit(sim, *sent(sim, FAL, portrait, sound_of(seconds, "mp3"))).json()

        FAL.wait(sim, accepted)

        assert sim.http.get(accepted["response_url"], headers=FAL.headers).status_code == 422

    def test_a_result_asked_for_too_early_is_400(self, sim: Running, portrait, speech):
        sim.admin("PATCH", "/settings", json={"latency_s": 60})
        accepted = FAL.submit(sim, *sent(sim, FAL, portrait, speech)).json()

        answer = sim.http.get(accepted["response_url"], headers=FAL.headers)

        assert (answer.status_code, answer.json()) == (400, {"detail": "Request is still in progress"})

    def test_two_run_and_the_third_waits(self, sim: Running, portrait, speech):
        sim.admin("PATCH", "/settings", json={"latency_s": 60})
        files = sent(sim, FAL, portrait, speech)

        accepted = [FAL.submit(sim, *files).json() for _ in range(4)]
        told = [FAL.ask(sim, one).json() for one in accepted]

        assert [one["status"] for one in told] == ["IN_PROGRESS", "IN_PROGRESS", "IN_QUEUE", "IN_QUEUE"]
        assert FAL.ask(sim, accepted[2]).status_code == 202

    def test_cancel_says_how_late_it_is(self, sim: Running, portrait, speech):
        sim.admin("PATCH", "/settings", json={"latency_s": 60})
        files = sent(sim, FAL, portrait, speech)
        running, _, queued = [FAL.submit(sim, *files).json() for _ in range(3)]

        answers = [sim.http.put(one["cancel_url"], headers=FAL.headers) for one in (running, queued)]

        assert [answer.status_code for answer in answers] == [202, 200]
        assert [answer.json()["status"] for answer in answers] == ["CANCELLATION_REQUESTED", "OK"]
        assert sim.bill("fal")["jobs_charged"] == 2

    def test_cancel_of_a_finished_job_comes_too_late(self, sim: Running, portrait, speech):
        accepted = FAL.submit(sim, *sent(sim, FAL, portrait, speech)).json()
        FAL.wait(sim, accepted)

        answer = sim.http.put(accepted["cancel_url"], headers=FAL.headers)

        assert (answer.status_code, answer.json()["status"]) == (400, "ALREADY_COMPLETED")

    def test_the_list_shows_started_requests_with_their_input(self, sim: Running, portrait, speech):
        image, audio = sent(sim, FAL, portrait, speech)
        accepted = FAL.submit(sim, image, audio).json()
        FAL.wait(sim, accepted)

        page = fal_listing(sim, expand="payloads")

        assert page["has_more"] is False
        assert page["items"][0]["request_id"] == accepted["request_id"]
        assert page["items"][0]["json_input"] == {"image_url": image, "audio_url": audio}
        assert page["items"][0]["status_code"] == 200

    def test_the_list_does_not_show_what_still_waits(self, sim: Running, portrait, speech):
        sim.admin("PATCH", "/settings", json={"queue_s": 60})
        FAL.submit(sim, *sent(sim, FAL, portrait, speech))

        assert fal_listing(sim)["items"] == []

    def test_the_list_is_paged(self, sim: Running, portrait, speech):
        files = sent(sim, FAL, portrait, speech)
        ids = {FAL.submit(sim, *files).json()["request_id"] for _ in range(2)}

        first = fal_listing(sim, limit="1")
        second = fal_listing(sim, limit="1", cursor=first["next_cursor"])

        assert first["has_more"]
        assert {page["items"][0]["request_id"] for page in (first, second)} == ids

    def test_the_older_upload_hands_out_an_address(self, sim: Running):
        asked = {"file_name": "a.png", "content_type": "image/png"}
        ticket = sim.http.post("/fal/storage/upload/initiate", headers=FAL.headers, json=asked).json()

        sim.http.put(ticket["upload_url"], content=b"bytes", headers={"Content-Type": "image/png"})

        assert sim.http.get(ticket["file_url"]).content == b"bytes"

    def test_an_upload_in_parts(self, sim: Running):
        token = sim.http.post("/fal/storage/auth/token", headers=FAL.headers, json={}).json()["token"]
        headers = {"Authorization": f"Bearer {token}", "X-Fal-File-Name": "big.bin"}
        begun = sim.http.post("/fal/files/upload/multipart", headers=headers).json()
        parts = f"{begun['access_url']}/multipart/{begun['uploadId']}"
        for number, content in ((2, b"world"), (1, b"hello ")):
            assert sim.http.put(f"{parts}/{number}", headers=headers, content=content).headers["etag"]
        sim.http.post(f"{parts}/complete", headers=headers, json={"parts": []})

        assert sim.http.get(begun["access_url"]).content == b"hello world"

    def test_events_follow_the_job(self, sim: Running, portrait, speech):
        accepted = FAL.submit(sim, *sent(sim, FAL, portrait, speech)).json()

        events = sim.http.get(f"{accepted['status_url']}/stream", headers=FAL.headers)

        assert events.headers["content-type"].startswith("text/event-stream")
        assert '"COMPLETED"' in events.text.strip().splitlines()[-1]


class TestWaveSpeed:
    def test_everything_is_in_an_envelope(self, sim: Running, portrait, speech):
        body = WAVESPEED.submit(sim, *sent(sim, WAVESPEED, portrait, speech)).json()

        expected = {"id", "model", "outputs", "urls", "has_nsfw_contents", "status", "created_at", "error", "timings"}

        assert (body["code"], body["message"]) == (200, "success")
        assert expected <= body["data"].keys()
        assert body["data"]["status"] in {"created", "processing"}

    def test_missing_fields_are_refused_at_once(self, sim: Running):
        answer = sim.http.post(f"/wavespeed{WAVESPEED.path}", headers=WAVESPEED.headers, json={"image": "x"})

        assert (answer.status_code, answer.json()["code"]) == (400, 400)

    def test_five_seconds_are_the_least_that_is_billed(self, sim: Running, portrait, speech):
        WAVESPEED.outcome(sim, WAVESPEED.submit(sim, *sent(sim, WAVESPEED, portrait, speech)).json())

        assert sim.bill("wavespeed")["amount"] == "0.560"

    @pytest.mark.parametrize("method", ["GET", "POST"])
    def test_the_list_can_be_narrowed(self, sim: Running, portrait, speech, method):
        body = WAVESPEED.submit(sim, *sent(sim, WAVESPEED, portrait, speech)).json()
        WAVESPEED.wait(sim, body)
        narrow = {"page": 1, "page_size": 100, "status": "completed", "model": "kwaivgi/kling-v2-ai-avatar-pro"}

        def listed(**asked: object) -> list[str]:
            options = {"json": asked} if method == "POST" else {"params": asked}
            answer = sim.http.request(method, "/wavespeed/api/v3/predictions", headers=WAVESPEED.headers, **options)
            return [item["id"] for item in answer.json()["data"]["items"]]

        assert listed(**narrow) == [body["data"]["id"]]
        assert listed(**{**narrow, "status": "failed"}) == []
        assert listed(created_after="2999-01-01T00:00:00Z") == []

    def test_a_deterministic_failure_is_told_in_the_data(self, sim: Running, portrait):
        body = WAVESPEED.submit(sim, *sent(sim, WAVESPEED, portrait, b"no sound")).json()

        failed = WAVESPEED.wait(sim, body)["data"]

        assert (failed["status"], failed["outputs"]) == ("failed", [])
        assert failed["error"]
        assert sim.bill("wavespeed")["jobs_charged"] == 0

    def test_the_older_upload_is_a_form(self, sim: Running):
        answer = sim.http.post(
            "/wavespeed/api/v3/media/upload/binary", headers=WAVESPEED.headers, files={"file": ("a.png", b"bytes")}
        )

        assert sim.http.get(answer.json()["data"]["download_url"]).content == b"bytes"

    def test_data_uris_are_taken(self, sim: Running, portrait, speech):
        files = [f"data:x/y;base64,{base64.b64encode(content).decode()}" for content in (portrait, speech)]

        assert WAVESPEED.outcome(sim, WAVESPEED.submit(sim, *files).json())
        assert len(str(sim.admin("GET", "/jobs")["jobs"][0]["body"])) < 1_000


class TestEachLabs:
    def test_both_keys_open(self, sim: Running, portrait, speech):
        files = sent(sim, EACHLABS, portrait, speech)
        body = EACHLABS.body(*files)

        codes = [
            sim.http.post("/eachlabs/v1/prediction", headers=headers, json=body).status_code
            for headers in ({"Authorization": "Bearer key"}, {"X-API-Key": "key"})
        ]

        assert codes == [200, 200]

    def test_the_answer_spells_prediction_id_its_own_way(self, sim: Running, portrait, speech):
        body = EACHLABS.submit(sim, *sent(sim, EACHLABS, portrait, speech)).json()

        assert (body["status"], body.keys()) == ("success", {"status", "message", "predictionID"})

    def test_a_prediction_has_metrics_and_addresses(self, sim: Running, portrait, speech):
        accepted = EACHLABS.submit(sim, *sent(sim, EACHLABS, portrait, speech)).json()

        done = EACHLABS.wait(sim, accepted)

        assert done.keys() == {"id", "input", "status", "output", "logs", "metrics", "urls"}
        assert done["metrics"]["cost"] == pytest.approx(3 * 0.115)
        assert done["urls"]["cancel"].endswith(f"/v1/prediction/{accepted['predictionID']}/cancel")

    def test_version_and_input_are_required(self, sim: Running):
        asked = {"model": "kling-avatar-v2-pro", "input": {}}
        answer = sim.http.post("/eachlabs/v1/prediction", headers=EACHLABS.headers, json=asked)

        assert answer.status_code == 400
        assert answer.json().keys() == {"error"}

    def test_cancel_marks_the_record_and_costs_nothing(self, sim: Running, portrait, speech):
        sim.admin("PATCH", "/settings", json={"latency_s": 60})
        accepted = EACHLABS.submit(sim, *sent(sim, EACHLABS, portrait, speech)).json()

        path = f"/eachlabs/v1/prediction/{accepted['predictionID']}/cancel"
        answer = sim.http.post(path, headers=EACHLABS.headers)

        assert answer.status_code == 200
        assert EACHLABS.ask(sim, accepted).json()["status"] == "cancelled"
        assert sim.bill("eachlabs")["jobs_charged"] == 0

    def test_the_eleventh_at_once_is_429(self, sim: Running, portrait, speech):
        sim.admin("PATCH", "/settings", json={"latency_s": 60})
        files = sent(sim, EACHLABS, portrait, speech)

        codes = [EACHLABS.submit(sim, *files).status_code for _ in range(11)]

        assert codes == [200] * 10 + [429]

    def test_a_model_tells_what_it_takes(self, sim: Running):
        path = "/eachlabs/v1/model?slug=kling-avatar-v2-pro"

        schema = sim.http.get(path).json()["request_schema"]

        assert schema["required"] == ["image_url", "audio_url"]

    def test_deliveries_are_listed(self, sim: Running, portrait, speech, mailbox):
        files = sent(sim, EACHLABS, portrait, speech)
        accepted = EACHLABS.submit(sim, *files, webhook=mailbox.url).json()
        mailbox.wait()
        path = f"/eachlabs/v1/webhooks/{accepted['predictionID']}"

        rows = until(lambda: sim.http.get(path, headers=EACHLABS.headers).json()["webhooks"])

        assert rows[0]["status_code"] == 200


class TestAtlasCloud:
    def test_a_job_cannot_be_seen_at_first(self, sim: Running, portrait, speech):
        sim.admin("PATCH", "/settings", json={"blind_s": 30})
        accepted = ATLASCLOUD.submit(sim, *sent(sim, ATLASCLOUD, portrait, speech)).json()

        before = ATLASCLOUD.ask(sim, accepted)
        sim.admin("POST", "/clock", json={"seconds": 30})

        assert (before.status_code, before.json()["code"]) == (404, 404)
        assert ATLASCLOUD.outcome(sim, accepted)

    def test_unknown_models_and_missing_fields(self, sim: Running):
        codes = [
            sim.http.post("/atlascloud/api/v1/model/generateVideo", headers=ATLASCLOUD.headers, json=body).status_code
            for body in ({"model": "nothing"}, {"model": "kwaivgi/kling-v2.6-pro/avatar", "image": "x"})
        ]

        assert codes == [404, 400]

    def test_a_webhook_over_1024_characters_is_refused(self, sim: Running, portrait, speech):
        files = sent(sim, ATLASCLOUD, portrait, speech)

        answer = ATLASCLOUD.submit(sim, *files, webhook="https://example.com/" + "x" * 1_024)

        assert answer.status_code == 400
