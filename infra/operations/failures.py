"""What can fail so that customers or the shop notice it, and the alarm that rings for each.

Most of it follows from what stands in the templates: a queue can be left alone or served by a function that fails, a
schedule can be disabled, a function behind the API can fail. `DECLARED` adds what no template can tell. ``make wiring``
writes the page ``infra/FAILURES.md``; ``tests/infra/test_failures.py`` asks for an alarm for every failure, and for a
failure for every alarm.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.operations.templates import Templates, target

PAGE = Path(__file__).parents[1] / "FAILURES.md"
MINUTE, HOUR, DAY = 60, 3_600, 86_400
BEATS = frozenset({"rate(1 minute)", "rate(5 minutes)"})
SEEN_BY_AGE = 2
AGES: Mapping[str, float] = {"ApproximateAgeOfOldestMessage": 1, "IteratorAge": 0.001}
"""Metrics that tell for how long something has waited, and in what part of a second. The others count what happens."""
DECLARED: Mapping[str, str] = {
    "AddressesNotSwept": "what is stored of one customer cannot be read, or a change of it cannot be written",
    "ApprovalsWaiting": "nobody approves or denies what the policy lets wait for a person",
    "BudgetsEnded": "what delays are worth by the policy is more than the shop means to spend in a month",
    "CallsRefused": "a key was revoked, mistyped or lacks a scope, calls come without one, or messages that the ERP "
    "sends over HTTP are refused",
    "CallsThrottled": "more calls come than the limits of the API let in",
    "CallsTooLate": "so many customers whom no mail reaches are to be called that the shop cannot do it in time",
    "CancellationsWaiting": "what customers pre-ordered does not come back, or became a kit",
    "ChangesAnnouncedLate": "the mapping of the ledger's stream is disabled, or its dead letters were never redriven",
    "ClaimsUnfinished": "units of an order stay claimed, because the ERP never tells that it was placed, shipped or "
    "subtracted",
    "CodesNotTaken": "a storefront takes codes of vouchers without asking whether they may be taken",
    "FeedsWaiting": "a complete product file leaves out too much by mistake, or has lines of which nobody can tell "
    "whose they are",
    "LinesNotImported": "a file has lines that cannot be read",
    "MailNotSentAfterAll": "mails could not be sent while they were valid, or SES cannot fill the places of a mail "
    "that it accepted, or rejects its content",
    "NumberOfMessagesSent": "the ERP sends nothing: its export stands still, or its key is refused",
    "RefundsOverdue": "the shop pays back late, or its ERP does not tell that it did",
    "Reputation.BounceRate": "addresses on the list do not exist",
    "Reputation.ComplaintRate": "people do not want the mails that they get",
    "RemediesWithoutRoom": "so much was granted for a very large order that its item takes no more",
    "SesRefusesUs": "SES refuses the shop's mails, disables sending, or fails for a quarter of an hour",
    "SnapshotsUnfinished": "a full count lacks a page, or would empty a shelf by mistake",
}
"""Failures by the metric of the alarm that rings. Its ``felt`` says what is noticed."""
INTRODUCTION = """# What fails, and what rings

Made by `make wiring` from the synthesized templates and `infra/operations/failures.py`; `tests/infra/test_failures.py`
fails when a failure has no alarm, an alarm no failure, or this page is stale. An alarm is named by its place, as in its
name on AWS. *After* is when it rings at the latest, counted from the failure, or how often the failure must be seen.
An alarm on dead letters rings once: until none is left, the next letter does not ring again.
Alarms on silence (schedules, the ERP) ring also right after the first deployment, until something has come.
"""
SILENT = """## What nothing rings for

- **A rule that hands events to a queue is disabled by hand.** Events come when they come, so none is missed by its
  number. `make deploy` says what differs from the templates only where they changed; CloudFormation's drift detection
  finds it. Schedules, mappings of queues and the mapping of the stream are watched, see above.
- **Whoever calls once a day and fails each time.** One failure a day may be an accident; the access log keeps it. An
  ERP that is refused rings by its silence (`stock_silence_hours`).
- **Nobody confirmed the subscription** that AWS mails to `alarm_email`: then alarms ring unheard.
- **Floods.** AWS says that it may keep neither logs nor metrics of "excessive" 429 answers.
"""


@dataclass(frozen=True)
class Failure:
    """One failure, and the id of the alarm that rings, if any."""

    feature: str
    cause: str
    alarm: str | None
    after_seconds: int | None = None
    """When it rings, where the alarm alone does not tell."""


def failures(templates: Templates) -> list[Failure]:
    """Return every failure of a stage, those of a feature together."""
    found = [*_queues(templates), *_schedules(templates), *_streams(templates), *_answers(templates)]
    for metric, cause in DECLARED.items():
        rings = [name for name, alarm in _alarms(templates).items() if alarm["MetricName"] == metric]
        found += [Failure(_feature(name), cause, name) for name in rings] or [Failure("", cause, None)]
    return sorted(found, key=lambda failure: failure.feature)


def page(templates: Templates) -> str:
    """Return the page that lists them."""
    lines = [INTRODUCTION]
    found = failures(templates)
    for feature in dict.fromkeys(failure.feature for failure in found):
        lines += [
            f"## {feature}",
            "",
            "| what is wrong | what is noticed | what rings | after |",
            "| --- | --- | --- | --- |",
        ]
        lines += [_row(templates, failure) for failure in found if failure.feature == feature]
        lines.append("")
    return "\n".join([*lines, SILENT])


def _queues(templates: Templates) -> Iterator[Failure]:
    queues = templates.properties("SQS::Queue")
    for mapping in templates.properties("Lambda::EventSourceMapping").values():
        queue = target(mapping["EventSourceArn"])
        if queue not in queues:
            continue
        name, function = _place(templates, queue), _called(templates, mapping)
        late = _alarm(templates, "ApproximateAgeOfOldestMessage", QueueName=queue)
        silent = _alarm(templates, "NumberOfMessagesDeleted", QueueName=queue)
        yield _failing(templates, queue, f"`{function}` fails at messages of {name}", late=late, silent=silent)
        yield Failure(
            _feature(queue),
            f"nothing takes messages from {name}: its mapping is disabled, or `{function}` gets no concurrency",
            late or silent,
        )
    for queue in templates.dead_letter_queues:
        yield Failure(
            _feature(queue),
            "a message, a file or a mail is set aside for a person, or EventBridge cannot deliver an event",
            _alarm(templates, "ApproximateNumberOfMessagesVisible", QueueName=queue),
        )


def _failing(templates: Templates, queue: str, cause: str, *, late: str | None, silent: str | None) -> Failure:
    """Return what rings first when each message of a queue fails.

    The age of the oldest message leaves out those that were handed out three times, so the alarm on it hears of failing
    messages for two visibility times only.
    """
    p = templates.properties("SQS::Queue")[queue]
    visibility, dead_letters = p["VisibilityTimeout"], target(p["RedrivePolicy"]["deadLetterTargetArn"])
    if silent is not None:
        return Failure(_feature(queue), cause, silent)
    if late is not None and _seconds(_alarms(templates)[late]) <= SEEN_BY_AGE * visibility:
        return Failure(_feature(queue), cause, late)
    set_aside = p["RedrivePolicy"]["maxReceiveCount"] * visibility
    rings = _alarm(templates, "ApproximateNumberOfMessagesVisible", QueueName=dead_letters)
    return Failure(_feature(queue), cause, rings, after_seconds=set_aside)


def _schedules(templates: Templates) -> Iterator[Failure]:
    for name, rule in templates.properties("Events::Rule").items():
        if "ScheduleExpression" not in rule:
            continue
        (told,) = {target(each["Arn"]) for each in rule["Targets"]}
        schedule = f"{_place(templates, name)} of {_place(templates, told)}"
        beats = rule["ScheduleExpression"] in BEATS
        yield Failure(
            _feature(name),
            f"the schedule {schedule} is disabled",
            _alarm(templates, "NumberOfMessagesDeleted", QueueName=told)
            if beats
            else _alarm(templates, "Invocations", RuleName=name),
        )


def _streams(templates: Templates) -> Iterator[Failure]:
    for mapping in templates.properties("Lambda::EventSourceMapping").values():
        if "StartingPosition" not in mapping:
            continue
        table, function = target(mapping["EventSourceArn"]), target(mapping["FunctionName"])
        called = _called(templates, mapping)
        yield Failure(
            _feature(table),
            f"`{called}` falls behind the changes of {_place(templates, table)}",
            _alarm(templates, "IteratorAge", FunctionName=function),
        )
        dead_letters = target(mapping["DestinationConfig"]["OnFailure"]["Destination"])
        yield Failure(
            _feature(table),
            f"`{called}` fails at changes of {_place(templates, table)}, or gets no concurrency, and gives them up",
            _alarm(templates, "ApproximateNumberOfMessagesVisible", QueueName=dead_letters),
            after_seconds=mapping["MaximumRecordAgeInSeconds"],
        )


def _answers(templates: Templates) -> Iterator[Failure]:
    """Yield what callers of the API notice of the functions that answer them, the authorizer included."""
    (api,) = templates.of("ApiGatewayV2::Api")
    behind = [*templates.properties("ApiGatewayV2::Integration").values()]
    uris = [p["IntegrationUri"] for p in behind]
    uris += [p["AuthorizerUri"] for p in templates.properties("ApiGatewayV2::Authorizer").values()]
    for name, (logical, _) in templates.functions.items():
        if any(_names(uri, logical) for uri in uris):
            cause = f"`{name}` fails, is too slow or gets no concurrency"
            yield Failure(_feature(logical), cause, _alarm(templates, "5xx", ApiId=api))


def _names(value: Any, logical: str) -> bool:  # noqa: ANN401 - CloudFormation's JSON
    match value:
        case {"Ref": name}:
            return bool(name == logical)
        case {"Fn::GetAtt": [name, _]}:
            return bool(name == logical)
        case dict():
            return any(_names(each, logical) for each in value.values())
        case list():
            return any(_names(each, logical) for each in value)
        case _:
            return False


def _alarms(templates: Templates) -> dict[str, dict[str, Any]]:
    return templates.properties("CloudWatch::Alarm")


def _alarm(templates: Templates, metric: str, **dimension: str) -> str | None:
    """Return the alarm on a metric of one thing, ``None`` when there is none."""
    for name, alarm in _alarms(templates).items():
        dimensions = {each["Name"]: each["Value"] for each in alarm.get("Dimensions", ())}
        said = {key: target(value) for key, value in dimensions.items() if isinstance(value, dict)}
        if alarm["MetricName"] == metric and said == dimension:
            return name
    return None


def _called(templates: Templates, mapping: Mapping[str, Any]) -> str:
    return str(templates.resources[target(mapping["FunctionName"])]["Properties"]["Description"])


def _feature(name: str) -> str:
    return name.partition(".")[0]


def _place(templates: Templates, name: str) -> str:
    """Return what the people who operate a stage call a thing: the last word of its place."""
    return templates.path(name).rpartition("/")[2]


def _row(templates: Templates, failure: Failure) -> str:
    if failure.alarm is None:
        return f"| {failure.cause} | ? | **nothing** | |"
    alarm = _alarms(templates)[failure.alarm]
    felt = alarm["AlarmDescription"].partition(": ")[0]
    rings = templates.path(failure.alarm).replace("/", " ")
    return f"| {failure.cause} | {felt} | {rings} | {_after(alarm, failure.after_seconds)} |"


def _after(alarm: Mapping[str, Any], known: int | None) -> str:
    """Return when an alarm rings after a failure, or how often it must see it."""
    if known is not None:
        return _time(known + alarm["Period"] * alarm["DatapointsToAlarm"])
    if alarm["MetricName"] not in AGES and alarm["Threshold"] > 1:
        return f"seen {alarm['Threshold']} times within {_time(alarm['Period'])}"
    return _time(_seconds(alarm))


def _seconds(alarm: Mapping[str, Any]) -> float:
    """Return how long a failure must last for an alarm to ring."""
    waits = alarm["Threshold"] * AGES.get(alarm["MetricName"], 0)
    return float(waits + alarm["Period"] * alarm["DatapointsToAlarm"])


def _time(seconds: float) -> str:
    if seconds % DAY == 0:
        return f"{seconds // DAY:.0f} d"
    hours, rest = divmod(seconds, HOUR)
    parts = [f"{hours:.0f} h"] if hours else []
    return " ".join([*parts, f"{rest / MINUTE:.0f} min"] if rest else parts)
