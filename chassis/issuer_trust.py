"""Whose tokens a process may believe in, by its settings alone. Pure; asked before anything starts."""

from collections.abc import Iterator, Mapping
from typing import Any

DEVELOPMENT_ISSUER = "uppsok-local"  # of deploy/local, whose key lies in a developer's folder


def distrusted(settings: Mapping[str, Any]) -> Iterator[str]:
    """Yield what stands in the way of believing the configured issuer, each naming its variable.

    ``settings``: the fields of `chassis.settings.Settings` by name.
    """
    sources = [name for name in ("jwks_file", "jwks_url", "token_discovery") if settings[name]]
    if len(sources) > 1:
        yield f"{' and '.join(map(_variable, sources))}: the issuer's keys come from one place"
    if settings["token_keys_max_age_seconds"] < settings["token_keys_refresh_seconds"]:
        yield "UPPSOK_TOKEN_KEYS_MAX_AGE_SECONDS is shorter than UPPSOK_TOKEN_KEYS_REFRESH_SECONDS"
    yield from _service_login(settings)
    if settings["environment"] != "production":
        return
    if settings["token_issuer"] == DEVELOPMENT_ISSUER:
        yield "UPPSOK_TOKEN_ISSUER: the development issuer's tokens are not for production"
    for name in ("token_issuer", "jwks_url", "service_token_url"):
        if settings[name] and not settings[name].startswith("https://"):
            yield f"{_variable(name)} must begin with https:// in production"
    if (settings["jwks_url"] or settings["token_discovery"]) and not settings["claims_file"]:
        yield "UPPSOK_CLAIMS_FILE is not set: an identity provider's claims are not roles (docs/login.md)"


def _service_login(settings: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with how this process gets its own tokens."""
    proofs = [name for name in ("service_client_secret_file", "service_client_key_file") if settings[name]]
    if not settings["service_token_url"]:
        for name in (*proofs, "service_client_id", "service_client_key_id", "service_token_scope"):
            if settings[name]:
                yield f"{_variable(name)} is set, and UPPSOK_SERVICE_TOKEN_URL is not"
        return
    if settings["service_token_file"]:
        yield "UPPSOK_SERVICE_TOKEN_FILE and UPPSOK_SERVICE_TOKEN_URL: a service's tokens come from one place"
    if not settings["service_client_id"]:
        yield "UPPSOK_SERVICE_CLIENT_ID is not set: the token endpoint must know who asks"
    if len(proofs) != 1:
        yield "UPPSOK_SERVICE_CLIENT_SECRET_FILE or UPPSOK_SERVICE_CLIENT_KEY_FILE: one of them is needed"


def _variable(name: str) -> str:
    return f"UPPSOK_{name.upper()}"
