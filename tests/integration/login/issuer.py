"""A token issuer on the loopback: metadata, keys that can change or be away, and tokens signed with them."""

import json
import time
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from fastapi import FastAPI
from fastapi.responses import JSONResponse
from jwt.algorithms import ECAlgorithm

Key = ec.EllipticCurvePrivateKey


class Issuer:
    """``keys`` is what the JWKS endpoint answers; ``away`` makes both endpoints answer 500."""

    def __init__(self) -> None:
        self.url = ""
        self.keys: dict[str, Key] = {}
        self.away = False
        self.fetches = 0
        self.metadata: dict[str, Any] = {}

    def add(self, kid: str) -> Key:
        self.keys[kid] = ec.generate_private_key(ec.SECP256R1())
        return self.keys[kid]

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.get("/.well-known/openid-configuration")
        async def metadata() -> dict[str, Any]:
            return {"issuer": self.url, "jwks_uri": f"{self.url}/keys"} | self.metadata

        @app.get("/keys")
        async def keys() -> JSONResponse:
            self.fetches += 1
            if self.away:
                return JSONResponse({"error": "away"}, 500)
            return JSONResponse({"keys": [as_jwk(kid, key) for kid, key in self.keys.items()]})

        return app

    def token(
        self, kid: str, /, key: Key | None = None, *, headers: dict[str, Any] | None = None, **claims: Any
    ) -> str:
        """Return an access token; a claim or header that is None is left out."""
        now = int(time.time())  # noqa: TID251 - verifiers compare with real time
        standard = {"iss": self.url, "aud": "uppsok", "sub": "anna", "iat": now, "exp": now + 60}
        kept = {name: value for name, value in (standard | claims).items() if value is not None}
        head = {"typ": "at+jwt", "kid": kid} | (headers or {})
        return jwt.encode(kept, key or self.keys[kid], "ES256", {n: v for n, v in head.items() if v is not None})


def as_jwk(kid: str, key: Key, **members: Any) -> dict[str, Any]:
    public: dict[str, Any] = json.loads(ECAlgorithm.to_jwk(key.public_key()))
    return public | {"kid": kid, "use": "sig", "alg": "ES256"} | members


def public_pem(key: Key) -> bytes:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
