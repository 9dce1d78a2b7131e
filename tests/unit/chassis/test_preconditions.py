import httpx
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from chassis import problems
from chassis.preconditions import SeenVersion, check_seen, etag, if_match
from chassis.problems import Problem

versions = st.integers(1, 999_999_999)


def request(*headers: tuple[str, str]) -> Request:
    raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers]
    return Request({"type": "http", "headers": raw})


@given(versions)
def test_an_etag_gives_its_version_back_also_when_a_proxy_weakened_it(version: int) -> None:
    assert if_match(request(("If-Match", etag(version)))) == version
    assert if_match(request(("If-Match", f" W/{etag(version)} "))) == version


def test_without_the_header_nothing_was_seen() -> None:
    assert if_match(request()) is None


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30))
def test_any_other_text_is_refused(text: str) -> None:
    if text.strip().removeprefix("W/").strip('"').isdigit():
        return
    with pytest.raises(Problem) as refused:
        if_match(request(("If-Match", text)))
    assert refused.value.status == 400


@pytest.mark.parametrize("text", ["*", '"0"', '"01"', '"1", "2"', "1", '"1', '"-1"', '"9999999999"', ""])
def test_nothing_but_one_etag_of_ours(text: str) -> None:
    with pytest.raises(Problem, match="bad-if-match"):
        if_match(request(("If-Match", text)))


@given(st.none() | versions, st.none() | versions)
def test_only_what_was_seen_may_be_changed(seen: int | None, current: int | None) -> None:
    if seen == current:
        check_seen(seen, current)
        return
    with pytest.raises(Problem) as refused:
        check_seen(seen, current)
    assert refused.value.status == (428 if seen is None else 412)


async def test_a_route_documents_the_header_and_gets_the_version() -> None:
    app = FastAPI()
    problems.install(app)

    @app.put("/thing")
    def put(seen: SeenVersion) -> int | None:
        return seen

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        assert (await client.put("/thing", headers={"If-Match": '"7"'})).json() == 7
        assert (await client.put("/thing")).json() is None
        refused = await client.put("/thing", headers={"If-Match": "*"})
    assert (refused.status_code, refused.headers["content-type"]) == (400, "application/problem+json")
    (parameter,) = app.openapi()["paths"]["/thing"]["put"]["parameters"]
    assert (parameter["name"], parameter["in"], parameter["required"]) == ("If-Match", "header", False)
