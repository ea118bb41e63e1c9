"""The shelf: what a shopper is told of a SKU or a product, ready to be read (issue 10, design §5.2).

A kernel beside the ledger: `availability` writes it, and features that name a product read it. It promises that a row
says what the ledger and the catalogue said last, in whatever order they were heard, and that a product's counts are
the counts of its rows.

- `model`: a row, a product, and the rule by which they are in stock, low, sold out or gone; standard library only.
  `ahead_model`: what is sold ahead of its goods. A row keeps from when until when it is open and how many remain; the
  clock of whoever reads decides. `stay_model`: since when a SKU is there again.
- `stores`: where locations are and when they are open. `having`: which of them have something; `nearest`: which
  is nearest to a place. `pictures`: what a product's picture looks like, and which
  others are like it.
- `items`: keys and mapping. `reader`: up to 100 rows or products in one request. `cards`: what mails and
  pages show; `naming`: in which words. `terms`: what schema.org, Google, Meta and Shopify call a status.

One table: ``SKU#<sku>`` with ``ROW``; ``PRODUCT#<product id>`` with ``SUMMARY``, which counts its rows (those that can
be ordered ahead by when), ``HEAD``, what it says of itself, and ``PICTURE``; ``LOOKS#<band>#<value>`` with the products
of whose pictures a band has that value; ``STORES`` with a ``STORE#`` for each location. The index ``by_product`` has a
product's rows, whole and in the product's own order, ``feed`` the listings of all rows, ``returns`` what came
back and can be bought by when it did, ``by_category`` a category's products by price, and what came back of them.
"""
