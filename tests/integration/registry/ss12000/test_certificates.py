"""A server with a certificate of an authority of its own, that asks for ours (mutual TLS)."""

import json
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from services.registry.sources.ss12000.config import read_config
from services.registry.sources.ss12000.failures import FeedFailed
from tests.integration.notifications.servers import serving
from tests.integration.registry.ss12000.certificates import Authority, Pair
from tests.integration.registry.ss12000.conftest import PROGRAMMES, Served
from tests.integration.registry.ss12000.school import organisation, pupil
from tests.integration.registry.ss12000.school_server import SECRET, SchoolServer
from tests.integration.registry.ss12000.test_reading import rows_of

ONCE = {"timeout_seconds": 5, "attempts": 1}


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path, "school")


@pytest.fixture
def ours(authority: Authority) -> Pair:
    return authority.issue("uppsok")


@pytest.fixture
async def served(authority: Authority, tmp_path: Path) -> AsyncIterator[Served]:
    school = SchoolServer(organisations=[organisation()], programmes=PROGRAMMES, persons=[pupil(0), pupil(1)])
    secret, its = tmp_path / "secret", authority.issue("server")
    secret.write_text(SECRET, encoding="utf-8")
    async with serving(
        school.app(),
        ssl_certfile=its.certificate,
        ssl_keyfile=its.key,
        ssl_ca_certs=str(authority.file),
        ssl_cert_reqs=ssl.CERT_REQUIRED,
    ) as url:
        yield Served(school, url, secret)
    assert school.faults == []


def shown(authority: Authority, pair: Pair) -> dict[str, Any]:
    return {
        "ca_file": authority.file,
        "client_certificate_file": pair.certificate,
        "client_key_file": pair.key,
        "patience": ONCE,
    }


async def test_a_server_that_asks_for_our_certificate_is_read(
    served: Served, authority: Authority, ours: Pair
) -> None:
    _, batches = await served.read(**shown(authority, ours))
    assert len(rows_of(batches)) == 2
    together = ours.certificate.with_name("both.pem")  # the key in the same file
    together.write_bytes(ours.certificate.read_bytes() + ours.key.read_bytes())
    how = shown(authority, Pair(together, ours.key)) | {"client_key_file": None}
    assert len(rows_of((await served.read(**how))[1])) == 2


async def test_without_the_right_certificates_nothing_is_read(
    served: Served, authority: Authority, ours: Pair, tmp_path: Path
) -> None:
    stranger = Authority(tmp_path, "stranger")
    right = shown(authority, ours)
    for how in (
        right | {"ca_file": None},  # we do not trust it
        right | {"ca_file": stranger.file},
        right | {"client_certificate_file": None, "client_key_file": None},  # it does not trust us
        shown(authority, stranger.issue("uppsok")),
    ):
        with pytest.raises(FeedFailed, match=r"^token: unreachable$"):
            await served.read(**how)
    assert served.school.tokens == []


async def test_files_that_cannot_be_used(served: Served, authority: Authority, ours: Pair, tmp_path: Path) -> None:
    right, other = shown(authority, ours), authority.issue("other")
    for how in (
        {"ca_file": tmp_path / "nowhere"},
        {"ca_file": ours.key},
        {"client_certificate_file": tmp_path / "nowhere"},
        {"client_key_file": other.key},
    ):
        with pytest.raises(FeedFailed, match=r"^tls: certificate_unusable$"):
            await served.read(**right | how)


def test_the_files_are_named_from_where_the_settings_are(served_settings: Path) -> None:
    (server,) = read_config(served_settings).servers
    assert server.ca_file == served_settings.parent / "ca.pem"
    assert server.client_certificate_file == served_settings.parent / "our.pem"
    assert server.client_key_file is None


@pytest.fixture
def served_settings(tmp_path: Path) -> Path:
    server = {
        "name": "skolan", "base_url": "https://skola.example", "token_url": "https://skola.example/token",
        "client_id": "uppsok", "secret_file": "secret", "ca_file": "ca.pem", "client_certificate_file": "our.pem",
    }  # fmt: skip
    file = tmp_path / "servers.json"
    file.write_text(json.dumps({"servers": [server]}))
    return file


def test_a_key_is_of_a_certificate(served: Served, ours: Pair) -> None:
    with pytest.raises(ValidationError, match="of no client_certificate_file"):
        served.config(client_key_file=ours.key)
