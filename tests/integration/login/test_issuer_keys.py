"""Tokens of an issuer over HTTP: what is checked, how keys rotate, and what happens while the issuer is away."""

import asyncio
import base64
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from chassis.auth import TokenVerifier
from chassis.issuer_keys import APART, HttpKeys, usable
from chassis.problems import Problem
from chassis.settings import Settings
from tests.integration.login.issuer import Issuer, as_jwk, public_pem

NOW = int(time.time())  # noqa: TID251 - verifiers compare with real time
REFRESH, MAX_AGE = 600, 3600


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def settings(issuer: Issuer) -> Settings:
    return Settings(
        environment="test",
        token_issuer=issuer.url,
        jwks_url=f"{issuer.url}/keys",
        token_keys_refresh_seconds=REFRESH,
        token_keys_max_age_seconds=MAX_AGE,
    )


@pytest.fixture
def verifier(settings: Settings, clock: Clock) -> TokenVerifier:
    return TokenVerifier(settings, keys=HttpKeys(settings, now=clock))


async def refusal(verifier: TokenVerifier, token: str) -> Problem:
    with pytest.raises(Problem) as refused:
        await verifier.verify(token)
    return refused.value


async def until(reached: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not reached():
            await asyncio.sleep(0.01)


async def test_a_good_token_is_let_in_and_the_keys_are_fetched_once(
    verifier: TokenVerifier, issuer: Issuer
) -> None:
    callers = await asyncio.gather(*(verifier.verify(issuer.token("one", sub=f"s{n}")) for n in range(20)))
    assert {caller.subject for caller in callers} == {f"s{n}" for n in range(20)}
    assert issuer.fetches == 1


async def test_the_keys_are_found_by_the_issuers_metadata(
    settings: Settings, issuer: Issuer, clock: Clock
) -> None:
    found = settings.model_copy(update={"jwks_url": None, "token_discovery": True})
    assert (await TokenVerifier(found).verify(issuer.token("one"))).subject == "anna"
    issuer.metadata = {"issuer": "https://another.example"}
    assert (await refusal(TokenVerifier(found), issuer.token("one"))).status == 503


@pytest.mark.parametrize(
    ("claims", "told"),
    [
        ({"iss": "https://another.example"}, "not valid here"),
        ({"iss": None}, "not valid here"),
        ({"aud": "another"}, "not valid here"),
        ({"aud": None}, "not valid here"),
        ({"sub": None}, "not valid here"),
        ({"exp": None}, "not valid here"),
        ({"exp": NOW - 5}, "expired"),
        ({"nbf": NOW + 600}, "not valid yet"),
        ({"iat": NOW + 600}, "not valid yet"),
    ],
)
async def test_a_wrong_claim_is_refused(
    verifier: TokenVerifier, issuer: Issuer, claims: dict[str, Any], told: str
) -> None:
    refused = await refusal(verifier, issuer.token("one", **claims))
    assert refused.status == 401
    assert told in str(refused.detail)


@pytest.mark.parametrize("headers", [{"typ": "id+jwt"}, {"typ": ""}, {"kid": None}, {"kid": ""}])
async def test_a_wrong_header_is_refused(verifier: TokenVerifier, issuer: Issuer, headers: dict[str, Any]) -> None:
    assert (await refusal(verifier, issuer.token("one", headers=headers))).status == 401


@pytest.mark.parametrize("kind", ["JWT", "at+jwt", "application/at+jwt"])
async def test_the_types_of_access_tokens_are_taken(verifier: TokenVerifier, issuer: Issuer, kind: str) -> None:
    assert (await verifier.verify(issuer.token("one", headers={"typ": kind}))).subject == "anna"


def part(value: object) -> bytes:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=")


@pytest.mark.parametrize("algorithm", ["none", "HS256", "RS256"])
async def test_a_token_does_not_choose_its_algorithm(
    verifier: TokenVerifier, issuer: Issuer, algorithm: str
) -> None:
    """By hand: no library signs with a public key as the secret, as a forger would."""
    claims = {"iss": issuer.url, "aud": "uppsok", "sub": "anna", "exp": NOW + 600}
    signed = part({"alg": algorithm, "typ": "at+jwt", "kid": "one"}) + b"." + part(claims)
    mac = hmac.digest(public_pem(issuer.keys["one"]), signed, "sha256")
    signature = b"" if algorithm == "none" else base64.urlsafe_b64encode(mac).rstrip(b"=")
    assert (await refusal(verifier, (signed + b"." + signature).decode())).status == 401
    assert (await verifier.verify(issuer.token("one"))).subject == "anna"  # the key itself is good


async def test_another_key_under_a_known_id_is_refused(verifier: TokenVerifier, issuer: Issuer) -> None:
    stranger = ec.generate_private_key(ec.SECP256R1())
    assert (await refusal(verifier, issuer.token("one", stranger))).status == 401


def test_keys_that_sign_no_tokens_are_passed_over() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    secret = {"kty": "oct", "kid": "secret", "k": "eHg", "alg": "HS256"}
    nameless = {name: value for name, value in as_jwk("", key).items() if name != "kid"}
    document = {"keys": [as_jwk("good", key), as_jwk("enc", key, use="enc"), secret, nameless, {"kty": "new"}, 7]}
    assert list(usable(document)) == ["good"]
    wrong: list[Any] = [[], {}, {"keys": "x"}]
    for nothing in wrong:
        with pytest.raises(ValueError, match="not a JWK set"):
            usable(nothing)


async def test_keys_rotate_without_a_restart(verifier: TokenVerifier, issuer: Issuer, clock: Clock) -> None:
    old = issuer.token("one")
    await verifier.verify(old)
    issuer.add("two")
    clock.seconds += APART
    assert (await verifier.verify(issuer.token("two"))).subject == "anna"
    assert (await verifier.verify(old)).subject == "anna"  # both are published for a while
    del issuer.keys["one"]
    clock.seconds += REFRESH + 1
    before = issuer.fetches
    await verifier.verify(issuer.token("two"))  # by age, beside the request
    await until(lambda: issuer.fetches == before + 1)

    async def old_is_refused() -> bool:
        try:
            await verifier.verify(old)
        except Problem as problem:
            return problem.status == 401
        return False

    async with asyncio.timeout(5):
        while not await old_is_refused():
            await asyncio.sleep(0.01)
    assert (await verifier.verify(issuer.token("two"))).subject == "anna"


async def test_a_storm_of_made_up_key_ids_asks_the_issuer_once(
    verifier: TokenVerifier, issuer: Issuer, clock: Clock
) -> None:
    await verifier.verify(issuer.token("one"))
    forger = ec.generate_private_key(ec.SECP256R1())
    clock.seconds += APART
    forged = [issuer.token(f"made-up-{n}", forger) for n in range(200)]
    refused = await asyncio.gather(*(refusal(verifier, token) for token in forged))
    assert {problem.status for problem in refused} == {401}
    assert issuer.fetches == 2
    assert (await verifier.verify(issuer.token("one"))).subject == "anna"


async def test_known_keys_work_on_while_the_issuer_is_away_and_not_for_ever(
    verifier: TokenVerifier, issuer: Issuer, clock: Clock
) -> None:
    await verifier.verify(issuer.token("one"))
    issuer.away = True
    clock.seconds += MAX_AGE - 1
    assert (await verifier.verify(issuer.token("one"))).subject == "anna"
    await until(lambda: issuer.fetches == 2)
    clock.seconds += 2
    refused = await refusal(verifier, issuer.token("one"))
    assert (refused.status, refused.code) == (503, "login-unavailable")
    assert "could not be fetched for 60 minutes" in str(refused.detail)
    issuer.away = False
    clock.seconds += APART
    assert (await verifier.verify(issuer.token("one"))).subject == "anna"


async def test_an_issuer_that_was_never_there_is_503(issuer: Issuer, verifier: TokenVerifier) -> None:
    issuer.away = True
    refused = await refusal(verifier, issuer.token("one"))
    assert (refused.status, refused.headers["Retry-After"]) == (503, "10")
    assert "since the start" in str(refused.detail)
