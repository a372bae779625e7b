"""Signing certificate of Content Credentials: the site's own, or one for development that is made at first use.

The profile is that of the C2PA specification (certificates): a leaf that may sign and has an extended key usage,
under an authority that is another certificate. A self-signed leaf is not accepted everywhere.
"""

import os
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from app.errors import CredentialsError

DEVELOPMENT: Final = "Greenroom development, not trusted"
"""Organisation in the development certificate: readers show it, so nobody takes it for a site's own."""

_LIFE: Final = timedelta(days=825)
_RENEWED_BEFORE: Final = timedelta(days=30)
_CURVES: Final = {"secp256r1": b"es256", "secp384r1": b"es384", "secp521r1": b"es512"}


@dataclass(frozen=True, slots=True)
class SigningCertificate:
    """Certificate chain and private key, both PEM; `algorithm` as C2PA names it."""

    chain_pem: bytes
    key_pem: bytes
    algorithm: bytes
    signer: str
    ends_at: datetime
    development: bool


def site_certificate(chain: Path, key: Path) -> SigningCertificate:
    """Read a site's own certificate chain (leaf first) and its private key.

    Raises:
        CredentialsError: a file cannot be read, is no PEM, or the key is not the leaf's.
    """
    try:
        return _certificate(chain.read_bytes(), key.read_bytes())
    except OSError as error:
        raise CredentialsError(
            f"Cannot read `{error.filename}`: {error.strerror}. Set GREENROOM_SIGNING_CERTIFICATE and "
            "GREENROOM_SIGNING_KEY to two PEM files, or leave both empty."
        ) from error
    except (ValueError, TypeError) as error:
        raise CredentialsError(
            f"Expected a PEM certificate chain in `{chain}` and its key without a password in `{key}`: {error}"
        ) from error


def development_certificate(folder: Path, *, now: datetime | None = None) -> SigningCertificate:
    """Return this computer's development certificate; it is made at first use, and anew when it is about to end.

    Raises:
        CredentialsError: the folder cannot be written.
    """
    moment = now or datetime.now(UTC)
    file = folder / "development.pem"
    try:
        if not file.exists() or _read_both(file).ends_at < moment + _RENEWED_BEFORE:
            _write_once(file, _new_chain(moment))
        return _read_both(file)
    except (OSError, ValueError) as error:
        raise CredentialsError(
            f"Cannot use the development certificate `{file}`: {error}. Delete the file, or set "
            "GREENROOM_SIGNING_CERTIFICATE and GREENROOM_SIGNING_KEY."
        ) from error


def _read_both(file: Path) -> SigningCertificate:
    content = file.read_bytes()
    return _certificate(content, content)


def _certificate(chain: bytes, key: bytes) -> SigningCertificate:
    certificates = x509.load_pem_x509_certificates(chain)
    private = serialization.load_pem_private_key(key, password=None)
    leaf = certificates[0]
    if leaf.public_key() != private.public_key():
        raise ValueError("the key is not that of the first certificate.")
    organisation = _named(leaf, NameOID.ORGANIZATION_NAME)
    return SigningCertificate(
        chain_pem=b"".join(one.public_bytes(serialization.Encoding.PEM) for one in certificates),
        key_pem=private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
        algorithm=_algorithm(private),
        signer=organisation or _named(leaf, NameOID.COMMON_NAME),
        ends_at=leaf.not_valid_after_utc,
        development=organisation == DEVELOPMENT,
    )


def _named(certificate: x509.Certificate, oid: x509.ObjectIdentifier) -> str:
    return next((str(one.value) for one in certificate.subject.get_attributes_for_oid(oid)), "")


def _algorithm(key: object) -> bytes:
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name in _CURVES:
        return _CURVES[key.curve.name]
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return b"ed25519"
    if isinstance(key, rsa.RSAPrivateKey):
        return b"ps256"
    raise ValueError("expected a key on P-256, P-384 or P-521, Ed25519 or RSA.")


def _new_chain(now: datetime) -> bytes:
    root_key, leaf_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root = _signed("Root", "Root", root_key.public_key(), root_key, now)
    leaf = _signed("Clips", "Root", leaf_key.public_key(), root_key, now)
    pem = serialization.Encoding.PEM
    secret = leaf_key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return leaf.public_bytes(pem) + root.public_bytes(pem) + secret


def _signed(
    subject: str, issuer: str, key: ec.EllipticCurvePublicKey, signing: ec.EllipticCurvePrivateKey, now: datetime
) -> x509.Certificate:
    """Sign a certificate; it is an authority if it is its own issuer."""
    authority = subject == issuer
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + _LIFE)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(_usage(authority=authority), critical=True)
    )
    if not authority:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
    return builder.sign(signing, hashes.SHA256())


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def _name(common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, DEVELOPMENT),
            x509.NameAttribute(NameOID.COMMON_NAME, f"Greenroom development {common}"),
        ]
    )


def _write_once(file: Path, content: bytes) -> None:
    """Write for the owner's eyes only, whole or not at all: several processes may make it at once."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=".development-")
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(content)
        Path(name).replace(file)
    finally:
        Path(name).unlink(missing_ok=True)
