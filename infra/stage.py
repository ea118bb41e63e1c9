"""What differs between the places where Standby runs, and what the shop says about itself.

``make deploy stage=prod`` takes the shop's values from ``cdk.json`` (``context.standby.prod``). Each entry there is a
stage, and several stages can share an account. The cdk command can override a value, such as ``cdk synth -c stage=prod
-c public_url=https://care.shop.example``. `Shop` lists the values and says what each means.
"""

import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parseaddr, quote
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from aws_cdk import RemovalPolicy
from aws_cdk import aws_logs as logs
from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from standby.platform.address import from_header
from standby.platform.caller import MOST_PROXIES
from standby.platform.hours_settings import HoursSettings
from standby.platform.identifier import IdentifierError
from standby.platform.web_address import template, web_address

from infra.closed_hours import QuietHours, RestCountry, RestDays, TimeOfDay, require_open_hours
from infra.layers.target import LAMBDA, Target, host
from infra.naming import STAGE

EXAMPLE = re.compile(r"(?<![\w-])shop\.example\b|\bExample (Shop|Street)\b")
"""What only the values that came with the repository say."""
CERTIFICATE = re.compile(r"arn:aws:acm:us-east-1:\d{12}:certificate/[\w-]+")
LOCAL = "local"
MAIL = Path(__file__).parents[1] / "layers" / "core" / "python" / "standby" / "mail"
LONGEST_LINE = 998
"""Characters of a header's line (RFC 5322)."""
NAMED_ADDRESS = re.compile(r"(?P<name>[^<>]*)<(?P<address>[^<>]+)>")
PLAIN_NAME = re.compile(r"[\w .-]*")
"""Stands before an address as it is; any other name stands in quotation marks."""
LONGEST_SILENCE = 7 * 24
"""Hours over which CloudWatch looks at a metric by the hour."""
WIDEST_NETWORK = {4: 8, 6: 16}
"""Bits that a proxy's network has at least, by the version of IP."""
SKU = "{sku}"
SECONDS_PER_HOUR = 3_600


class StageError(ValueError):
    """The stage is not known, or one of its values is missing or malformed."""


def _parts(said: object) -> object:
    """Split a text of the command line at its commas."""
    return [part.strip() for part in said.split(",") if part.strip()] if isinstance(said, str) else said


def _json(said: object) -> object:
    """Read what stands on the command line for a value that has parts."""
    return json.loads(said) if isinstance(said, str) else said


def _address(email: str) -> str:
    """Return an address as SES takes it: in ASCII, an international domain in punycode (IDNA 2008)."""
    try:
        checked = validate_email(email, allow_smtputf8=False, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError as error:
        raise ValueError(f"{email!r} is no e-mail address that SES sends from or to: {error}") from error
    if checked.ascii_email is None or "." not in checked.ascii_domain:
        raise ValueError(f"{email!r} has no e-mail address with a domain")
    return checked.ascii_email


def _named_address(sender: str) -> str:
    """Return ``Name <address>`` with the address as SES takes it. The name keeps its letters until a mail is sent."""
    parts = NAMED_ADDRESS.fullmatch(sender.strip())
    if parts is None:
        return _address(sender.strip())
    said = parts["name"].strip()
    name = parseaddr(f"{said} <a@b>")[0] if said.startswith('"') else said
    if any(unicodedata.category(letter).startswith("C") for letter in name) or "=?" in name:
        raise ValueError(f"{name!r} has letters that nobody sees: write the name as people read it")
    written = name if PLAIN_NAME.fullmatch(name) else f'"{quote(name)}"'
    made = f"{written} <{_address(parts['address'].strip())}>".strip()
    if len(from_header(made)) > LONGEST_LINE - len("From: "):
        raise ValueError(f"{sender!r} is longer than a header's line")
    return made


def _identity(identity: str) -> str:
    """Return the name of an SES identity: an address or a domain, in ASCII."""
    return _address(identity) if "@" in identity else _address(f"postmaster@{identity}").partition("@")[2]


def _origin(origin: str) -> str:
    parts = urlsplit(origin)
    if parts.scheme not in ("https", "http") or f"{parts.scheme}://{parts.netloc}" != origin or not parts.hostname:
        raise ValueError(f"{origin!r} is no origin, such as https://shop.example (no path, no slash at the end)")
    return origin


def _time_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError(f"{name!r} is no time zone's name, such as Europe/Berlin")
    return name


def _one_of(folder: str) -> AfterValidator:
    """Accept the name of a file of data in a folder of mail's."""

    def check(name: str) -> str:
        there = sorted(path.stem for path in (MAIL / folder).glob("*.json"))
        if name not in there:
            raise ValueError(f"{name!r} is not there; there are {', '.join(there)}")
        return name

    return AfterValidator(check)


def _web_address(url: str) -> str:
    try:
        return web_address(url, local=True).rstrip("/")
    except IdentifierError as error:
        raise ValueError(f"{url!r} {error}, such as https://care.shop.example") from error


def _network(text: str) -> str:
    try:
        network = ip_network(text)
    except ValueError as error:
        raise ValueError(f"{text!r} is no network, such as 203.0.113.0/24") from error
    if network.prefixlen < WIDEST_NETWORK[network.version]:
        raise ValueError(f"{text!r} is too wide to be a proxy's: say where the proxies stand")
    return str(network)


def _product_page(url: str) -> str:
    try:
        return template(url, SKU, local=True)
    except IdentifierError as error:
        raise ValueError(f"{url!r} {error}, such as https://shop.example/p/{SKU}") from error


def _certificate(arn: str) -> str:
    if not CERTIFICATE.fullmatch(arn):
        raise ValueError(f"{arn!r} is no certificate of ACM in us-east-1, where CloudFront looks for it")
    return arn


Address = Annotated[str, AfterValidator(_address)]
Certificate = Annotated[str, AfterValidator(_certificate)]
Networks = Annotated[tuple[Annotated[str, AfterValidator(_network)], ...], BeforeValidator(_parts)]
Addresses = Annotated[tuple[Address, ...], BeforeValidator(_parts)]
Count = Annotated[int, Field(ge=0)]
Pace = Annotated[int, Field(ge=1, le=100_000)]
Days = Annotated[int, Field(ge=1, le=60)]
Minutes = Annotated[int, Field(ge=0, le=10_080)]
QuietDays = Literal[0] | Annotated[int, Field(ge=30, le=365)]
Calls = Annotated[int, Field(ge=1, le=9_000)]
Identity = Annotated[str, AfterValidator(_identity)]
Origins = Annotated[tuple[Annotated[str, AfterValidator(_origin)], ...], BeforeValidator(_parts)]
Sender = Annotated[str, AfterValidator(_named_address)]
TimeZone = Annotated[str, AfterValidator(_time_zone)]
ProductPage = Annotated[str, AfterValidator(_product_page)]
WebAddress = Annotated[str, AfterValidator(_web_address)]


class Limit(BaseModel):
    """How many requests a route takes; more are answered 429."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    per_second: Annotated[int, Field(ge=1)]
    """The steady rate."""
    burst: Annotated[int, Field(ge=1)]
    """How many may come at once."""


class Limits(BaseModel):
    """The limit of each route, by who calls it (`infra.constructs.routes.Route.callers`).

    Each route has a bucket of its own: whoever empties one takes nothing from the others.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    public: Limit
    """Routes that anybody may call, such as the sign-up."""
    feeds: Limit
    """Routes of feeds of all SKUs, each answer of which reads the whole shelf."""
    links: Limit
    """Routes behind a mailed link."""
    leaving: Limit
    """Routes by which somebody unsubscribes; mail services press the button for many people at once."""
    erp: Limit
    """Routes of the ERP's key. Messages that it puts on the queues itself have no limit."""
    storefront: Limit
    """Routes of the storefront's key."""
    ops: Limit
    """Routes of an operator's key."""


class Shop(BaseModel):
    """What the shop says about itself. A value without a default must be said."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sender: Sender
    """From header of every mail, ``Name <address>`` or an address."""
    sender_identity: str
    """Postal identity of the shop, printed under every mail."""
    market: Annotated[str, _one_of("markets")]
    """Market profile: subject prefix and refusal text (``standby/mail/markets``)."""
    shop_time_zone: TimeZone
    """IANA name; calendar dates are dates there."""
    default_locale: Annotated[str, _one_of("locales")]
    """Language of customers who did not say."""
    cors_origins: Origins
    """Origins whose pages may call the public routes."""
    max_send_rate: Count
    """E-mails a second; 0 asks SES."""
    joins_per_ip_per_minute: Count
    """Sign-ups that one caller may make, an IPv4 address or an IPv6 /64; 0 switches the limit off."""
    limits: Annotated[Limits, BeforeValidator(_json)]
    """How many requests the routes of the HTTP API take."""
    verifies_sender: bool
    """Whether the stage makes the SES identity; false where the account has it already, as for a second stage."""
    stock_silence_hours: Annotated[int, Field(ge=0, le=LONGEST_SILENCE)]
    """Hours without a message about stock after which an alarm rings; 0: never."""
    ses_identity: Identity | None = None
    """The SES identity that sends: the sender's address, its domain or a parent of that; without it, the domain."""
    sandbox_recipients: Addresses = ()
    """Verified addresses to which the stage may send while SES keeps the account in its sandbox."""
    public_url: WebAddress | None = None
    """Where links in mails lead; without it, the API's own address."""
    shop_product_url: ProductPage | None = None
    """Where a product has its page, ``https://shop.example/p/{sku}``; without it, mails do not lead there."""
    id_case: Literal["exact", "upper", "lower"] = "exact"
    """Whether ``mug`` and ``MUG`` are one SKU, as with locations: the case into which every door folds them.

    Choose it before the first message: what is stored already keeps its case and is not found in another.
    """
    looks_at_pictures: Literal["public", "never", "local_too"] = "public"
    """Whether pictures that the catalogue names are fetched, each once, a few a second, to find products that look
    alike: alternatives where the shop's words give none. ``local_too``, on the local AWS: from this machine, too."""
    quiet_hours: QuietHours | None = None
    """From when to when no mail goes out that may wait, in the customer's time zone: ``21:00-08:00``. Without it, and
    without days of rest, mails go at any hour. Codes, confirmations and what the law dates never wait."""
    rest_days: RestDays | None = None
    """Days of the week without such mails (1 is Monday): ``6`` for the Sabbath, ``7`` for Sundays, ``6,7`` for both."""
    rest_holidays: RestCountry | None = None
    """The country (ISO 3166-1) whose public holidays are such days, too: ``IL``. Whoever buys in another market keeps
    these days as well; a shop of several markets is several stages."""
    rest_begins: TimeOfDay = "15:00"
    """When a rest begins, on the day before it. Days of rest that follow one another are one rest."""
    rest_ends: TimeOfDay = "21:00"
    """When a rest ends, on its last day."""
    quiet_for: Literal["advertising", "all"] = "advertising"
    """What waits in closed hours: advertising alone, or ``all`` that nobody waits for, notices that something is back
    included. The time to accept an offer counts open hours alone, either way."""
    order_late_when: Literal["one", "all"] = "one"
    """When an order of several shipments is late: once one of them is, or once all that are to come are. Its customer
    is told then; what the law wants told on a day is told on it."""
    call_tasks_per_day: Calls = 200
    """How many calls people are asked to make in one of the shop's days; more wait for the
    next day, those first by whose day the law names. An alarm rings where such a day will be missed."""
    notices_per_hour: Pace = 3_600
    """How many notices that an order is late leave in any hour, so that whoever answers the customers can keep up; more
    wait, those first by whose day the law names. One a second is what SES lets a new account send; not more than
    ``max_send_rate`` lets leave, or they would wait in mail's queue, where a near day does not go first."""
    back_in_stock_days: Days = 14
    """For how many days something is listed as back in stock after it came back, as long as it can be bought."""
    back_after_minutes: Minutes = 60
    """How long something must have been away to come back: a last unit that was in a cart for a while did not. 0: what
    could not be bought for any while did."""
    digest_weekday: Annotated[int, Field(ge=0, le=7)] = 4
    """The day of the week on which who asked for it is mailed what is back in stock, in the shop's calendar: 1 is
    Monday. 0: no such list goes out."""
    digest_hour: Annotated[int, Field(ge=0, le=23)] = 10
    """The hour at which that begins; in closed hours of a customer it waits for the next open one."""
    quiet_days: QuietDays = 60
    """Who agreed to advertising, was told something and did nothing for so many days after that is told on the bus as
    quiet, for a segment of the shop's own tools: 30 at least. 0: nobody is."""
    advertising_days: Annotated[int, Field(ge=0, le=60)] = 7
    """Nobody gets more than one advertising mail in so many days, some hours less; 0: there is no such bound. Mails
    that a customer asked for, such as that something is back, are none."""
    nearest_store_km: Annotated[int, Field(ge=0, le=1_000)] = 50
    """How far a store may be from the place that a customer gave to be named in the notice that something is back;
    0: no store is named."""
    alarm_email: Address | None = None
    """Who is told when an alarm rings."""
    trusted_proxies: Annotated[int, Field(ge=0, le=MOST_PROXIES)] = 0
    """How many proxies stand before the API and add their caller's address to ``X-Forwarded-For``: 1 for a CDN, 2 for a
    CDN in front of another proxy. 0 believes no header. Say no more than there are, since the next address to the left
    is the client's own word."""
    proxy_networks: Networks = ()
    """Where these proxies stand, such as the ranges that the CDN publishes. Then nobody who calls the API's own
    address, past the CDN, can say who called; without them, whoever knows that address can."""

    cdn_certificate: Certificate | None = None
    """The ARN of a certificate in us-east-1 (ACM) for the host of ``public_url``: with it, the stage has a CloudFront
    distribution there, which keeps badges and whatever else may be kept. Its ``trusted_proxies`` is 1 or more. The
    output `CdnUrl` says where the name must lead."""

    @model_validator(mode="after")
    def _sends_as_its_identity(self) -> "Shop":
        if self.identity not in self.sender_identities:
            known = ", ".join(self.sender_identities)
            raise ValueError(f"ses_identity: {self.identity!r} does not cover the sender; there are {known}")
        return self

    @model_validator(mode="after")
    def _has_its_proxies(self) -> "Shop":
        if self.trusted_proxies and self.public_url is None:
            raise ValueError("trusted_proxies: without public_url links lead to the API itself, past every proxy")
        if self.proxy_networks and not self.trusted_proxies:
            raise ValueError("proxy_networks: nothing is believed of them while trusted_proxies is 0")
        return self

    @model_validator(mode="after")
    def _has_a_name_for_its_cdn(self) -> "Shop":
        if self.cdn_certificate and not (self.public_url or "").startswith("https://"):
            raise ValueError("cdn_certificate: needs a public_url with https, whose host is the CDN's")
        if self.cdn_certificate and not self.trusted_proxies:
            raise ValueError("cdn_certificate: while trusted_proxies is 0 all callers look like the CDN: say 1")
        return self

    @model_validator(mode="after")
    def _sends_what_it_paces(self) -> "Shop":
        if 0 < self.max_send_rate * SECONDS_PER_HOUR < self.notices_per_hour:
            most = self.max_send_rate * SECONDS_PER_HOUR
            raise ValueError(f"notices_per_hour: max_send_rate lets {most:,} mails leave in an hour: say no more")
        return self

    @model_validator(mode="after")
    def _writes_at_some_hour(self) -> "Shop":
        require_open_hours(HoursSettings(**self.hours))
        return self

    @property
    def name(self) -> str:
        """Return what customers know the shop as: the name that its mails come from, or the address."""
        name, address = parseaddr(self.sender)
        return name or address

    @property
    def hours(self) -> dict[str, str]:
        """Return what functions are told that must know the closed hours (`HoursSettings`)."""
        said = {
            "quiet_hours": self.quiet_hours,
            "rest_days": self.rest_days,
            "rest_holidays": self.rest_holidays,
        }
        closed = {name: value for name, value in said.items() if value}
        if not closed:
            return {"shop_time_zone": self.shop_time_zone}
        told = {"rest_begins": self.rest_begins, "rest_ends": self.rest_ends, "quiet_for": self.quiet_for}
        return {"shop_time_zone": self.shop_time_zone, **closed, **told}

    @property
    def identity(self) -> str:
        """Return the SES identity that sends."""
        return self.ses_identity or self.sender_identities[1]

    @property
    def sender_identities(self) -> tuple[str, ...]:
        """Return the identities that SES may look at for the sender: its address, its domain, parents of that."""
        address = parseaddr(self.sender)[1]
        labels = address.rpartition("@")[2].split(".")
        return address, *(".".join(labels[start:]) for start in range(len(labels) - 1))

    @property
    def examples(self) -> dict[str, object]:
        """Return the values that are still those that came with the repository."""
        said = self.model_dump(exclude_none=True)
        return {name: value for name, value in said.items() if EXAMPLE.search(str(value))}


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

    @property
    def keeps(self) -> RemovalPolicy:
        """What becomes of something that holds data when its stack goes.

        It stays, unless its stack never came to be: what a failed first deployment made is empty, and taken away
        again. A table is protected from that (`infra.constructs.table`), and stays then, too.
        """
        return RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE if self.retained else RemovalPolicy.DESTROY


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
    if shop.looks_at_pictures == "local_too" and not local:
        raise StageError("looks_at_pictures: local_too is for the local AWS alone: say public or never")
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
        name = ".".join(str(part) for part in first["loc"])
        raise StageError(_problem(stage, first["type"], name, first["msg"], first["input"])) from error


def _problem(stage: str, kind: str, name: str, message: str, value: object) -> str:
    """Return what is wrong with a value and what to do, for the person at the command line."""
    if kind == "missing":
        return f"{name} is missing: set it in cdk.json (context.standby.{stage}) or -c {name}=…"
    if kind == "extra_forbidden":
        return f"{name}: there is no such setting (cdk.json, context.standby.{stage}); there are " + ", ".join(
            Shop.model_fields
        )
    if kind == "value_error":
        return ": ".join(part for part in (name, message.removeprefix("Value error, ")) if part)
    return f"{name}: {value!r}: {message}"
