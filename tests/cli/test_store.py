"""Looking after the clip store."""

import json
import re
from pathlib import Path

from app.cli.output import Status
from tests.cli.conftest import Greenroom, reword
from tests.support.catalogs import write_file
from tests.support.sites import Site


def a_catalog_film(site: Site) -> Path:
    """The video of a clip that the catalog refers to: journeys may have filmed others beside it."""
    entries = [json.loads(path.read_text()) for path in sorted((site.cache / "v1" / "recipes").rglob("*.json"))]
    video = next(e["blobs"]["video"] for e in entries if e["kind"] == "clip" and not e["labels"].get("generated"))
    return site.cache / "v1" / "blobs" / "sha256" / video[:2] / video


def test_store_stats_count(greenroom: Greenroom):
    plain, document = greenroom("store", "stats"), greenroom("store", "stats", "--json").document

    assert plain.code == 0
    assert re.search(r"^ +clips  \d\d", plain.out, re.MULTILINE)
    assert document["clips"] >= 10
    assert document["size_bytes"] > 100_000


def test_store_verify_finds_a_changed_byte_and_warm_mends_it(greenroom: Greenroom, copy):
    assert greenroom("store", "verify", site=copy).code == 0
    video = a_catalog_film(copy)
    video.chmod(0o644)
    video.write_bytes(video.read_bytes()[:-1] + b"x")

    told = greenroom("store", "verify", "--json", site=copy)

    assert told.code == 1
    assert video.name in told.out
    assert greenroom("plan", "--json", site=copy).document["counts"]["new"] == 1
    assert greenroom("warm", site=copy).code == 0
    mended = greenroom("store", "verify", "--json", site=copy)
    assert (mended.document["corrupt"], mended.document["missing"]) == ([], [])
    assert "quarantine" in mended.err
    for aside in copy.cache.rglob("quarantine/*"):
        aside.unlink()
    assert greenroom("store", "verify", site=copy).code == 0


def test_store_gc_keeps_what_the_catalog_uses(greenroom: Greenroom, copy):
    reword(copy, "All dogs are welcome.")

    dry = greenroom("store", "gc", "--dry-run", "--grace-days", "0", "--json", site=copy).document
    real = greenroom("store", "gc", "--grace-days", "0", "--json", site=copy).document

    assert dry["dry_run"]
    assert len(dry["entries"]) >= 2  # the clip and its sound
    assert sorted(dry["entries"]) == sorted(real["entries"])
    assert greenroom("plan", "--json", site=copy).document["counts"]["unchanged"] == 14
    assert greenroom("store", "verify", site=copy).code == 0


def test_store_gc_collects_nothing_while_the_catalog_is_broken(greenroom: Greenroom, copy):
    write_file(copy.catalog / "catalog.yaml", "name: [")

    told = greenroom("store", "gc", "--grace-days", "0", site=copy)

    assert told.code == 1
    assert "(catalog_invalid)" in told.err
    assert greenroom("store", "stats", "--json", site=copy).document["clips"] >= 10


def test_store_copy_goes_to_another_folder_and_back_to_nothing_new(greenroom: Greenroom, warmed_site: Site, tmp_path):
    there = str(tmp_path / "there")

    first = greenroom("store", "copy", str(warmed_site.cache), there, "--json", site=None).document
    again = greenroom("store", "copy", str(warmed_site.cache), there, "--verify", "--json", site=None).document

    assert first["ok"]
    assert first["copied_entries"] == first["entries"] >= 10
    assert (again["copied_entries"], again["copied_blobs"], again["blobs"]) == (0, 0, first["blobs"])
    assert greenroom("store", "verify", "--cache", there, site=None).code == 0


def test_store_copy_from_nowhere_is_refused_and_makes_nothing(greenroom: Greenroom, tmp_path):
    told = greenroom("store", "copy", str(tmp_path / "nowhere"), str(tmp_path / "there"), site=None)

    assert told.code == Status.STORAGE
    assert "Expected a store at" in told.err
    assert list(tmp_path.iterdir()) == []


def test_store_in_a_bucket_that_is_not_one_is_refused(greenroom: Greenroom):
    told = greenroom("store", "stats", "--cache", "s3://", site=None)

    assert told.code == 1
    assert "s3://clips/museum" in told.err
