"""Every failure that customers or the shop notice has an alarm, every alarm a failure, and the page says both."""

import copy
from dataclasses import replace

from infra.operations.failures import DECLARED, PAGE, failures, page
from infra.operations.templates import Templates
from tests.infra.template import Stacks


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


def test_an_alarms_text_begins_with_what_is_noticed(prod: Stacks) -> None:
    for name, alarm in prod.properties("CloudWatch::Alarm").items():
        felt, colon, why = alarm["AlarmDescription"].partition(": ")
        assert felt, name
        assert colon, name
        assert len(why.split()) > 3, name


def test_the_committed_page_says_what_the_templates_do(prod: Stacks) -> None:
    assert PAGE.read_text("utf-8") == page(prod), "make wiring"
