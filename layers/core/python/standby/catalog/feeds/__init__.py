"""Feeds: the product files that shops have already, a kind of file that `standby.imports` reads (issue 10).

Google's product feed (tab-separated, or XML) and Shopify's product export become ``product.upserted`` messages on the
catalog-updates queue. A product of which one line cannot be read is not sent: the word that the catalogue has of it
stays, so that a bad line never takes a SKU out of its product.

- `model`: what a line says, and what the lines of one product say together. `google`, `shopify`: the two layouts.
- `service`: a pass's products, and the messages that they become. `comparison`: a dry run.
- `completeness`: what a complete file does not name (`standby.catalog.absences`).
- The plug is `standby.catalog.assembly.feeds`.
"""
