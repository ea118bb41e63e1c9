"""How long an offer waits for the one before it (promise 5), and how long a message is kept from who tries again."""

from standby.preorder.offering import TURN

from tests.infra.template import Stacks

CRASHES = 2
"""Of the functions that make offers: so many do not change the order in which they are made."""


def test_offers_wait_longer_than_it_takes_to_try_again_what_broke_twice(prod: Stacks) -> None:
    queues = prod.properties("SQS::Queue")
    waits = [
        queue["VisibilityTimeout"]
        for name, queue in queues.items()
        if name.partition(".")[2].startswith(("WaitlistPlansQueue", "PreorderAllocationsQueue"))
    ]
    assert len(waits) == 2, sorted(queues)

    assert TURN.total_seconds() > CRASHES * max(waits)
