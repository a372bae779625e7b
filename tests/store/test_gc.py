from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.digest import Digest, digest_bytes, digest_json
from app.store.gc import plan_sweep, referenced
from app.store.labels import Labels
from app.store.ports import BlobFacts, Entry

NOW = datetime(2026, 6, 1, tzinfo=UTC)
GRACE = timedelta(days=7)
BLOBS = [digest_bytes(bytes([number])) for number in range(6)]


def an_entry(name: str, *, age: timedelta, blobs: list[Digest], speech: Digest | None = None) -> Entry:
    recipe = {"name": name, "speech": speech}
    return Entry(
        key=digest_json(recipe),
        kind="clip",
        recipe=recipe,
        labels=Labels(),
        blobs={str(number): digest for number, digest in enumerate(blobs)},
        media={},
        created_at=NOW - age,
    )


def a_blob(digest: Digest, *, age: timedelta) -> BlobFacts:
    return BlobFacts(digest=digest, size_bytes=10, stored_at=NOW - age)


ages = st.integers(0, 20).map(lambda days: timedelta(days=days))
entries = st.lists(
    st.builds(an_entry, st.text(max_size=3), age=ages, blobs=st.lists(st.sampled_from(BLOBS))), max_size=6
)
blobs = st.lists(st.builds(a_blob, st.sampled_from(BLOBS), age=ages), unique_by=lambda facts: facts.digest)


@given(entries, blobs, st.data())
def test_nothing_needed_or_young_is_ever_swept(found: list[Entry], held: list[BlobFacts], data: st.DataObject) -> None:
    pinned = {entry.key for entry in found if data.draw(st.booleans())}

    sweep = plan_sweep(found, held, pinned=pinned, now=NOW, grace=GRACE)

    going = {entry.key for entry in sweep.entries}
    staying = [entry for entry in found if entry.key not in going]
    assert not going & pinned
    assert all(entry.created_at <= NOW - GRACE for entry in sweep.entries)
    assert not {facts.digest for facts in sweep.blobs} & referenced(staying)
    assert all(facts.stored_at <= NOW - GRACE for facts in sweep.blobs)
    assert sweep.kept_entries + len(sweep.entries) == len(found)
    assert sweep.kept_blobs + len(sweep.blobs) == len(held)
    assert sweep.freed_bytes == 10 * len(sweep.blobs)


def test_everything_old_and_unused_goes_oldest_first() -> None:
    old, older = (an_entry(name, age=timedelta(days=age), blobs=[]) for name, age in (("old", 8), ("older", 9)))
    held = [a_blob(BLOBS[0], age=timedelta(days=8)), a_blob(BLOBS[1], age=timedelta(days=9))]

    sweep = plan_sweep([old, older], held, pinned=(), now=NOW, grace=GRACE)

    assert sweep.entries == (older, old)
    assert [facts.digest for facts in sweep.blobs] == [BLOBS[1], BLOBS[0]]


def test_grace_ends_on_the_second() -> None:
    just_over = an_entry("over", age=GRACE, blobs=[])
    just_under = an_entry("under", age=GRACE - timedelta(seconds=1), blobs=[])

    sweep = plan_sweep([just_over, just_under], [], pinned=(), now=NOW, grace=GRACE)

    assert sweep.entries == (just_over,)


def test_voice_of_a_young_clip_stays() -> None:
    voice = an_entry("voice", age=timedelta(days=90), blobs=[BLOBS[0]])
    clip = an_entry("clip", age=timedelta(0), blobs=[BLOBS[1]], speech=voice.key)

    sweep = plan_sweep([voice, clip], [a_blob(BLOBS[0], age=timedelta(days=90))], pinned=(), now=NOW, grace=GRACE)

    assert (sweep.entries, sweep.blobs) == ((), ())


def test_a_rendition_stays_and_goes_with_its_clip() -> None:
    old = GRACE + timedelta(days=1)
    kept, gone = an_entry("kept", age=old, blobs=BLOBS[:1]), an_entry("gone", age=old, blobs=BLOBS[1:2])
    smaller = [
        replace(
            an_entry(f"of {clip.recipe['name']}", age=old, blobs=[blob]), kind="rendition", recipe={"clip": clip.key}
        )
        for clip, blob in zip((kept, gone), BLOBS[2:4], strict=True)
    ]
    held = [a_blob(blob, age=old) for blob in BLOBS[:4]]

    sweep = plan_sweep([kept, gone, *smaller], held, pinned={kept.key}, now=NOW, grace=GRACE)

    assert {entry.key for entry in sweep.entries} == {gone.key, smaller[1].key}
    assert {facts.digest for facts in sweep.blobs} == {BLOBS[1], BLOBS[3]}
