"""Availability: what a shopper is told of a SKU or product: can it be had, how many are left, when is it back.

It answers a listing page of 100 badges with one request to the table, seconds after the ERP or the catalogue spoke.

- ``availability_projector`` (queue AvailabilityChanges: `StockChanged`, `IncomingChanged`, `EtaMoved`,
  `StoreChanged`, `ProductChanged`, `ProductDiscontinued`, `CampaignChanged`): the shelf's rows and its directory of
  locations. Events about numbers are hints: it reads the row, then the ledger, and writes on the condition that the
  row is still the one that it read. So any order and any duplicate of events leads to the same row. What the catalogue
  and pre-orders say comes with their events, guarded by their editions. The same queue carries the walk of
  ``make rebuild-shelf`` (`rebuilding`).
- ``availability_viewer`` (queue AvailabilityPictures: `ProductChanged`, and jobs of its own): what products look like
  (`pictures`).
- ``availability_api``: badges, cart checks, listings with what is sold out at their end, products whole (`matrix`; in
  schema.org's words `json_ld`, as a piece of HTML `fragment`), what can be bought instead (`alternatives`), what is
  back in stock as a list, a feed and a page (`returns`), the feed for shopping platforms (`feed`), stores near a point
  (`stores`), and why a badge says so.

No events go out. The table is the kernel's (`standby.shelf`), so that other features read what things are called.
"""
