"""Logs and metrics that are the same in every function."""

import io
import json

import pytest
from aws_lambda_powertools.metrics import MetricUnit
from standby.platform.observability import logger, metrics


def test_a_log_line_is_json_with_its_feature() -> None:
    log = logger("stock")
    stream = io.StringIO()
    log.registered_handler.stream = stream  # type: ignore[attr-defined]
    log.warning("message set aside", extra={"reason": "sku: missing"})
    line = json.loads(stream.getvalue())
    assert (line["service"], line["level"], line["message"]) == ("stock", "WARNING", "message set aside")
    assert line["reason"] == "sku: missing"


def test_a_metric_belongs_to_its_feature_in_the_one_namespace(capsys: pytest.CaptureFixture[str]) -> None:
    counts = metrics("mail")
    counts.add_metric("Sent", MetricUnit.Count, 3)
    counts.flush_metrics()
    line = json.loads(capsys.readouterr().out)
    assert (line["service"], line["Sent"]) == ("mail", [3.0])
    assert line["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "Standby"


def test_a_call_that_counted_nothing_writes_no_warning(recwarn: pytest.WarningsRecorder) -> None:
    metrics("mail").flush_metrics()
    assert [str(warning.message) for warning in recwarn] == []
