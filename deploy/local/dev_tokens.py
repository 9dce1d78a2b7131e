"""The development token issuer: an ES256 key pair, its JWKS file, and tokens signed with it.

For the local stack and the tests only. In production tokens come from the city's identity provider,
and only its public keys are here.
"""

import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from jwt.algorithms import ECAlgorithm

from chassis.issuer_trust import DEVELOPMENT_ISSUER

ISSUER = DEVELOPMENT_ISSUER
AUDIENCE = "uppsok"
KEY_ID = "local-1"
DAY = timedelta(days=1)


class NotForProduction(Exception):
    """Tokens that anybody with this folder can sign open nothing in production."""


def refuse_in_production() -> None:
    """Raise NotForProduction where the environment says that this is production."""
    if os.environ.get("UPPSOK_ENVIRONMENT") == "production":
        raise NotForProduction("the development issuer does not start: UPPSOK_ENVIRONMENT says production")


class DevTokens:
    """Signs tokens with one key. Raises NotForProduction where the environment says production."""

    def __init__(self, key: ec.EllipticCurvePrivateKey) -> None:
        refuse_in_production()
        self._key = key

    @classmethod
    def new(cls) -> "DevTokens":
        return cls(ec.generate_private_key(ec.SECP256R1()))

    @classmethod
    def load_or_make(cls, file: Path) -> "DevTokens":
        """Return the issuer whose private key is in ``file`` (PEM); made, readable by us alone, if missing."""
        if not file.exists():
            key = cls.new()._key
            file.touch(mode=0o600)
            file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        loaded = load_pem_private_key(file.read_bytes(), password=None)
        if not isinstance(loaded, ec.EllipticCurvePrivateKey):
            raise TypeError(f"{file.name} does not hold an elliptic-curve key: delete it to get a new one")
        return cls(loaded)

    def jwks(self) -> str:
        """Return the JWKS document (JSON) with the public key. It says whose it is: production refuses it."""
        public: dict[str, Any] = ECAlgorithm(ECAlgorithm.SHA256).to_jwk(self._key.public_key(), as_dict=True)
        key = {**public, "kid": KEY_ID, "use": "sig", "alg": "ES256"}
        return json.dumps({"issuer": ISSUER, "keys": [key]})

    def token(
        self,
        role: str,
        districts: Sequence[str] = (),
        *,
        subject: str = "dev",
        valid: timedelta = DAY,
        units: Sequence[str] = (),
    ) -> str:
        """Return a bearer token. ``districts`` empty means all, ``units`` (a school's) empty means none.

        Real time: a token is no business date.
        """
        now = datetime.now(UTC)  # noqa: TID251 - verifiers compare with real time
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": subject,
            "roles": [role],
            "districts": list(districts),
            "units": list(units),
            "iat": now,
            "exp": now + valid,
        }
        return jwt.encode(claims, self._key, algorithm="ES256", headers={"kid": KEY_ID})
