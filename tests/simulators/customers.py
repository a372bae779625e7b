"""Customers of every render vendor, written from the facts page alone: what they send, what they read."""

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx2 as httpx

from tests.simulators.running import Running, until


@dataclass(frozen=True)
class Customer:
    """How one vendor is spoken to; paths as on the wire, behind the vendor's prefix."""

    name: str
    headers: dict[str, str]
    path: str
    body: Callable[[str, str], dict[str, Any]]
    hook: Callable[[str], tuple[dict[str, str], dict[str, Any]]]
    id_of: Callable[[Any], str]
    poll: Callable[[Any], str]
    state: Callable[[Any], str]
    video: Callable[[Any], str | None]
    done: str
    failed: str
    result: Callable[[Any], str] | None = None
    extra: dict[str, str] = field(default_factory=dict)
    wrapped: Callable[[dict[str, Any]], Any] = lambda body: body
    question: Callable[[Any], Any] | None = None
    """What a poll posts, at a vendor that is not asked by GET."""

    def url(self, path: str) -> str:
        return path if path.startswith("http") else f"/{self.name}{path}"

    def submit(
        self, sim: Running, image: str, audio: str, *, webhook: str | None = None, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        query, more = self.hook(webhook) if webhook else ({}, {})
        return sim.http.post(
            self.url(self.path),
            headers={**self.headers, **(headers or {})},
            params=query,
            json=self.wrapped({**self.body(image, audio), **more}),
        )

    def ask(self, sim: Running, accepted: Any, headers: dict[str, str] | None = None) -> httpx.Response:
        url, sent = self.url(self.poll(accepted)), {**self.headers, **(headers or {})}
        if self.question is not None:
            return sim.http.post(url, headers=sent, json=self.question(accepted))
        return sim.http.get(url, headers=sent)

    def wait(self, sim: Running, accepted: Any) -> Any:
        def over() -> Any:
            answer = self.ask(sim, accepted)
            settled = answer.status_code == 200 and self.state(answer.json()) in {self.done, self.failed}
            return answer.json() if settled else None

        return until(over)

    def outcome(self, sim: Running, accepted: Any) -> str | None:
        """Where the film is, once it is over."""
        final = self.wait(sim, accepted)
        if self.result is not None:
            final = sim.http.get(self.result(accepted), headers=self.headers).json()
        return self.video(final)


def _sync_body(image: str, audio: str) -> dict[str, Any]:
    seen, heard = {"type": "image", "url": image}, {"type": "audio", "url": audio}
    return {"model": "lipsync-2", "input": [seen, heard]}


FAL = Customer(
    name="fal",
    headers={"Authorization": "Key id:secret"},
    path="/fal-ai/kling-video/ai-avatar/v2/pro",
    body=lambda image, audio: {"image_url": image, "audio_url": audio},
    hook=lambda url: ({"fal_webhook": url}, {}),
    id_of=lambda accepted: accepted["request_id"],
    poll=lambda accepted: accepted["status_url"],
    state=lambda body: "failed" if body.get("error") else body["status"],
    video=lambda body: body.get("video", {}).get("url"),
    done="COMPLETED",
    failed="failed",
    result=lambda accepted: accepted["response_url"],
)
WAVESPEED = Customer(
    name="wavespeed",
    headers={"Authorization": "Bearer key"},
    path="/api/v3/kwaivgi/kling-v2-ai-avatar-pro",
    body=lambda image, audio: {"image": image, "audio": audio},
    hook=lambda url: ({"webhook": url}, {}),
    id_of=lambda accepted: accepted["data"]["id"],
    poll=lambda accepted: accepted["data"]["urls"]["get"],
    state=lambda body: body["data"]["status"],
    video=lambda body: next(iter(body["data"]["outputs"]), None),
    done="completed",
    failed="failed",
)
EACHLABS = Customer(
    name="eachlabs",
    headers={"X-API-Key": "key"},
    path="/v1/prediction",
    body=lambda image, audio: {
        "model": "kling-avatar-v2-pro",
        "version": "0.0.1",
        "input": {"image_url": image, "audio_url": audio},
    },
    hook=lambda url: ({}, {"webhook_url": url, "webhook_secret": "s3cret"}),
    id_of=lambda accepted: accepted["predictionID"],
    poll=lambda accepted: f"/v1/prediction/{accepted['predictionID']}",
    state=lambda body: body["status"],
    video=lambda body: body["output"] if isinstance(body["output"], str) and body["output"] else None,
    done="success",
    failed="error",
)
ATLASCLOUD = Customer(
    name="atlascloud",
    headers={"Authorization": "Bearer key"},
    path="/api/v1/model/generateVideo",
    body=lambda image, audio: {"model": "kwaivgi/kling-v2.6-pro/avatar", "image": image, "audio": audio},
    hook=lambda url: ({}, {"webhook_url": url}),
    id_of=lambda accepted: accepted["data"]["id"],
    poll=lambda accepted: f"/api/v1/model/prediction/{accepted['data']['id']}",
    state=lambda body: body["data"]["status"],
    video=lambda body: next(iter(body["data"]["outputs"]), None),
    done="completed",
    failed="failed",
)
HEYGEN = Customer(
    name="heygen",
    headers={"X-Api-Key": "key"},
    path="/v3/videos",
    body=lambda image, audio: {"type": "image", "image": {"type": "url", "url": image}, "audio_url": audio},
    hook=lambda url: ({}, {"callback_url": url, "callback_id": "mine"}),
    id_of=lambda accepted: accepted["data"]["video_id"],
    poll=lambda accepted: f"/v3/videos/{accepted['data']['video_id']}",
    state=lambda body: body["data"]["status"],
    video=lambda body: body["data"]["video_url"],
    done="completed",
    failed="failed",
)
DID = Customer(
    name="did",
    headers={"Authorization": "Basic user:password"},
    path="/talks",
    body=lambda image, audio: {
        "source_url": image,
        "script": {"type": "audio", "audio_url": audio},
        "user_data": "mine",
    },
    hook=lambda url: ({}, {"webhook": url}),
    id_of=lambda accepted: accepted["id"],
    poll=lambda accepted: f"/talks/{accepted['id']}",
    state=lambda body: body["status"],
    video=lambda body: body.get("result_url"),
    done="done",
    failed="error",
)
SYNC = Customer(
    name="sync",
    headers={"x-api-key": "key"},
    path="/v2/generate",
    body=_sync_body,
    hook=lambda url: ({}, {"webhookUrl": url}),
    id_of=lambda accepted: accepted["id"],
    poll=lambda accepted: f"/v2/generate/{accepted['id']}",
    state=lambda body: body["status"],
    video=lambda body: body["outputUrl"],
    done="COMPLETED",
    failed="FAILED",
)
RUNWARE = Customer(
    name="runware",
    headers={"Authorization": "Bearer key"},
    path="/v1",
    body=lambda image, audio: {
        "taskType": "videoInference",
        "taskUUID": str(uuid4()),
        "model": "heygen:avatar@6-turbo",
        "deliveryMethod": "async",
        "inputs": {"image": image, "audio": audio},
    },
    wrapped=lambda body: [body],
    hook=lambda url: ({}, {"webhookURL": url}),
    id_of=lambda accepted: accepted["data"][0]["taskUUID"],
    poll=lambda _: "/v1",
    question=lambda accepted: [{"taskType": "getResponse", "taskUUID": accepted["data"][0]["taskUUID"]}],
    state=lambda body: "error" if body.get("errors") else body["data"][0]["status"],
    video=lambda body: body["data"][0].get("videoURL"),
    done="success",
    failed="error",
)
KLING = Customer(
    name="kling",
    headers={"Authorization": "Bearer key"},
    path="/v1/videos/avatar/image2video",
    body=lambda image, audio: {"image": image, "sound_file": audio, "prompt": "Speak.", "mode": "std"},
    hook=lambda url: ({}, {"callback_url": url}),
    id_of=lambda accepted: accepted["data"]["task_id"],
    poll=lambda accepted: f"/v1/videos/avatar/image2video/{accepted['data']['task_id']}",
    state=lambda body: body["data"]["task_status"],
    video=lambda body: next((video["url"] for video in body["data"]["task_result"]["videos"]), None),
    done="succeed",
    failed="failed",
)
CREATIFY = Customer(
    name="creatify",
    headers={"X-API-ID": "id", "X-API-KEY": "key"},
    path="/api/aurora/",
    body=lambda image, audio: {"image": image, "audio": audio, "name": "mine"},
    hook=lambda url: ({}, {"webhook_url": url}),
    id_of=lambda accepted: accepted["id"],
    poll=lambda accepted: f"/api/aurora/{accepted['id']}/",
    state=lambda body: body["status"],
    video=lambda body: body["video_output"],
    done="done",
    failed="failed",
)
EVERYDAY = (FAL, HEYGEN)
"""A queue whose webhook is signed with keys of its own, and a vendor with an account."""

CUSTOMERS = (FAL, WAVESPEED, EACHLABS, ATLASCLOUD, HEYGEN, DID, SYNC, RUNWARE, KLING, CREATIFY)


def upload_fal(sim: Running, name: str, content: bytes) -> str:
    """Fal's two steps; the address is good for every customer that sends plain addresses."""
    token = sim.http.post(
        "/fal/storage/auth/token", params={"storage_type": "fal-cdn-v3"}, headers=FAL.headers, json={}
    )
    headers = {
        "Authorization": f"{token.json()['token_type']} {token.json()['token']}",
        "X-Fal-File-Name": name,
        "Content-Type": "application/octet-stream",
    }
    return sim.http.post("/fal/files/upload", headers=headers, content=content).json()["access_url"]


def upload_did(sim: Running, name: str, content: bytes) -> str:
    kind = "image" if name.endswith(".png") else "audio"
    answer = sim.http.post(f"/did/{kind}s", headers=DID.headers, files={kind: (name, content)})
    assert answer.status_code == 201, answer.text
    return answer.json()["url"]


def upload_wavespeed(sim: Running, name: str, content: bytes) -> str:
    asked = {"filename": name, "size": len(content), "content_type": "application/octet-stream"}
    ticket = sim.http.post("/wavespeed/api/v3/media/uploads", headers=WAVESPEED.headers, json=asked).json()["data"]
    sim.http.put(ticket["upload"]["url"], headers=ticket["upload"]["headers"], content=content).raise_for_status()
    return ticket["download_url"]


def upload_eachlabs(sim: Running, name: str, content: bytes) -> str:
    kind = "image/png" if name.endswith(".png") else "audio/wav"
    asked = {"content_type": kind}
    ticket = sim.http.post("/eachlabs/v1/upload/presign", headers=EACHLABS.headers, json=asked).json()
    sim.http.put(ticket["presigned_url"], headers=ticket["required_headers"], content=content).raise_for_status()
    return ticket["public_url"]


def upload_atlascloud(sim: Running, name: str, content: bytes) -> str:
    path = "/atlascloud/api/v1/model/uploadMedia"
    return sim.http.post(path, headers=ATLASCLOUD.headers, files={"file": (name, content)}).json()["data"][
        "download_url"
    ]


def upload_heygen(sim: Running, name: str, content: bytes) -> str:
    kind = "image/png" if name.endswith(".png") else "audio/wav"
    answer = sim.http.post("/heygen/v3/assets", headers=HEYGEN.headers, files={"file": (name, content, kind)})
    return answer.json()["data"]["url"]


def upload_sync(sim: Running, name: str, content: bytes) -> str:
    asked = {"fileName": name, "contentType": "application/octet-stream", "size": len(content)}
    ticket = sim.http.post("/sync/v2/assets/upload", headers=SYNC.headers, json=asked).json()
    sim.http.put(ticket["uploadUrl"], content=content).raise_for_status()
    return ticket["url"]


def upload_runware(sim: Running, name: str, content: bytes) -> str:
    kind = "image/png" if name.endswith(".png") else "audio/wav"
    media = f"data:{kind};base64,{base64.b64encode(content).decode()}"
    task = {"taskType": "mediaStorage", "taskUUID": str(uuid4()), "operation": "upload", "media": media}
    return sim.http.post("/runware/v1", headers=RUNWARE.headers, json=[task]).json()["data"][0]["mediaUUID"]


def upload_creatify(sim: Running, name: str, content: bytes) -> str:
    """Creatify has no upload: this is the place that stands for a bucket of one's own."""
    sim.http.put(f"/creatify/media/{name}", content=content).raise_for_status()
    return f"{sim.url}/creatify/media/{name}"


UPLOADS = {
    "fal": upload_fal,
    "wavespeed": upload_wavespeed,
    "eachlabs": upload_eachlabs,
    "atlascloud": upload_atlascloud,
    "heygen": upload_heygen,
    "did": upload_did,
    "sync": upload_sync,
    "runware": upload_runware,
    "kling": lambda _sim, _name, content: base64.b64encode(content).decode(),
    "creatify": upload_creatify,
}


def sent(sim: Running, customer: Customer, portrait: bytes, speech: bytes) -> tuple[str, str]:
    """Both files, through the vendor's own upload."""
    upload = UPLOADS[customer.name]
    return upload(sim, "me.png", portrait), upload(sim, "words.wav", speech)
