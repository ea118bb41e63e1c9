"""Catalogue: what products are called, how they look, what they cost, and which SKUs they have (design §5.1).

Promises: the newest word about each product wins, whatever is repeated, late or out of order; a SKU belongs to the
product with the newest word that has it; what a newer word no longer has is gone; whoever listens hears of each change,
whenever a function dies; poison is set aside alone with its reason.

- ``catalog_api``: messages over HTTP, and what is known of a product.
- ``catalog_ingester``: the catalog-updates queue into the table, and `ProductChanged`, `ProductDiscontinued`.

A product is an item without its variants, and each SKU is an item with what products say of it, so 2,000 variants fit.
`service` writes first the product, which says that somebody must still hear of it; then the SKUs; then it tells
everybody; and then the product says that all is done. A message is repeated from the start until that was written.
`telling` makes the events, `messages` reads what the shop sends, and `retelling` tells all products anew.
`feeds` reads product files, and `absences` takes what a complete one no longer names.
"""
