"""Whom we trust, and as whom we show ourselves, when we connect to a server."""

import ssl
from functools import cache

import httpx

from services.registry.sources.ss12000.config import ServerConfig
from services.registry.sources.ss12000.failures import FeedFailed


def context(server: ServerConfig) -> ssl.SSLContext:
    """Return the context for a server's connections, its token's included. Blocks on files, which are read anew
    each time so that certificates may be rotated. Raises FeedFailed when they cannot be used."""
    if server.ca_file is None and server.client_certificate_file is None:
        return _public()
    try:
        made = httpx.create_ssl_context() if server.ca_file is None else _of_authority(server)
        if server.client_certificate_file is not None:
            # A password is never asked for: a key that has one is refused.
            made.load_cert_chain(server.client_certificate_file, server.client_key_file, password="")
    except (OSError, ValueError):  # ssl.SSLError is an OSError
        raise FeedFailed("tls", "certificate_unusable") from None
    return made


@cache
def _public() -> ssl.SSLContext:
    """The authorities that everybody trusts; reading them takes longer than a small reading."""
    return httpx.create_ssl_context()


def _of_authority(server: ServerConfig) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=server.ca_file)
