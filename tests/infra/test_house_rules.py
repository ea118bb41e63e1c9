"""The house's rules for infrastructure, checked on the synthesized template (design §8)."""

import re
from pathlib import Path

import pytest

from infra.operations import event_contracts
from infra.operations.templates import listed, target
from tests.infra.template import ROOT, Stacks, assemble
from tests.wiring import DEAD_LETTERS, FUNCTIONS, QUEUES, STREAMS, TABLES, WIRING, called

VISIBILITY_PER_TIMEOUT = 6


@pytest.fixture(params=["prod", "local"])
def template(request: pytest.FixtureRequest) -> Stacks:
    made: Stacks = request.getfixturevalue(request.param)
    return made


def alarmed(template: Stacks, metric: str) -> set[str]:
    """Return the logical ids of the queues whose metric rings."""
    return {
        target(dimension["Value"])
        for alarm in template.properties("CloudWatch::Alarm").values()
        if alarm["MetricName"] == metric
        for dimension in alarm["Dimensions"]
        if dimension["Name"] == "QueueName"
    }


HEAR_OF_HOURS = [
    "compensation_api",
    "compensation_issuer",
    "compensation_viewer",
    "delivery_worker",
    "mail_sender",
    "preorder_allocator",
    "waitlist_planner",
]


def test_cdk_nag_finds_nothing(template: Stacks) -> None:
    assert template.findings == []


def test_every_accepted_rule_has_a_reason_of_its_own_words(template: Stacks) -> None:
    assert [rule for rule, reason in template.accepted if len(reason.split()) < 4] == []


def test_every_folder_below_functions_is_deployed_and_no_other(template: Stacks) -> None:
    folders = {path.parent.name for path in (ROOT / "functions").glob("*/handler.py")}
    assert set(template.functions) == folders


def test_every_queue_has_dead_letters(template: Stacks) -> None:
    without = {name for name, queue in template.properties("SQS::Queue").items() if "RedrivePolicy" not in queue}
    assert without == template.dead_letter_queues


def test_a_message_is_tried_five_times(template: Stacks) -> None:
    tries = {
        queue["RedrivePolicy"]["maxReceiveCount"]
        for queue in template.properties("SQS::Queue").values()
        if "RedrivePolicy" in queue
    }
    assert tries == {5}


def test_dead_letters_are_kept_longer_than_work(template: Stacks) -> None:
    kept = {name: queue["MessageRetentionPeriod"] for name, queue in template.properties("SQS::Queue").items()}
    dead = {kept[name] for name in template.dead_letter_queues}
    work = {seconds for name, seconds in kept.items() if name not in template.dead_letter_queues}
    assert min(dead) > max(work)


def test_every_queue_has_an_alarm(template: Stacks) -> None:
    queues = set(template.of("SQS::Queue"))
    late = alarmed(template, "ApproximateAgeOfOldestMessage")
    silent = alarmed(template, "NumberOfMessagesDeleted")
    assert alarmed(template, "ApproximateNumberOfMessagesVisible") == template.dead_letter_queues
    assert late | silent == queues - template.dead_letter_queues
    assert late & silent == set()


def test_a_features_queues_share_their_dead_letters(template: Stacks) -> None:
    shared: dict[str, set[str]] = {}
    for name, queue in template.properties("SQS::Queue").items():
        if "RedrivePolicy" in queue:
            shared.setdefault(name.split(".")[0], set()).add(target(queue["RedrivePolicy"]["deadLetterTargetArn"]))
    assert {feature: [template.path(name) for name in names] for feature, names in shared.items()} == {
        feature: [f"{feature}/DeadLetters"] for feature in shared
    }


def test_every_function_has_a_log_that_ends(template: Stacks) -> None:
    retained = {name for name, log in template.properties("Logs::LogGroup").items() if log.get("RetentionInDays")}
    own = {target(function["LoggingConfig"]["LogGroup"]) for _, function in template.functions.values()}
    assert own <= retained
    assert len(own) == len(template.functions)


def test_every_function_runs_the_same_way(prod: Stacks) -> None:
    ways = {
        (
            function["Runtime"],
            tuple(function["Architectures"]),
            function["Handler"],
            function["LoggingConfig"]["LogFormat"],
        )
        for _, function in prod.functions.values()
    }
    assert ways == {("python3.13", ("arm64",), "handler.handler", "JSON")}


def test_only_what_reads_pictures_spreadsheets_or_the_bundle_carries_more_than_the_two_layers(prod: Stacks) -> None:
    layers = {name: len(function["Layers"]) for name, (_, function) in prod.functions.items()}
    assert {name: count for name, count in layers.items() if count != 2} == {
        "availability_viewer": 3,
        "imports_reader": 3,
        "stock_api": 3,
        "storefront_api": 3,
    }


@pytest.mark.parametrize("said", ["public", "never"])
def test_a_shop_that_wants_no_pictures_looked_at_hears_of_none(tmp_path: Path, said: str) -> None:
    stacks = assemble(tmp_path, stage="prod", looks_at_pictures=said)
    queues = [
        stacks.path(target(each["Arn"])) for p in stacks.properties("Events::Rule").values() for each in p["Targets"]
    ]
    assert ("Availability/AvailabilityPictures" in queues) is (said == "public")
    for name in ("availability_viewer", "availability_api"):
        told = stacks.functions[name][1]["Environment"]["Variables"]
        assert told["LOOKS_AT_PICTURES"] == said


def test_functions_hear_of_closed_hours_where_the_shop_has_some(tmp_path: Path, prod: Stacks) -> None:
    said = {"quiet_hours": "21:00-08:00", "rest_days": "6", "rest_holidays": "IL", "quiet_for": "all"}
    stacks = assemble(tmp_path, stage="prod", **said)
    named = {"QUIET_HOURS", "REST_DAYS", "REST_HOLIDAYS"}
    told = {
        name: named & function["Environment"]["Variables"].keys() for name, (_, function) in stacks.functions.items()
    }
    assert {name: known for name, known in told.items() if known} == dict.fromkeys(HEAR_OF_HOURS, named)
    assert not any(named & each["Environment"]["Variables"].keys() for _, each in prod.functions.values())


def test_every_call_and_every_cold_start_leaves_its_figures(template: Stacks) -> None:
    """Lambda writes ``platform.report`` (duration, memory) and ``platform.initStart`` at the level INFO."""
    levels = {
        (function["LoggingConfig"]["SystemLogLevel"], function["LoggingConfig"]["ApplicationLogLevel"])
        for _, function in template.functions.values()
    }
    assert levels == {("INFO", "INFO")}


def test_all_calls_are_traced_but_those_that_come_every_hour_or_more_often(prod: Stacks) -> None:
    untraced = {name for name, (_, function) in prod.functions.items() if "TracingConfig" not in function}
    beaten = {
        QUEUES[called(queue)]["feeds"]
        for schedule in WIRING["schedules"]
        if "minute" in schedule["every"] or "hour" in schedule["every"]
        for queue in schedule["queues"]
    }
    assert untraced == beaten


def test_no_function_reserves_concurrency(template: Stacks) -> None:
    assert [n for n, (_, f) in template.functions.items() if "ReservedConcurrentExecutions" in f] == []


def test_queues_hand_out_batches_whose_failures_are_reported_one_by_one(template: Stacks) -> None:
    mappings = template.properties("Lambda::EventSourceMapping")
    queues = set(template.of("SQS::Queue"))
    fed = {name: m for name, m in mappings.items() if target(m["EventSourceArn"]) in queues}
    assert {target(mapping["EventSourceArn"]) for mapping in fed.values()} == queues - template.dead_letter_queues
    assert {tuple(mapping["FunctionResponseTypes"]) for mapping in fed.values()} == {("ReportBatchItemFailures",)}


def test_only_what_would_overrun_something_is_bounded(template: Stacks) -> None:
    """A mapping with a bound polls with five pollers instead of two."""
    bounded = {
        template.path(target(mapping["EventSourceArn"])): mapping["ScalingConfig"]["MaximumConcurrency"]
        for mapping in template.properties("Lambda::EventSourceMapping").values()
        if "ScalingConfig" in mapping
    }
    assert bounded == {
        "Stock/StockUpdates": 5,
        "Mail/MailBulk": 2,
        "Catalog/CatalogUpdates": 5,
        "Availability/AvailabilityChanges": 5,
        "Availability/AvailabilityPictures": 2,
    }


def test_only_functions_that_message_themselves_may_go_round_in_circles(template: Stacks) -> None:
    """Lambda drops a chain through one queue after 16 rounds: the 17th page of a wave would be lost."""
    fed: dict[str, set[str]] = {}
    for mapping in template.properties("Lambda::EventSourceMapping").values():
        fed.setdefault(target(mapping["FunctionName"]), set()).add(target(mapping["EventSourceArn"]))
    circling = {
        name
        for name, (logical_id, _) in template.functions.items()
        for statement in template.statements(name)
        if "sqs:SendMessage" in listed(statement["Action"])
        for resource in listed(statement["Resource"])
        if target(resource) in fed.get(logical_id, set())
    }
    allowed = {name for name, (_, function) in template.functions.items() if function["RecursiveLoop"] == "Allow"}
    assert allowed == circling


def test_a_stream_gives_up_poison_and_keeps_its_place(template: Stacks) -> None:
    streams = [m for m in template.properties("Lambda::EventSourceMapping").values() if "StartingPosition" in m]
    assert len(streams) == len(STREAMS)
    for stream in streams:
        assert stream["MaximumRetryAttempts"] == 10
        assert stream["MaximumRecordAgeInSeconds"] == 3600
        assert stream["BisectBatchOnFunctionError"] is True
        assert "FunctionResponseTypes" not in stream


def test_a_slow_batch_does_not_come_back_while_it_is_worked_on(template: Stacks) -> None:
    timeouts = {name: function["Timeout"] for name, function in template.properties("Lambda::Function").items()}
    queues = template.properties("SQS::Queue")
    too_short = [
        name
        for name, mapping in template.properties("Lambda::EventSourceMapping").items()
        if (queue := queues.get(target(mapping["EventSourceArn"]))) is not None
        and queue["VisibilityTimeout"] < VISIBILITY_PER_TIMEOUT * timeouts[target(mapping["FunctionName"])]
    ]
    assert too_short == []


def test_every_rule_delivers_to_a_queue_and_its_dead_letters(template: Stacks) -> None:
    queues = template.properties("SQS::Queue")
    for name, rule in template.properties("Events::Rule").items():
        for delivery in rule["Targets"]:
            queue = queues[target(delivery["Arn"])]
            assert delivery["DeadLetterConfig"]["Arn"] == queue["RedrivePolicy"]["deadLetterTargetArn"], name


def test_eventbridge_may_send_where_its_rules_lead(template: Stacks) -> None:
    """The local AWS delivers without a policy; AWS drops the event (emulator notes §12.1)."""
    allowed = {
        (target(statement["Condition"]["ArnEquals"]["aws:SourceArn"]), target(statement["Resource"]))
        for policy in template.properties("SQS::QueuePolicy").values()
        for statement in policy["PolicyDocument"]["Statement"]
        if statement.get("Principal") == {"Service": "events.amazonaws.com"}
        and "sqs:SendMessage" in listed(statement["Action"])
    }
    for name, rule in template.properties("Events::Rule").items():
        for delivery in rule["Targets"]:
            assert (name, target(delivery["Arn"])) in allowed
            assert (name, target(delivery["DeadLetterConfig"]["Arn"])) in allowed


def test_the_table_of_contents_names_the_queues_that_hear_an_event(template: Stacks) -> None:
    heard = {
        template.path(target(rule["Targets"][0]["Arn"])).rpartition("/")[2]: set(rule["EventPattern"]["detail-type"])
        for rule in template.properties("Events::Rule").values()
        if rule.get("EventPattern", {}).get("source") == ["standby"]
    }
    assert heard == {queue: {kind.__name__ for kind in kinds} for queue, kinds in event_contracts.heard().items()}


def test_what_ses_says_reaches_mail(template: Stacks) -> None:
    rules = [
        rule
        for rule in template.properties("Events::Rule").values()
        if rule.get("EventPattern", {}).get("source") == ["aws.ses"]
    ]
    assert {template.path(target(rule["Targets"][0]["Arn"])) for rule in rules} == {"Mail/MailFeedback"}
    of_mails, of_itself = sorted((rule["EventPattern"] for rule in rules), key=lambda pattern: "detail" not in pattern)
    assert sorted(of_mails["detail-type"]) == [
        "Email Bounced",
        "Email Complaint Received",
        "Email Rejected",
        "Email Rendering Failed",
    ]
    assert of_itself == {"source": ["aws.ses"], "detail-type": ["Sending Status Disabled"]}
    (destination,) = template.properties("SES::ConfigurationSetEventDestination").values()
    assert sorted(destination["EventDestination"]["MatchingEventTypes"]) == [
        "bounce",
        "complaint",
        "reject",
        "renderingFailure",
    ]


def test_production_loses_no_table(prod: Stacks) -> None:
    for name, resource in prod.of("DynamoDB::GlobalTable").items():
        assert resource["DeletionPolicy"] == "Retain", name
        assert resource["UpdateReplacePolicy"] == "Retain", name
        (replica,) = resource["Properties"]["Replicas"]
        assert replica["DeletionProtectionEnabled"] is True, name
        assert replica["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True, name


@pytest.mark.parametrize("kind", ["S3::Bucket", "SES::EmailIdentity"])
def test_production_loses_nothing_else_that_others_hold_in_their_hands(prod: Stacks, kind: str) -> None:
    """Nor does a first deployment that fails leave an empty one: the SES identity would be in the next one's way."""
    (resource,) = prod.of(kind).values()
    assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")


def test_the_local_stage_leaves_nothing_behind(local: Stacks) -> None:
    kept = [n for n, resource in local.resources.items() if resource.get("DeletionPolicy", "Delete") != "Delete"]
    assert kept == []


def test_tables_are_paid_by_request_and_old_items_go(template: Stacks) -> None:
    for name, table in template.properties("DynamoDB::GlobalTable").items():
        assert table["BillingMode"] == "PAY_PER_REQUEST", name
        assert table["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}, name
        assert [key["AttributeName"] for key in table["KeySchema"]] == ["pk", "sk"], name


def test_a_stream_tells_what_was_and_what_is(template: Stacks) -> None:
    streams = {
        template.path(name): table["StreamSpecification"]["StreamViewType"]
        for name, table in template.properties("DynamoDB::GlobalTable").items()
        if "StreamSpecification" in table
    }
    assert streams == dict.fromkeys(WIRING["streams"], "NEW_AND_OLD_IMAGES")


def test_the_local_stage_asks_for_nothing_that_the_local_aws_rejects(local: Stacks) -> None:
    rejected = r"CompositeAlarm|QueryDefinition|WebACLAssociation|SES::Stacks|CodeDeploy|ApplicationAutoScaling|XRay|"
    rejected += r"Budgets|Archive|Connection|ApiDestination|RotationSchedule|ResourcePolicy|Custom::"
    kinds = {resource["Type"] for resource in local.resources.values()}
    assert [kind for kind in kinds if re.search(rejected, kind)] == []
    assert [name for name, alarm in local.properties("CloudWatch::Alarm").items() if "Metrics" in alarm] == []


def test_the_outputs_are_those_of_the_design_and_what_operators_need(template: Stacks) -> None:
    """A feature may say more. What an output leads to stays what it is: ``held`` in ``tests/wiring.json``."""
    set_aside = [*DEAD_LETTERS.values(), *(called(stream["dead_letters"]) for stream in STREAMS.values())]
    expected = {
        *("ApiUrl", "PublicUrl", "EventBusName"),
        *(f"{name}TableName" for name in TABLES),
        *(f"{name}QueueUrl" for name in QUEUES),
        *(f"{name}Url" for name in set_aside),
        *(f"{place.replace('/', '')}Name" for place in WIRING["files"]),
        *(f"{place.split('/')[0]}StreamArn" for place in WIRING["streams"]),
    }
    missing = expected - set(template.outputs)
    assert missing == set(), "operators' commands and other systems find things by these names: keep them"


def test_links_lead_to_the_shops_address_where_it_has_one(prod: Stacks, local: Stacks) -> None:
    assert local.outputs["PublicUrl"]["Value"] == "http://127.0.0.1:4566"
    assert prod.outputs["PublicUrl"] == prod.outputs["ApiUrl"]


@pytest.mark.promise("P9")
def test_whoever_takes_from_a_queue_may_set_poison_aside_with_its_reason() -> None:
    """What SQS sets aside by itself, after its tries, says no reason."""
    for name, queue in QUEUES.items():
        may = FUNCTIONS[queue["feeds"]]["may"]
        dead = [place for place in may if called(place) == DEAD_LETTERS[name]]
        assert [may[place] for place in dead] == [["sqs:SendMessage"]], name
