"""What browsers and CDNs may keep of an answer, and which of them take gzip."""

from typing import Any

import pytest
from standby.platform import http
from standby.platform.http import PUBLIC, Resolver, answer, resolver

from tests.gateway import http_event


def fresh_app(seconds: int) -> Resolver:
    app = resolver()

    @app.operation("GET /v1/now", "Tell", {200: "told", 400: "malformed"}, scope=PUBLIC, fresh_seconds=seconds)
    def tell() -> dict[str, str]:
        if app.current_event.headers.get("x-wrong"):
            raise http.malformed("wrong")
        return {"told": app.current_event.headers.get("x-tell") or "nothing"}

    return app


def told(seconds: int = 60, method: str = "GET", **headers: str) -> dict[str, Any]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return fresh_app(seconds).resolve(http_event(method, "/v1/now", headers=named), None)


def test_what_may_be_kept_says_for_how_long_and_by_which_tag() -> None:
    first, other = told(), told(x_tell="more")
    assert first["headers"]["Cache-Control"] == "public, max-age=60"
    assert first["headers"]["ETag"] == told()["headers"]["ETag"] != other["headers"]["ETag"]
    assert first["headers"]["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("form", ["{tag}", "W/{tag}", '"x", {tag}', "*"])
def test_who_has_it_already_gets_no_body(form: str) -> None:
    tag = told()["headers"]["ETag"]
    for method in ("GET", "HEAD"):
        again = told(method=method, if_none_match=form.format(tag=tag))
        assert (again["statusCode"], again["body"], again["headers"]["ETag"]) == (304, "", tag)


@pytest.mark.parametrize("known", ["", '"x"', "x", "W/", '"'])
def test_who_has_something_else_gets_the_answer(known: str) -> None:
    assert told(if_none_match=known)["statusCode"] == 200


def test_problems_and_all_other_answers_are_kept_by_nobody() -> None:
    for answered in (told(x_wrong="yes"), told(x_wrong="yes", if_none_match="*"), told(0), told(0, if_none_match="*")):
        assert answered["statusCode"] in {200, 400}
        assert answered["headers"]["Cache-Control"] == "no-store"
        assert "ETag" not in answered["headers"]


@pytest.mark.parametrize(
    ("accepted", "taken"),
    [
        (None, False),
        ("", False),
        ("gzip", True),
        ("br;q=1.0, GZIP;q=0.8, *;q=0.1", True),
        ("x-gzip", True),
        ("gzip;q=0", False),
        ("gzip; q=0.000, br", False),
        ("gzip;q=0.001", True),
        ("br, deflate", False),
        ("gzippo", False),
    ],
)
def test_gzip_is_for_whoever_takes_it(accepted: str | None, taken: bool) -> None:  # noqa: FBT001 - drawn
    app = resolver()
    found: list[bool] = []
    app.get("/v1/feed")(lambda: found.append(http.takes_gzip(app)) or answer({}))
    app.resolve(http_event("GET", "/v1/feed", headers={} if accepted is None else {"accept-encoding": accepted}), None)
    assert found == [taken]
