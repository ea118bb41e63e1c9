"""Whoever is woken by an alarm reads which promise is at stake."""

from tests.infra.template import Stacks
from tests.promises import marks


def test_an_alarm_rings_for_every_promise_but_those_that_the_page_calls_silent(prod: Stacks) -> None:
    texts = [str(alarm["AlarmDescription"]) for alarm in prod.properties("CloudWatch::Alarm").values()]
    named = {promise for text in texts for promise in marks.named(text)}
    assert named == set(marks.headings()) - marks.SILENT


def test_every_queue_says_what_waits_and_what_was_set_aside(prod: Stacks) -> None:
    """A queue that is late may lose somebody's mail, a letter set aside is poison: both alarms say so."""
    about = {
        (alarm["MetricName"], promise)
        for alarm in prod.properties("CloudWatch::Alarm").values()
        if alarm.get("Namespace") == "AWS/SQS"
        for promise in marks.named(str(alarm["AlarmDescription"]))
    }
    assert about == {("ApproximateAgeOfOldestMessage", "P2"), ("ApproximateNumberOfMessagesVisible", "P9")}
