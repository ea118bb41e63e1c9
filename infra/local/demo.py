"""``make demo``: a product is sold out, two people sign up and confirm, the ERP delivers, both are told.

Then another one is pre-ordered before it is there; its first units go to who ordered first. And an order comes later
than promised, and its customer hears it before they ask.
"""

import secrets
import sys
import time
from datetime import timedelta

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
    until = client.order(number, email, SKU, days=PROMISED_DAYS)
    print(f"\n6  {email} ordered {SKU}, promised by {until}.")
    later = until + timedelta(days=LATER_DAYS)
    print(f"\n7  The ERP says: the carrier needs longer, it comes by {later}.")
    began, sent_at = client.sent(), time.time()
    client.says("order.eta", number, eta=later.isoformat(), cause="carrier")
    mail = _mail(client, email, began)
    print(f"   after {mail.at - sent_at:.2f} s to {email}: {mail.subject}")
    _print_mail(client, mail)
    print(f"\nAll mails are in the mailbox: {client.outputs['MailboxUrl']}")


def _print_mail(client: Client, mail: Mail) -> None:
    print("\n" + "\n".join(f"   | {line}" for line in client.text(mail).strip().splitlines()))


def _mail(client: Client, email: str, since: int) -> Mail:
    return awaited(lambda: client.mails(since, to=email), what=f"a mail to {email}", seconds=60)[-1]


if __name__ == "__main__":
    sys.exit(main())
