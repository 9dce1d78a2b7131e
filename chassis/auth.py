"""Who is calling: a signed token (JWT), its subject, roles and districts. What they may do: `chassis.access`.

Issuer, audience, algorithm, type, key and times are always checked (RFC 7519, RFC 9068 section 4). Keys rotate
without a restart (`chassis.issuer_keys`). See docs/login.md.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any, TypeAlias

import jwt
from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from chassis.issuer_keys import ALGORITHMS, KeySource, key_source
from chassis.origin import set_origin
from chassis.problems import Problem
from chassis.settings import Settings

TYPES = ("jwt", "at+jwt")
LEEWAY = 30.0  # seconds that the issuer's clock may be ahead of ours; no token lives longer for it
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


Claims: TypeAlias = Mapping[str, Any]
CallerOf: TypeAlias = Callable[[Claims], Principal]


def own_claims(claims: Claims) -> Principal:
    """Return the caller that a token of our own development issuer tells of: roles and districts by our names."""
    return Principal(
        str(claims["sub"]),
        frozenset(claims.get("roles", ())),
        frozenset(claims.get("districts", ())),
        frozenset(claims.get("units", ())),
    )


class TokenVerifier:
    """Verifies bearer tokens with the settings of a process. ``caller_of`` reads the claims of a good one."""

    def __init__(
        self, settings: Settings, caller_of: CallerOf = own_claims, keys: KeySource | None = None
    ) -> None:
        keys = keys or key_source(settings)
        if keys is None:
            raise ValueError("UPPSOK_JWKS_FILE or UPPSOK_JWKS_URL is not set: tokens cannot be verified")
        self._keys, self._caller_of = keys, caller_of
        self._issuer, self._audience = settings.token_issuer, settings.token_audience

    async def verify(self, token: str) -> Principal:
        """Return the principal of a token.

        Raises a Problem: 401 that says what is wrong with it, 503 when the issuer's keys are not to be had,
        403 (of ``caller_of``) when it is good and its holder has no business here.
        """
        try:
            # The key first: one that has left the issuer's set ends what it has signed, whatever is remembered.
            key = await self._keys.key(_key_id(token))
            if key is None:
                raise _unauthorized("The token is signed with a key that its issuer does not have.")
            principal, expires = _verified(token, key, self._issuer, self._audience, self._caller_of)
        except jwt.ExpiredSignatureError:
            raise _expired() from None
        except jwt.ImmatureSignatureError:
            raise _unauthorized("The token is not valid yet.") from None
        except (jwt.InvalidTokenError, TypeError):
            raise _unauthorized("The token is not valid here.") from None
        if expires <= time.time():  # noqa: TID251 - a token expires by the real clock
            raise _expired()
        return principal


def _key_id(token: str) -> str:
    """Return the id of the key that a token says it is signed with. Raises InvalidTokenError."""
    header = jwt.get_unverified_header(token)
    kind = str(header.get("typ", "")).lower().removeprefix("application/")
    if kind not in TYPES or header.get("alg") not in ALGORITHMS or not isinstance(header.get("kid"), str):
        raise jwt.InvalidTokenError("the header is not one of an access token")
    return str(header["kid"])


# Checking a signature costs as much as reading a row, and a page asks several times with the same token.
@lru_cache(maxsize=1024)
def _verified(
    token: str, key: jwt.PyJWK, issuer: str, audience: str, caller_of: CallerOf
) -> tuple[Principal, float]:
    """Return whose token it is and when it expires (seconds of the epoch). Raises as PyJWT and ``caller_of``."""
    claims = jwt.decode(
        token,
        key,
        algorithms=[key.algorithm_name],  # the key's own: a token does not choose
        issuer=issuer,
        audience=audience,
        leeway=LEEWAY,
        options={"require": ["exp", "iss", "aud", "sub"]},
    )
    return caller_of(claims), float(claims["exp"])


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
    principal = await verifier.verify(credentials.credentials)
    if request.client is not None:
        set_origin(request.client.host)
    return principal
