"""The order's page leads to what was granted for it; that page shows it, and its buttons choose, without scripts."""

from typing import Any

import pytest
from standby.compensation.choice_model import NO_OPTION
from standby.compensation.links import Links

from tests.promises.shop import Shop
from tests.promises.test_public_work import KEYS
from tests.standby.compensation.chooser import Chooser, chooser
from tests.standby.compensation.remedied import ONE_OF_THREE, eur, rule, voucher
from tests.standby.delivery.track import ISRAEL

pytestmark = pytest.mark.promise("P11")


@pytest.fixture
def ana(shop: Shop) -> Chooser:
    return chooser(shop)


@pytest.mark.promise("P8")
def test_the_orders_page_leads_there_though_no_mail_may(shop: Shop) -> None:
    ana = Chooser(shop)
    ana.sets(rule(ONE_OF_THREE))
    ana.places(ship_to=ISRAEL, customer={"locale": "he"})
    assert ana.shop.world.mails == []
    ana.late(days=3)
    assert ana.mailed() == []
    assert ana.sees()["remedied"] == "granted"
    assert f'href="../remedies/{ana.link()}"' in ana.sees(page=True)
    assert 'dir="rtl"' in ana.own(page=True)


def test_the_page_of_an_order_for_which_nothing_was_granted_leads_nowhere(shop: Shop) -> None:
    ana = chooser(shop, voucher(9, 500))
    assert ana.sees()["remedied"] is None
    assert "remedies/" not in ana.sees(page=True)
    assert ana.own() == {"order": "10234", "remedies": [], "may_rate": False, "rating": None}
    assert "Nothing is here yet" in ana.own(page=True)


def test_a_page_that_ran_into_a_problem_leads_there_too(ana: Chooser) -> None:
    ana.says("shipped")
    ana.shop.world.settle()
    status, html = ana.posts("wait", "wording=w&until=2026-01-01")
    assert (status, f'href="../../remedies/{ana.link()}"' in html) == (409, True)


def test_the_page_shows_what_there_is_to_choose_and_then_the_code(ana: Chooser) -> None:
    html = ana.own(page=True)
    assert all(f'name="kind" value="{kind}"' in html for kind in ("percent_off", "voucher", "free_shipping"))
    assert "until May 17, 2026" in html
    status, _ = ana.presses("choose", f"remedy_id={ana.open().grant_id}&kind=voucher")
    assert status == 303
    html = ana.own(page=True)
    assert ana.brought()[0] in html
    assert 'action="choose"' not in html
    assert f'href="../track/{ana.link()}"' in html


def test_looking_changes_nothing(ana: Chooser) -> None:
    names, edition = ana.shop.world.names(), ana.of().edition
    ana.own()
    ana.own(page=True)
    assert (ana.shop.world.names(), ana.of().edition) == (names, edition)


def test_a_browser_that_chooses_what_is_not_offered_is_told_so_beside_what_is(ana: Chooser) -> None:
    status, html = ana.presses("choose", f"remedy_id={ana.open().grant_id}&kind=delivery_fee_back")
    assert (status, 'role="alert"' in html, 'name="kind" value="voucher"' in html) == (409, True, True)
    assert 'action="choose"' in html
    assert NO_OPTION not in html


@pytest.mark.parametrize(
    "form", ["kind=voucher", "remedy_id=g1", f"remedy_id=g1&kind={'x' * 200}"], ids=["id", "kind", "long"]
)
def test_a_form_that_lacks_something_is_malformed(ana: Chooser, form: str) -> None:
    assert ana.presses("choose", form)[0] == 400


def test_an_order_that_is_kept_no_more_has_no_page_either(ana: Chooser) -> None:
    links = Links("", lambda: KEYS)
    token = links.remedies("GONE", ana.shop.world.clock.now())
    status, problem = ana.shop.world.request("compensation_viewer", "GET", f"/v1/remedies/{token}")
    assert (status, problem["type"]) == (410, "/problems/gone")


def _revoke(made: Chooser, code: str) -> None:
    path = f"/v1/vouchers/{code}/revoke"
    assert made.shop.world.request("compensation_api", "POST", path, scopes="ops")[0] == 200


def _redeem(made: Chooser, code: str) -> None:
    body, key = {"order_id": "NEXT", "order_total": eur(4_000)}, {"idempotency-key": "k"}
    path = f"/v1/vouchers/{code}/redeem"
    status, _ = made.shop.world.request("compensation_api", "POST", path, body=body, headers=key, scopes="storefront")
    assert status == 200


def _expire(made: Chooser, _code: str) -> None:
    made.shop.world.clock.advance(days=31)


@pytest.mark.parametrize(
    ("happens", "status"),
    [(_revoke, "revoked"), (_redeem, "redeemed"), (_expire, "expired")],
    ids=["revoked", "redeemed", "expired"],
)
def test_a_code_that_is_no_good_any_more_is_not_shown(shop: Shop, happens: Any, status: str) -> None:
    ana = chooser(shop, voucher(2, 500), voucher_valid_days=30)
    (code,) = ana.brought()
    assert code in ana.own(page=True)
    happens(ana, code)
    assert [(each["status"], each["code"]) for each in ana.own()["remedies"]] == [(status, None)]
    assert code not in ana.own(page=True)
