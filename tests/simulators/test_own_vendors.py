"""HeyGen, D-ID and Sync.so in their own words, against the facts page."""

import base64
import hashlib
from typing import Any

import pytest

from tests.simulators.customers import DID, HEYGEN, SYNC, sent, upload_did, upload_sync
from tests.simulators.running import Running, sound_of, until

TOO_MANY = 429


def heygen(sim: Running, **body: object) -> dict:
    return sim.http.post("/heygen/v3/videos", headers=HEYGEN.headers, json=body)


class TestHeyGen:
    def test_a_submit_is_waiting_and_a_video_has_all_its_fields(self, sim: Running, portrait, speech):
        accepted = HEYGEN.submit(sim, *sent(sim, HEYGEN, portrait, speech)).json()["data"]
        video = HEYGEN.wait(sim, {"data": accepted})["data"]

        assert (accepted["status"], accepted["output_format"]) == ("waiting", "mp4")
        assert {"video_url", "duration", "failure_code", "created_at", "completed_at"} <= video.keys()

    def test_exactly_one_voice_is_taken(self, sim: Running):
        image = {"type": "url", "url": "https://example.com/a.png"}

        none = heygen(sim, type="image", image=image)
        two = heygen(sim, type="image", image=image, audio_url="https://example.com/a.mp3", script="Hi", voice_id="v")

        assert {none.status_code, two.status_code} == {400}
        assert none.json()["error"]["code"] == "invalid_parameter"

    def test_assets_stand_in_for_addresses(self, sim: Running, portrait, speech):
        ids = []
        for name, content, kind in (("me.png", portrait, "image/png"), ("w.wav", speech, "audio/wav")):
            files = {"file": (name, content, kind)}
            answer = sim.http.post("/heygen/v3/assets", headers=HEYGEN.headers, files=files).json()["data"]
            assert answer.keys() == {"asset_id", "url", "mime_type", "size_bytes"}
            ids.append(answer["asset_id"])

        accepted = heygen(sim, type="image", image={"type": "asset_id", "asset_id": ids[0]}, audio_asset_id=ids[1])

        assert HEYGEN.outcome(sim, accepted.json())

    def test_a_picture_may_come_inside(self, sim: Running, portrait, speech):
        _, audio = sent(sim, HEYGEN, portrait, speech)
        image = {"type": "base64", "media_type": "image/png", "data": base64.b64encode(portrait).decode()}

        assert HEYGEN.outcome(sim, heygen(sim, type="image", image=image, audio_url=audio).json())

    def test_a_script_is_spoken_by_heygen(self, sim: Running, portrait, speech):
        image, _ = sent(sim, HEYGEN, portrait, speech)

        accepted = heygen(sim, type="image", image={"type": "url", "url": image}, script="Hello there.", voice_id="v")

        assert HEYGEN.outcome(sim, accepted.json())

    def test_videos_are_listed_by_title_and_paged(self, sim: Running, portrait, speech):
        image, audio = sent(sim, HEYGEN, portrait, speech)
        order = {"type": "image", "image": {"type": "url", "url": image}, "audio_url": audio}
        ids = [heygen(sim, **order, title=title).json()["data"]["video_id"] for title in ("one", "two", "two again")]

        def listed(**asked: object) -> dict[str, Any]:
            return sim.http.get("/heygen/v3/videos", headers=HEYGEN.headers, params=asked).json()

        found, first = listed(title="one"), listed(title="two", limit=1)
        second = listed(title="two", limit=1, token=first["next_token"])

        assert [(video["id"], video["title"]) for video in found["data"]] == [(ids[0], "one")]
        assert (found["has_more"], first["has_more"], second["has_more"]) == (False, True, False)
        assert [page["data"][0]["id"] for page in (first, second)] == [ids[2], ids[1]]
        assert listed(limit=101).keys() == {"error"}

    def test_a_direct_upload_is_complete_only_with_its_bytes(self, sim: Running, portrait):
        asked = {"filename": "me.png", "content_type": "image/png", "size_bytes": len(portrait)}
        path = "/heygen/v3/assets/direct-uploads"
        ticket = sim.http.post(path, headers=HEYGEN.headers, json=asked).json()["data"]
        complete = f"/heygen/v3/assets/{ticket['asset_id']}/complete"

        before = sim.http.post(complete, headers=HEYGEN.headers).status_code
        sim.http.put(ticket["upload_url"], headers=ticket["upload_headers"], content=portrait)
        after = sim.http.post(complete, headers=HEYGEN.headers)

        assert (before, after.status_code) == (400, 200)
        assert sim.http.get(after.json()["data"]["url"]).content == portrait

    def test_a_file_that_cannot_be_fetched_is_download_failed(self, sim: Running, portrait, speech):
        _, audio = sent(sim, HEYGEN, portrait, speech)
        accepted = heygen(sim, type="image", image={"type": "url", "url": "http://localhost/a.png"}, audio_url=audio)

        video = HEYGEN.wait(sim, accepted.json())["data"]

        assert (video["status"], video["failure_code"]) == ("failed", "download_failed")

    def test_many_states_at_once_have_their_own_words(self, sim: Running, portrait, speech):
        sim.admin("PATCH", "/settings", json={"queue_s": 60})
        accepted = HEYGEN.submit(sim, *sent(sim, HEYGEN, portrait, speech)).json()["data"]["video_id"]

        path = f"/heygen/v3/videos/statuses?video_ids={accepted},nobody"
        rows = sim.http.get(path, headers=HEYGEN.headers).json()["data"]

        assert [row["status"] for row in rows] == ["queued", "not_found"]

    def test_a_deleted_video_is_gone_and_still_billed(self, sim: Running, portrait, speech):
        accepted = HEYGEN.submit(sim, *sent(sim, HEYGEN, portrait, speech)).json()
        path = f"/heygen/v3/videos/{accepted['data']['video_id']}"

        sim.http.delete(path, headers=HEYGEN.headers)

        assert sim.http.get(path, headers=HEYGEN.headers).json()["error"]["code"] == "not_found"
        assert sim.bill("heygen")["jobs_charged"] == 1

    def test_surplus_is_429_with_retry_after(self, sim: Running, portrait, speech):
        sim.admin("PATCH", "/settings", json={"latency_s": 60})
        files = sent(sim, HEYGEN, portrait, speech)

        last = [HEYGEN.submit(sim, *files) for _ in range(11)][-1]

        assert last.status_code == TOO_MANY
        assert last.headers["retry-after"]
        assert last.json()["error"]["code"] == "rate_limit_exceeded"

    def test_lips_of_a_video(self, sim: Running, portrait, speech):
        files = sent(sim, HEYGEN, portrait, speech)
        film = HEYGEN.outcome(sim, HEYGEN.submit(sim, *files).json())
        body = {"video": {"type": "url", "url": film}, "audio": {"type": "url", "url": files[1]}, "mode": "speed"}

        made = sim.http.post("/heygen/v3/lipsyncs", headers=HEYGEN.headers, json=body).json()["data"]
        path = f"/heygen/v3/lipsyncs/{made['lipsync_id']}"

        def done() -> str | None:
            return sim.http.get(path, headers=HEYGEN.headers).json()["data"]["video_url"]

        assert until(done)

    def test_a_secret_is_new_after_rotation(self, sim: Running):
        root = "/heygen/v3/webhooks/endpoints"
        asked = {"url": "https://example.com/hook"}
        made = sim.http.post(root, headers=HEYGEN.headers, json=asked).json()["data"]
        path = f"{root}/{made['endpoint_id']}"

        rotated = sim.http.post(f"{path}/rotate-secret", headers=HEYGEN.headers).json()["data"]
        sim.http.delete(path, headers=HEYGEN.headers)

        assert made["secret"].startswith("whsec_")
        assert rotated["secret"] != made["secret"]


class TestDid:
    def test_a_submit_is_201_and_created(self, sim: Running, portrait, speech):
        answer = DID.submit(sim, *sent(sim, DID, portrait, speech))

        assert answer.status_code == 201
        assert answer.json()["id"].startswith("tlk_")
        assert (answer.json()["status"], answer.json()["object"]) == ("created", "talk")

    def test_the_key_is_sent_as_given_behind_basic(self, sim: Running):
        answer = sim.http.post("/did/talks", headers={"Authorization": "Bearer user:password"}, json={})

        assert (answer.status_code, answer.json()["kind"]) == (401, "AuthorizationError")

    def test_a_source_must_end_like_a_picture(self, sim: Running, portrait, speech):
        image, audio = sent(sim, DID, portrait, speech)

        answer = DID.submit(sim, f"{image.removesuffix('.png')}?name=me.png", audio)

        assert (answer.status_code, answer.json()["kind"]) == (400, "BadRequestError")

    def test_user_data_comes_back(self, sim: Running, portrait, speech):
        accepted = DID.submit(sim, *sent(sim, DID, portrait, speech)).json()

        assert DID.wait(sim, accepted)["user_data"] == "mine"

    def test_user_data_has_an_end(self, sim: Running, portrait, speech):
        body = {**DID.body(*sent(sim, DID, portrait, speech)), "user_data": "x" * 1_001}

        answer = sim.http.post("/did/talks", headers=DID.headers, json=body)

        assert answer.status_code == 400
        assert sim.bill("did")["jobs_accepted"] == 0

    def test_files_are_judged_at_the_submit(self, sim: Running, portrait, speech):
        image, _ = sent(sim, DID, portrait, speech)
        broken = upload_did  # a form that is not sound is refused by the upload already
        with pytest.raises(AssertionError, match="UnsupportedMimeTypeError"):
            broken(sim, "words.wav", b"no sound")

        answer = DID.submit(sim, "https://127.0.0.1/me.png", image.replace(".png", ".wav"))

        assert answer.json()["kind"] == "BadRequestError"

    def test_an_audio_upload_tells_its_length(self, sim: Running, speech):
        answer = sim.http.post("/did/audios", headers=DID.headers, files={"audio": ("w.wav", speech)})

        assert answer.status_code == 201
        assert answer.json()["duration"] == 3.0

    def test_six_megabytes_are_the_most_for_an_upload(self, sim: Running):
        answer = sim.http.post(
            "/did/audios", headers=DID.headers, files={"audio": ("w.wav", bytes(6 * 1024 * 1024 + 1))}
        )

        assert (answer.status_code, answer.json()["kind"]) == (400, "InvalidFileSizeError")

    def test_text_is_spoken_by_did(self, sim: Running, portrait, speech):
        image, _ = sent(sim, DID, portrait, speech)
        script = {"type": "text", "input": "Hello there."}

        answer = sim.http.post("/did/talks", headers=DID.headers, json={"source_url": image, "script": script})

        assert DID.outcome(sim, answer.json())

    def test_expressives_have_an_avatar_instead_of_a_photo(self, sim: Running, speech):
        audio = upload_did(sim, "words.wav", speech)
        body = {"avatar_id": "amber", "script": {"type": "audio", "audio_url": audio}}

        made = sim.http.post("/did/expressives", headers=DID.headers, json=body).json()
        path = f"/did/expressives/{made['id']}"

        assert made["id"].startswith("exp_")
        assert until(lambda: sim.http.get(path, headers=DID.headers).json().get("result_url"))

    def test_a_deleted_talk_is_gone(self, sim: Running, portrait, speech):
        accepted = DID.submit(sim, *sent(sim, DID, portrait, speech)).json()
        sim.http.delete(f"/did/talks/{accepted['id']}", headers=DID.headers)

        assert DID.ask(sim, accepted).status_code == 404


class TestSync:
    def test_the_fourth_at_once_is_429_with_its_own_code(self, sim: Running, portrait, speech):
        sim.admin("PATCH", "/settings", json={"latency_s": 60})
        files = sent(sim, SYNC, portrait, speech)

        answers = [SYNC.submit(sim, *files) for _ in range(4)]

        assert [answer.status_code for answer in answers] == [201, 201, 201, TOO_MANY]
        assert answers[-1].json()["errorCode"] == "concurrency_limit_reached"

    def test_too_fast_is_another_429(self, sim: Running, portrait, speech):
        files = sent(sim, SYNC, portrait, speech)
        sim.fault("sync", "429")

        assert SYNC.submit(sim, *files).json()["errorCode"] == "rate_limit_exceeded"

    def test_a_key_with_another_body_conflicts(self, sim: Running, portrait, speech):
        image, audio = sent(sim, SYNC, portrait, speech)
        key = {"Idempotency-Key": hashlib.sha256(image.encode()).hexdigest()}

        first = SYNC.submit(sim, image, audio, headers=key)
        replay = SYNC.submit(sim, image, audio, headers=key)
        other = SYNC.submit(sim, audio, image, headers=key)

        assert (first.status_code, replay.status_code, other.status_code) == (201, 201, 409)
        assert replay.json() == first.json()
        assert other.json()["errorCode"].startswith("IDEMPOTENCY_")
        assert sim.bill("sync")["jobs_accepted"] == 1

    def test_a_malformed_key_is_refused(self, sim: Running, portrait, speech):
        answer = SYNC.submit(sim, *sent(sim, SYNC, portrait, speech), headers={"Idempotency-Key": "no spaces please"})

        assert (answer.status_code, answer.json()["errorCode"]) == (400, "INVALID_IDEMPOTENCY_KEY")

    def test_a_key_counts_for_a_day(self, sim: Running, portrait, speech):
        files, key = sent(sim, SYNC, portrait, speech), {"Idempotency-Key": "for-a-day"}
        first = SYNC.submit(sim, *files, headers=key).json()["id"]
        sim.admin("POST", "/clock", json={"seconds": 86_401})

        assert SYNC.submit(sim, *files, headers=key).json()["id"] != first

    def test_registered_assets_stand_in_for_addresses(self, sim: Running, portrait, speech):
        ids = []
        for name, content in (("me.png", portrait), ("words.wav", speech)):
            url = upload_sync(sim, name, content)
            made = sim.http.post("/sync/v2/assets", headers=SYNC.headers, json={"url": url, "type": "IMAGE"}).json()
            ids.append(made["id"])
        given = [{"type": "image", "assetId": ids[0]}, {"type": "audio", "assetId": ids[1]}]

        body = {"model": "sync-3", "input": given}
        accepted = sim.http.post("/sync/v2/generate", headers=SYNC.headers, json=body).json()

        assert SYNC.outcome(sim, accepted)

    def test_files_may_come_in_the_submit(self, sim: Running, portrait, speech):
        image = {"image": ("me.png", portrait), "audio": ("words.wav", speech)}

        accepted = sim.http.post("/sync/v2/generate", headers=SYNC.headers, data={"model": "sync-3"}, files=image)

        assert accepted.status_code == 201
        assert SYNC.outcome(sim, accepted.json())

    @pytest.mark.parametrize(("mode", "seconds"), [("cut_off", 2.0), ("loop", 4.0), ("silence", 4.0)])
    def test_the_mode_decides_how_long_the_film_is(self, sim: Running, portrait, mode, seconds):
        image, short = sent(sim, SYNC, portrait, sound_of(2.0))
        video = SYNC.outcome(sim, SYNC.submit(sim, image, short).json())
        given = [{"type": "video", "url": video}, {"type": "audio", "url": upload_sync(sim, "w.wav", sound_of(4.0))}]

        body = {"model": "lipsync-2", "input": given, "options": {"sync_mode": mode}}
        accepted = sim.http.post("/sync/v2/generate", headers=SYNC.headers, json=body).json()

        assert SYNC.wait(sim, accepted)["outputDuration"] == pytest.approx(seconds, abs=0.1)
