"""A marketing tool's segment of customers who went quiet, kept from the events alone."""

import random

from standby.platform.address import address_key

from tests.world import World

SEGMENT = frozenset({"CustomerWentQuiet", "CustomerReengaged", "CustomerUnreachable"})


def segment(world: World, emails: list[str], chance: random.Random | None = None) -> set[str]:
    """Return who is in it. The tool hears every event twice, in any order, and goes by editions."""
    heard = [(name, detail) for name, detail in world.events if name in SEGMENT] * 2
    (chance or random.Random(0)).shuffle(heard)
    newest: dict[str, tuple[int, str]] = {}
    for name, detail in heard:
        if detail["edition"] > newest.get(detail["address"], (0, ""))[0]:
            newest[detail["address"]] = detail["edition"], name
    names = {address_key(email): email for email in emails}
    return {names[address] for address, (_, name) in newest.items() if name == "CustomerWentQuiet"}
