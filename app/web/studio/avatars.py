"""Avatars and consent: who is seen, what they agreed to, one frame before filming, and the withdrawal."""

from fastapi import Response

from app.digest import Digest
from app.errors import NotFoundError
from app.rendering.media.consent import covers, withdrawal, withdrawn_faces
from app.runtime.commands.replacing import replacement
from app.runtime.commands.samples import one_frame
from app.web.studio.access import Operating, Viewing, Visit
from app.web.studio.pages import page, studio_router, to

router = studio_router()


@router.get("/avatars")
async def avatars(visit: Viewing) -> Response:
    """Show the avatar that is served, and its consent."""
    container = visit.container
    avatar, today = container.catalog.avatar, container.clock.now().date()
    withdrawn = await withdrawn_faces(container.audit)
    locales = container.catalog.locales
    covered = {locale: covers(avatar, locale=locale, today=today) for locale in locales}
    return page(
        visit,
        "avatars",
        here="avatars",
        avatar=avatar,
        locales=locales,
        silent=[locale for locale in locales if avatar.voice_of(locale) is None],
        covered=covered,
        withdrawn=withdrawn,
        since=withdrawn.get(Digest(avatar.portrait_digest)),
    )


@router.get("/avatars/frame.jpg")
async def frame(visit: Viewing) -> Response:
    """Paint one frame in the middle of a word."""
    settings = visit.container.site.settings
    async with visit.web.editing:  # a painter takes a core for a moment
        picture = await one_frame(visit.container.catalog.avatar, models_dir=settings.models_dir.expanduser())
    return Response(picture, headers={"cache-control": "private, max-age=600"}, media_type="image/jpeg")


@router.post("/avatars/consent/price")
async def price(visit: Operating) -> Response:
    """Say what a withdrawal would take from visitors, before it is done."""
    face = _face(visit)
    taken = await replacement(visit.container.site.settings, {face})
    return page(visit, "withdraw", here="avatars", avatar=visit.container.catalog.avatar, face=face, taken=taken)


@router.post("/avatars/consent/withdraw")
async def withdraw(visit: Operating) -> Response:
    """Withdraw the consent for a face: within seconds no node plays or renders it."""
    return await _change(visit, restored=False)


@router.post("/avatars/consent/restore")
async def restore(visit: Operating) -> Response:
    """Record that consent was given again."""
    return await _change(visit, restored=True)


async def _change(visit: Visit, *, restored: bool) -> Response:
    container, face = visit.container, _face(visit)
    if (face in await withdrawn_faces(container.audit)) is restored:
        act = withdrawal(face, by=visit.caller.actor, at=container.clock.now(), restored=restored)
        await container.audit.append(act)
        await container.site.withdrawals.read()
    return to(visit, "avatars", done="restored" if restored else "withdrawn")


def _face(visit: Visit) -> Digest:
    """Return the face that the form names: the served one, or one that is withdrawn.

    Raises:
        NotFoundError: it is neither.
    """
    named = visit.text("face")
    known = {visit.container.catalog.avatar.portrait_digest, *visit.container.site.withdrawals.faces}
    if named not in known:
        raise NotFoundError("Expected the face of this page, got another one; load the page again.")
    return Digest(named)
