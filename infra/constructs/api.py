"""The HTTP API: public routes for browsers, server routes behind a key (design §5.2).

The API itself stands in the first stack. Routes and authorizer stand with the functions that answer. The API's stage,
which makes all of it reachable, stands in the last stack.
"""

import json
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, cast

import jsii
from aws_cdk import Aws, Duration, RemovalPolicy, Stack
from aws_cdk import aws_apigateway as rest
from aws_cdk import aws_apigatewayv2 as gateway
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct
from standby.platform.settings import REFUSED

from infra.constructs.house import HouseStack
from infra.constructs.routes import all_routes, routes_of
from infra.constructs.rules import accept
from infra.naming import metrics_namespace

if TYPE_CHECKING:
    from infra.constructs.feature import Feature
    from infra.constructs.function import FeatureFunction

PREFLIGHT_KEPT = Duration.hours(1)
AUTHORIZER_KEPT = Duration.seconds(60)
FIVE_MINUTES = Duration.minutes(5)
A_DAY = Duration.days(1)
"""The span in which failures are counted together. It ends now, whenever CloudWatch looks, which is every minute."""
TWICE = 2
"""One failure may be an accident that its caller makes good; a second within a day is none, however few call."""
CALLS_REFUSED = "CallsRefused"
UNTAKEN = ("400", "404", "413")
"""What callers are answered whose body cannot be used as a whole."""
LOGGED = {
    "request_id": "$context.requestId",
    "time": "$context.requestTime",
    "route": "$context.routeKey",
    "status": "$context.status",
    "milliseconds": "$context.responseLatency",
    "bytes": "$context.responseLength",
    "ip": "$context.identity.sourceIp",
    "key_id": "$context.authorizer.key_id",
    "gateway_error": "$context.error.message",
    "gateway_error_type": "$context.error.responseType",
    "authorizer_error": "$context.authorizer.error",
    "function_status": "$context.integration.status",
    "function_error": "$context.integrationErrorMessage",
}
"""What the access log keeps: the route, but never the path or the query, because tokens stand in the query.

The names are those that AWS lists for HTTP APIs ("Customize HTTP API access logs"). A value that a request does not
have is written as ``-``: ``function_status`` is, where the gateway answered by itself.
"""


@dataclass(frozen=True)
class _Authorizer:
    feature: "Feature"
    id: str


class Api(Construct):
    """An HTTP API with explicit routes and CORS for the shop's pages."""

    def __init__(self, stack: HouseStack, id_: str) -> None:
        super().__init__(stack, id_)
        self._stack = stack
        self._authorizer: _Authorizer | None = None
        methods = gateway.CorsHttpMethod
        self._api = gateway.HttpApi(
            self,
            "HttpApi",
            api_name=f"Standby-{stack.stage.name}",
            create_default_stage=False,
            cors_preflight=gateway.CorsPreflightOptions(
                allow_origins=list(stack.stage.shop.cors_origins),
                allow_methods=[methods.GET, methods.HEAD, methods.POST, methods.PATCH, methods.DELETE],
                allow_headers=["accept", "content-type"],
                # The pop-over says when to try again; what is held is counted down by our clock, not by the visitor's.
                expose_headers=["date", "retry-after"],
                max_age=PREFLIGHT_KEPT,
            ),
        )

    @property
    def url(self) -> str:
        """Return the API's own address, without a slash at the end."""
        return self._api.api_endpoint

    def url_seen_from(self, reader: HouseStack) -> str:
        """Return the API's own address as another stack knows it."""
        return reader.reads(self._stack, "Api/url", self.url)

    def seen_from(self, scope: Construct, reader: HouseStack) -> gateway.IHttpApi:
        """Return the API as another stack knows it, for use below ``scope``."""
        api_id = reader.reads(self._stack, "Api/id", self._api.api_id)
        return gateway.HttpApi.from_http_api_attributes(scope, "HttpApi", http_api_id=api_id)

    def authorize(self, function: "FeatureFunction") -> None:
        """Let this function decide who may call the server routes that are added from now on."""
        feature, invoked = function.feature, function.lambda_function
        place = Construct(function, "Gateway")
        api = self.seen_from(place, feature)
        authorizer = gateway.HttpAuthorizer(
            place,
            "Authorizer",
            http_api=api,
            type=gateway.HttpAuthorizerType.LAMBDA,
            authorizer_uri=f"arn:{Aws.PARTITION}:apigateway:{Aws.REGION}:lambda:path/2015-03-31/functions/"
            f"{invoked.function_arn}/invocations",
            identity_source=["$request.header.Authorization"],
            payload_format_version=gateway.AuthorizerPayloadVersion.VERSION_2_0,
            enable_simple_responses=True,
            results_cache_ttl=AUTHORIZER_KEPT,
        )
        invoked.add_permission(
            "Gateway",
            principal=iam.ServicePrincipal("apigateway.amazonaws.com"),
            source_arn=Stack.of(function).format_arn(
                service="execute-api",
                resource=api.api_id,
                resource_name=f"authorizers/{authorizer.authorizer_id}",
            ),
        )
        self._authorizer = _Authorizer(feature, authorizer.authorizer_id)

    def serve(self, function: "FeatureFunction", *, beside: "FeatureFunction | None" = None) -> None:
        """Add the routes of a function's operations (`routes_of`) to the API.

        ``beside`` is the function that answered them in an earlier version. They stay in its place: CloudFormation
        would else make them anew before it deletes the old ones, which API Gateway refuses. Raises ``ValueError`` for
        server routes before `authorize` was called.
        """
        routes = routes_of(function.name)
        place = Construct(function, "Gateway")
        stand = place if beside is None else cast("Construct", beside.node.find_child("Gateway"))
        api = self.seen_from(place, function.feature)
        integration = integrations.HttpLambdaIntegration(
            "Integration", function.lambda_function, scope_permission_to_route=False
        )
        guarded = not all(route.public for route in routes)
        authorizer = self._authorizer_seen_from(place, function.feature) if guarded else None
        for route in routes:
            made = gateway.HttpRoute(
                stand,
                route.key,
                http_api=api,
                route_key=gateway.HttpRouteKey.with_(route.path, gateway.HttpMethod[route.method]),
                integration=integration,
                authorizer=None if route.public else authorizer,
            )
            if route.public:
                accept(
                    made,
                    "AwsSolutions-APIG4",
                    "called by browsers without a key: throttled, and what it opens needs a signed link",
                )

    def _authorizer_seen_from(self, scope: Construct, reader: HouseStack) -> gateway.IHttpRouteAuthorizer:
        if self._authorizer is None:
            raise ValueError("server routes need an authorizer")
        return gateway.HttpAuthorizer.from_http_authorizer_attributes(
            scope,
            "Authorizer",
            authorizer_id=reader.reads(self._authorizer.feature, "Authorizer/id", self._authorizer.id),
            authorizer_type="CUSTOM",
        )


class ApiStage(Construct):
    """Makes the API reachable, with throttling, an access log and alarms. It is deployed after all routes.

    Each route has the limit of those who call it (`infra.stage.Limits`), so that nobody who asks too much of one
    takes from the callers of another.
    """

    def __init__(self, feature: "Feature", id_: str) -> None:
        super().__init__(feature, id_)
        shop = feature.stage.shop
        api = feature.base.api.seen_from(self, feature)
        log = logs.LogGroup(self, "Log", retention=feature.stage.log_retention, removal_policy=RemovalPolicy.DESTROY)
        public = shop.limits.public
        stage = gateway.HttpStage(
            self,
            "Stage",
            http_api=api,
            auto_deploy=True,
            throttle=gateway.ThrottleSettings(rate_limit=public.per_second, burst_limit=public.burst),
            access_log_settings=_AccessLog(log),
        )
        cast("gateway.CfnStage", stage.node.default_child).route_settings = {
            route.key: {"ThrottlingRateLimit": limit.per_second, "ThrottlingBurstLimit": limit.burst}
            for route in all_routes()
            if (limit := getattr(shop.limits, route.callers))
        }
        server_errors = api.metric_server_error(period=FIVE_MINUTES, statistic="Sum")
        feature.watch(
            self,
            "Failing",
            server_errors.with_(period=A_DAY),
            at_least=TWICE,
            felt="customers, the storefront or the ERP get 5xx answers",
            why="the access log says which routes and whether the gateway, the authorizer, a function or the lack of "
            "concurrency; then read that function's log",
        )
        self._watch_refusals(feature, log)
        client_errors = api.metric_client_error(period=FIVE_MINUTES, statistic="Sum")
        feature.show("requests", api.metric_count(period=FIVE_MINUTES), row="API")
        feature.show("errors", server_errors, client_errors, row="API")
        feature.show("latency p99", api.metric_latency(period=FIVE_MINUTES, statistic="p99"), row="API")

    def _watch_refusals(self, feature: "Feature", log: logs.LogGroup) -> None:
        """Count refused calls in the access log, since the gateway's own metric is one number for all of 4xx."""
        status = partial(logs.FilterPattern.string_value, "$.status", "=")
        by_the_gateway = logs.FilterPattern.string_value("$.function_status", "=", "-")
        taking = [route.key for route in all_routes() if route.callers == "erp" and route.method == "POST"]
        untaken = logs.FilterPattern.all(
            logs.FilterPattern.any(*map(status, UNTAKEN)),
            logs.FilterPattern.any(*(logs.FilterPattern.string_value("$.route", "=", key) for key in taking)),
        )
        refused = self._counted(
            feature, log, CALLS_REFUSED, logs.FilterPattern.any(status("401"), status("403"), untaken)
        )
        throttled = self._counted(feature, log, "CallsThrottled", logs.FilterPattern.all(status("429"), by_the_gateway))
        feature.watch(
            self,
            "Refused",
            refused.with_(period=A_DAY),
            at_least=TWICE,
            felt="the ERP or the storefront is refused",
            why="its key is missing, unknown, revoked or lacks the scope (the access log says who and which route; "
            "`make key` makes a new one), or its messages or uploads are malformed (400, 404 and 413 in the same log; "
            "of single messages the log of stock_api or catalog_api says how many, and the first reason)",
        )
        feature.watch(
            self,
            "Throttled",
            throttled.with_(period=A_DAY),
            at_least=TWICE,
            felt="customers, the storefront or the ERP are sent away with 429",
            why="the access log says from where; is it a rush or one bot? cdk.json holds the limits of the routes",
        )
        feature.show("refused", refused, throttled, row="API")

    def _counted(
        self, feature: "Feature", log: logs.LogGroup, name: str, pattern: logs.IFilterPattern
    ) -> cloudwatch.Metric:
        """Return a metric that counts lines of the access log. Without such lines it is not there and costs nothing."""
        namespace = metrics_namespace(feature.stage.name)
        logs.MetricFilter(
            self, name, log_group=log, filter_pattern=pattern, metric_namespace=namespace, metric_name=name
        )
        return cloudwatch.Metric(namespace=namespace, metric_name=name, period=FIVE_MINUTES, statistic="Sum")


@jsii.implements(gateway.IAccessLogSettings)
class _AccessLog:
    """One JSON line a request."""

    def __init__(self, log: logs.LogGroup) -> None:
        self._destination = gateway.LogGroupLogDestination(log)

    @property
    def destination(self) -> gateway.IAccessLogDestination:
        return self._destination

    @property
    def format(self) -> rest.AccessLogFormat:
        return rest.AccessLogFormat.custom(json.dumps(LOGGED))


def count_refused_messages(function: "FeatureFunction") -> None:
    """Count the messages that a function refuses over HTTP where refused calls are counted.

    Without such a line the filter's metric is not there and costs nothing.
    """
    feature = function.feature
    logs.MetricFilter(
        feature,
        "MessagesRefused",
        log_group=function.log,
        filter_pattern=logs.FilterPattern.string_value("$.message", "=", REFUSED),
        metric_namespace=metrics_namespace(feature.stage.name),
        metric_name=CALLS_REFUSED,
    )
