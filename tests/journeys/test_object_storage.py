"""One switch: a site moves from a folder to a bucket, and visitors get their clips from the bucket itself."""

import asyncio
import json
import subprocess
import sys
from dataclasses import dataclass

import pytest

from tests.journeys.probes import fetch, of
from tests.support.chat_client import ChatClient
from tests.support.object_storage import ObjectStorage
from tests.support.sites import Site


@dataclass(frozen=True)
class SiteInBucket(Site):
    """A site whose clips are in object storage."""

    storage: ObjectStorage
    place: str
    clips_url: str = ""

    def command(self, *arguments: str) -> list[str]:
        return [*super().command(*arguments)[:-1], self.place]

    def environment(self) -> dict[str, str]:
        state = self.root / "state" / "in-bucket.db"
        return {
            **super().environment(),
            **self.storage.environment,
            "GREENROOM_CLIPS_URL": self.clips_url,
            "GREENROOM_DATABASE_URL": f"sqlite+aiosqlite:///{state}",
            "GREENROOM_SCRATCH_DIR": str(self.root / "scratch"),
        }


@pytest.fixture
def moved(warmed_site: Site, object_storage: ObjectStorage) -> SiteInBucket:
    """The warmed site after `greenroom store copy`."""
    site = SiteInBucket(warmed_site.root, object_storage, object_storage.empty_place(), "presigned")
    command = [sys.executable, "-m", "app", "store", "copy", str(site.cache), site.place, "--json"]
    run = subprocess.run(command, env=site.environment(), capture_output=True, text=True, timeout=120, check=False)
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout)["copied_entries"] >= 10
    return site


def test_moved_site_needs_no_film_and_is_whole(moved: SiteInBucket) -> None:
    plan, verify = moved.run("plan", "--json"), moved.run("store", "verify", "--json")

    assert plan.returncode == 0, plan.stderr
    assert json.loads(plan.stdout)["counts"]["new"] == 0
    assert json.loads(verify.stdout)["ok"] is True


async def test_visitors_fetch_clips_from_the_bucket(moved: SiteInBucket) -> None:
    with moved.served() as server:
        async with ChatClient(server) as client:
            clip = of(await client.ask("When are you open?"), "response.clip")[0]["clip"]
        status, headers, piece = await asyncio.to_thread(fetch, server + clip["url"], Range="bytes=4-11")
        _, poster, _ = await asyncio.to_thread(fetch, server + clip["poster"])
        _, page, _ = await asyncio.to_thread(fetch, server + "/")

    assert status == 206
    assert piece[:4] == b"ftyp"
    assert headers["content-type"] == "video/mp4"
    assert poster["content-type"] == "image/jpeg"
    assert f"media-src 'self' {moved.storage.endpoint}" in page["content-security-policy"]
