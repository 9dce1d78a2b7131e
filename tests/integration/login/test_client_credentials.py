"""A service's own tokens from a token endpoint on the loopback: how it shows who it is, and when it asks again."""

import asyncio
import base64
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from chassis.client_credentials import ClientCredentials, NoServiceToken, TokenFile, service_tokens
from chassis.service_client import service_client, unanswered_as
from chassis.settings import Settings
from tests.integration.notifications.servers import serving

SECRET = "s:c%ret å"


class Endpoint:
    """Grants tokens ``t1``, ``t2`` ..., remembers what it was sent, and is what is called with them too."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[dict[str, str]] = []
        self.authorizations: list[str] = []
        self.called_with: list[str] = []
        self.status = 200
        self.answer: dict[str, Any] = {}

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.post("/token")
        async def token(request: Request) -> Response:
            async with request.form() as form:
                self.asked.append({name: str(value) for name, value in form.items()})
            self.authorizations.append(request.headers.get("authorization", ""))
            if self.status != 200:
                return JSONResponse({"error": "invalid_client", "error_description": SECRET}, self.status)
            granted = {"access_token": f"t{len(self.asked)}", "token_type": "Bearer", "expires_in": 100}
            return JSONResponse(granted | self.answer)

        @app.get("/called")
        async def called(request: Request) -> None:
            self.called_with.append(request.headers["authorization"])

        return app


class Clock:
    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
async def endpoint() -> AsyncIterator[Endpoint]:
    endpoint = Endpoint()
    async with serving(endpoint.app()) as url:
        endpoint.url = url
        yield endpoint


@pytest.fixture
def settings(endpoint: Endpoint, tmp_path: Path) -> Settings:
    (tmp_path / "secret").write_text(SECRET + "\n")
    return Settings(
        environment="test",
        service_token_url=f"{endpoint.url}/token",
        service_client_id="uppsok-registry",
        service_client_secret_file=tmp_path / "secret",
        service_token_scope="uppsok",
    )


async def test_a_secret_is_sent_by_basic_authentication(settings: Settings, endpoint: Endpoint) -> None:
    tokens = ClientCredentials(settings)
    assert {await asyncio.gather(*(tokens.token() for _ in range(10))) == ["t1"] * 10} == {True}
    assert endpoint.asked == [{"grant_type": "client_credentials", "scope": "uppsok"}]
    sent = base64.b64decode(endpoint.authorizations[0].removeprefix("Basic ")).decode()
    assert sent == "uppsok-registry:s%3Ac%25ret+%C3%A5"


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (ec.generate_private_key(ec.SECP256R1()), "ES256"),
        (ed25519.Ed25519PrivateKey.generate(), "EdDSA"),
        (rsa.generate_private_key(65537, 2048), "RS256"),
    ],
    ids=["ec", "ed25519", "rsa"],
)
async def test_a_key_signs_an_assertion_that_is_new_each_time(
    settings: Settings, endpoint: Endpoint, tmp_path: Path, key: Any, algorithm: str
) -> None:
    file = tmp_path / "key.pem"
    file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    update = {"service_client_secret_file": None, "service_client_key_file": file, "service_client_key_id": "k1"}
    clock = Clock()
    tokens = ClientCredentials(settings.model_copy(update=update), now=clock)
    await tokens.token()
    clock.seconds = 99
    await tokens.token()
    ids = set()
    for asked in endpoint.asked:
        assert asked["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        assertion = asked["client_assertion"]
        claims = jwt.decode(assertion, key.public_key(), [algorithm], audience=f"{endpoint.url}/token")
        assert (claims["iss"], claims["sub"]) == ("uppsok-registry", "uppsok-registry")
        assert claims["exp"] - claims["iat"] == 60
        assert jwt.get_unverified_header(assertion)["kid"] == "k1"
        ids.add(claims["jti"])
    assert len(ids) == 2
    assert endpoint.authorizations == ["", ""]


async def test_a_token_is_kept_and_renewed_before_it_expires(settings: Settings, endpoint: Endpoint) -> None:
    clock = Clock()
    tokens = ClientCredentials(settings, now=clock)
    told = []
    for clock.seconds in (0, 74, 76, 150, 152):
        told.append(await tokens.token())
    assert told == ["t1", "t1", "t2", "t2", "t3"]


async def test_a_failed_renewal_hurts_nobody_until_the_token_ends(settings: Settings, endpoint: Endpoint) -> None:
    clock = Clock()
    tokens = ClientCredentials(settings, now=clock)
    await tokens.token()
    endpoint.status = 500
    for clock.seconds in (76, 77, 78, 82, 89):
        assert await tokens.token() == "t1"
    assert len(endpoint.asked) == 4  # not at each call: at 76, 82 and 89
    clock.seconds = 95
    with pytest.raises(NoServiceToken, match=r"^no service token: HTTP 500$"):
        await tokens.token()
    endpoint.status = 200
    assert await tokens.token() == "t6"


@pytest.mark.parametrize(
    "answer", [{"access_token": ""}, {"token_type": "mac"}, {"expires_in": -1}], ids=["none", "type", "expiry"]
)
async def test_an_answer_that_is_no_token_is_refused(
    settings: Settings, endpoint: Endpoint, answer: dict[str, Any]
) -> None:
    endpoint.answer = answer
    with pytest.raises(NoServiceToken):
        await ClientCredentials(settings).token()


async def test_a_wrong_secret_is_told_as_no_answer_and_is_in_no_text(
    settings: Settings, endpoint: Endpoint, capsys: pytest.CaptureFixture[str]
) -> None:
    class Unavailable(Exception):
        pass

    endpoint.status = 401
    async with service_client(endpoint.url, ClientCredentials(settings)) as http:
        with pytest.raises(Unavailable) as failed, unanswered_as(Unavailable):
            await http.get("/called")
    assert SECRET not in str(failed.value) + "".join(capsys.readouterr())
    assert endpoint.called_with == []


async def test_calls_carry_the_token_and_the_file_does_as_before(
    settings: Settings, endpoint: Endpoint, tmp_path: Path
) -> None:
    (tmp_path / "token").write_text("from-file\n")
    for tokens in (ClientCredentials(settings), TokenFile(tmp_path / "token")):
        async with service_client(endpoint.url, tokens) as http:
            (await http.get("/called")).raise_for_status()
    assert endpoint.called_with == ["Bearer t1", "Bearer from-file"]


def test_the_settings_say_which(settings: Settings, tmp_path: Path) -> None:
    assert isinstance(service_tokens(settings), ClientCredentials)
    assert isinstance(service_tokens(Settings(environment="test", service_token_file=tmp_path)), TokenFile)
    assert service_tokens(Settings(environment="test")) is None


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"service_client_id": None}, "UPPSOK_SERVICE_CLIENT_ID is not set"),
        ({"service_client_secret_file": None}, "one of them is needed"),
        ({"service_client_key_file": Path("k")}, "one of them is needed"),
        ({"service_token_file": Path("t")}, "come from one place"),
        ({"service_token_url": None}, "UPPSOK_SERVICE_TOKEN_URL is not"),
        ({"environment": "production"}, "UPPSOK_SERVICE_TOKEN_URL must begin with https://"),
    ],
)
def test_a_wrong_setting_is_named(settings: Settings, changed: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        Settings.model_validate(dict(settings) | changed)
