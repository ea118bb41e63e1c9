"""A link lets whoever brings it pre-order before the campaign opens to all: one campaign, for a time, and no other."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from standby.platform.clock import SystemClock, from_text
from standby.platform.dynamodb import to_item
from standby.platform.secrets import KEY
from standby.platform.tokens import TokenKeys, Tokens, first
from standby.preorder.early_links import EarlyLinks
from standby.preorder.model import Campaign, EarlyAccess, Money, RefusedError, Terms

from tests.promises.preorder_checks import adds_up, reservations
from tests.promises.shop import OPS
from tests.standby.availability.storefront import product_changed, variant
from tests.standby.preorder.sales import LAMP, Sales

EARLY, OPENS = "2026-05-03T11:00:00Z", "2026-05-05T10:00:00Z"
OTHER = "SHADE-LINEN"


def opens_early(sales: Sales, sku: str = LAMP, **more: Any) -> None:
    """Open a campaign in two days, and to links in an hour, and let that hour go by."""
    early = {"opens_at": EARLY, "links": True, **more}
    sales.opens(sku, capacity=5, opens_at=OPENS, early_access=early)
    sales.world.wait(minutes=61)


def asks_link(sales: Sales, sku: str = LAMP, **body: Any) -> Any:
    return sales.asks("POST", f"/v1/campaigns/{sku}/links", body or None, scopes=OPS)


def link(sales: Sales, sku: str = LAMP, **body: Any) -> str:
    status, made = asks_link(sales, sku, **body)
    assert status == 201, made
    return str(made["token"])


def brings(sales: Sales, key: str, token: str, sku: str = LAMP, **more: Any) -> Any:
    status, answer = sales.reserves(key, sku, access_token=token, **more)
    return status, answer.get("type", "").rpartition("/")[2]


def test_whoever_brings_a_link_reserves_early_and_others_do_not(sales: Sales) -> None:
    opens_early(sales)
    token = link(sales)
    assert brings(sales, "ana", token) == (201, "")
    assert brings(sales, "ben", token) == (201, "")
    assert sales.reserves("cleo")[0] == 409
    assert sales.campaign()["reserved"] == 2
    adds_up(sales.world)


def test_a_link_opens_nothing_before_the_early_time(sales: Sales) -> None:
    sales.opens(capacity=5, opens_at=OPENS, early_access={"opens_at": EARLY, "links": True})
    assert brings(sales, "ana", link(sales)) == (409, "campaign-closed")


def test_a_link_says_until_when_it_lives_and_for_how_many(sales: Sales) -> None:
    opens_early(sales)
    status, made = asks_link(sales, units=3)
    assert (status, made["expires_at"], made["units"], made["url"]) == (201, "2026-05-05T10:00:00.000Z", 3, None)
    made = asks_link(sales, expires_at=None, units=None)[1]
    assert (made["expires_at"], made["units"]) == ("2026-05-05T10:00:00.000Z", None)
    made = asks_link(sales, expires_at="2026-05-04T12:00:00+02:00")[1]
    assert (made["expires_at"], made["units"]) == ("2026-05-04T10:00:00.000Z", None)
    assert asks_link(sales, expires_at="2027-01-01T00:00:00Z")[1]["expires_at"] == "2026-05-05T10:00:00.000Z"


def test_a_link_leads_to_the_products_page(sales: Sales) -> None:
    about = product_changed("lamp", 1, variant(LAMP, 1), url="https://shop.example/lamp?from=news")
    sales.world.send("AvailabilityChanges", about)
    sales.world.settle()
    opens_early(sales)
    made = asks_link(sales)[1]
    assert made["url"] == f"https://shop.example/lamp?from=news&access_token={made['token']}"


def test_a_link_of_some_units_is_for_so_many_and_gets_back_what_is_given_back(sales: Sales) -> None:
    opens_early(sales)
    token = link(sales, units=2)
    assert brings(sales, "ana", token) == (201, "")
    assert brings(sales, "ben", token, quantity=2) == (409, "link-used-up")
    made = sales.holds("ben-again", access_token=token)
    assert brings(sales, "cleo", token) == (409, "link-used-up")
    assert brings(sales, "cleo-too", link(sales)) == (201, ""), "another link has its own units"
    sales.does(made, "cancel")
    assert brings(sales, "dan", token) == (201, "")
    adds_up(sales.world)


def test_the_limit_of_a_customer_holds_with_a_link_too(sales: Sales) -> None:
    early = {"opens_at": EARLY, "links": True}
    sales.opens(capacity=5, opens_at=OPENS, early_access=early, limit_per_customer=1)
    sales.world.wait(minutes=61)
    token = link(sales, units=5)
    assert brings(sales, "ana", token, email="ana@example.org") == (201, "")
    assert brings(sales, "ana-2", token, email="ana@example.org") == (409, "limit-reached")


@pytest.mark.parametrize("wrong", ["no-token", "eyJ4IjoxfQ.forged", "%20", "💡" * 50])
def test_a_link_that_is_none_of_ours_reserves_nothing(sales: Sales, wrong: str) -> None:
    opens_early(sales)
    assert brings(sales, "ana", wrong) == (409, "access-unknown")
    assert reservations(sales.world) == []


def test_a_mailed_link_to_a_reservation_is_no_early_access(sales: Sales) -> None:
    sales.opens(OTHER)
    sales.does(sales.holds("ana", OTHER), "confirm")
    sales.world.settle()
    opens_early(sales)
    assert brings(sales, "ana-2", sales.link("ana@example.org")) == (409, "access-unknown")
    status, _ = sales.own(link(sales))
    assert status == 404, "nor is early access a link to a reservation"


def test_a_link_whose_time_is_over_reserves_nothing(sales: Sales) -> None:
    opens_early(sales)
    token = link(sales, expires_at="2026-05-03T12:00:00Z")
    sales.world.wait(hours=1)
    assert brings(sales, "ana", token) == (409, "access-expired")


def test_a_link_opens_no_other_sku_and_no_later_campaign(sales: Sales) -> None:
    opens_early(sales)
    opens_early(sales, OTHER)
    token = link(sales)
    assert brings(sales, "ana", token, OTHER) == (409, "access-elsewhere")
    both = {"lines": [{"sku": LAMP}, {"sku": OTHER}], "customer": {"email": "ana@example.org"}, "access_token": token}
    assert sales.asks("POST", "/v1/reservations", both, key="both")[0] == 409
    sales.asks("POST", f"/v1/campaigns/{LAMP}/close", scopes=OPS)
    opens_early(sales)
    assert brings(sales, "ana-2", token) == (409, "access-elsewhere")
    assert reservations(sales.world) == []
    assert brings(sales, "ana-3", link(sales)) == (201, "")


def test_a_shop_that_takes_links_out_of_its_campaign_ends_them(sales: Sales) -> None:
    opens_early(sales)
    token = link(sales)
    sales.opens(capacity=5, opens_at=OPENS, early_access={"opens_at": EARLY, "tiers": ["gold"]})
    assert brings(sales, "ana", token) == (409, "campaign-closed")
    status, problem = asks_link(sales)
    assert (status, problem["type"]) == (409, "/problems/no-links")


def test_after_a_leak_no_link_opens_anything(sales: Sales) -> None:
    opens_early(sales)
    token = link(sales)
    sales.world.memory.tables["LinkKeys"].put(to_item(KEY), to_item({**KEY, "keys": first("another-key")}))
    sales.world.restart()
    assert brings(sales, "ana", token) == (409, "access-unknown")


def test_a_reservation_that_is_asked_for_again_is_the_same_though_the_link_is_over(sales: Sales) -> None:
    opens_early(sales)
    token = link(sales, expires_at="2026-05-03T12:00:00Z")
    first_time = sales.reserves("ana", access_token=token)
    sales.world.wait(hours=2)
    assert sales.reserves("ana", access_token=token) == first_time
    status, problem = sales.reserves("ana")
    assert (status, problem["type"]) == (422, "/problems/other-request")


def test_once_the_campaign_is_open_to_all_no_link_is_looked_at_and_none_is_made(sales: Sales) -> None:
    opens_early(sales)
    token = link(sales, units=1)
    sales.world.wait(hours=48)
    assert brings(sales, "ana", token) == (201, "")
    assert brings(sales, "ben", token) == (201, "")
    assert brings(sales, "cleo", "forged") == (201, "")
    status, problem = asks_link(sales)
    assert (status, problem["type"]) == (409, "/problems/campaign-open")


def test_who_may_reserve_early_anyway_needs_no_link(sales: Sales) -> None:
    opens_early(sales, tiers=["gold"])
    assert brings(sales, "ana", "forged", customer={"tier": "gold"}) == (201, "")


@pytest.mark.parametrize(
    ("sku", "body", "status", "problem"),
    [
        ("NEVER", {}, 404, "unknown-campaign"),
        (LAMP, {"expires_at": "2026-05-03T09:00:00Z"}, 400, "malformed"),
        (LAMP, {"expires_at": "soon"}, 400, "malformed"),
        (LAMP, {"expires_at": ""}, 400, "malformed"),
        (LAMP, {"units": 0}, 400, "malformed"),
        (LAMP, {"reservations": 1}, 400, "malformed"),
    ],
)
def test_a_link_that_cannot_be_is_a_problem(
    sales: Sales, sku: str, body: dict[str, Any], status: int, problem: str
) -> None:
    opens_early(sales)
    answer = asks_link(sales, sku, **body)
    assert (answer[0], answer[1]["type"]) == (status, f"/problems/{problem}")


def test_a_checkout_takes_no_link(sales: Sales) -> None:
    sales.shop.counts(LAMP, 5)
    assert brings(sales, "ana", "any", kind="checkout") == (400, "malformed")


def test_links_are_made_by_operators_only(sales: Sales) -> None:
    opens_early(sales)
    assert sales.asks("POST", f"/v1/campaigns/{LAMP}/links", scopes="storefront")[0] == 403


# ---- whatever is brought ----

NOW = from_text("2026-05-03T12:00:00Z")
TERMS = Terms(
    kind="preorder",
    capacity=5,
    release_on="2026-07-15",
    price=Money(amount=100, currency="EUR"),
    opens_at=OPENS,
    early_access=EarlyAccess(opens_at=EARLY, links=True),
)
CAMPAIGN = Campaign(sku=LAMP, number=2, terms=TERMS, edition=1, prices=())
TOKENS = Tokens(TokenKeys("a-key-of-the-test"))


class OneCampaign:
    def campaign(self, sku: str) -> Any:
        return CAMPAIGN, []


LINKS = EarlyLinks(OneCampaign(), lambda: TOKENS, SystemClock())
SUBJECT = {"s": LAMP, "n": 2, "i": "id"}


def issued(subject: dict[str, Any], purpose: str = "early") -> str:
    return TOKENS.issue(purpose, subject, now=NOW, lifetime=from_text(OPENS) - NOW)


@given(st.text(max_size=200) | st.text("abcXYZ019_-.", max_size=200))
@example("")
@example(".")
def test_no_wild_text_opens_a_campaign(text: str) -> None:
    with pytest.raises(RefusedError):
        LINKS.bound(text, CAMPAIGN, NOW)


@given(st.integers(min_value=0), st.characters(codec="ascii"))
def test_a_link_with_another_character_in_it_opens_nothing_or_the_same(position: int, character: str) -> None:
    """What is copied along behind a link is no part of it."""
    token = issued({**SUBJECT, "u": 3})
    changed = f"{token[: position % len(token)]}{character}{token[position % len(token) + 1 :]}"
    try:
        bound = LINKS.bound(changed, CAMPAIGN, NOW)
    except RefusedError:
        return
    assert bound == LINKS.bound(token, CAMPAIGN, NOW)


@given(
    st.fixed_dictionaries({"s": st.sampled_from([LAMP, OTHER]), "n": st.integers(1, 3)}),
    st.sampled_from(["early", "preorder", "offer"]),
)
def test_only_a_link_to_this_campaign_opens_it(about: dict[str, Any], purpose: str) -> None:
    token = issued({**SUBJECT, **about}, purpose)
    if (about, purpose) == ({"s": LAMP, "n": 2}, "early"):
        assert LINKS.bound(token, CAMPAIGN, NOW) is None
    else:
        with pytest.raises(RefusedError):
            LINKS.bound(token, CAMPAIGN, NOW)
