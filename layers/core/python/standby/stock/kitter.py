"""Kits follow their components: what the catalogue says they are made of, and what the ledger's stream says changed.

A component in many kits is done a page at a time; the rest goes on in another message. A kit that fails gets a message
of its own, which names it where it ends in the dead letters.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from standby.ledger.model import Component, SkuStock
from standby.platform.clock import Clock
from standby.platform.cursor import Cursor, CursorError
from standby.platform.frozen import frozen
from standby.platform.one_by_one import one_by_one
from standby.platform.queue import Message, Outgoing, PoisonError, Queue


class Kits(Protocol):
    """Where kits are kept."""

    def define(self, sku: str, components: Sequence[Component], *, edition: int, now: datetime) -> None:
        """Take in what a SKU is made of; idempotent. Raises ``ValueError`` for what no kit can be."""
        ...

    def look(self, sku: str, *, now: datetime) -> SkuStock | None:
        """Count a kit by what its components have now; idempotent."""
        ...

    def kits_of(self, component: str, cursor: Cursor | None) -> tuple[list[str], Cursor | None]:
        """Return a page of the kits that have a component, and where the next page begins."""
        ...


def changed_component(sku: str) -> dict[str, Any]:
    """Return the job of counting the kits that have a component."""
    return {"component": sku}


def defined_kit(sku: str, components: Sequence[Component], *, edition: int) -> dict[str, Any]:
    """Return the job of taking in what a SKU is made of."""
    return {"kit": sku, "edition": edition, "components": [list(each) for each in components]}


@frozen(kw_only=True)
class Kitter:
    """Counts kits."""

    kits: Kits
    jobs: Queue
    clock: Clock

    def handle(self, message: Message) -> None:
        """Do one job. Raises `PoisonError` for a message that is none."""
        match message.json():
            case {"component": str(component), **more} if component:
                self._component(component, more.get("cursor"))
            case {"kit": str(kit), "edition": int(edition), "components": list(said)} if kit:
                self._define(kit, _components(said), edition)
            case {"kit": str(kit)} if kit:
                self._look(kit)
            case _:
                raise PoisonError("names neither a kit nor a component")

    def _component(self, component: str, cursor: object) -> None:
        if not (cursor is None or isinstance(cursor, Mapping)):
            raise PoisonError("cursor: must be an object")
        try:
            kits, following = self.kits.kits_of(component, cursor)
        except CursorError as error:
            raise PoisonError(f"cursor: {error}") from error
        again = [Outgoing.of({"kit": kit}) for kit in one_by_one(kits, self._look)]
        if following is not None:
            again.append(Outgoing.of({**changed_component(component), "cursor": dict(following)}))
        self.jobs.send(again)

    def _define(self, kit: str, components: Sequence[Component], edition: int) -> None:
        try:
            self.kits.define(kit, components, edition=edition, now=self.clock.now())
        except ValueError as error:
            raise PoisonError(str(error)) from error

    def _look(self, kit: str) -> None:
        self.kits.look(kit, now=self.clock.now())


def _components(said: Sequence[object]) -> list[Component]:
    """Read components. Raises `PoisonError`."""
    components: list[Component] = []
    for each in said:
        match each:
            case [str(sku), int(quantity)] if sku:
                components.append((sku, quantity))
            case _:
                raise PoisonError("components: must be SKUs with quantities")
    return components
