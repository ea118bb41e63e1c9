"""How products look: each product's picture is fetched once and remembered as 64 bits (issue 10).

So products can be alternatives of one another of which the shop says nothing that could be compared.

- `service`: what the catalogue names is noted; a job of the function's own queue then looks at it, again after a while
  where it cannot be had, a few times. `repository` keeps it, with the lists by which others find it.
- `fetching`: by HTTP from public addresses alone, which `addresses` tells, within bounds. `hashing`: 64 bits, by
  Pillow, which a layer of this function brings.
"""
