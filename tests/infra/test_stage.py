import json
from typing import Any

import pytest

from infra.stage import StageError, read
from tests.infra.template import ROOT

SAID = json.loads((ROOT / "cdk.json").read_text("utf-8"))["context"]


def context(**said: Any) -> Any:
    return {**SAID, **said}.get


def test_each_stage_is_complete_in_cdk_json() -> None:
    assert [read(context(stage=name)).name for name in SAID["standby"]] == ["prod", "staging", "local"]


@pytest.mark.parametrize("name", ["de", "us-2", "a" * 21])
def test_a_stage_is_whatever_stands_in_cdk_json(name: str) -> None:
    stages = {**SAID["standby"], name: SAID["standby"]["prod"] | {"market": "il"}}
    stage = read(context(stage=name, standby=stages))
    assert (stage.name, stage.local, stage.retained, stage.shop.market) == (name, False, True, "il")


@pytest.mark.parametrize("name", ["Prod", "2nd", "pr_od", "-prod", "a" * 22, ""])
def test_a_name_that_would_not_do_for_a_stack_is_refused(name: str) -> None:
    with pytest.raises(StageError, match="a name is 1 to 21 small letters, digits and hyphens, a letter first"):
        read(context(stage=name, standby={name: SAID["standby"]["prod"]}))


def test_every_stage_but_the_local_one_keeps_what_that_throws_away() -> None:
    assert {name: read(context(stage=name)).retained for name in SAID["standby"]} == {
        "prod": True,
        "staging": True,
        "local": False,
    }


@pytest.mark.parametrize(("stage", "problem"), [(None, "no stage given"), ("trial", "unknown stage 'trial'")])
def test_an_unknown_stage_is_refused_with_what_to_type(stage: str | None, problem: str) -> None:
    with pytest.raises(StageError, match=f"{problem}: use `cdk … -c stage=prod`"):
        read(context(stage=stage))


def test_a_missing_value_is_named_with_the_place_where_it_belongs() -> None:
    without_sender = {name: value for name, value in SAID["standby"]["prod"].items() if name != "sender"}
    with pytest.raises(StageError, match=r"sender is missing: set it in cdk\.json \(context\.standby\.prod\)"):
        read(context(stage="prod", standby={"prod": without_sender}))


def test_a_value_that_nobody_reads_is_named_with_those_that_somebody_does() -> None:
    with pytest.raises(StageError, match=r"^sendr: there is no such setting .*; there are sender, sender_identity"):
        read(context(stage="prod", standby={"prod": SAID["standby"]["prod"] | {"sendr": "news@shop.example"}}))


def test_the_command_line_overrides_the_file() -> None:
    shop = read(
        context(
            stage="prod",
            sender="Uhren Meier <post@uhren-meier.example>",
            cors_origins="https://a.example, https://b.example",
            max_send_rate="50",
            verifies_sender="false",
        )
    ).shop
    assert shop.sender_domain == "uhren-meier.example"
    assert shop.cors_origins == ("https://a.example", "https://b.example")
    assert shop.max_send_rate == 50
    assert not shop.verifies_sender


def test_the_public_address_loses_its_last_slash() -> None:
    assert read(context(stage="prod", public_url="https://care.shop.example/")).shop.public_url == (
        "https://care.shop.example"
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sender", "news"),
        ("public_url", "care.shop.example"),
        ("max_send_rate", "many"),
        ("verifies_sender", "perhaps"),
        ("market", 7),
        ("shop_product_url", "shop.example/p/{sku}"),
        ("shop_product_url", "https://shop.example/p/"),
        ("shop_product_url", "https://shop.example/{sku}?again={sku}"),
        ("shop_product_url", "https://shop.example/{lang}/{sku}"),
        ("shop_product_url", 'https://shop.example/"{sku}'),
        ("shop_product_url", "javascript://shop.example/{sku}"),
    ],
)
def test_a_malformed_value_is_named(name: str, value: object) -> None:
    with pytest.raises(StageError, match=f"^{name}: "):
        read(context(stage="prod", **{name: value}))


def test_the_page_of_a_product_is_optional_and_kept_as_it_is() -> None:
    assert read(context(stage="prod")).shop.shop_product_url is None
    said = "https://shop.example/p/{sku}/?from=mail"
    assert read(context(stage="prod", shop_product_url=said)).shop.shop_product_url == said


@pytest.mark.parametrize(
    ("sender", "example"),
    [("news@shop.example", True), ("a@staging.shop.example", True), ("news@myshop.example", False)],
)
def test_the_sender_that_came_with_the_repository_is_known(sender: str, example: bool) -> None:  # noqa: FBT001
    assert read(context(stage="prod", sender=sender)).shop.is_example is example
