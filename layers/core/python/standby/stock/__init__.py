"""Stock: from the ERP's messages to "it is back" (design §3, §4).

Promises: the ERP's newest word about each location wins, whatever is repeated, late or out of order; poison is set
aside alone with its reason; a restock is announced once per crossing, after it settled; every number can be explained.

- ``stock_api``: messages over HTTP, a SKU's numbers and why they are so, the shop's settings.
- ``stock_ingester``: the stock-updates queue into the ledger; batches are split, a SKU's levels folded into one write.
- ``stock_detector``: the ledger's stream into `StockChanged`, `SoldOut`, `LowStock`, `IncomingChanged`, `EtaMoved`,
  `StoreChanged`, into the settle queue, and into jobs for kits.
- ``stock_settler``: out, pending, in; `Restocked`.
- ``stock_recorder``: which product a SKU belongs to, as the catalogue says it (`ProductChanged`), and that it is a kit.
- ``stock_kitter``: kits follow their components.
- ``stock_sweeper``: crossings whose time has come, changes never announced, SKUs to count anew, snapshots to apply.

Two sub-packages: `snapshots` takes full counts of locations, `counts` tells ``imports_reader`` how to read stock files.
`messages` reads what the ERP sends, `schemas` says what that may be, and `settling` holds the rules of a restock. The
model is the ledger's (`standby.ledger.model`).
"""
