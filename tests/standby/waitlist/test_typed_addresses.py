"""Addresses copied from pages in Hebrew, from chats and from spreadsheets, at each door where one comes in."""

from typing import Any

import pytest

from tests.promises.shop import Shop
from tests.world import World

SKU = "SHIRT-RED-M"
CONSENT = {"wording": "2026-05"}
GIVEN = {**CONSENT, "source": "import", "at": "2026-05-03T09:00:00Z"}
DOORS: dict[str, tuple[str, str, dict[str, Any], str]] = {
    "a sign-up": ("waitlist_api", "/v1/waitlist", {"skus": [SKU], "consent": CONSENT}, ""),
    "an entry of the shop": ("waitlist_api", "/v1/waitlist/entries", {"skus": [SKU], "consent": GIVEN}, "storefront"),
    "a reservation": ("preorder_api", "/v1/reservations", {"sku": SKU}, "storefront"),
    "a suppression": ("mail_api", "/v1/mail/suppressions/look-up", {}, "ops"),
}
WRONG = {
    "no @": ("ana.example.org", "there is no @"),
    "two @": ("ana@shop@example.org", "there are 2 @, and an address has one"),
    "two addresses": ("ana@example.org,bo@example.org", "there are 2 @"),
    "a blank": ("ana maria@example.org", "there is a blank inside, at place 4"),
    "a name and an address": ("Ana <ana@example.org>", "there is a blank inside, at place 4"),
    "an unseen mark": ("a\u200bna@example.org", "there is ZERO WIDTH SPACE, which nobody sees, inside, at place 2"),
    "a mark of direction": ("ana@\u200fexample.org", "there is RIGHT-TO-LEFT MARK, which nobody sees, inside"),
    "no dot": ("ana@localhost", "the part after the @ has no dot, so it is no domain"),
    "nothing before": ("@example.org", "there is nothing before the @"),
    "nothing after": ("ana@", "there is nothing after the @"),
    "two dots": ("ana@example..org", "two periods in a row"),
    "a dot at the end": ("ana@example.org.", "cannot end with a period"),
    "a letter that no domain has": ("ana@exam_ple.org", "invalid characters: '_'"),
    "a bracket left over": ("ana@example.org>", "invalid characters: '>'"),
    "Hebrew before the @": ("אנה@example.org", "characters before the @-sign are not supported"),
    "a long name": (f"{'a' * 65}@example.org", "the part before the @ has 65 characters, and may have 64"),
    "too long": (f"ana@{'a' * 250}.org", "254"),
}


def asked(world: World, door: str, email: str) -> tuple[int, Any]:
    function, path, body, scopes = DOORS[door]
    who = {"customer": {"email": email}} if door == "a reservation" else {"email": email}
    headers = {"Idempotency-Key": "address-1"} if door == "a reservation" else {}
    return world.request(function, "POST", path, body={**body, **who}, scopes=scopes, headers=headers)


@pytest.mark.parametrize("door", DOORS)
def test_an_address_that_is_refused_says_what_is_wrong_with_it(world: World, door: str) -> None:
    for named, (email, said) in WRONG.items():
        status, problem = asked(world, door, email)
        assert (status, said in problem["detail"], "email" in problem["detail"]) == (400, True, True), (named, problem)


@pytest.mark.parametrize("door", DOORS)
def test_what_copying_brings_along_is_no_part_of_an_address(world: World, door: str) -> None:
    status, answer = asked(world, door, "\u200f\u2068ana@example.org\u2069\u00a0")
    assert status != 400, answer


def test_a_pasted_address_is_mailed_without_what_nobody_sees(world: World) -> None:
    Shop(world).counts(SKU, 0)
    assert asked(world, "a sign-up", "\ufeff\u200fana@b\u00fccher.example\u200e\u2003")[0] == 202
    world.settle()
    assert [mail.email for mail in world.mails] == ["ana@xn--bcher-kva.example"]


@pytest.mark.parametrize(
    ("at", "reason"),
    [
        ("0001-01-01T00:00:00Z", "consent.at: lies more than 730 days back"),
        ("0001-01-01T00:00:00+14:00", "between the years 1 and 9999"),
        ("0000-00-00T00:00:00Z", "consent.at: "),
        ("1970-01-01T00:00:00Z", "consent.at: lies more than 730 days back"),
        ("1900-01-01T00:00:00+02:00", "consent.at: lies more than 730 days back"),
        ("2024-02-30T00:00:00Z", "consent.at: "),
        ("2026-05-03T10:30:00Z", "consent.at: lies in the future"),
        ("9999-12-31T23:59:59Z", "consent.at: lies in the future"),
        ("9999-12-31T23:59:59-14:00", "between the years 1 and 9999"),
        ("1777802400", "consent.at: "),
        ("2026-05-03", "consent.at: "),
        ("2026-05-03T09:00:00", "consent.at: "),
        ("", "consent.at: "),
    ],
    ids=[
        *("year 1", "before year 1", "zeros", "the epoch of Unix", "the epoch of spreadsheets", "no such day"),
        *("ahead", "year 9999", "after year 9999", "seconds", "a day", "no zone", "empty"),
    ],
)
def test_a_proof_of_consent_that_cannot_be_is_refused_by_name(world: World, at: str, reason: str) -> None:
    body = {"email": "ana@example.org", "skus": [SKU], "consent": {**GIVEN, "at": at}}
    status, problem = world.request("waitlist_api", "POST", "/v1/waitlist/entries", body=body, scopes="storefront")
    assert (status, reason in problem["detail"]) == (400, True), problem
