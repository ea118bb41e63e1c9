"""What differs between the places where Standby runs, and what the shop says about itself.

``cdk deploy -c stage=prod`` takes the shop's values from ``cdk.json`` (``context.standby.prod``); each can be
overridden for one command, ``-c public_url=https://care.shop.example``. The values:

=========================== ==============================================================================
``sender``                  From header of every mail, ``Name <address>`` or an address
``sender_identity``         postal identity of the shop, printed under every mail
``market``                  market profile: subject prefix and refusal text (``standby/mail/markets``)
``shop_time_zone``          IANA name; calendar dates are dates there
``default_locale``          language of customers who did not say
``cors_origins``            origins whose pages may call the public routes
``max_send_rate``           e-mails a second; 0 asks SES
``joins_per_ip_per_minute`` sign-ups that one IP address may make; 0 switches the limit off
``requests_per_second``     throttling of the HTTP API: steady rate
``burst``                   throttling of the HTTP API: bucket
``verifies_sender``         whether the stack makes the SES identity; false where the account has it already
``public_url``              optional: where links in mails lead; without it, the API's own address
``alarm_email``             optional: who is told when an alarm rings
=========================== ==============================================================================
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from email.utils import parseaddr
from types import NoneType
from typing import Any, get_args, get_type_hints

from aws_cdk import aws_logs as logs

from infra.layers.target import LAMBDA, Target, host

EXAMPLE_DOMAIN = "shop.example"


class StageError(ValueError):
    """The stage is not known, or something that it needs was not said."""


@dataclass(frozen=True, kw_only=True)
class Shop:
    """What the shop says about itself (see the module's table)."""

    sender: str
    sender_identity: str
    market: str
    shop_time_zone: str
    default_locale: str
    cors_origins: tuple[str, ...]
    max_send_rate: int
    joins_per_ip_per_minute: int
    requests_per_second: int
    burst: int
    verifies_sender: bool
    public_url: str | None = None
    alarm_email: str | None = None

    @property
    def sender_domain(self) -> str:
        """Return the domain of the From address. It is the identity that SES verifies."""
        return parseaddr(self.sender)[1].rpartition("@")[2]

    @property
    def is_example(self) -> bool:
        """Tell whether the sender is still the one that came with the repository."""
        return self.sender_domain == EXAMPLE_DOMAIN


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One place where Standby runs; nothing here has a default."""

    name: str
    local: bool
    """The local AWS: no roles to assume, no resource-level SES permissions (emulator notes §12.1)."""
    retained: bool
    """Tables and link keys outlive the stack and cannot be deleted by accident."""
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
    if name not in ("prod", "local"):
        problem = "no stage given" if name is None else f"unknown stage {name!r}"
        raise StageError(f"{problem}: use `cdk … -c stage=prod` (or local, which `make up` deploys)")
    shop = _shop(name, (context("standby") or {}).get(name, {}), context)
    if name == "prod":
        return Stage(
            name=name,
            local=False,
            retained=True,
            traced=True,
            log_retention=logs.RetentionDays.THREE_MONTHS,
            target=LAMBDA,
            shop=shop,
        )
    return Stage(
        name=name,
        local=True,
        retained=False,
        traced=False,
        log_retention=logs.RetentionDays.ONE_WEEK,
        target=host(),
        shop=shop,
    )


def _shop(stage: str, said: Mapping[str, Any], context: Callable[[str], Any]) -> Shop:
    hints = get_type_hints(Shop)
    values: dict[str, Any] = {}
    for field in fields(Shop):
        value = context(field.name)
        if value is None:
            value = said.get(field.name)
        if value is not None:
            values[field.name] = _read(field.name, value, hints[field.name])
        elif field.default is MISSING:
            raise StageError(
                f"{field.name} is missing: set it in cdk.json (context.standby.{stage}) or -c {field.name}=…"
            )
    shop = Shop(**values)
    if "." not in shop.sender_domain:
        raise StageError(f"sender: {shop.sender!r} has no e-mail address with a domain")
    if shop.public_url is not None and not shop.public_url.startswith(("https://", "http://")):
        raise StageError(f"public_url: {shop.public_url!r} is no web address")
    return shop if shop.public_url is None else _without_slash(shop)


def _without_slash(shop: Shop) -> Shop:
    values = {field.name: getattr(shop, field.name) for field in fields(shop)}
    return Shop(**{**values, "public_url": (shop.public_url or "").rstrip("/")})


def _read(name: str, value: Any, hint: Any) -> object:  # noqa: ANN401 - JSON on one side, a type on the other
    """Read a value from ``cdk.json`` (already typed) or from the command line (text)."""
    kinds = [kind for kind in get_args(hint) if kind is not NoneType]
    try:
        if hint is bool:
            return {"true": True, "false": False}[str(value).lower()]
        if hint is int:
            return int(value)
        if hint == tuple[str, ...]:
            parts = value.split(",") if isinstance(value, str) else value
            return tuple(part.strip() for part in parts if part.strip())
    except (KeyError, ValueError, TypeError) as error:
        raise StageError(f"{name}: {value!r} is not {getattr(hint, '__name__', hint)}") from error
    if not isinstance(value, str) or (not value and not kinds):
        raise StageError(f"{name}: {value!r} is not text")
    return value or None
