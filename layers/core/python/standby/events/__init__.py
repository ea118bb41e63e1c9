"""Events: what features tell one another and anyone else who listens to the bus (design §5.3).

An event says what happened, in the past tense. Each publisher has a module here: `stock`, `catalog`, `waitlist` and
`mail` publish today; `preorder` and `customer` hold what others listen for already. A function loads only the modules
that it needs.

An event is a named tuple, because making a dataclass takes several times as long at a cold start. Its class name is
the ``detail-type`` and its fields are the ``detail`` (`standby.platform.bus`), beside ``version``; a field that is not
known is left out. ``id`` is the same when the same thing is told again. ``at`` is when it happened, and ``revision`` is
the SKU's: a consumer ignores lower ones than it has seen. `fields` holds the types of the fields.

A consumer reads what arrives with `hearing`. The ``hears`` module of its feature lists the events that it hears; the
rule of its queue is made from the same list.
"""
