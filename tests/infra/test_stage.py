import json
from typing import Any

import pytest
from standby.platform.address import from_header
from standby.platform.hours_settings import HoursSettings

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
    assert shop.identity == "uhren-meier.example"
    assert shop.cors_origins == ("https://a.example", "https://b.example")
    assert shop.max_send_rate == 50
    assert not shop.verifies_sender


def test_no_more_notices_are_paced_than_mail_sends() -> None:
    assert read(context(stage="prod")).shop.notices_per_hour == 3_600
    assert read(context(stage="prod", max_send_rate="2", notices_per_hour="7200")).shop.notices_per_hour == 7_200
    with pytest.raises(StageError, match="max_send_rate lets 7,200 mails leave in an hour: say no more"):
        read(context(stage="prod", max_send_rate="2", notices_per_hour="7201"))


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
        ("max_send_rate", -1),
        ("notices_per_hour", 0),
        ("call_tasks_per_day", 0),
        ("notices_per_hour", 100_001),
        ("joins_per_ip_per_minute", -1),
        ("trusted_proxies", -1),
        ("trusted_proxies", 6),
        ("trusted_proxies", "one"),
        ("proxy_networks", "cdn.example"),
        ("proxy_networks", "203.0.113.7/24"),
        ("proxy_networks", "0.0.0.0/0"),
        ("proxy_networks", "::/0"),
        ("public_url", "https://"),
        ("public_url", "https://shop.example/<waitlist>"),
        ("verifies_sender", "perhaps"),
        ("market", 7),
        ("market", "atlantis"),
        ("shop_time_zone", "Europe/Atlantis"),
        ("default_locale", "tlh"),
        ("cors_origins", "https://shop.example/"),
        ("cors_origins", "shop.example"),
        ("alarm_email", "the night shift"),
        ("looks_at_pictures", "yes"),
        ("quiet_hours", "21-8"),
        ("quiet_hours", "21:00"),
        ("quiet_hours", "21:00-24:00"),
        ("quiet_hours", "08:00-08:00"),
        ("rest_days", "0"),
        ("rest_days", "Saturday"),
        ("rest_days", [6, 8]),
        ("rest_holidays", "Israel"),
        ("rest_begins", "9"),
        ("rest_ends", "21.00"),
        ("quiet_for", "nobody"),
        ("looks_at_pictures", "local_too"),
        ("limits", "many"),
        ("ses_identity", "other.example"),
        ("ses_identity", "example"),
        ("sandbox_recipients", "ana@shop.example, ben"),
        ("shop_product_url", "shop.example/p/{sku}"),
        ("shop_product_url", "https://shop.example/p/"),
        ("shop_product_url", "https://shop.example/{sku}?again={sku}"),
        ("shop_product_url", "https://shop.example/{lang}/{sku}"),
        ("shop_product_url", 'https://shop.example/"{sku}'),
        ("shop_product_url", "javascript://shop.example/{sku}"),
        ("shop_product_url", "https://ana:secret@shop.example/{sku}"),
        ("shop_product_url", "https://shop.example/\u202e{sku}"),
        ("shop_product_url", "https://.example/{sku}"),
        ("public_url", "https://ana:secret@care.shop.example"),
        ("public_url", "https://care.\u202eshop.example"),
    ],
)
def test_a_malformed_value_is_named(name: str, value: object) -> None:
    with pytest.raises(StageError, match=rf"^{name}(\.\d)?: "):
        read(context(stage="prod", **{name: value}))


def test_pictures_of_this_machine_are_looked_at_on_the_local_aws_alone() -> None:
    stages = {name: read(context(stage=name)).shop.looks_at_pictures for name in ("prod", "staging", "local")}
    assert stages == {"prod": "public", "staging": "public", "local": "local_too"}


def test_a_shop_that_says_nothing_of_hours_is_always_open() -> None:
    assert {name: read(context(stage=name)).shop.hours for name in SAID["standby"]} == {
        name: {"shop_time_zone": said["shop_time_zone"]} for name, said in SAID["standby"].items()
    }


@pytest.mark.parametrize("said", ["6,7", "7, 6", [6, 7]])
def test_days_of_rest_may_be_said_in_several_ways(said: object) -> None:
    shop = read(context(stage="prod", rest_days=said, quiet_for="all")).shop
    assert HoursSettings(**shop.hours) == HoursSettings(shop_time_zone="Etc/UTC", rest_days="6,7", quiet_for="all")


@pytest.mark.parametrize(
    "said",
    [
        {"rest_days": "1,2,3,4,5,6,7"},
        {"quiet_hours": "08:00-07:59"},
        {"quiet_hours": "21:00-20:50", "rest_days": "1,3,5,7"},
    ],
)
def test_hours_that_leave_none_to_write_in_are_refused(said: dict[str, str]) -> None:
    with pytest.raises(StageError, match="they leave less than an hour open in the fortnight"):
        read(context(stage="prod", **said))


def test_proxies_are_trusted_where_links_lead_through_them() -> None:
    assert read(context(stage="prod")).shop.trusted_proxies == 0
    behind = {"public_url": "https://care.shop.example", "proxy_networks": "203.0.113.0/24, 2001:db8::/32"}
    shop = read(context(stage="prod", trusted_proxies="1", **behind)).shop
    assert (shop.trusted_proxies, shop.proxy_networks) == (1, ("203.0.113.0/24", "2001:db8::/32"))
    with pytest.raises(StageError, match="without public_url links lead to the API itself"):
        read(context(stage="prod", trusted_proxies=1))
    with pytest.raises(StageError, match="while trusted_proxies is 0"):
        read(context(stage="prod", **behind))


def test_the_page_of_a_product_is_optional_and_kept_as_it_is() -> None:
    assert read(context(stage="prod")).shop.shop_product_url is None
    said = "https://shop.example/p/{sku}/?from=mail"
    assert read(context(stage="prod", shop_product_url=said)).shop.shop_product_url == said


@pytest.mark.parametrize(
    ("said", "sent"),
    [
        ("news@myshop.example", "news@myshop.example"),
        ("My Shop <news@myshop.example>", "My Shop <news@myshop.example>"),
        ("Bücher <news@bücher.example>", "=?utf-8?q?B=C3=BCcher?= <news@xn--bcher-kva.example>"),
        ("חנות <news@חנות.co.il>", "=?utf-8?b?15fXoNeV16o=?= <news@xn--9dbd1a4b.co.il>"),
        ("Groß <news@straße.example>", "=?utf-8?b?R3Jvw58=?= <news@xn--strae-oqa.example>"),
        ("Books, Inc. <news@books.example>", '"Books, Inc." <news@books.example>'),
        ('"Books, Inc." <news@books.example>', '"Books, Inc." <news@books.example>'),
        ('The "Best" Shop <news@best.example>', r'"The \"Best\" Shop" <news@best.example>'),
    ],
)
def test_a_from_is_written_as_ses_takes_it(said: str, sent: str) -> None:
    """An international domain in punycode by IDNA 2008, in which ß is a letter of its own."""
    sender = read(context(stage="prod", sender=said)).shop.sender
    assert from_header(sender) == sent


@pytest.mark.parametrize(
    "sender",
    [
        "דואר@shop.example",
        "news@shop_1.example",
        "news@localhost",
        "news@[127.0.0.1]",
        "Shop <news@a.example>, Shop <news@b.example>",
        "Shop <news@a.example> and more",
        "Shop\r\nBcc: all <news@shop.example>",
        "=?utf-8?b?15fXoNeV16o=?= <news@shop.example>",
        f"{'Very ' * 200}Long <news@shop.example>",
        "",
    ],
)
def test_a_from_that_ses_would_refuse_never_reaches_it(sender: str) -> None:
    with pytest.raises(StageError, match=r"^sender"):
        read(context(stage="prod", sender=sender))


@pytest.mark.parametrize(
    ("said", "identity"),
    [
        (None, "mail.bücher.example"),
        ("bücher.example", "bücher.example"),
        ("news@mail.bücher.example", "news@mail.bücher.example"),
    ],
)
def test_the_identity_that_sends_is_the_senders_domain_or_what_the_shop_names(said: str | None, identity: str) -> None:
    shop = read(context(stage="prod", sender="news@mail.bücher.example", ses_identity=said)).shop
    assert shop.identity == identity.replace("bücher", "xn--bcher-kva")


@pytest.mark.parametrize(
    ("name", "value", "example"),
    [
        ("sender", "news@shop.example", True),
        ("sender", "a@staging.shop.example", True),
        ("sender", "news@myshop.example", False),
        ("sender_identity", "Example Shop Ltd", True),
        ("sender_identity", "Shop Ltd, 1 Harbour Street, Haifa", False),
        ("cors_origins", "https://shop.example", True),
        ("shop_product_url", "https://www.shop.example/{sku}", True),
    ],
)
def test_the_values_that_came_with_the_repository_are_known(name: str, value: str, example: bool) -> None:  # noqa: FBT001
    assert (name in read(context(stage="prod", **{name: value})).shop.examples) is example


def test_a_limit_of_the_command_line_is_json() -> None:
    limits = {name: {"per_second": 1, "burst": 2} for name in SAID["standby"]["prod"]["limits"]}
    assert read(context(stage="prod", limits=json.dumps(limits))).shop.limits.erp.burst == 2
    with pytest.raises(StageError, match=r"^limits\.erp\.burst: 0: "):
        read(context(stage="prod", limits=limits | {"erp": {"per_second": 1, "burst": 0}}))
    with pytest.raises(StageError, match=r"^limits\.erp is missing"):
        read(context(stage="prod", limits={name: limit for name, limit in limits.items() if name != "erp"}))
