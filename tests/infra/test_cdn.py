"""With a certificate, CloudFront stands before the API, keeps what routes say may be kept, and passes on the rest."""

import json
from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
from standby.platform.http import HEADERS

from infra.constructs.cdn import LONGEST_KEPT, PARAMETER, kept_paths
from infra.constructs.routes import OPENAPI, Route, all_routes
from infra.stage import StageError, read
from tests.benchmarks.idle import idle_costs, prices
from tests.infra.linted import problems
from tests.infra.once import once
from tests.infra.template import ROOT, Stacks, synthesize

ARN = "arn:aws:acm:us-east-1:123456789012:certificate/1234-abcd"
TEN_MINUTES = 600
BEHIND = {"public_url": "https://care.shop.test", "trusted_proxies": 1}


@pytest.fixture(scope="session")
def cdn(tmp_path_factory: pytest.TempPathFactory) -> Stacks:
    """Return the stacks of a shop that wants a CDN."""
    said = {"alarm_email": "ops@shop.example", "cdn_certificate": ARN, **BEHIND}
    return once(tmp_path_factory, "cdn", lambda to: synthesize(to, stage="prod", **said))


@pytest.fixture
def distribution(cdn: Stacks) -> Mapping[str, Any]:
    (found,) = cdn.properties("CloudFront::Distribution").values()
    config: Mapping[str, Any] = found["DistributionConfig"]
    return config


def policy(cdn: Stacks, behavior: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return by what a behaviour keeps answers."""
    made = cdn.properties("CloudFront::CachePolicy")
    found: Mapping[str, Any] = made[behavior["CachePolicyId"]["Ref"]]["CachePolicyConfig"]
    return found


def test_without_a_certificate_there_is_none(prod: Stacks, local: Stacks) -> None:
    for stacks in (prod, local):
        assert [each["Type"] for each in stacks.resources.values() if "CloudFront" in each["Type"]] == []


def test_nobody_finds_fault_with_it(cdn: Stacks) -> None:
    assert cdn.findings == []
    assert [warning for warning in cdn.warnings if "standby:examples" not in warning] == []
    assert list(problems(cdn)) == []


def test_what_may_be_kept_is_kept_by_what_the_answer_depends_on(cdn: Stacks, distribution: Mapping[str, Any]) -> None:
    said = json.loads(OPENAPI.read_text("utf-8"))["paths"]
    expected = {}
    for path, operations in said.items():
        headers = operations.get("get", {}).get("responses", {}).get("200", {}).get("headers", {})
        if "Cache-Control" in headers:
            varies = set(headers["Vary"]["schema"]["const"].split(", "))
            expected[PARAMETER.sub("*", path)] = sorted(varies - {"Accept-Encoding"} | {"Origin"})
    behaviors = distribution["CacheBehaviors"]
    assert "/v1/availability" in expected
    kept = {each["PathPattern"]: policy(cdn, each) for each in behaviors}
    by = {
        path: sorted(found["ParametersInCacheKeyAndForwardedToOrigin"]["HeadersConfig"]["Headers"])
        for path, found in kept.items()
    }
    assert by == expected
    for found in kept.values():
        key = found["ParametersInCacheKeyAndForwardedToOrigin"]
        assert (found["MinTTL"], found["DefaultTTL"]) == (0, 0), "only the answer says how long"
        assert found["MaxTTL"] == LONGEST_KEPT.to_seconds()
        assert key["QueryStringsConfig"] == {"QueryStringBehavior": "all"}
        assert key["CookiesConfig"] == {"CookieBehavior": "none"}
        assert (key["EnableAcceptEncodingGzip"], key["EnableAcceptEncodingBrotli"]) == (True, True)


def test_answers_are_kept_as_long_as_they_say() -> None:
    for path, operations in json.loads(OPENAPI.read_text("utf-8"))["paths"].items():
        for operation in operations.values():
            for answer in operation["responses"].values():
                said = answer.get("headers", {}).get("Cache-Control", {"schema": {"const": "max-age=0"}})
                longest = LONGEST_KEPT.to_seconds() if "{version}" in path else TEN_MINUTES
                assert int(said["schema"]["const"].rpartition("=")[2]) <= longest


def test_what_needs_a_key_or_a_token_is_never_kept() -> None:
    """Nothing else may be answered by what is kept: neither by its own path nor by a pattern that fits it, too."""
    assert HEADERS["Cache-Control"] == "no-store"
    kept = kept_paths(all_routes())
    for route in all_routes():
        if route.varies is None and route.method in ("GET", "HEAD"):
            address = route.path.replace("{", "").replace("}", "")
            assert [path for path in kept if fnmatchcase(address, path)] == [], route.key


def test_the_first_path_that_fits_is_the_closest() -> None:
    routes = [
        Route("GET", path, (), linked=False, function="f", varies=("Accept-Language",))
        for path in ("/v1/p/{id}/x", "/v1/p/{id}/{other}", "/v1/p/a/x")
    ]
    assert list(kept_paths(routes)) == ["/v1/p/a/x", "/v1/p/*/x", "/v1/p/*/*"]


def test_everything_else_passes_as_it_came(cdn: Stacks, distribution: Mapping[str, Any]) -> None:
    default = distribution["DefaultCacheBehavior"]
    assert default["CachePolicyId"] == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad", "AWS's policy CachingDisabled"
    (passed,) = cdn.properties("CloudFront::OriginRequestPolicy").values()
    config = passed["OriginRequestPolicyConfig"]
    assert config["HeadersConfig"] == {"HeaderBehavior": "allExcept", "Headers": ["Host"]}
    assert config["CookiesConfig"] == {"CookieBehavior": "none"}
    assert config["QueryStringsConfig"] == {"QueryStringBehavior": "all"}
    for behavior in (default, *distribution["CacheBehaviors"]):
        assert set(behavior["AllowedMethods"]) == {"GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"}
        assert "OriginRequestPolicyId" in behavior
        assert (behavior["ViewerProtocolPolicy"], behavior["Compress"]) == ("https-only", True)


def test_errors_are_never_kept(distribution: Mapping[str, Any]) -> None:
    kept = {each["ErrorCode"]: each["ErrorCachingMinTTL"] for each in distribution["CustomErrorResponses"]}
    assert set(kept.values()) == {0}
    assert {400, 404, 500, 502, 503, 504} <= set(kept)


def test_nothing_older_than_tls_1_2_is_spoken(distribution: Mapping[str, Any]) -> None:
    assert distribution["ViewerCertificate"]["MinimumProtocolVersion"] == "TLSv1.2_2021"
    assert distribution["ViewerCertificate"]["AcmCertificateArn"] == ARN
    (origin,) = distribution["Origins"]
    assert origin["CustomOriginConfig"]["OriginProtocolPolicy"] == "https-only"
    assert origin["CustomOriginConfig"]["OriginSSLProtocols"] == ["TLSv1.2"]


def test_its_address_is_the_hosts_and_an_output(cdn: Stacks, distribution: Mapping[str, Any]) -> None:
    assert distribution["Aliases"] == ["care.shop.test"]
    assert "CdnUrl" in {key.removeprefix("Output") for key in cdn.outputs}


def test_it_costs_nothing_while_nobody_comes(prod: Stacks, cdn: Stacks) -> None:
    bills = [sum(cost.usd for cost in idle_costs(stacks, prices())) for stacks in (prod, cdn)]
    assert bills[0] == pytest.approx(bills[1])


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({"cdn_certificate": ARN}, "needs a public_url"),
        ({"cdn_certificate": ARN, **BEHIND, "public_url": "http://care.shop.test"}, "needs a public_url with https"),
        ({"cdn_certificate": ARN, "public_url": "https://care.shop.test"}, "look like the CDN: say 1"),
        ({"cdn_certificate": ARN.replace("us-east-1", "eu-central-1"), **BEHIND}, "us-east-1"),
    ],
)
def test_what_cannot_work_is_refused(said: dict[str, Any], wrong: str) -> None:
    context = {**json.loads((Path(ROOT) / "cdk.json").read_text("utf-8"))["context"], "stage": "prod", **said}
    with pytest.raises(StageError, match=wrong):
        read(context.get)
