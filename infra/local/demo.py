"""``make demo``: a product is sold out, two people sign up and confirm, the ERP delivers, both are told.

Then another one is pre-ordered before it is there; its first units go to who ordered first. And an order comes later
than promised, and its customer hears it before they ask, chooses what they are given for it, and the next order takes
the voucher.
"""

import re
import secrets
import sys
import time
from datetime import timedelta
from typing import Any

import httpx

from infra.local import running
from infra.local.client import Client, LateError, Mail, RefusedError, awaited
from infra.local.deployment import DeployError
from infra.local.emulator import EmulatorError
from infra.local.up import up
from infra.operations.place import PlaceError, local, local_outputs

SKU, PRODUCT = "KETTLE-RED", "KETTLE"
UNITS = 12
NEW, CAPACITY, ORDERED, FIRST_UNITS = "KETTLE-COPPER", 5, 3, 2
PROMISED_DAYS, LATER_DAYS = 3, 5
CHANNEL = "demo"
EUR = {"currency": "EUR"}
REMEDIES = [
    {"kind": "percent_off", "percent": 10, "amount": {"amount": 1_000, **EUR}},
    {"kind": "voucher", "amount": {"amount": 500, **EUR}},
    {"kind": "free_shipping", "amount": {"amount": 600, **EUR}},
]
RULE = {
    "name": CHANNEL,
    "when": {"channels": [CHANNEL]},
    "levels": [{"days_late": 2, "choice": {"remedies": REMEDIES}}],
}
"""For the orders of the demo alone, so that it leaves those of others to the rules that were there."""
REMEDIES_LINK = re.compile(r"/v1/remedies/[\w.-]+")


def main() -> int:
    """Show it; fails when a mail does not come."""
    try:
        if running.find() is None or not running.OUTPUTS.exists():
            up()
        client = Client(local(), local_outputs())
        show(client)
        show_a_pre_order(client)
        show_a_late_order(client)
    except (EmulatorError, DeployError, PlaceError, LateError, RefusedError, httpx.HTTPError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def show(client: Client) -> None:
    """Go through the whole journey. Raises `LateError`."""
    someone = secrets.token_hex(3)
    people = {f"dana.{someone}@example.com": "en", f"noa.{someone}@example.com": "he"}
    began = client.sent()

    print(f"\n1  The ERP says: no {SKU} left.")
    client.level(SKU, 0)
    awaited(lambda: client.sellable(SKU) == 0, what=f"{SKU} sold out")
    print(f"   {SKU} is sold out; the shop shows a form: {client.outputs['ShopUrl']}")

    instead = awaited(lambda: client.alternatives(PRODUCT), what=f"something instead of {PRODUCT}")
    print(f"   Instead of it, the storefront can show {' and '.join(instead)}.")

    print("\n2  Two people sign up and get a mail with a link.")
    for email, locale in people.items():
        client.join(email, SKU, locale=locale)
        mail = _mail(client, email, began)
        print(f"   {email} ({locale}): {mail.subject}")
        client.press(client.link(mail, "confirm"))
        print("      opened the link, pressed the button")
    waiting = awaited(lambda: client.waiting(SKU)["waiting"] >= len(people) and client.waiting(SKU), what="two waiting")
    print(f"   waiting for {SKU}: {waiting['waiting']}")

    print(f"\n3  The ERP says: {UNITS} {SKU} on hand.")
    arrived = client.sent()
    sent_at = time.time()
    client.level(SKU, UNITS)
    for email in people:
        mail = _mail(client, email, arrived)
        print(f"   after {mail.at - sent_at:.2f} s to {email}: {mail.subject}")
    mail = _mail(client, next(iter(people)), arrived)
    _print_mail(client, mail)


def show_a_pre_order(client: Client) -> None:
    """Open a campaign, sell it out, and let the first goods come. Raises `LateError`."""
    someone = secrets.token_hex(3)
    sku = f"{NEW}-{someone.upper()}"
    campaign = client.campaign(sku, capacity=CAPACITY, limit_per_customer=2)
    print(f"\n4  {sku} is opened for pre-order: {CAPACITY} units, two for a customer, {campaign['release_on']}.")
    names = [f"{name}.{someone}" for name in ("dana", "noa", "tamar")[:ORDERED]]
    made = {name: client.reserve(name, sku, quantity) for name, quantity in zip(names, (1, 2, 2), strict=True)}
    for name, answer in made.items():
        reservation = answer.json()
        confirmed = client.confirm(reservation["id"])
        print(f"   {name} reserves {reservation['quantity']}, and pays: {confirmed['status']}")
    late = client.reserve(f"late.{someone}", sku)
    print(f"   one more asks: {late.status_code}, {late.json()['detail']}")

    print(f"\n5  The first {FIRST_UNITS} come. They are owed, so nobody else can buy them.")
    began, sent_at = client.sent(), time.time()
    client.level(sku, FIRST_UNITS)

    def are_here() -> list[Mail]:
        mails = client.mails(began, to=f"{names[0]}@example.com")
        return [mail for mail in mails if mail.subject.startswith("Yours is here")]

    (mail,) = awaited(are_here, what=f"a mail to {names[0]}", seconds=60)
    print(f"   after {mail.at - sent_at:.2f} s to {mail.to}: {mail.subject}")

    def some_for_the_second() -> int:
        line = client.reservation(made[names[1]].json()["id"])["lines"][0]
        return int(line["allocated"])

    allocated = awaited(some_for_the_second, what=f"a unit for {names[1]}")
    print(f"   {names[1]} is given {allocated} of 2 and stays first in line; others can buy {client.sellable(sku)}.")
    _print_mail(client, mail)


def show_a_late_order(client: Client) -> None:
    """Place an order, and let the ERP say that it comes later. Raises `LateError`."""
    number = secrets.token_hex(3).upper()
    email = f"dana.{number.lower()}@example.com"
    client.give_for_delays(RULE, {"amount": 1_000_000, **EUR})
    line = {"line_id": "1", "sku": SKU, "quantity": 1, "unit_price": {"amount": 4_900, **EUR}}
    about: dict[str, Any] = {"lines": [line], "channel": CHANNEL, "ship_to": {"country": "DE"}}
    until = client.order(number, email, SKU, days=PROMISED_DAYS, **about)
    print(f"\n6  {email} ordered {SKU}, promised by {until}.")
    later = until + timedelta(days=LATER_DAYS)
    print(f"\n7  The ERP says: the carrier needs longer, it comes by {later}.")
    began, sent_at = client.sent(), time.time()
    client.says("order.eta", number, eta=later.isoformat(), cause="carrier")
    mail = _mail(client, email, began, having="/v1/track/")
    print(f"   after {mail.at - sent_at:.2f} s to {email}: {mail.subject}")
    _print_mail(client, mail)
    _show_a_remedy(client, email, began)
    print(f"\nAll mails are in the mailbox: {client.outputs['MailboxUrl']}")


def _print_mail(client: Client, mail: Mail) -> None:
    print("\n" + "\n".join(f"   | {line}" for line in client.text(mail).strip().splitlines()))


def _show_a_remedy(client: Client, email: str, since: int) -> None:
    """Choose what the customer is given, let the next order take it, and say that it makes it right."""
    mail = _mail(client, email, since, having=REMEDIES_LINK.pattern)
    print(f"\n8  The shop makes it good. {email} chooses: {mail.subject}")
    _print_mail(client, mail)
    (path,) = set(REMEDIES_LINK.findall(client.text(mail)))
    (offered,) = client.http.get(path).raise_for_status().json()["remedies"]
    chosen = {"remedy_id": offered["remedy_id"], "kind": "voucher"}
    (remedy,) = client.http.post(f"{path}/choose", json=chosen).raise_for_status().json()["remedies"]
    print(f"\n   chose the voucher of {_worth(remedy['amount'])}; its code is {remedy['code']}, and comes by mail, too")
    order_id = f"NEXT-{secrets.token_hex(3)}"
    order = {"order_id": order_id, "order_total": {"amount": 3_900, **EUR}}
    once = {**client.key, "Idempotency-Key": order_id}
    redeemed = client.http.post(f"/v1/vouchers/{remedy['code']}/redeem", json=order, headers=once).raise_for_status()
    print(f"   the next order is {_worth(redeemed.json()['value'])} cheaper; the code is used")
    rating = client.http.post(f"{path}/feedback", json={"right": True}).raise_for_status().json()["rating"]
    print(f"   did we make it right? {'yes' if rating['right'] else 'no'}")


def _worth(amount: dict[str, Any]) -> str:
    return f"{amount['amount'] / 100:.2f} {amount['currency']}"


def _mail(client: Client, email: str, since: int, *, having: str = "") -> Mail:
    """Wait for a mail, whose text has a pattern, and return the newest."""

    def found() -> list[Mail]:
        return [mail for mail in client.mails(since, to=email) if re.search(having, client.text(mail))]

    return awaited(found, what=f"a mail to {email}", seconds=60)[-1]


if __name__ == "__main__":
    sys.exit(main())
