"""What differs between the places where Standby runs, and what the shop says about itself.

``cdk deploy --all -c stage=prod`` takes the shop's values from ``cdk.json`` (``context.standby.prod``). Each entry
there is a stage, and several stages can share an account. One command can override a value:
``-c public_url=https://care.shop.example``. `Shop` lists the values and says what each means.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Annotated, Any

from aws_cdk import aws_logs as logs
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationError

from infra.layers.target import LAMBDA, Target, host
from infra.naming import STAGE

EXAMPLE_DOMAIN = "shop.example"
LOCAL = "local"
UNSAFE = re.compile(r"[\s<>\"'`{}\\]")


class StageError(ValueError):
    """The stage is not known, or one of its values is missing or malformed."""


def _parts(said: object) -> object:
    """Split a text of the command line at its commas."""
    return [part.strip() for part in said.split(",") if part.strip()] if isinstance(said, str) else said


def _with_a_domain(sender: str) -> str:
    if "." not in _domain(sender):
        raise ValueError(f"{sender!r} has no e-mail address with a domain")
    return sender


def _web_address(url: str) -> str:
    if not url.startswith(("https://", "http://")):
        raise ValueError(f"{url!r} is no web address")
    return url.rstrip("/")


def _product_page(url: str) -> str:
    if (
        not url.startswith(("https://", "http://"))
        or url.count("{sku}") != 1
        or UNSAFE.search(url.replace("{sku}", ""))
    ):
        raise ValueError(f"{url!r} is no web address with {{sku}} in it once")
    return url


def _domain(sender: str) -> str:
    return parseaddr(sender)[1].rpartition("@")[2]


Texts = Annotated[tuple[str, ...], BeforeValidator(_parts)]
Sender = Annotated[str, AfterValidator(_with_a_domain)]
ProductPage = Annotated[str, AfterValidator(_product_page)]
WebAddress = Annotated[str, AfterValidator(_web_address)]


class Shop(BaseModel):
    """What the shop says about itself. A value without a default must be said."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sender: Sender
    """From header of every mail, ``Name <address>`` or an address."""
    sender_identity: str
    """Postal identity of the shop, printed under every mail."""
    market: str
    """Market profile: subject prefix and refusal text (``standby/mail/markets``)."""
    shop_time_zone: str
    """IANA name; calendar dates are dates there."""
    default_locale: str
    """Language of customers who did not say."""
    cors_origins: Texts
    """Origins whose pages may call the public routes."""
    max_send_rate: int
    """E-mails a second; 0 asks SES."""
    joins_per_ip_per_minute: int
    """Sign-ups that one IP address may make; 0 switches the limit off."""
    requests_per_second: int
    """Throttling of the HTTP API: steady rate."""
    burst: int
    """Throttling of the HTTP API: bucket."""
    verifies_sender: bool
    """Whether the stage makes the SES identity; false where the account has it already, as for a second stage."""
    public_url: WebAddress | None = None
    """Where links in mails lead; without it, the API's own address."""
    shop_product_url: ProductPage | None = None
    """Where a product has its page, ``https://shop.example/p/{sku}``; without it, mails do not lead there."""
    alarm_email: str | None = None
    """Who is told when an alarm rings."""

    @property
    def sender_domain(self) -> str:
        """Return the domain of the From address. It is the identity that SES verifies."""
        return _domain(self.sender)

    @property
    def is_example(self) -> bool:
        """Tell whether the sender is still the one that came with the repository."""
        return f".{self.sender_domain}".endswith(f".{EXAMPLE_DOMAIN}")


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One place where Standby runs; nothing here has a default."""

    name: str
    local: bool
    """Whether it is the local AWS, which has no roles to assume and no resource-level SES permissions."""
    retained: bool
    """Whether tables and link keys outlive the stack, so that nobody deletes them by accident."""
    traced: bool
    log_retention: logs.RetentionDays
    target: Target
    """What the layers are built for."""
    shop: Shop


def read(context: Callable[[str], Any]) -> Stage:
    """Read the stage from a CDK node's ``try_get_context``.

    Raises `StageError`, saying what to do, when the stage is unknown or a value is missing or malformed.
    """
    name = context("stage")
    stages: Mapping[str, Any] = context("standby") or {}
    if name not in stages:
        problem = "no stage given" if name is None else f"unknown stage {name!r}"
        known = ", ".join(stages)
        raise StageError(f"{problem}: use `cdk … -c stage=prod`; cdk.json (context.standby) holds {known or 'none'}")
    if not STAGE.fullmatch(name):
        raise StageError(f"stage {name!r}: a name is 1 to 21 small letters, digits and hyphens, a letter first")
    shop = _shop(name, stages[name], context)
    local = name == LOCAL
    return Stage(
        name=name,
        local=local,
        retained=not local,
        traced=not local,
        log_retention=logs.RetentionDays.ONE_WEEK if local else logs.RetentionDays.THREE_MONTHS,
        target=host() if local else LAMBDA,
        shop=shop,
    )


def _shop(stage: str, said: Mapping[str, Any], context: Callable[[str], Any]) -> Shop:
    overridden = {name: value for name in Shop.model_fields if (value := context(name)) is not None}
    values = {name: value for name, value in {**said, **overridden}.items() if value not in (None, "")}
    try:
        return Shop.model_validate(values)
    except ValidationError as error:
        (first, *_) = error.errors()
        raise StageError(_problem(stage, first["type"], str(first["loc"][0]), first["msg"], first["input"])) from error


def _problem(stage: str, kind: str, name: str, message: str, value: object) -> str:
    """Return what is wrong with a value and what to do, for the person at the command line."""
    if kind == "missing":
        return f"{name} is missing: set it in cdk.json (context.standby.{stage}) or -c {name}=…"
    if kind == "extra_forbidden":
        return f"{name}: there is no such setting (cdk.json, context.standby.{stage}); there are " + ", ".join(
            Shop.model_fields
        )
    if kind == "value_error":
        return f"{name}: {message.removeprefix('Value error, ')}"
    return f"{name}: {value!r}: {message}"
