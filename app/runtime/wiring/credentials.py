"""Content Credentials of a site: its signer, and the reader that trusts its anchors."""

from pathlib import Path
from typing import TYPE_CHECKING

from app.errors import CredentialsError
from app.rendering.media.credentials import CredentialsReader, CredentialsSigner
from app.runtime.settings.site import Settings
from app.runtime.wiring.late import late

if TYPE_CHECKING:
    from app.adapters.media.signing_certificate import SigningCertificate


def open_signer(settings: Settings) -> CredentialsSigner:
    """Return the signer; its certificate is read, or made, when the first file is signed."""

    def signer() -> CredentialsSigner:
        from app.adapters.media.content_credentials import C2paSigner  # noqa: PLC0415 - certificates

        return C2paSigner(lambda: signing_certificate(settings))

    return late(signer)


def signing_certificate(settings: Settings) -> "SigningCertificate":
    """Return the site's own certificate, else the development certificate of this computer.

    Raises:
        CredentialsError: it cannot be used.
    """
    from app.adapters.media.signing_certificate import development_certificate, site_certificate  # noqa: PLC0415

    if settings.signing_certificate:
        return site_certificate(Path(settings.signing_certificate), Path(settings.signing_key))
    return development_certificate(settings.models_dir.expanduser() / "credentials")


def open_reader(anchors: Path | None = None) -> CredentialsReader:
    """Return the reader; `anchors` is a PEM file with the certificates to trust.

    Raises:
        CredentialsError: the file cannot be read.
    """
    from app.adapters.media.content_credentials import C2paReader  # noqa: PLC0415 - certificates

    try:
        return C2paReader(anchors.read_text() if anchors else "")
    except (OSError, UnicodeDecodeError) as error:
        raise CredentialsError(f"Cannot read the anchors in `{anchors}`; name a PEM file of certificates.") from error
