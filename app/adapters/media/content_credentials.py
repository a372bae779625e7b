"""Content Credentials with c2pa-python: sign a finished file in place, and verify one.

The library is loaded when the first file is signed or read: it is large, and a server that only plays needs none.
"""

import asyncio
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from app.adapters.media.signing_certificate import DEVELOPMENT, SigningCertificate
from app.errors import CredentialsError
from app.rendering.media.credentials import CredentialsReport, FileSignature, ProvenanceClaim
from app.store.disk_errors import raise_if_full

_SOURCE_TYPES: Final = "http://cv.iptc.org/newscodes/digitalsourcetype/"
_RENDER: Final = "app.greenroom.render"
"""Label of the assertion with the digests of recipe, portrait and consent."""

_FORMATS: Final = {".mp4": "video/mp4", ".m4v": "video/mp4", ".mov": "video/quicktime", ".jpg": "image/jpeg",
                   ".jpeg": "image/jpeg", ".png": "image/png", ".webp": "image/webp", ".wav": "audio/wav"}  # fmt: skip
_OTHER: Final = "application/octet-stream"
"""What the library is told of a format that cannot hold a manifest: it hashes the bytes as they are."""

_READ_AGAIN: Final = timedelta(hours=1)
"""A certificate that ends within this time is read anew: a server that runs for months meets its successor."""

_PLAIN: Final = {"builder": {"thumbnail": {"enabled": False}}}
"""Without a thumbnail of the file inside its manifest: making one takes 95 ms, and a poster grows by 90 KB."""

_UNTRUSTED: Final = "signingCredential.untrusted"


@dataclass
class C2paSigner:
    """The `CredentialsSigner` port. `certificate` is asked for once, at the first file."""

    certificate: Callable[[], SigningCertificate]
    _loaded: SigningCertificate | None = field(default=None, init=False, repr=False)
    _checked: bool = field(default=False, init=False)

    async def check(self) -> None:
        """Sign an empty picture once: only then is it sure that the library takes the certificate."""
        await asyncio.to_thread(self._certificate)
        if not self._checked:
            await asyncio.to_thread(self._try)
            self._checked = True

    async def sign(self, file: Path, claim: ProvenanceClaim, *, parent: Path | None = None) -> FileSignature:
        """Sign into a second file, and put it in the place of the first when it is whole."""
        return await asyncio.to_thread(self._sign, file, claim, parent)

    def _certificate(self) -> SigningCertificate:
        if self._loaded is None or self._loaded.ends_at < datetime.now(UTC) + _READ_AGAIN:
            self._loaded, self._checked = self.certificate(), False
        return self._loaded

    def _try(self) -> None:
        claim = ProvenanceClaim("check", "none", "0", None, "", "", "")
        self._signed(_manifest(claim, _OTHER, edited=False), _OTHER, io.BytesIO(b"check"), io.BytesIO(), None)

    def _sign(self, file: Path, claim: ProvenanceClaim, parent: Path | None) -> FileSignature:
        media_type = _FORMATS.get(file.suffix.lower(), _OTHER)
        origin = parent if parent is not None and _has_manifest(parent) else None
        manifest = _manifest(claim, media_type, edited=origin is not None)
        signed = file.with_name(f"{file.stem}.signed{file.suffix}")
        try:
            with file.open("rb") as source, signed.open("w+b") as target:
                sidecar = self._signed(manifest, media_type, source, target, origin)
            if media_type != _OTHER:  # else the bytes stay as they are, and the manifest lies beside them
                signed.replace(file)
        except OSError as error:
            raise_if_full(error)
            raise CredentialsError(f"Cannot sign `{file.name}`: {error}.") from error
        finally:
            signed.unlink(missing_ok=True)
        certificate = self._certificate()
        return FileSignature(certificate.signer, certificate.development, sidecar if media_type == _OTHER else None)

    def _signed(
        self, manifest: Mapping[str, Any], media_type: str, source: Any, target: Any, parent: Path | None
    ) -> bytes:
        """Write the signed file, or read it through where nothing is embedded; return the manifest's bytes."""
        from c2pa import Builder, C2paError, C2paSignerInfo, Context, Settings, Signer  # noqa: PLC0415

        chosen = self._certificate()
        info = C2paSignerInfo(alg=chosen.algorithm, sign_cert=chosen.chain_pem, private_key=chosen.key_pem, ta_url=None)
        try:
            with (
                Settings.from_dict(_PLAIN) as settings,
                Context(settings) as context,
                Signer.from_info(info) as signer,
                Builder(json.dumps(manifest), context) as builder,
            ):
                if media_type == _OTHER:
                    builder.set_no_embed()
                if parent is not None:
                    with parent.open("rb") as delivered:
                        ingredient = {"title": "as delivered", "relationship": "parentOf", "label": "delivered"}
                        builder.add_ingredient(json.dumps(ingredient), media_type, delivered)
                return bytes(builder.sign(signer, media_type, source, target))
        except C2paError as error:
            raise CredentialsError(
                f"Cannot sign with the certificate of {chosen.signer!r}: {str(error)[:300]}. It must be valid today "
                "and have an extended key usage such as e-mail protection; see docs/reference/credentials.md."
            ) from error


@dataclass(frozen=True, slots=True)
class C2paReader:
    """The `CredentialsReader` port. `anchors_pem` are the certificates that it trusts, none by default."""

    anchors_pem: str = ""

    async def read(self, file: Path, *, sidecar: bytes | None = None) -> CredentialsReport:
        """Verify in a thread; every byte of the file is hashed."""
        return await asyncio.to_thread(self._read, file, sidecar)

    def _read(self, file: Path, sidecar: bytes | None) -> CredentialsReport:
        from c2pa import C2paError, Context, Reader, Settings  # noqa: PLC0415

        media_type = _FORMATS.get(file.suffix.lower(), _OTHER)
        try:
            with (
                Settings.from_dict(self._trust()) as settings,
                Context(settings) as context,
                file.open("rb") as stream,
                Reader(media_type, stream, sidecar, context) as reader,
            ):
                return _report(json.loads(reader.json()), sidecar=sidecar is not None)
        except C2paError.ManifestNotFound:
            return CredentialsReport(found=False)
        except C2paError.NotSupported:
            return CredentialsReport(found=False)
        except C2paError as error:
            raise CredentialsError(
                f"Expected a media file, got `{file.name}`, which cannot be read: {str(error)[:300]}."
            ) from error

    def _trust(self) -> dict[str, Any]:
        if not self.anchors_pem:
            return {}
        return {"trust": {"user_anchors": self.anchors_pem}, "verify": {"verify_trust": True}}


def _manifest(claim: ProvenanceClaim, media_type: str, *, edited: bool) -> dict[str, Any]:
    agent = {"name": claim.renderer, "version": claim.renderer_version}
    source = _SOURCE_TYPES + claim.source_type
    created: dict[str, Any] = {"action": "c2pa.created", "digitalSourceType": source, "softwareAgent": agent}
    opened = {"action": "c2pa.opened", "parameters": {"ingredientIds": ["delivered"]}}
    steps = [opened, {"action": "c2pa.edited", "digitalSourceType": source, "softwareAgent": agent}]
    render = {
        "recipe": claim.recipe_key,
        "portrait": claim.portrait,
        "consent": claim.consent,
        "renderer": claim.renderer,
        "renderer_version": claim.renderer_version,
        "model": claim.model or "",
    }
    return {
        "claim_generator_info": [{"name": "Greenroom", "version": version("greenroom")}],
        "title": claim.title,
        "format": media_type,
        "assertions": [
            {"label": "c2pa.actions.v2", "data": {"actions": steps if edited else [created]}},
            {"label": _RENDER, "data": render},
        ],
    }


def _has_manifest(file: Path) -> bool:
    from c2pa import C2paError, Reader  # noqa: PLC0415

    media_type = _FORMATS.get(file.suffix.lower(), _OTHER)
    try:
        with file.open("rb") as stream, Reader(media_type, stream):
            return True
    except C2paError:
        return False


def _report(found: Mapping[str, Any], *, sidecar: bool) -> CredentialsReport:
    manifest = found["manifests"][found["active_manifest"]]
    problems = tuple(dict.fromkeys(str(one["code"]) for one in found.get("validation_status", ())))
    assertions = {one["label"].partition("__")[0]: one["data"] for one in manifest.get("assertions", ())}
    actions = [one for label, data in assertions.items() if label.startswith("c2pa.actions") for one in data["actions"]]
    source = next((one["digitalSourceType"] for one in actions if one.get("digitalSourceType")), "")
    signature, tools = manifest.get("signature_info") or {}, manifest.get("claim_generator_info") or [{}]
    signer = str(signature.get("issuer") or signature.get("common_name") or "")
    return CredentialsReport(
        found=True,
        intact=found.get("validation_state") in {"Valid", "Trusted"},
        trusted=found.get("validation_state") == "Trusted",
        development=signer == DEVELOPMENT,
        sidecar=sidecar,
        signer=signer,
        tool=" ".join(str(tools[0].get(key, "")) for key in ("name", "version")).strip(),
        source_type=source.removeprefix(_SOURCE_TYPES),
        render={key: str(value) for key, value in assertions.get(_RENDER, {}).items() if value} or None,
        ingredients=tuple(str(one.get("title", "")) for one in manifest.get("ingredients", ())),
        problems=tuple(code for code in problems if code != _UNTRUSTED),
    )
