"""The HTTP API: public routes for browsers, server routes behind a key (design §5.2)."""

import json

import jsii
from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_apigateway as rest
from aws_cdk import aws_apigatewayv2 as gateway
from aws_cdk import aws_apigatewayv2_authorizers as authorizers
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.constructs.alarms import Alarms
from infra.constructs.function import FeatureFunction
from infra.constructs.routes import routes_of
from infra.constructs.rules import accept
from infra.stage import Stage

PREFLIGHT_KEPT = Duration.hours(1)
AUTHORIZER_KEPT = Duration.seconds(60)
FIVE_MINUTES = Duration.minutes(5)
LOGGED = {
    "request_id": "$context.requestId",
    "time": "$context.requestTime",
    "route": "$context.routeKey",
    "status": "$context.status",
    "milliseconds": "$context.responseLatency",
    "bytes": "$context.responseLength",
    "ip": "$context.identity.sourceIp",
    "key_id": "$context.authorizer.key_id",
    "error": "$context.integrationErrorMessage",
}
"""What the access log keeps: the route, never the path or the query, in which tokens stand."""


class Api(Construct):
    """An HTTP API with explicit routes, a throttled stage, CORS for the shop's pages and an access log."""

    def __init__(self, scope: Construct, id_: str, *, stage: Stage, alarms: Alarms) -> None:
        super().__init__(scope, id_)
        self._alarms = alarms
        self._authorizer: authorizers.HttpLambdaAuthorizer | None = None
        methods = gateway.CorsHttpMethod
        self._api = gateway.HttpApi(
            self,
            "HttpApi",
            create_default_stage=False,
            cors_preflight=gateway.CorsPreflightOptions(
                allow_origins=list(stage.shop.cors_origins),
                allow_methods=[methods.GET, methods.POST, methods.PATCH, methods.DELETE],
                allow_headers=["accept", "content-type"],
                max_age=PREFLIGHT_KEPT,
            ),
        )
        log = logs.LogGroup(self, "Log", retention=stage.log_retention, removal_policy=RemovalPolicy.DESTROY)
        gateway.HttpStage(
            self,
            "Stage",
            http_api=self._api,
            auto_deploy=True,
            throttle=gateway.ThrottleSettings(rate_limit=stage.shop.requests_per_second, burst_limit=stage.shop.burst),
            access_log_settings=_AccessLog(log),
        )
        self._watch()

    @property
    def url(self) -> str:
        """Return the API's own address, without a slash at the end."""
        return self._api.api_endpoint

    def authorize(self, function: FeatureFunction) -> None:
        """Let this function decide who may call the server routes that are added from now on."""
        self._authorizer = authorizers.HttpLambdaAuthorizer(
            "Authorizer",
            function.lambda_function,
            response_types=[authorizers.HttpLambdaResponseType.SIMPLE],
            identity_source=["$request.header.Authorization"],
            results_cache_ttl=AUTHORIZER_KEPT,
        )
        self._watch_caller_of(function)

    def serve(self, function: FeatureFunction) -> None:
        """Route to a function what its operations say (`routes_of`).

        Raises ``ValueError`` for server routes before `authorize` was called.
        """
        routes = routes_of(function.name)
        if self._authorizer is None and not all(route.public for route in routes):
            raise ValueError("server routes need an authorizer")
        self._watch_caller_of(function)
        integration = integrations.HttpLambdaIntegration(
            "Integration", function.lambda_function, scope_permission_to_route=False
        )
        for route in routes:
            (made,) = self._api.add_routes(
                path=route.path,
                methods=[gateway.HttpMethod[route.method]],
                integration=integration,
                authorizer=None if route.public else self._authorizer,
            )
            if route.public:
                accept(
                    made,
                    "AwsSolutions-APIG4",
                    "called by browsers without a key: throttled, and what it opens needs a signed link",
                )

    def _watch(self) -> None:
        server_errors = self._api.metric_server_error(period=FIVE_MINUTES, statistic="Sum")
        self._alarms.watch(
            self,
            "Failing",
            server_errors,
            at_least=5,
            periods=2,
            why="callers of the API get 5xx answers: read the access log, then the function's",
        )
        self._alarms.show(
            "API",
            requests=[self._api.metric_count(period=FIVE_MINUTES)],
            errors=[server_errors, self._api.metric_client_error(period=FIVE_MINUTES, statistic="Sum")],
            latency_p99=[self._api.metric_latency(period=FIVE_MINUTES, statistic="p99")],
        )

    def _watch_caller_of(self, function: FeatureFunction) -> None:
        self._alarms.watch(
            function,
            "Throttled",
            function.throttles(),
            at_least=1,
            periods=2,
            why="callers of the API are refused because a function gets no concurrency: ask AWS for a higher quota",
        )


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
