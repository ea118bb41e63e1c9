"""What concerns people is kept as long as the page says, and no stack keeps it for another time."""

from datetime import timedelta
from typing import Any

from standby.platform import kept

from infra.operations.retention import PAGE, page, rows
from tests.infra.template import Stacks


def test_the_committed_page_says_what_the_module_says() -> None:
    assert PAGE.read_text("utf-8") == page(), "make wiring"


def test_every_time_has_its_line_and_reason() -> None:
    times = {name for name, value in vars(kept).items() if isinstance(value, timedelta)}
    listed = list(rows())
    assert {row.name for row in listed} == times
    assert all(row.where and row.what and len(row.why.split()) > 5 for row in listed)


def test_queues_keep_messages_as_long_as_the_page_says(prod: Stacks) -> None:
    seconds = {
        name: timedelta(seconds=queue["MessageRetentionPeriod"])
        for name, queue in prod.properties("SQS::Queue").items()
    }
    dead = set(prod.dead_letter_queues)
    assert dead
    assert {seconds[name] for name in dead} == {kept.DEAD_LETTERS}
    assert {time for name, time in seconds.items() if name not in dead} == {kept.MESSAGES}


def test_logs_files_and_backups_are_kept_as_long_as_the_page_says(prod: Stacks) -> None:
    logs = {log["RetentionInDays"] for log in prod.properties("Logs::LogGroup").values()}
    assert logs == {kept.LOGS.days}
    rules: list[Any] = [
        rule
        for bucket in prod.properties("S3::Bucket").values()
        for rule in bucket.get("LifecycleConfiguration", {}).get("Rules", ())
    ]
    assert {rule["ExpirationInDays"] for rule in rules if "ExpirationInDays" in rule} == {kept.FILES.days}
    tables = prod.properties("DynamoDB::GlobalTable").values()
    recovered = [each["PointInTimeRecoverySpecification"] for table in tables for each in table["Replicas"]]
    assert {each.get("RecoveryPeriodInDays", kept.BACKUPS.days) for each in recovered} == {kept.BACKUPS.days}


def test_every_table_lets_go_by_ttl(prod: Stacks) -> None:
    tables = prod.properties("DynamoDB::GlobalTable").values()
    assert tables
    assert all(table["TimeToLiveSpecification"]["Enabled"] for table in tables)
