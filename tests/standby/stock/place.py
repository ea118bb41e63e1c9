"""The stock functions' handlers over an AWS in memory: their table, queues and bus."""

import importlib.util
import json
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import boto3
import pytest
from standby.imports.settings import ReaderSettings
from standby.ledger.reader import LedgerReader
from standby.platform.settings import Environment
from standby.platform.table import Table
from standby.stock import settings

from tests.tables import create_table

ROOT = Path(__file__).parents[3]
QUEUES = (
    "stock_updates",
    "stock_updates_dead_letter",
    "stock_settle",
    "stock_kits",
    "stock_sweeps",
    "bus_tap",
    "stock_imports",
    "stock_imports_dead_letter",
)
CONTEXT = SimpleNamespace(
    function_name="stock", memory_limit_in_mb=128, invoked_function_arn="arn", aws_request_id="request"
)


@dataclass
class Place:
    """Where a handler runs."""

    aws: Any
    monkeypatch: pytest.MonkeyPatch
    queues: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        create_table(self.aws, "Stock")
        self.sqs = boto3.client("sqs")
        self.queues = {name: self.sqs.create_queue(QueueName=name)["QueueUrl"] for name in QUEUES}
        events = boto3.client("events")
        events.create_event_bus(Name="bus")
        pattern = json.dumps({"source": ["standby"]})
        events.put_rule(Name="tap", EventBusName="bus", EventPattern=pattern)
        target = self.sqs.get_queue_attributes(QueueUrl=self.queues["bus_tap"], AttributeNames=["QueueArn"])
        events.put_targets(
            Rule="tap", EventBusName="bus", Targets=[{"Id": "tap", "Arn": target["Attributes"]["QueueArn"]}]
        )

    @property
    def ledger(self) -> LedgerReader:
        return LedgerReader(Table("Stock", self.aws))

    def handler(self, function: str) -> ModuleType:
        """Load a function's handler with its environment, as Lambda would."""
        counts = settings.CountsSettings(stock_table="Stock", stock_updates_queue_url=self.queues["stock_updates"])
        for made in (self._settings(function), counts):
            for name, value in made.to_environment().items():
                self.monkeypatch.setenv(name, value)
        path = ROOT / "functions" / function / "handler.py"
        spec = importlib.util.spec_from_file_location(f"{function}_handler", path)
        assert spec
        assert spec.loader
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    def run(self, function: str, case: str) -> Any:
        """Run a handler on a named sample."""
        event = json.loads((ROOT / "events" / function / f"{case}.json").read_text("utf-8"))
        return self.handler(function).handler(event, CONTEXT)

    def messages(self, queue: str) -> list[dict[str, Any]]:
        """Take the messages out of a queue."""
        found: list[dict[str, Any]] = []
        while True:
            answer = self.sqs.receive_message(
                QueueUrl=self.queues[queue], MaxNumberOfMessages=10, MessageAttributeNames=["All"]
            )
            if "Messages" not in answer:
                return found
            for message in answer["Messages"]:
                self.sqs.delete_message(QueueUrl=self.queues[queue], ReceiptHandle=message["ReceiptHandle"])
            found.extend(answer["Messages"])

    def bodies(self, queue: str) -> list[Any]:
        return [json.loads(message["Body"]) for message in self.messages(queue)]

    def events(self) -> list[tuple[str, str]]:
        """Return the names and ids of what was published."""
        return [(event["detail-type"], event["detail"]["id"]) for event in self.bodies("bus_tap")]

    def _settings(self, function: str) -> Environment:
        updates, settle, sweeps = (self.queues[name] for name in ("stock_updates", "stock_settle", "stock_sweeps"))
        made: dict[str, Environment] = {
            "stock_api": settings.ApiSettings(
                stock_table="Stock",
                stock_updates_queue_url=updates,
                stock_sweeps_queue_url=sweeps,
                inbox_bucket="inbox",
            ),
            "imports_reader": ReaderSettings(
                stock_table="Stock",
                inbox_bucket="inbox",
                stock_imports_queue_url=self.queues["stock_imports"],
                stock_imports_dead_letter_queue_url=self.queues["stock_imports_dead_letter"],
            ),
            "stock_ingester": settings.IngesterSettings(
                stock_table="Stock",
                stock_updates_queue_url=updates,
                stock_updates_dead_letter_queue_url=self.queues["stock_updates_dead_letter"],
                stock_sweeps_queue_url=sweeps,
            ),
            "stock_detector": settings.DetectorSettings(
                event_bus_name="bus", stock_settle_queue_url=settle, stock_kits_queue_url=self.queues["stock_kits"]
            ),
            "stock_settler": settings.SettlerSettings(
                stock_table="Stock",
                event_bus_name="bus",
                stock_settle_queue_url=settle,
                stock_updates_dead_letter_queue_url=self.queues["stock_updates_dead_letter"],
            ),
            "stock_kitter": settings.KitterSettings(
                stock_table="Stock",
                stock_kits_queue_url=self.queues["stock_kits"],
                stock_updates_dead_letter_queue_url=self.queues["stock_updates_dead_letter"],
            ),
            "stock_recorder": settings.RecorderSettings(
                stock_table="Stock",
                stock_kits_queue_url=self.queues["stock_kits"],
                stock_sweeps_queue_url=sweeps,
                stock_updates_dead_letter_queue_url=self.queues["stock_updates_dead_letter"],
            ),
            "stock_sweeper": settings.SweeperSettings(
                stock_table="Stock",
                event_bus_name="bus",
                stock_settle_queue_url=settle,
                stock_kits_queue_url=self.queues["stock_kits"],
                stock_sweeps_queue_url=sweeps,
                stock_updates_dead_letter_queue_url=self.queues["stock_updates_dead_letter"],
            ),
        }
        return made[function]
