from datetime import UTC, date, datetime

import pytest

from app.audit import MemoryAudit
from app.catalog.terms import Consent
from app.errors import ConsentMissingError
from app.rendering.media.consent import ConsentCheck, ConsentedRecipes, check_consent, withdrawal, withdrawn_faces
from app.store.labels import Labels
from tests.support.render_world import RenderWorld, an_avatar

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    "consent",
    [
        Consent(subject="Mira", kind="synthetic"),
        Consent(subject="Ada", kind="person", evidence="ada.pdf", locales=("de", "en"), until=TODAY),
    ],
)
@pytest.mark.parametrize("locale", ["en", "de-AT", ""], ids=["en", "de-AT", "no words"])
def test_a_covering_record_passes(tmp_path, consent, locale):
    check_consent(an_avatar(tmp_path, consent=consent), locale=locale, today=TODAY)


@pytest.mark.parametrize(
    ("consent", "told"),
    [
        (None, "has no `consent` record"),
        (Consent(subject="Ada", kind="person", evidence="a.pdf", until=date(2026, 11, 21)), "ended on 2026-11-21"),
        (Consent(subject="Ada", kind="person"), "names no evidence"),
        (
            Consent(subject="Ada", kind="person", evidence="a.pdf", locales=("de-AT", "fr")),
            "covers de-AT, fr, not 'en'",
        ),
    ],
)
def test_anything_less_is_refused(tmp_path, consent, told):
    with pytest.raises(ConsentMissingError, match=told):
        check_consent(an_avatar(tmp_path, consent=consent), locale="en", today=TODAY)


def test_consent_for_english_is_not_consent_for_enochian(tmp_path):
    consent = Consent(subject="Ada", kind="synthetic", locales=("en",))

    with pytest.raises(ConsentMissingError):
        check_consent(an_avatar(tmp_path, consent=consent), locale="eno", today=TODAY)


@pytest.fixture
def audit():
    return MemoryAudit()


def a_desk(audit, day=22):
    return ConsentCheck(audit, lambda: datetime(2026, 11, day, 12, tzinfo=UTC))


def told(audit):
    return [(row.act.action, row.act.subject, dict(row.act.details)) for row in audit.rows]


async def test_the_first_use_of_a_record_is_told_once_a_renderer_and_locale(tmp_path, audit):
    avatar = an_avatar(tmp_path, consent=Consent(subject="Ada Lovelace", kind="person", evidence="ada.pdf"))
    desk, elsewhere = a_desk(audit), a_desk(audit, day=23)
    for one in (desk, desk, elsewhere):
        await one.check(avatar, locale="en", renderer="local")
    await desk.check(avatar, locale="en", renderer="fal")
    await desk.check(avatar, locale="de", renderer="fal")

    uses = [(details["locale"], details["renderer"], details["kind"]) for _, _, details in told(audit)]
    assert uses == [("en", "local", "person"), ("en", "fal", "person"), ("de", "fal", "person")]
    assert {action for action, _, _ in told(audit)} == {"consent.used"}
    assert "Lovelace" not in str(audit.rows)


async def test_another_record_is_another_first_use(tmp_path, audit):
    for until in (date(2026, 12, 1), date(2026, 12, 2)):
        consent = Consent(subject="Ada", kind="synthetic", until=until)
        await a_desk(audit).check(an_avatar(tmp_path, consent=consent), locale="en", renderer="local")

    assert len({details["record"] for _, _, details in told(audit)}) == 2


async def test_a_refusal_is_told_once_a_day(tmp_path, audit):
    avatar = an_avatar(tmp_path, consent=None)
    for day in (22, 22, 23):
        with pytest.raises(ConsentMissingError):
            await a_desk(audit, day).check(avatar, locale="en", renderer="fal")

    assert [(action, details["day"]) for action, _, details in told(audit)] == [
        ("consent.refused", "2026-11-22"),
        ("consent.refused", "2026-11-23"),
    ]


async def test_a_filmed_clip_tells_which_consent_it_used(tmp_path, audit):
    stage = RenderWorld(tmp_path)
    studio = stage.studio(audit=audit)
    wanted = studio.wanted(stage.avatar, text="Hello.", locale="en", labels=Labels())

    await studio.clip(wanted, avatar=stage.avatar)

    ((action, subject, details),) = told(audit)
    assert (action, subject) == ("consent.used", f"avatar {stage.avatar.id}")
    assert (details["locale"], details["renderer"]) == ("en", "fake")


async def take_back(audit, avatar, day=22, *, restored=False):
    at = datetime(2026, 11, day, 12, tzinfo=UTC)
    await audit.append(withdrawal(avatar.portrait_digest, by="ada@desk", at=at, restored=restored))


async def test_a_face_is_not_filmed_from_its_withdrawal_until_it_is_given_again(tmp_path, audit):
    avatar = an_avatar(tmp_path)
    desk = a_desk(audit)
    await desk.check(avatar, locale="en", renderer="fake")
    await take_back(audit, avatar)

    with pytest.raises(ConsentMissingError, match="withdrawn on 2026-11-22"):
        await desk.check(avatar, locale="en", renderer="fake")
    await take_back(audit, avatar, 23, restored=True)
    await desk.check(avatar, locale="en", renderer="fake")

    assert [action for action, *_ in told(audit)] == [
        "consent.used", "consent.withdrawn", "consent.refused", "consent.restored",
    ]  # fmt: skip
    assert await withdrawn_faces(audit) == {}


async def test_a_withdrawn_face_is_neither_given_out_nor_filmed_again_nor_taken_in(tmp_path, audit):
    stage, faces = RenderWorld(tmp_path), set()
    studio = stage.studio(audit=audit, recipes=ConsentedRecipes(stage.recipes, lambda: faces))
    wanted = studio.wanted(stage.avatar, text="Hello.", locale="en", labels=Labels())
    entry = await studio.clip(wanted, avatar=stage.avatar)

    faces.add(stage.avatar.portrait_digest)
    await take_back(audit, stage.avatar)

    assert await studio.stored(wanted) is None
    with pytest.raises(ConsentMissingError):
        await studio.clip(wanted, avatar=stage.avatar)
    with pytest.raises(ConsentMissingError):
        await studio.recipes.put(entry)
    assert stage.renderer.bill == (wanted.key,)
    assert await stage.recipes.get(wanted.key) == entry
