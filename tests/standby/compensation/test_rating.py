"""Did we make it right? The customer says so on the page, never in a mail; a few get nothing, so that it compares."""

import pytest
from standby.compensation.policy_model import held_out
from standby.platform.address import mailbox_key

from tests.promises.shop import Shop
from tests.standby.compensation.chooser import Chooser, chooser
from tests.standby.compensation.remedied import rule, voucher
from tests.standby.compensation.till import API


@pytest.fixture
def ana(shop: Shop) -> Chooser:
    return chooser(shop, voucher(2, 500))


@pytest.mark.promise("P11")
def test_a_customer_says_by_one_tap_whether_it_was_made_right_and_all_hear_it_once(ana: Chooser) -> None:
    assert "Did we make it right?" in ana.own(page=True)
    assert [ana.presses("feedback", "right=yes")[0] for _ in range(2)] == [303, 303]
    (event,) = ana.heard("RemedyRated")
    assert (event["order_id"], event["right"], event["kinds"], event["held_out"]) == ("O", True, ["voucher"], False)
    assert "You told us that we made it right" in ana.own(page=True)


def test_words_beside_it_are_kept_for_the_shop_and_told_to_nobody_else(ana: Chooser) -> None:
    status, said = ana.rates(right=False, words="  You\tnever  called. ")
    assert (status, said["rating"]["right"], said["rating"]["words"]) == (200, False, "You never called.")
    assert "never" not in str(ana.heard("RemedyRated"))
    known = ana.shop.world.request(API, "GET", "/v1/deliveries/O/remedies", scopes="ops")[1]
    assert known["rating"]["words"] == "You never called."


def test_another_answer_replaces_the_one_before_and_is_told_as_another(ana: Chooser) -> None:
    ana.rates(right=False)
    ana.shop.world.clock.advance(minutes=1)
    ana.rates(right=True, words="Now it is here.")
    assert ana.own()["rating"]["right"] is True
    assert [event["right"] for event in ana.heard("RemedyRated")] == [False, True]


@pytest.mark.parametrize(
    "form", ["right=perhaps", "words=x", f"right=yes&words={'x' * 501}"], ids=["what", "none", "long"]
)
def test_what_is_no_answer_is_malformed(ana: Chooser, form: str) -> None:
    assert ana.presses("feedback", form)[0] == 400
    assert ana.heard("RemedyRated") == []


def test_who_was_given_nothing_or_chooses_still_is_not_asked(shop: Shop) -> None:
    ana = chooser(shop)
    assert ana.own()["may_rate"] is False
    status, problem = ana.rates(right=True)
    assert (status, problem["type"]) == (409, "/problems/nothing-to-rate")
    ana.chooses("voucher")
    assert ana.rates(right=True)[0] == 200


def test_no_mail_asks(ana: Chooser) -> None:
    texts = [mail.text for mail in ana.shop.world.mails]
    assert texts
    assert not any("make it right?" in text or "/feedback" in text for text in texts)


# ---- to compare ----


def emails(*, out: bool) -> list[str]:
    """Return addresses of customers of whom a tenth, always the same, are held out."""
    known = (f"ana-{number}@example.org" for number in range(200))
    return [email for email in known if held_out(10, mailbox_key(email)) is out]


@pytest.mark.promise("P7", "P10")
def test_who_is_held_out_gets_no_remedy_but_the_notice_and_every_right_and_it_is_said_why(shop: Shop) -> None:
    made, (ana, *_), (ben, *_) = Chooser(shop), emails(out=True), emails(out=False)
    made.sets(rule(voucher(2, 500)), holdout_percent=10)
    for order_id, email in (("O-1", ana), ("O-2", ben)):
        made.places(order_id, email=email)
        made.late(order_id, days=3)
        made.late(order_id, days=4)
    assert [made.granted(order_id) for order_id in ("O-1", "O-2")] == [[], [("voucher", 500)]]
    assert made.why("O-1") == ["held_out", "held_out"]
    told = [mail.subject for mail in made.shop.world.mails if mail.email == ana]
    assert [subject[:23] for subject in told] == ["Later than we told you:"] * 2
    assert made.sees(made.link(ana))["cancel"]["open"] is True
    withheld = made.heard("RemedyWithheld")
    assert [(each["order_id"], each["days_late"]) for each in withheld] == [("O-1", 3), ("O-1", 4)]
    assert made.spent() == 500


def test_who_is_held_out_is_asked_all_the_same(shop: Shop) -> None:
    made, (ana, *_) = Chooser(shop), emails(out=True)
    made.sets(rule(voucher(2, 500)), holdout_percent=10)
    made.places(email=ana)
    made.late(days=3)
    token = made.link(ana)
    assert made.sees(token)["remedied"] == "asked"
    assert "did we make it right?" in made.sees(token, page=True)
    assert made.rates(right=False, token=token)[0] == 200
    (event,) = made.heard("RemedyRated")
    assert (event["kinds"], event["held_out"]) == ([], True)


def test_a_percentage_of_customers_is_held_out_and_those_stay_so_as_it_grows() -> None:
    customers = [f"customer-{number}" for number in range(10_000)]
    few, more = ({each for each in customers if held_out(percent, each)} for percent in (5, 20))
    assert few < more
    assert (round(len(few) / 100), round(len(more) / 100)) == (5, 20)
    assert not any(held_out(0, each) for each in customers)
