"""A CDN in front of the API, for shops that want one (``cdn_certificate``).

It keeps what the public routes' answers allow it to (`standby.platform.http`), for as long as they say, and passes
everything else on as it came. Which routes these are stands in the OpenAPI document, and nowhere else.
"""

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from aws_cdk import Aws, Duration
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from constructs import Construct

from infra.constructs.feature import Feature
from infra.constructs.routes import Route, all_routes
from infra.constructs.rules import accept

PARAMETER = re.compile(r"\{\w+\}")
ORIGIN_HEADER, ENCODING = "Origin", "Accept-Encoding"
LONGEST_KEPT = Duration.days(365)
"""The most that an answer may ask for: a file of one version. Without a word of the answer nothing is kept."""
NEVER = Duration.seconds(0)
ERRORS = (400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504)
"""What CloudFront would keep for ten seconds by itself, also where nothing may be kept."""


def kept_paths(routes: Sequence[Route]) -> dict[str, tuple[str, ...]]:
    """Return the paths whose answers may be kept, as CloudFront writes them, and the headers on which they depend.

    Those with fewer parameters come first, since CloudFront takes the first that fits.
    """
    found = {PARAMETER.sub("*", route.path): route.varies for route in routes if route.varies is not None}
    return dict(sorted(found.items(), key=lambda each: (each[0].count("*"), each[0])))


class Cdn(Construct):
    """A distribution of CloudFront at the host of the shop's ``public_url``.

    ``Origin`` is part of what an answer is kept by, because the gateway allows each of the shop's pages by name.
    Whoever calls is named in ``X-Forwarded-For``, as `standby.platform.caller.Proxies` reads it.
    """

    def __init__(self, feature: Feature, id_: str, *, public_url: str, certificate_arn: str) -> None:
        super().__init__(feature, id_)
        api = feature.base.api.seen_from(self, feature)
        self._origin = origins.HttpOrigin(
            f"{api.api_id}.execute-api.{Aws.REGION}.{Aws.URL_SUFFIX}",
            protocol_policy=cloudfront.OriginProtocolPolicy.HTTPS_ONLY,
            origin_ssl_protocols=[cloudfront.OriginSslPolicy.TLS_V1_2],
        )
        self._passed = cloudfront.OriginRequestPolicy(
            self,
            "Passed",
            comment="all but the host, which is the gateway's own, and cookies, of which there are none",
            header_behavior=cloudfront.OriginRequestHeaderBehavior.deny_list("Host"),
            query_string_behavior=cloudfront.OriginRequestQueryStringBehavior.all(),
            cookie_behavior=cloudfront.OriginRequestCookieBehavior.none(),
        )
        self._policies: dict[tuple[str, ...], cloudfront.CachePolicy] = {}
        distribution = cloudfront.Distribution(
            self,
            "Distribution",
            comment=f"Standby-{feature.stage.name}",
            domain_names=[urlsplit(public_url).hostname or ""],
            certificate=acm.Certificate.from_certificate_arn(self, "Certificate", certificate_arn),
            minimum_protocol_version=cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021,
            http_version=cloudfront.HttpVersion.HTTP2_AND_3,
            default_behavior=self._behavior(cloudfront.CachePolicy.CACHING_DISABLED),
            additional_behaviors={
                path: self._behavior(self._kept_by(varies)) for path, varies in kept_paths(all_routes()).items()
            },
            error_responses=[cloudfront.ErrorResponse(http_status=status, ttl=NEVER) for status in ERRORS],
        )
        accept(distribution, "AwsSolutions-CFR1", "a shop sells wherever it likes")
        accept(distribution, "AwsSolutions-CFR2", "each route has a limit of its own at the gateway; a firewall costs")
        accept(distribution, "AwsSolutions-CFR3", "the gateway logs the requests that it gets; what is kept is public")
        feature.say(
            "CdnUrl",
            f"https://{distribution.distribution_domain_name}",
            description="where the name in public_url must lead (CNAME)",
        )

    def _behavior(self, kept: cloudfront.ICachePolicy) -> cloudfront.BehaviorOptions:
        return cloudfront.BehaviorOptions(
            origin=self._origin,
            allowed_methods=cloudfront.AllowedMethods.ALLOW_ALL,
            viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
            cache_policy=kept,
            origin_request_policy=self._passed,
            compress=True,
        )

    def _kept_by(self, varies: tuple[str, ...]) -> cloudfront.CachePolicy:
        """Return the policy for answers that depend on these headers. CloudFront knows encodings by itself."""
        names = sorted({ORIGIN_HEADER, *varies} - {ENCODING})
        if tuple(names) not in self._policies:
            self._policies[tuple(names)] = cloudfront.CachePolicy(
                self,
                f"KeptBy{''.join(names).replace('-', '')}",
                min_ttl=NEVER,
                default_ttl=NEVER,
                max_ttl=LONGEST_KEPT,
                header_behavior=cloudfront.CacheHeaderBehavior.allow_list(*names),
                query_string_behavior=cloudfront.CacheQueryStringBehavior.all(),
                cookie_behavior=cloudfront.CacheCookieBehavior.none(),
                enable_accept_encoding_gzip=True,
                enable_accept_encoding_brotli=True,
            )
        return self._policies[tuple(names)]
