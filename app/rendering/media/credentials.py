"""Content Credentials (C2PA): the claim that is signed into a clip's files, and the ports that sign and read it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from app.catalog.model import Avatar
from app.digest import Digest, digest_json
from app.rendering.plan.clips import WantedClip

SOURCE_TYPE = "trainedAlgorithmicMedia"
"""IPTC digital source type of media made by a model; the speech always is."""


@dataclass(frozen=True, slots=True)
class ProvenanceClaim:
    """Claim about a file's origin. It holds digests: no name and no word of a person goes out with a clip."""

    title: str
    renderer: str
    renderer_version: str
    model: str | None
    recipe_key: str
    portrait: str
    consent: str
    """Digest of the avatar's consent record; empty if it has none."""
    source_type: str = SOURCE_TYPE


@dataclass(frozen=True, slots=True)
class FileSignature:
    """Signature of a file: who signed, and the manifest where the file itself cannot hold it (`sidecar`)."""

    signer: str
    development: bool
    sidecar: bytes | None = None


@dataclass(frozen=True, slots=True)
class CredentialsReport:
    """Report on a file's Content Credentials.

    `problems` are C2PA's own status codes. A file is `intact` if its bytes and its manifest are as they were
    signed; it is `trusted` if, beyond that, the signer's certificate leads to an anchor that the reader trusts.
    """

    found: bool
    intact: bool = False
    trusted: bool = False
    development: bool = False
    sidecar: bool = False
    signer: str = ""
    tool: str = ""
    source_type: str = ""
    render: dict[str, str] | None = None
    ingredients: tuple[str, ...] = ()
    """Titles of the files that went into this one, such as a provider's video with credentials of its own."""
    problems: tuple[str, ...] = ()


class CredentialsSigner(Protocol):
    """Signer of finished files. Any later change of a file breaks its signature, so it comes last."""

    async def check(self) -> None:
        """Check the certificate, before a clip is paid for.

        Raises:
            CredentialsError: nothing can be signed with it.
        """
        ...

    async def sign(self, file: Path, claim: ProvenanceClaim, *, parent: Path | None = None) -> FileSignature:
        """Sign a file in place; a format that cannot hold a manifest stays as it is, and gets a sidecar.

        Credentials that `parent`, the file as it was delivered, brought along are kept inside the new ones.

        Raises:
            CredentialsError: it cannot be signed; the file is unchanged.
        """
        ...


class CredentialsReader(Protocol):
    """Reader that verifies a file's Content Credentials."""

    async def read(self, file: Path, *, sidecar: bytes | None = None) -> CredentialsReport:
        """Verify the file against the manifest inside it, else against a sidecar.

        Raises:
            CredentialsError: the manifest cannot be read at all.
        """
        ...


class NoSigner:
    """The `CredentialsSigner` port of tests that are about something else: it changes nothing."""

    async def check(self) -> None:
        """Accept."""

    async def sign(self, file: Path, claim: ProvenanceClaim, *, parent: Path | None = None) -> FileSignature:
        """Return an empty signature."""
        del file, claim, parent
        return FileSignature("", development=False)


def claim_of(wanted: WantedClip, avatar: Avatar) -> ProvenanceClaim:
    """Return the claim of a catalog's or a visitor's clip."""
    recipe, consent = wanted.recipe, avatar.consent
    return ProvenanceClaim(
        title=ai_note(avatar),
        renderer=recipe.renderer,
        renderer_version=str(recipe.renderer_version),
        model=recipe.model,
        recipe_key=str(wanted.key),
        portrait=str(avatar.portrait_digest),
        consent=digest_json(consent.model_dump(mode="json")) if consent else "",
    )


def ai_note(avatar: Avatar) -> str:
    """Return the note on a file's synthetic origin."""
    return f"{avatar.name} is an AI-generated presenter."


def origin_document(wanted: WantedClip, avatar: Avatar, video: Digest, signature: FileSignature) -> dict[str, Any]:
    """Return the provenance of a clip as JSON: whence its picture and words come, and who signed it."""
    consent, recipe, speech = avatar.consent, wanted.recipe, wanted.speech
    return {
        "schema": 1,
        "digital_source_type": SOURCE_TYPE,
        "video": video,
        "recipe_key": wanted.key,
        "recipe": recipe.document(),
        "speech": speech.document() if speech else None,
        "renderer": {"name": recipe.renderer, "version": recipe.renderer_version, "model": recipe.model},
        "avatar": avatar.id,
        "consent": consent.model_dump(mode="json", exclude_none=True) if consent else None,
        "credentials": {"signer": signature.signer, "development": signature.development},
    }
