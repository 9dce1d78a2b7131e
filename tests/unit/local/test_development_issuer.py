"""The development issuer is for the local stack: it does not start in production, and is not believed there."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from chassis.auth import TokenVerifier
from chassis.issuer_keys import FileKeys
from chassis.settings import Settings
from deploy.local.dev_tokens import ISSUER, DevTokens, NotForProduction

CITY = "https://login.city.example"


def test_it_signs_nothing_in_production(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    DevTokens.load_or_make(tmp_path / "key.pem")
    monkeypatch.setenv("UPPSOK_ENVIRONMENT", "production")
    for start in (DevTokens.new, lambda: DevTokens.load_or_make(tmp_path / "key.pem")):
        with pytest.raises(NotForProduction, match="UPPSOK_ENVIRONMENT says production"):
            start()


@pytest.mark.parametrize("command", [("up",), ("token", "operator")])
def test_the_local_stack_says_so_and_leaves_nothing(command: tuple[str, ...], tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "deploy.local", *command, "--dir", str(tmp_path / "stack")],
        env={**os.environ, "UPPSOK_ENVIRONMENT": "production"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert "UPPSOK_ENVIRONMENT says production" in done.stderr
    assert not (tmp_path / "stack").exists()


def test_its_keys_are_refused_in_production_under_any_name(tmp_path: Path) -> None:
    file = tmp_path / "jwks.json"
    file.write_text(DevTokens.new().jwks())
    settings = Settings(environment="production", jwks_file=file, token_issuer=CITY)
    with pytest.raises(ValueError, match="development issuer's keys are not for production"):
        TokenVerifier(settings)
    assert isinstance(FileKeys(file, production=False), FileKeys)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"token_issuer": ISSUER}, "UPPSOK_TOKEN_ISSUER: the development issuer's tokens"),
        ({"token_issuer": "http://login.city.example"}, "UPPSOK_TOKEN_ISSUER must begin with https://"),
        ({"jwks_url": "http://login.city.example/keys"}, "UPPSOK_JWKS_URL must begin with https://"),
        ({"token_discovery": True}, "UPPSOK_CLAIMS_FILE is not set"),
        ({"token_discovery": True, "jwks_url": f"{CITY}/keys"}, "the issuer's keys come from one place"),
    ],
)
def test_production_believes_the_citys_issuer_by_https_only(given: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        Settings.model_validate({"environment": "production", "token_issuer": CITY} | given)


def test_the_citys_issuer_is_believed() -> None:
    given = {
        "environment": "production",
        "token_issuer": CITY,
        "token_discovery": True,
        "claims_file": "claims.json",
    }
    assert Settings.model_validate(given).token_issuer == CITY
