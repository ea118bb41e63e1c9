"""Counts: files of stock levels, a kind of file that `standby.imports` reads (design §5.1; features A5).

What a pass found goes to the stock-updates queue as levels, or as pages of a snapshot where the mapping says that the
file is a full count. A repeated pass sends the same messages again, which change nothing in the ledger. A full count
with bad lines says so in the snapshot's ``doubt``, so that a SKU whose line could not be read is not taken for one that
is gone.

- `model`: what a line says, and what the lines of one SKU and location say together.
- `service`: a pass's sums, and the messages that they become. `comparison`: a dry run.
- The plug is `standby.stock.assembly.counts`.
"""
