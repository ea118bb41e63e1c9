"""What keys do in a broad day in the shop (`tests.promises.killing.days`)."""

import json

from standby.access.model import key_text
from standby.access.repository import KeyRepository
from standby.access.service import Keys
from standby.platform.clock import SystemClock

from tests.promises.shop import Shop


def everything_happens(shop: Shop) -> None:
    """Show a known key and an unknown one."""
    key = Keys(KeyRepository("Access"), SystemClock(), lambda size: b"k" * size).issue("till 4", ["storefront"])
    for said, known in ((key, True), (key_text(b"x" * 32), False)):
        answer = shop.world.run("access_authorizer", {"headers": {"Authorization": f"Bearer {said}"}})
        assert answer["isAuthorized"] is known, json.dumps(answer)
