"""``make preflight stage=prod``: what would make a deployment fail, stay silent or lose something, before it begins.

It reads the account and the synthesized stage, changes nothing, and says in words what to do. ``make deploy`` begins
with it and goes no further where it says *stop*. Each check is a function of answers, without AWS.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import BotoCoreError, ClientError
from standby.platform.counted import counted

from infra.naming import stack_name
from infra.operations.account import ANSWERING, IDENTITY, STORES, TOPIC, Account, Assembly, Kept
from infra.operations.place import PlaceError, arguments, chosen
from infra.operations.templates import Templates, refers, target
from infra.stage import Shop, Stage, StageError, read

ROOT = Path(__file__).parents[2]
AT_FIRST = 5
"""Batches that Lambda works on at once, to begin with, for a queue whose mapping names no most."""
LEAST = 2
"""The lowest most that AWS takes for a mapping."""
ENDS_SOON = timedelta(days=30)
"""ACM renews its own certificates 60 days before they end."""
SIMULATOR = "success@simulator.amazonses.com"
BLOCKED = {
    "ROLLBACK_FAILED": "see in the console's Events what could not be removed, remove it, then delete the stack: "
    "aws cloudformation delete-stack --stack-name {stack}",
    "DELETE_FAILED": "see in the console's Events what could not be removed, then delete the stack again: "
    "aws cloudformation delete-stack --stack-name {stack}",
    "UPDATE_ROLLBACK_FAILED": "aws cloudformation continue-update-rollback --stack-name {stack}",
    "REVIEW_IN_PROGRESS": "an import or a change set was left unfinished: finish it, or "
    "aws cloudformation delete-stack --stack-name {stack}",
}
"""States in which CloudFormation refuses to deploy a stack, and how to get out of them."""
REMOVALS = {
    "table": "aws dynamodb update-table --no-deletion-protection-enabled --table-name {name}; "
    "aws dynamodb delete-table --table-name {name}",
    "bucket": "aws s3 rb --force s3://{name}",
}


LOOKS = {"bucket": " (files that were read, or set aside with a reason: aws s3 ls --recursive s3://{name})"}
"""How to see what is in something that cannot be adopted."""


class Verdict(StrEnum):
    """What a finding means for the deployment."""

    GOOD = "ok"
    LOOK = "look"
    """It would go through, and somebody should know this."""
    STOP = "stop"
    """It would fail, or do harm."""
    UNKNOWN = "?"
    """AWS did not answer."""


@dataclass(frozen=True)
class Finding:
    """What was found, and what a person does about it."""

    verdict: Verdict
    what: str
    do: str = ""


def good(what: str) -> Finding:
    """Return a finding that is as it should be."""
    return Finding(Verdict.GOOD, what)


# ---------------------------------------------------------------------------- the checks


def values(stage: Stage) -> Iterator[Finding]:
    """Check what the shop says about itself."""
    place = f"cdk.json (context.standby.{stage.name})"
    for name, value in stage.shop.examples.items() if not stage.local else ():
        yield Finding(Verdict.STOP, f"{name} is still an example's: {_text(value)}", f"write your shop's into {place}")
    if stage.local or not stage.shop.examples:
        yield good(f"mail goes out as {stage.shop.sender}")
    if not stage.shop.alarm_email:
        yield Finding(
            Verdict.LOOK,
            "nobody is told when an alarm rings",
            f"write alarm_email into {place}: an address that somebody reads",
        )


def bootstrap(version: int | None, needed: int, *, region: str, stage: str) -> Finding:
    """Check that CDK can deploy there at all."""
    if version is None:
        return Finding(
            Verdict.STOP,
            f"CDK has no bucket and roles in {region} yet",
            f"once an account and region: make bootstrap stage={stage}",
        )
    if version < needed:
        return Finding(
            Verdict.STOP,
            f"CDK's bootstrap in {region} is {version}, and {needed} is needed",
            f"make bootstrap stage={stage}",
        )
    return good(f"CDK is bootstrapped in {region} (version {version})")


def mail_account(said: Mapping[str, Any]) -> Iterator[Finding]:
    """Check SES's ``GetAccount``: whether the account may send, and to whom."""
    quota = said.get("SendQuota", {})
    if not said.get("SendingEnabled", True) or said.get("EnforcementStatus") == "SHUTDOWN":
        yield Finding(
            Verdict.STOP,
            "SES does not let this account send",
            "see why in SES's console under Account dashboard; a pause of your own ends with "
            "aws sesv2 put-account-sending-attributes --sending-enabled",
        )
    elif said.get("EnforcementStatus") == "PROBATION":
        yield Finding(Verdict.LOOK, "SES has the account under review", "see SES's console under Reputation metrics")
    if said.get("ProductionAccessEnabled"):
        yield good(
            f"SES sends {quota.get('Max24HourSend', 0):,.0f} mails a day, {quota.get('MaxSendRate', 0):g} a second"
        )
    else:
        yield Finding(
            Verdict.LOOK,
            f"SES keeps the account in its sandbox: {quota.get('Max24HourSend', 200):,.0f} mails a day, and only to "
            "verified addresses",
            "ask for production access (SES's console, Get set up; a day or so). Until then, try with "
            f"{SIMULATOR}, or verify your own address and write it into sandbox_recipients",
        )


def identity(
    shop: Shop, found: Mapping[str, Mapping[str, Any] | None], *, owned: bool, place: str = "cdk.json"
) -> Iterator[Finding]:
    """Check the identity that sends, given those of the sender's that SES has; ``owned``: the stage made it."""
    name = shop.identity
    there = found.get(name)
    others = [other for other, said in found.items() if other != name and said and said.get("VerifiedForSendingStatus")]
    if there is None and not shop.verifies_sender:
        do = f"let the stage make it (verifies_sender: true in {place}), or verify it in SES yourself"
        if others:
            do = f"SES knows {others[0]}, which covers the sender: write it into ses_identity in {place}"
        yield Finding(Verdict.STOP, f"SES does not know {name}, and the stage is told not to make it", do)
    elif there is None and others:
        yield Finding(
            Verdict.LOOK,
            f"the stage makes {name} in SES, whose DNS records somebody has to write; {others[0]} is verified already",
            f"to send as that, write ses_identity: {others[0]} and verifies_sender: false into {place}",
        )
    elif there is None:
        yield good(f"the stage makes {name} in SES; its output DkimRecords names the DNS records that somebody writes")
    elif shop.verifies_sender and not owned:
        yield Finding(
            Verdict.STOP,
            f"SES has {name} already (of another stage, or made by hand), and the stage could not make it",
            f"write verifies_sender: false into {place}; the stage then uses it and never removes it",
        )
    if there is not None and not there.get("VerifiedForSendingStatus"):
        tokens = there.get("DkimAttributes", {}).get("Tokens", ())
        records = "; ".join(f"{token}._domainkey.{name} CNAME {token}.dkim.amazonses.com" for token in tokens)
        yield Finding(
            Verdict.LOOK,
            f"{name} is not verified: SES refuses to send",
            f"write into the DNS: {records}" if records else "press the link in the mail that SES sent there",
        )
    elif there is not None and (owned or not shop.verifies_sender):
        yield good(f"{name} is verified in SES")


def certificate(arn: str, host: str, found: Mapping[str, Any] | None, *, now: datetime) -> Finding:
    """Check the CDN's certificate, as ACM describes it: CloudFront takes one that is issued and names its host.

    That it is of us-east-1, where CloudFront looks, the stage's settings say already (`infra.stage`).
    """
    again = "ask for one there (aws acm request-certificate --region us-east-1), or leave cdn_certificate out"
    if found is None:
        return Finding(Verdict.STOP, f"there is no certificate {arn} in this account", again)
    names = [found.get("DomainName", ""), *found.get("SubjectAlternativeNames", ())]
    if found.get("Status") == "PENDING_VALIDATION":
        records = [
            said["ResourceRecord"] for said in found.get("DomainValidationOptions", ()) if "ResourceRecord" in said
        ]
        dns = "; ".join(f"{record['Name']} {record['Type']} {record['Value']}" for record in records)
        do = f"write its DNS records, and wait some minutes: {dns}" if dns else "answer the mail that ACM sent"
        return Finding(Verdict.STOP, f"the CDN's certificate for {names[0]} is not issued yet", do)
    if found.get("Status") != "ISSUED":
        return Finding(Verdict.STOP, f"the CDN's certificate for {names[0]} is {found.get('Status')}", again)
    if not any(_covers(name.lower(), host) for name in names):
        return Finding(Verdict.STOP, f"the CDN's certificate is for {', '.join(names)}, and not for {host}", again)
    ends = found.get("NotAfter")
    if ends is not None and ends - now < ENDS_SOON:
        return Finding(
            Verdict.LOOK,
            f"the CDN's certificate for {host} ends on {ends:%Y-%m-%d}",
            "ACM renews those that it made while their DNS records are there; one that was imported, somebody renews",
        )
    return good(f"the CDN's certificate for {host} is issued")


def _covers(name: str, host: str) -> bool:
    """Tell whether a certificate's name is a host's; a star stands for one part (RFC 6125)."""
    return name == host or (name.startswith("*.") and host.partition(".")[2] == name[2:])


def concurrency(
    allowed: int, needs: Mapping[str, int], *, answering: int, beside: Mapping[str, int] | None = None
) -> Finding:
    """Check that all queues can be worked on at once, and that the API's functions find room beside them.

    ``beside`` says what the other stages of the account and region need.
    """
    others = dict(sorted((beside or {}).items()))
    needed = sum(needs.values()) + answering + sum(others.values())
    also = "".join(f"; {count} for the stage {name}" for name, count in others.items())
    if allowed >= needed:
        return good(f"{allowed} functions may run at once; {needed} are needed{also}")
    listed = ", ".join(f"{name} {count}" for name, count in sorted(needs.items()))
    fits = LEAST * len(needs) + answering + sum(others.values()) <= allowed
    return Finding(
        Verdict.STOP,
        f"{allowed} functions may run at once here, and {needed} are needed ({listed}; {answering} for the API{also})"
        + ("" if fits else f". AWS takes no less than {LEAST} a queue, so no setting of ours makes them fit"),
        "aws service-quotas request-service-quota-increase --service-code lambda --quota-code L-B99A9384 "
        "--desired-value 1000 (minutes to days)",
    )


def alarms(shop: Shop, subscriptions: Sequence[Mapping[str, Any]] | None) -> Iterator[Finding]:
    """Check that whoever is to be told has agreed; ``None`` before the first deployment."""
    if not shop.alarm_email:
        return
    agreed = {
        subscription["Endpoint"]: subscription["SubscriptionArn"].startswith("arn:")
        for subscription in subscriptions or ()
    }
    if subscriptions is None or shop.alarm_email not in agreed:
        yield good(f"alarms go to {shop.alarm_email}, once somebody pressed the link in the mail that AWS sends there")
    elif agreed[shop.alarm_email]:
        yield good(f"alarms go to {shop.alarm_email}")
    else:
        yield Finding(
            Verdict.LOOK,
            f"{shop.alarm_email} has not agreed to be told of alarms, so nobody is",
            "press the link in the mail of AWS Notifications there",
        )


def states(stage: str, found: Mapping[str, str]) -> Iterator[Finding]:
    """Check that CloudFormation would begin with each of the stacks."""
    for title, state in found.items():
        stack = stack_name(stage, title)
        if state in BLOCKED:
            yield Finding(Verdict.STOP, f"{stack} is {state}", BLOCKED[state].format(stack=stack))
        elif state.endswith("_IN_PROGRESS"):
            yield Finding(Verdict.STOP, f"{stack} is {state}", "somebody deploys right now: wait until it is done")
        elif state == "ROLLBACK_COMPLETE":
            yield Finding(Verdict.LOOK, f"{stack} never came to be (its first deployment failed); cdk begins it anew")
    if not found:
        yield good("it is the stage's first deployment")
    elif all(state.endswith("_COMPLETE") for state in found.values()):
        yield good(f"there already: {counted(len(found), 'stack')}, {', '.join(found)}")


def leftovers(
    kept: Iterable[Kept], held: Mapping[str, set[str]], importable: set[tuple[str, str]]
) -> Iterator[Finding]:
    """Name what keeps data and belonged to a stack of the stage, but does not any more.

    No name is fixed, so nothing of it is in the way of a deployment: a new and empty one is made beside it. That is
    the harm, where it held the customers who wait. ``importable`` says what can be adopted (`adoptable`).
    """
    ours = {name for names in held.values() for name in names}
    for thing in kept:
        if thing.name not in ours:
            adopt = (
                f"adopt it, before the stack is deployed: node_modules/.bin/cdk import --app cdk.out {thing.stack} "
                "(name it when asked, nothing else) · or"
                if (thing.stack, thing.kind) in importable
                else f"take out what is still needed{LOOKS.get(thing.kind, '').format(name=thing.name)}, then"
            )
            yield Finding(
                Verdict.LOOK,
                f"{thing.kind} {thing.name} was left behind by {thing.stack}, which would begin with an empty one",
                f"{adopt} remove it: {REMOVALS[thing.kind].format(name=thing.name)}",
            )


def adoptable(stage: str, templates: Templates) -> set[tuple[str, str]]:
    """Return the kinds of what keeps data that ``cdk import`` can bring back, each with its stack's name.

    It adds a resource alone to what is deployed, so one that leads to others of its stack needs them there already.
    """
    found: dict[tuple[str, str], bool] = {}
    kinds = {resource: kind for kind, resource in STORES.items()}
    for part in templates.parts:
        for resource in part.template["Resources"].values():
            if kind := kinds.get(resource["Type"]):
                alone = "DependsOn" not in resource and not refers(resource.get("Properties"))
                key = stack_name(stage, part.title), kind
                found[key] = found.get(key, True) and alone
    return {key for key, alone in found.items() if alone}


def needs(templates: Templates) -> dict[str, int]:
    """Return how many functions each mapping may keep busy at once, by what it reads."""
    mappings = templates.properties("Lambda::EventSourceMapping").values()
    return {templates.path(target(mapping["EventSourceArn"])): busy(mapping) for mapping in mappings}


def busy(mapping: Mapping[str, Any]) -> int:
    """Return how many functions a mapping may keep busy at once, as a template or Lambda describes it."""
    source = mapping["EventSourceArn"]
    of_a_queue = ":sqs:" in source if isinstance(source, str) else "StartingPosition" not in mapping
    most = mapping.get("ScalingConfig", {}).get("MaximumConcurrency", AT_FIRST)
    return int(most) if of_a_queue else 1  # a stream: one a shard


def answering(templates: Templates) -> int:
    """Return how many functions the API calls."""
    return sum(resource["Type"] in ANSWERING for resource in templates.resources.values())


# ---------------------------------------------------------------------------- asking


@dataclass(frozen=True)
class Preflight:
    """The checks of one stage, with the account's answers."""

    stage: Stage
    account: Account
    assembly: Assembly

    def run(self) -> Iterator[Finding]:
        """Yield every finding. Without credentials, nothing else is asked."""
        yield from values(self.stage)
        place = self.account.place
        region = place.session.region_name
        if region is None:
            yield Finding(Verdict.STOP, "no region is chosen", "export AWS_REGION=eu-central-1, or whichever is yours")
            return
        try:
            caller = self.account.caller()
        except (ClientError, BotoCoreError) as error:
            yield Finding(
                Verdict.STOP,
                f"AWS does not know who asks: {_said(error)}",
                "aws configure sso (or aws configure), then export AWS_PROFILE=…; aws sts get-caller-identity tells",
            )
            return
        where = "the local AWS" if place.endpoint else f"account {caller['Account']}"
        yield good(f"{where}, {region}, as {caller['Arn']}")
        yield from self._asked("bootstrap", self._bootstrap)
        yield from self._asked("SES's account", lambda: mail_account(self.account.mail()))
        yield from self._asked("the sender's identity", self._identity)
        yield from self._asked("the CDN's certificate", self._certificate)
        yield from self._asked("Lambda's concurrency", self._concurrency)
        yield from self._asked("the alarms' topic", self._alarms)
        yield from self._asked("the stacks", lambda: states(self.stage.name, self.account.stacks()))
        yield from self._asked("what was left behind", self._leftovers)

    def left_behind(self) -> Iterator[Finding]:
        """Yield what outlived its stack."""
        yield from self._asked("the sender's identity", self._identity_left)
        yield from self._asked("what was left behind", self._leftovers)

    def _asked(self, what: str, check: Callable[[], Iterable[Finding]]) -> Iterator[Finding]:
        """Yield a check's findings; where AWS gives no answer, say so and go on."""
        try:
            yield from check()
        except (ClientError, BotoCoreError) as error:
            yield self._untold(what, error)

    def _untold(self, what: str, error: Exception) -> Finding:
        who = "the local AWS" if self.account.place.endpoint else "AWS"
        return Finding(Verdict.UNKNOWN, f"{what}: {who} does not tell: {_said(error)}")

    def _bootstrap(self) -> Iterator[Finding]:
        parameter, needed = self.assembly.bootstrap
        region = self.account.place.session.region_name
        yield bootstrap(self.account.bootstrapped(parameter), needed, region=region, stage=self.stage.name)

    def _identity_left(self) -> Iterator[Finding]:
        shop = self.stage.shop
        if shop.verifies_sender and self.account.identity(shop.identity) and not self._owns_identity():
            yield Finding(
                Verdict.LOOK,
                f"identity {shop.identity} stays in SES, and the stage could not make it again",
                f"before you deploy again, write verifies_sender: false into {self._values} · or remove it, with what "
                f"its DNS records prove: aws sesv2 delete-email-identity --email-identity {shop.identity}",
            )

    def _owns_identity(self) -> bool:
        return self.stage.shop.identity in self.account.held().get(IDENTITY, ())

    @property
    def _values(self) -> str:
        return f"cdk.json (context.standby.{self.stage.name})"

    def _identity(self) -> Iterator[Finding]:
        shop = self.stage.shop
        found = {name: self.account.identity(name) for name in shop.sender_identities}
        yield from identity(shop, found, owned=self._owns_identity(), place=self._values)

    def _certificate(self) -> Iterator[Finding]:
        shop = self.stage.shop
        if shop.cdn_certificate is not None and shop.public_url is not None:
            host, now = urlsplit(shop.public_url).hostname or "", datetime.now(UTC)
            yield certificate(shop.cdn_certificate, host, self.account.certificate(shop.cdn_certificate), now=now)

    def _concurrency(self) -> Iterator[Finding]:
        templates = self.assembly.templates
        allowed = self.account.concurrency()
        beside: dict[str, int] = {}
        try:
            others = self.account.beside().items()
            beside = {stage: sum(map(busy, mappings)) + called for stage, (mappings, called) in others}
        except (ClientError, BotoCoreError) as error:
            yield self._untold("what other stages need", error)
        yield concurrency(allowed, needs(templates), answering=answering(templates), beside=beside)

    def _alarms(self) -> Iterator[Finding]:
        topics = self.account.held().get(TOPIC, ())
        subscriptions = [one for topic in topics for one in self.account.subscriptions(topic)]
        yield from alarms(self.stage.shop, subscriptions if topics else None)

    def _leftovers(self) -> Iterator[Finding]:
        held = self.account.held()
        kept = self.account.kept([part.title for part in self.assembly.templates.parts])
        yield from leftovers(sorted(kept), held, adoptable(self.stage.name, self.assembly.templates))


def told(findings: Iterable[Finding]) -> int:
    """Print findings and return the exit code: 1 where one says *stop*."""
    stops = 0
    for finding in findings:
        stops += finding.verdict is Verdict.STOP
        print(f"{finding.verdict:<5} {finding.what}")
        if finding.do:
            print(f"      → {finding.do}")
    if stops:
        print(f"\n{stops} of these must be mended first", file=sys.stderr)
    return 1 if stops else 0


def main() -> int:
    """Check the chosen stage against the account that the credentials lead to."""
    parser = arguments(argparse.ArgumentParser(description=__doc__))
    parser.add_argument("--assembly", type=Path, default=ROOT / "cdk.out", help="the synthesized stage")
    parser.add_argument("--left-behind", action="store_true", help="say only what outlived its stack")
    said = parser.parse_args()
    context = json.loads((ROOT / "cdk.json").read_text("utf-8"))["context"]
    try:
        stage = read({**context, "stage": said.stage}.get)
        checks = Preflight(stage, Account(chosen(said)), Assembly(said.assembly))
    except (PlaceError, StageError) as error:
        print(error, file=sys.stderr)
        return 1
    return told(checks.left_behind() if said.left_behind else checks.run())


def _said(error: Exception) -> str:
    """Return what AWS said, in one line."""
    if isinstance(error, ClientError):
        found = error.response.get("Error", {})
        return f"{error.operation_name}: {found.get('Code')} {found.get('Message', '')}".strip()
    return str(error)


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


if __name__ == "__main__":
    sys.exit(main())
