"""What product files do that a reader must not take for something else."""

from tests.standby.catalog.feeds.test_feeds import Pass

GOOGLE = {"kind": "products", "format": "google"}
SHOPIFY = {"kind": "products", "format": "shopify", "currency": "EUR"}


def test_a_quotation_mark_in_a_tab_separated_feed_is_a_letter() -> None:
    """Where it was one, a stray one took the next product along: a complete feed would have taken that one away."""
    lines = 'A\t"Oslo\tShirt\t5 EUR\nB\tTV 32"\tScreen\t3 EUR\nC\tx\t"Mug" of clay\t1 EUR\n'
    read = Pass(f"id\tdescription\ttitle\tprice\n{lines}", GOOGLE)
    assert (read.reasons, sorted(read.products)) == ([], ["A", "B", "C"])
    assert read.products["C"]["title"] == {"en": '"Mug" of clay'}


def test_a_reason_is_short_whatever_a_line_says() -> None:
    """300 of them are one item of a table that takes 400 KB."""
    name = "x" * 9_000
    head = "Handle,Title,Option1 Name,Option1 Value,Option2 Name,Option2 Value,Variant SKU\n"
    read = Pass(f"{head}h,t,{name},a,{name},b,S\n", SHOPIFY)
    assert [len(bad["reason"]) < 500 for bad in read.bad] == [True]
