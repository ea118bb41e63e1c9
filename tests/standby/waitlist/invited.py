"""A shop with stores that invites those who wait, as verbs for tests."""

from typing import Any

from standby.platform.address import address_key
from standby.platform.clock import to_text
from standby.platform.table import Table
from standby.waitlist.store_offer_repository import StoreOfferRepository

from tests.promises.shop import CONSENT, OPS, Shop
from tests.standby.availability.storefront import QUEUE, Storefront, product_changed, variant
from tests.world import World

ANA, BEN, CLEO = "ana@example.org", "ben@example.org", "cleo@example.org"
TEL_AVIV, HAIFA, EILAT = "32.08,34.78", "32.79,34.99", "29.55,34.95"
STORES = {
    "dizengoff": {"name": "Dizengoff", "latitude": 32.0796, "longitude": 34.7741, "address": "Dizengoff 50\nTel Aviv"},
    "jaffa": {"name": "Jaffa", "latitude": 32.0527, "longitude": 34.7509, "phone": "+972 3 555 0102"},
    "carmel": {"name": "Carmel", "latitude": 32.794, "longitude": 34.9896, "address": {"street": "Herzl 1"}},
}
TODAY = "2026-05-03"
OFFER = {"kind": "gift_wrap", "since": TODAY, "until": TODAY, "most": 50}


class Inviting(Shop):
    """A shop that invites to its stores."""

    def opens(self, *stores: str) -> None:
        """Describe stores, none of which sells online."""
        for location_id in stores or STORES:
            Storefront(self.world).describes(location_id, sells_online=False, **STORES[location_id])

    def sells(self, *skus: str, category: str = "Clothes") -> None:
        """Describe SKUs that were there once and are gone."""
        for sku in skus:
            self.world.send(QUEUE, product_changed(sku.lower(), 1, variant(sku, 1), category=category))
            self.counts(sku, 1)
            self.counts(sku, 0)

    def has(self, store: str, sku: str, units: int) -> None:
        """Let a store count units of a SKU."""
        Shop(self.world, location=store).counts(sku, units)

    def wishes(self, email: str, *skus: str, near: str | None = TEL_AVIV, marketing: bool = True, **more: Any) -> None:
        """Put somebody in line who said where they are."""
        given = to_text(self.world.clock.now())
        consent = {**CONSENT, "marketing": marketing, "at": given, "source": "checkout"}
        self.waits(email, *(skus or ("SHIRT",)), consent=consent, **({"near": near} if near else {}), **more)
        self.world.settle()
        self.world.clock.advance(seconds=1)

    def offers(self, offer_id: str = "may", **more: Any) -> dict[str, Any]:
        """Make an offer, or change it."""
        body = {**OFFER, **more}
        path = f"/v1/store-offers/{offer_id}"
        status, answer = self.world.request("waitlist_api", "PUT", path, body=body, scopes=OPS)
        assert status in {200, 201}, answer
        self.world.settle()
        return dict(answer)

    def ends(self, offer_id: str = "may") -> None:
        """End an offer."""
        status, answer = self.world.request("waitlist_api", "DELETE", f"/v1/store-offers/{offer_id}", scopes=OPS)
        assert status == 204, answer
        self.world.settle()

    def shown(self, offer_id: str = "may") -> dict[str, Any]:
        """Return an offer as it is now."""
        status, answer = self.world.request("waitlist_api", "GET", f"/v1/store-offers/{offer_id}", scopes=OPS)
        assert status == 200, answer
        return dict(answer)

    def invites(self) -> None:
        """Let the sweep look for offers that are due, and everything run that follows."""
        self.world.send("WaitlistSweeps", {"sweep": "store_offers"})
        self.world.settle()
        assert not self.world.failures

    def invited_by(self, email: str) -> list[str]:
        """Return by which offers somebody is invited, as their address's key tells."""
        return [each.offer_id for each in book(self.world).invitations(address_key(email))]


def book(world: World) -> StoreOfferRepository:
    """Return where offers are kept."""
    return StoreOfferRepository(Table("Waitlist", world.dynamodb))


def invitations(world: World, email: str | None = None) -> list[Any]:
    """Return the invitations to stores that went out."""
    return [mail for mail in world.mails if "/store-offers/leave" in mail.text and email in {None, mail.email}]


def invited(world: World) -> list[str]:
    """Return who got an invitation, in the order of their names."""
    return sorted(mail.email for mail in invitations(world))
