"""Every failure that customers or the shop notice has an alarm, every alarm a failure, and the page says both."""

import copy
from dataclasses import replace
from typing import Any

from standby.platform.settings import REFUSED

from infra.operations.failures import AGES, DAY, DECLARED, MINUTE, PAGE, failures, page
from infra.operations.templates import Templates
from tests.infra.template import Stacks

LONGEST_PATTERN = 1_024
"""Characters of a filter of CloudWatch Logs."""


def without(stacks: Templates, alarm: str) -> Templates:
    title, _, logical = alarm.partition(".")
    parts = []
    for part in stacks.parts:
        template = part.template
        if part.title == title:
            template = copy.deepcopy(template)
            del template["Resources"][logical]
        parts.append(replace(part, template=template))
    return Templates(tuple(parts))


def test_every_failure_has_an_alarm(prod: Stacks) -> None:
    assert [failure.cause for failure in failures(prod) if failure.alarm is None] == []


def test_every_alarm_is_for_a_failure(prod: Stacks) -> None:
    """A new alarm needs a failure: one that follows from the templates, or a line of `DECLARED`."""
    assert set(prod.of("CloudWatch::Alarm")) - {failure.alarm for failure in failures(prod)} == set()


def test_an_alarm_that_goes_leaves_a_failure_without_one(prod: Stacks) -> None:
    causes = {failure.cause for failure in failures(prod)}
    for alarm in prod.of("CloudWatch::Alarm"):
        left = failures(without(prod, alarm))
        assert {failure.cause for failure in left} == causes
        assert [failure.cause for failure in left if failure.alarm is None], alarm


def test_what_no_template_can_tell_is_declared_once_and_rings(prod: Stacks) -> None:
    metrics = {alarm["MetricName"] for alarm in prod.properties("CloudWatch::Alarm").values()}
    assert set(DECLARED) <= metrics


def test_messages_and_uploads_that_are_refused_over_http_ring_like_a_key_that_is(prod: Stacks) -> None:
    """A sender whose every message is refused hears it in each answer, and may not listen."""
    patterns = [
        p["FilterPattern"]
        for p in prod.properties("Logs::MetricFilter").values()
        if [each["MetricName"] for each in p["MetricTransformations"]] == ["CallsRefused"]
    ]
    assert max(map(len, patterns)) <= LONGEST_PATTERN
    for said in (REFUSED, "POST /v1/messages/stock", "POST /v1/imports/uploads", "413"):
        assert [pattern for pattern in patterns if f'"{said}"' in pattern], said


def test_an_alarms_text_begins_with_what_is_noticed(prod: Stacks) -> None:
    for name, alarm in prod.properties("CloudWatch::Alarm").items():
        felt, colon, why = alarm["AlarmDescription"].partition(": ")
        assert felt, name
        assert colon, name
        assert len(why.split()) > 3, name


def test_the_committed_page_says_what_the_templates_do(prod: Stacks) -> None:
    assert PAGE.read_text("utf-8") == page(prod), "make wiring"


def rung(alarm: dict[str, Any], *failures: int) -> int | None:
    """Return the minute in which an alarm on a count rings, given those in which something failed once.

    CloudWatch looks every minute at the spans that end then ("Alarm evaluation window", sliding).
    """
    period = alarm["Period"] // MINUTE

    def breached(until: int) -> bool:
        seen = [minute for minute in failures if until - period < minute <= until]
        if not seen:
            return bool(alarm["TreatMissingData"] == "breaching")
        return (len(seen) if alarm["Statistic"] == "Sum" else 1) >= alarm["Threshold"]

    for now in range(3 * DAY // MINUTE):
        spans = [breached(now - number * period) for number in range(alarm["EvaluationPeriods"])]
        if sum(spans) >= alarm["DatapointsToAlarm"]:
            return now
    return None


def counts(stacks: Templates) -> dict[str, dict[str, Any]]:
    """Return the alarms that ring for what happens, not for an age or for silence."""
    return {
        name: alarm
        for name, alarm in stacks.properties("CloudWatch::Alarm").items()
        if alarm["MetricName"] not in AGES and alarm["TreatMissingData"] != "breaching"
    }


def test_whoever_calls_twice_a_day_and_fails_is_heard(prod: Stacks) -> None:
    """An alarm that wants several failures close together never rings where few call."""
    assert {name for name, alarm in counts(prod).items() if rung(alarm, 0, 12 * 60) is None} == set()


def test_a_failure_of_all_calls_is_heard_in_minutes_where_a_single_one_is_not(prod: Stacks) -> None:
    answers = {name: alarm for name, alarm in counts(prod).items() if name.startswith("Gateway.")}
    assert len(answers) == 3
    assert {rung(alarm, 0) for alarm in answers.values()} == {None}
    assert {rung(alarm, *range(30)) for alarm in answers.values()} == {1}
