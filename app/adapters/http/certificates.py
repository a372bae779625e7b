"""Certificates that this computer trusts, loaded once a process: loading takes longer than a short request."""

import functools
import ssl

import httpx2 as httpx


@functools.cache
def trusted_certificates(*, trust_env: bool = True) -> ssl.SSLContext:
    """Return the TLS context of all clients; `trust_env` heeds SSL_CERT_FILE and SSL_CERT_DIR."""
    return httpx.create_ssl_context(trust_env=trust_env)
