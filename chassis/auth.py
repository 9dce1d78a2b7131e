"""Who is calling: a signed token (JWT), its subject, roles and districts. What they may do: `chassis.access`.

Tokens are verified against a JWKS file that is read again when it changes, so that a key can be
rotated without a restart. Issuer, audience, algorithm and expiry are always checked.
"""

import json
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

import jwt
from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from chassis.origin import set_origin
from chassis.problems import Problem
from chassis.settings import Settings

ALGORITHMS = ["ES256", "EdDSA", "RS256"]  # never HS*: a public key must not work as a secret
_bearer = HTTPBearer(auto_error=False, description="Local stack: `make token ROLE=local_coordinator`")


@dataclass(frozen=True, slots=True)
class Grant:
    """By which role somebody may do something, and how far that reaches."""

    role: str
    scope: str


@dataclass(frozen=True, slots=True)
class Principal:
    """The caller. ``districts`` empty means all districts (city-wide roles).

    ``units`` are codes of organisations that an outside caller speaks for; empty means none. ``grants`` are what
    they are granted for the action of the route (`chassis.access`); before that is known, nothing.
    """

    subject: str
    roles: frozenset[str]
    districts: frozenset[str]
    units: frozenset[str] = frozenset()
    grants: tuple[Grant, ...] = ()

    @property
    def role(self) -> str:
        """The role in which the caller acts, for the audit row: the first that is granted the action."""
        return self.grants[0].role if self.grants else "none"

    @property
    def scopes(self) -> frozenset[str]:
        return frozenset(grant.scope for grant in self.grants)

    def role_within(self, *scopes: str) -> str:
        """Return the role in which the caller acts on something that only these scopes reach."""
        return next((grant.role for grant in self.grants if grant.scope in scopes), self.role)


@lru_cache(maxsize=4)
def _keys(path: str, _modified: int) -> dict[str, Any]:
    jwks = jwt.PyJWKSet.from_dict(json.loads(Path(path).read_text()))
    return {str(key.key_id): key for key in jwks.keys}


class TokenVerifier:
    """Verifies bearer tokens with the settings of a process."""

    def __init__(self, settings: Settings) -> None:
        if settings.jwks_file is None:
            raise ValueError("UPPSOK_JWKS_FILE is not set: tokens cannot be verified")
        self._path, self._issuer, self._audience = (
            settings.jwks_file,
            settings.token_issuer,
            settings.token_audience,
        )

    def verify(self, token: str) -> Principal:
        """Return the principal of a token. Raises a 401 Problem that says what is wrong with it."""
        try:
            modified = self._path.stat().st_mtime_ns
            principal, expires = _verified(token, str(self._path), modified, self._issuer, self._audience)
        except jwt.ExpiredSignatureError:
            raise _expired() from None
        except (jwt.InvalidTokenError, KeyError):
            raise _unauthorized("The token is not valid here.") from None
        if expires <= time.time():  # noqa: TID251 - a token expires by the real clock
            raise _expired()
        return principal


# Checking a signature costs as much as reading a row, and a page asks several times with the same token.
@lru_cache(maxsize=1024)
def _verified(token: str, keys: str, modified: int, issuer: str, audience: str) -> tuple[Principal, float]:
    """Return whose token it is and when it expires (seconds of the epoch). Raises as PyJWT, or KeyError."""
    key = _keys(keys, modified)[jwt.get_unverified_header(token).get("kid", "")]
    claims = jwt.decode(
        token,
        key,
        algorithms=ALGORITHMS,
        issuer=issuer,
        audience=audience,
        options={"require": ["exp", "iss", "aud", "sub"]},
    )
    principal = Principal(
        str(claims["sub"]),
        frozenset(claims.get("roles", ())),
        frozenset(claims.get("districts", ())),
        frozenset(claims.get("units", ())),
    )
    return principal, float(claims["exp"])


def _expired() -> Problem:
    return _unauthorized("The token has expired; get a new one.")


def _unauthorized(detail: str) -> Problem:
    return Problem(401, "unauthorized", "A valid token is needed", detail, headers={"WWW-Authenticate": "Bearer"})


async def authenticate(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> Principal:
    """FastAPI dependency: the caller. Needs ``app.state.verifier`` (set by `chassis.http.create_app`)."""
    if credentials is None:
        raise _unauthorized("Send it as 'Authorization: Bearer <token>'.")
    verifier: TokenVerifier = request.app.state.verifier
    principal = verifier.verify(credentials.credentials)
    if request.client is not None:
        set_origin(request.client.host)
    return principal
