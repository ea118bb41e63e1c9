"""The ledger: what is where, what is promised to whom, and therefore what may be sold (design §4).

The shared kernel that `stock`, `waitlist` and `preorder` may import. It promises that units are never given twice,
that the ERP's newest word wins however late it comes, and that every change of a SKU's numbers raises its revision by
one. Every change is commutative and shares one transaction with its guard, which demands that the location's level, or
the claim's status, is still as it was read.

- `model`: the words and rules, standard library only. `items`: keys and mapping. `table`: requests and their retries.
- `reader`: a SKU's numbers, whether it is out or in, its settings merged. `supply`: its numbers beside what comes.
- `levels`: the ERP's levels into units. `purchase_orders`: incoming goods. `locations`: which places count.
- `landing`: goods that came, of which a level or a receipt tells first.
- `settings_book`: what the shop set. `memberships`: which product a SKU belongs to.
- `reconciliation`: a SKU brought in line with locations and settings.
- `claims`: units taken, given back, settled, and dropped once the ERP's levels contain them. `claim_items`: how a claim
  lies in the table. `taking`: several at once, beside a caller's own writes. `giving`: units set aside for who is owed.
- `netting`: which claims the ERP's levels contain, and what becomes of them.
- `leaving`: goods that were shipped, and that a level may count still.
- `kits`: SKUs that are made of others, and so have no levels.

One table: ``SKU#<sku>`` with ``SKU`` (numbers), ``LEVEL#<location>``, ``PO#<purchase order>``, ``CLAIM#<id>`` (live
claims), ``ENDED_CLAIM#<id>`` (kept 90 days), ``SETTLEMENTS`` (how many claims were settled), ``SETTLE`` (out, pending,
in), ``PRODUCT`` (which product has it), ``KIT#<kit>`` (that the SKU is a component of a kit) and ``STEP#<at>#<id>``
(why, kept 90 days); ``LOCATION#<id>``; ``SETTINGS#<scope>``.

Four indexes, each of what a walk must find and of nothing else, so that no walk costs more as history grows:
``by_location`` the levels of a location, ``by_product`` the SKUs of a product, ``skus`` all SKUs (and all locations),
``due`` what waits for its time, owes an announcement, or should have ended.
DynamoDB writes them late; whoever walks one reads the items themselves, and looks again where missing one would matter.
"""
