"""A page of a wave as units to be offered: pre-orders hold them for each customer, and have them mailed (design §6).

Two pages may be planned about the same units, because they are free until they are held: a unit that is given back
while the SKU is out is a freed unit and a restock. So each job names the customer after whom it comes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from standby.offer_job import Offeree, OfferJob
from standby.platform.clock import from_text, to_text
from standby.waitlist.links import Links
from standby.waitlist.model import MAIL_VALID, Listing
from standby.waitlist.reference import wave_reference
from standby.waitlist.wave import Chain, Page


def offer_jobs(page: Page, listings: Mapping[str, Listing], links: Links) -> Iterator[OfferJob]:
    """Yield a page's one job, its customers in the order of the line; none where all of them left it meanwhile."""
    planned = from_text(page.at)
    present = [
        (listings[member.entry_id], wave_reference(page, chunk, member))
        for chunk in page.chunks
        for member in chunk.members
        if member.entry_id in listings
    ]
    if not present:
        return
    yield OfferJob(
        job_id=f"{page.wave_id}#{page.number}",
        sku=page.sku,
        hours=page.offer_hours,
        leave_url=links.url("leave"),
        valid_until=to_text(planned + MAIL_VALID),
        customers=[
            Offeree(
                reference=about.text(),
                email=listing.email,
                address=listing.address,
                quantity=about.quantity,
                locale=listing.locale,
                leave=links.leave(listing.address, planned),
                consented_at=listing.consented_at,
                time_zone=listing.time_zone,
                marketing=listing.marketing,
            )
            for listing, about in sorted(present, key=lambda pair: pair[0].key)
        ],
        after=page.offered_after,
    )


def followed(chain: Chain, page: Page) -> Chain:
    """Return a chain whose next page is offered after the last customer of this one."""
    references = [wave_reference(page, chunk, member) for chunk in page.chunks for member in chunk.members]
    last = max(references, key=lambda about: about.listing.key)
    return replace(chain, offered=last.text(), offered_at=page.at)
