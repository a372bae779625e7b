"""Content Credentials of a site: its signer, and the reader that trusts its anchors."""

from pathlib import Path

from app.adapters.media.content_credentials import C2paReader, C2paSigner
from app.adapters.media.signing_certificate import SigningCertificate, development_certificate, site_certificate
from app.errors import CredentialsError
from app.runtime.settings.site import Settings


def open_signer(settings: Settings) -> C2paSigner:
    """Return the signer; its certificate is read, or made, when the first file is signed."""
    return C2paSigner(lambda: signing_certificate(settings))


def signing_certificate(settings: Settings) -> SigningCertificate:
    """Return the site's own certificate, else the development certificate of this computer.

    Raises:
        CredentialsError: it cannot be used.
    """
    if settings.signing_certificate:
        return site_certificate(Path(settings.signing_certificate), Path(settings.signing_key))
    return development_certificate(settings.models_dir.expanduser() / "credentials")


def open_reader(anchors: Path | None = None) -> C2paReader:
    """Return the reader; `anchors` is a PEM file with the certificates to trust.

    Raises:
        CredentialsError: the file cannot be read.
    """
    try:
        return C2paReader(anchors.read_text() if anchors else "")
    except (OSError, UnicodeDecodeError) as error:
        raise CredentialsError(f"Cannot read the anchors in `{anchors}`; name a PEM file of certificates.") from error
