"""Tokens: signature, issuer, audience and expiry are checked; roles decide; keys rotate without a restart."""

import json
import os
import time
from collections.abc import AsyncIterator, Collection
from pathlib import Path
from typing import Annotated, Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from fastapi import Depends
from jwt.algorithms import ECAlgorithm

from chassis.access import allow
from chassis.auth import Grant, Principal
from chassis.http import create_app
from chassis.settings import Settings

Key = ec.EllipticCurvePrivateKey


def table(action: str, roles: Collection[str]) -> tuple[Grant, ...]:
    """Whom the example lets do what."""
    row = {"me.read": {"operator": "all", "kaa_coordinator": "self"}}.get(action, {})
    return tuple(Grant(role, scope) for role, scope in row.items() if role in roles)


def write_jwks(path: Path, keys: dict[str, Key]) -> None:
    jwks = [
        json.loads(ECAlgorithm.to_jwk(key.public_key())) | {"kid": kid, "alg": "ES256"}
        for kid, key in keys.items()
    ]
    path.write_text(json.dumps({"keys": jwks}))


def sign(key: Key, kid: str = "one", **claims: Any) -> str:
    standard = {"iss": "issuer", "aud": "uppsok", "sub": "s1", "exp": int(time.time()) + 60}  # noqa: TID251 - JWT
    return jwt.encode(standard | {"roles": ["operator"]} | claims, key, "ES256", headers={"kid": kid})


@pytest.fixture
def key() -> Key:
    return ec.generate_private_key(ec.SECP256R1())


@pytest.fixture
async def client(tmp_path: Path, key: Key) -> AsyncIterator[httpx.AsyncClient]:
    write_jwks(tmp_path / "jwks.json", {"one": key})
    settings = Settings(environment="test", jwks_file=tmp_path / "jwks.json", token_issuer="issuer")
    app = create_app(title="example", settings=settings, checks={}, access=table)

    @app.get("/me")
    async def me(who: Annotated[Principal, Depends(allow("me.read"))]) -> dict[str, Any]:
        return {
            "subject": who.subject,
            "districts": sorted(who.districts),
            "units": sorted(who.units),
            "role": who.role,
            "scopes": sorted(who.scopes),
        }

    @app.get("/forgotten", dependencies=[Depends(allow("me.forget"))])
    async def forgotten() -> None:
        return None

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield client


async def get(client: httpx.AsyncClient, token: str) -> httpx.Response:
    return await client.get("/me", headers={"Authorization": f"Bearer {token}"})


async def test_a_good_token_gives_the_caller(client: httpx.AsyncClient, key: Key) -> None:
    answer = await get(client, sign(key, districts=["b", "a"], units=["12345678"]))
    granted = {"subject": "s1", "role": "operator", "scopes": ["all"]}
    assert answer.json() == granted | {"districts": ["a", "b"], "units": ["12345678"]}
    assert (await get(client, sign(key))).json() == granted | {"districts": [], "units": []}


async def test_no_token_is_401_and_says_how(client: httpx.AsyncClient) -> None:
    answer = await client.get("/me")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "claims",
    [{"exp": 1}, {"exp": None}, {"nbf": 9_999_999_999}, {"iss": "someone"}, {"aud": "other"}, {"sub": None}],
    ids=["expired", "without an end", "not yet", "issuer", "audience", "sub"],
)
async def test_a_wrong_claim_is_401(client: httpx.AsyncClient, key: Key, claims: dict[str, Any]) -> None:
    standard = {"iss": "issuer", "aud": "uppsok", "sub": "s1", "exp": int(time.time()) + 60}  # noqa: TID251 - JWT
    kept = {name: value for name, value in (standard | claims).items() if value is not None}
    token = jwt.encode(kept | {"roles": ["operator"]}, key, "ES256", headers={"kid": "one"})
    assert (await get(client, token)).status_code == 401


async def test_a_token_signed_by_another_key_is_401(client: httpx.AsyncClient) -> None:
    assert (await get(client, sign(ec.generate_private_key(ec.SECP256R1())))).status_code == 401


async def test_a_public_key_does_not_work_as_a_secret(client: httpx.AsyncClient) -> None:
    forged = jwt.encode({"sub": "s1", "roles": ["operator"]}, "x" * 32, "HS256", headers={"kid": "one"})
    assert (await get(client, forged)).status_code == 401


async def test_another_role_is_403_and_says_which_action_it_is(client: httpx.AsyncClient, key: Key) -> None:
    answer = await get(client, sign(key, roles=["statistician"]))
    assert (answer.status_code, answer.json()["action"]) == (403, "me.read")


async def test_several_roles_grant_what_each_grants(client: httpx.AsyncClient, key: Key) -> None:
    answer = await get(client, sign(key, roles=["kaa_coordinator", "statistician", "operator"]))
    assert (answer.json()["role"], answer.json()["scopes"]) == ("operator", ["all", "self"])


async def test_what_the_table_does_not_know_is_denied(client: httpx.AsyncClient, key: Key) -> None:
    headers = {"Authorization": f"Bearer {sign(key)}"}
    assert (await client.get("/forgotten", headers=headers)).status_code == 403


async def test_an_app_without_a_table_lets_nobody_do_anything(tmp_path: Path, key: Key) -> None:
    write_jwks(tmp_path / "jwks.json", {"one": key})
    settings = Settings(environment="test", jwks_file=tmp_path / "jwks.json", token_issuer="issuer")
    app = create_app(title="example", settings=settings, checks={})
    app.get("/me", dependencies=[Depends(allow("me.read"))])(lambda: None)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as bare:
        assert (await get(bare, sign(key))).status_code == 403


async def test_a_new_key_works_without_a_restart(client: httpx.AsyncClient, key: Key, tmp_path: Path) -> None:
    new = ec.generate_private_key(ec.SECP256R1())
    write_jwks(tmp_path / "jwks.json", {"two": new})
    os.utime(tmp_path / "jwks.json", ns=(1, 1))  # surely another time than the first file's
    assert (await get(client, sign(new, kid="two"))).status_code == 200
    assert (await get(client, sign(key))).status_code == 401
