"""Alarms reach somebody, ring when they should and only then, and say which promise is at stake."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from infra.operations.templates import target
from tests.infra.template import ROOT, Stacks, synthesize
from tests.promises import marks

HOUR, DAY = 3_600, 86_400


def test_an_alarm_rings_for_every_promise_but_those_that_the_page_calls_silent(prod: Stacks) -> None:
    texts = [str(alarm["AlarmDescription"]) for alarm in prod.properties("CloudWatch::Alarm").values()]
    named = {promise for text in texts for promise in marks.named(text)}
    assert named == set(marks.headings()) - marks.SILENT


def test_every_queue_says_what_waits_and_what_was_set_aside(prod: Stacks) -> None:
    """A queue that is late or stands still may lose somebody's mail, a letter set aside is poison: alarms say so."""
    about = {
        (alarm["MetricName"], promise)
        for alarm in prod.properties("CloudWatch::Alarm").values()
        if alarm.get("Namespace") == "AWS/SQS"
        for promise in marks.named(str(alarm["AlarmDescription"]))
    }
    assert about == {
        ("ApproximateAgeOfOldestMessage", "P2"),
        ("NumberOfMessagesDeleted", "P2"),
        ("ApproximateNumberOfMessagesVisible", "P9"),
    }


def alarms(stacks: Stacks, metric: str) -> list[dict[str, Any]]:
    return [a for a in stacks.properties("CloudWatch::Alarm").values() if a["MetricName"] == metric]


def test_no_alarm_is_silent_where_there_is_an_address(prod: Stacks) -> None:
    (topic,) = prod.of("SNS::Topic")
    silent = [
        name
        for name, alarm in prod.properties("CloudWatch::Alarm").items()
        if alarm.get("AlarmActions") != [{"Ref": topic}] or alarm.get("ActionsEnabled") is False
    ]
    assert silent == []


def test_without_an_address_the_alarms_are_there_and_cdk_says_that_nobody_hears_them(tmp_path: Path) -> None:
    stacks = synthesize(tmp_path, stage="prod")
    alarms = stacks.properties("CloudWatch::Alarm").values()
    assert [alarm for alarm in alarms if "AlarmActions" in alarm] == []
    assert alarms
    assert stacks.of("SNS::Topic") == {}
    (warning,) = [text for text in stacks.warnings if "no alarm reaches anybody" in text]
    assert "alarm_email" in warning


def test_nobody_is_warned_where_it_is_not_needed(prod: Stacks, local: Stacks) -> None:
    assert [text for text in (*prod.warnings, *local.warnings) if "no alarm reaches anybody" in text] == []


def test_the_topic_lets_alarms_of_this_account_publish_and_no_other(prod: Stacks) -> None:
    (policy,) = prod.properties("SNS::TopicPolicy").values()
    allowed = [said for said in policy["PolicyDocument"]["Statement"] if said["Effect"] == "Allow"]
    assert [(said["Principal"], said["Action"], said["Condition"]) for said in allowed] == [
        (
            {"Service": "cloudwatch.amazonaws.com"},
            "sns:Publish",
            {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}},
        )
    ]


def test_silence_is_no_health_where_something_must_come(prod: Stacks) -> None:
    """Numbers that come from a schedule or from the ERP; all the others are health when they are missing."""
    missing = {
        (alarm["MetricName"], alarm["ComparisonOperator"])
        for alarm in prod.properties("CloudWatch::Alarm").values()
        if alarm["TreatMissingData"] == "breaching"
    }
    assert missing == {
        ("NumberOfMessagesDeleted", "LessThanThreshold"),
        ("Invocations", "LessThanThreshold"),
        ("NumberOfMessagesSent", "LessThanThreshold"),
    }
    below = {a["MetricName"] for a in prod.properties("CloudWatch::Alarm").values() if a["Threshold"] == 1} - {
        a["MetricName"]
        for a in prod.properties("CloudWatch::Alarm").values()
        if a["ComparisonOperator"] == "GreaterThanOrEqualToThreshold"
    }
    assert below == {name for name, _ in missing}


def test_an_alarm_that_stays_is_one_whose_metric_aws_may_leave_out(prod: Stacks) -> None:
    """A dead-letter queue that nobody touches reports nothing after some hours; SES reports its rates when it can."""
    stays = {
        a["MetricName"] for a in prod.properties("CloudWatch::Alarm").values() if a["TreatMissingData"] == "ignore"
    }
    assert stays == {"ApproximateNumberOfMessagesVisible", "Reputation.BounceRate", "Reputation.ComplaintRate"}


def test_a_metric_that_is_counted_by_the_hour_is_not_looked_at_by_the_minute(prod: Stacks) -> None:
    """Else its alarm rings and is silent again every hour."""
    hourly = [*alarms(prod, "SnapshotsUnfinished"), *alarms(prod, "ChangesAnnouncedLate")]
    spans = {(alarm["Period"], alarm["DatapointsToAlarm"], alarm["EvaluationPeriods"]) for alarm in hourly}
    assert spans == {(3_600, 1, 2)}


def test_refusals_are_counted_in_the_access_log_and_ring(prod: Stacks) -> None:
    filters = {
        each["MetricTransformations"][0]["MetricName"]: each
        for name, each in prod.properties("Logs::MetricFilter").items()
        if name.startswith("Gateway.")
    }
    assert {name: each["FilterPattern"] for name, each in filters.items()} == {
        "CallsRefused": '{ ($.status = "401") || ($.status = "403") || '
        '((($.status = "400") || ($.status = "404") || ($.status = "413")) && '
        '(($.route = "POST /v1/imports/uploads") || ($.route = "POST /v1/messages/catalog") || '
        '($.route = "POST /v1/messages/orders") || '
        '($.route = "POST /v1/messages/stock"))) }',
        "CallsThrottled": '{ ($.status = "429") && ($.function_status = "-") }',
    }
    (stage,) = prod.properties("ApiGatewayV2::Stage").values()
    logged = json.loads(stage["AccessLogSettings"]["Format"])
    assert logged["status"] == "$context.status"
    assert logged["function_status"] == "$context.integration.status"
    log = target(stage["AccessLogSettings"]["DestinationArn"])
    for name, each in filters.items():
        (transformation,) = each["MetricTransformations"]
        (alarm,) = alarms(prod, name)
        assert target(each["LogGroupName"]) == log
        assert "Dimensions" not in alarm
        assert (transformation["MetricNamespace"], transformation["MetricValue"]) == (alarm["Namespace"], "1")
        assert "DefaultValue" not in transformation, "a metric that is always there costs as much as three alarms"


def test_the_stage_says_after_how_many_hours_without_stock_messages_it_rings(prod: Stacks, local: Stacks) -> None:
    (alarm,) = alarms(prod, "NumberOfMessagesSent")
    assert alarm["Period"] * alarm["EvaluationPeriods"] == 24 * 3_600
    assert alarm["Dimensions"][0]["Value"] == {"Fn::GetAtt": [named(prod, "Stock/StockUpdates"), "QueueName"]}
    assert alarms(local, "NumberOfMessagesSent") == []


def test_cloudwatch_looks_back_no_further_than_it_can(prod: Stacks) -> None:
    """A day for periods below an hour, a week for longer ones."""
    for name, alarm in prod.properties("CloudWatch::Alarm").items():
        most = DAY if alarm["Period"] < HOUR else 7 * DAY
        assert alarm["Period"] * alarm["EvaluationPeriods"] <= most, name


def test_every_alarm_on_a_number_of_ours_names_one_that_is_counted_and_by_whom(prod: Stacks) -> None:
    """A misspelt metric, or one under another service's name, never rings."""
    product = ROOT / "layers" / "core" / "python" / "standby"
    for alarm in prod.properties("CloudWatch::Alarm").values():
        if alarm["Namespace"].startswith("Standby-") and "Dimensions" in alarm:
            (dimension,) = alarm["Dimensions"]
            assert dimension["Name"] == "service"
            package = "".join(path.read_text("utf-8") for path in (product / dimension["Value"]).rglob("*.py"))
            begun = re.findall(r'f"([A-Za-z]+){', package)
            metric = alarm["MetricName"]
            assert f'"{metric}"' in package or [name for name in begun if metric.startswith(name)], metric


@pytest.mark.parametrize("metric", ["ApproximateAgeOfOldestMessage", "NumberOfMessagesDeleted", "NumberOfMessagesSent"])
def test_alarms_on_queues_look_at_queues_that_are_worked_off(prod: Stacks, metric: str) -> None:
    dead = prod.dead_letter_queues
    watched = {target(d["Value"]) for alarm in alarms(prod, metric) for d in alarm["Dimensions"]}
    assert watched
    assert watched & dead == set()


def named(stacks: Stacks, place: str) -> str:
    (name,) = [name for name in stacks.of("SQS::Queue") if stacks.path(name) == place]
    return name
