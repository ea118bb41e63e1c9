"""Snapshots: full counts of a location (design §5.1).

A snapshot is a word about every SKU of its location. The ingester writes its units at once, like any level. What it
would *empty* waits until all pages came and somebody looked at how much that is: a level of 0 where there are units is
held back, and so is the silence about a SKU that the location has.

- `model`: a snapshot, the parts it comes in, the brake. `repository`: which pages came, what is held back.
- `service`: counting and applying, page by page (``stock_sweeper``); the operator's decision (``stock_api``).
- `routes`: the same over HTTP.
"""
