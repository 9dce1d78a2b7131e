"""Tokens for the tests, signed by the local stack's issuer with a key of this test process."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from deploy.local.dev_tokens import AUDIENCE, DAY, ISSUER, DevTokens

AuthEnv = dict[str, str]


class TokenIssuer:
    def __init__(self) -> None:
        self.issuer = DevTokens.new()

    def token(
        self,
        role: str,
        districts: Sequence[str] = (),
        subject: str = "test",
        *,
        valid: timedelta = DAY,
        units: Sequence[str] = (),
    ) -> str:
        return self.issuer.token(role, districts, subject=subject, valid=valid, units=units)


def auth_files(tokens: TokenIssuer, folder: Path) -> AuthEnv:
    """Write the key set and a service token below ``folder``; return the variables that point at them."""
    jwks, service_token = folder / "jwks.json", folder / "service-token"
    jwks.write_text(tokens.issuer.jwks())
    service_token.write_text(tokens.token("service", subject="test-service"))
    return {
        "UPPSOK_ENVIRONMENT": "test",  # the default is production, which does not believe this issuer
        "UPPSOK_JWKS_FILE": str(jwks),
        "UPPSOK_TOKEN_ISSUER": ISSUER,
        "UPPSOK_TOKEN_AUDIENCE": AUDIENCE,
        "UPPSOK_SERVICE_TOKEN_FILE": str(service_token),
    }
