"""A page of a wave as jobs for Mail: each of one language, for 50 customers at most (design §7)."""

from collections.abc import Iterator, Mapping

from standby.mail_job import MailJob, Recipient
from standby.platform.clock import from_text, to_text
from standby.waitlist.links import Links
from standby.waitlist.model import MAIL_VALID, Listing
from standby.waitlist.reference import wave_reference
from standby.waitlist.wave import Page


def mail_jobs(page: Page, listings: Mapping[str, Listing], links: Links) -> Iterator[MailJob]:
    """Yield a page's jobs, without those who left the line meanwhile; none for a chunk that all of them left."""
    planned = from_text(page.at)
    for chunk in page.chunks:
        present = [(member, listings[member.entry_id]) for member in chunk.members if member.entry_id in listings]
        if present:
            yield MailJob(
                job_id=f"{page.wave_id}#{page.number}#{chunk.number}",
                kind="back_in_stock",
                locale=chunk.locale,
                data={
                    "sku": page.sku,
                    "mine_url": links.url("mine"),
                    "leave_url": links.url("leave"),
                },
                recipients=[
                    Recipient(
                        reference=wave_reference(page, chunk, member).text(),
                        email=listing.email,
                        slots={
                            "mine": links.mine(listing.address, planned),
                            "leave": links.leave(listing.address, planned),
                        },
                        consented_at=listing.consented_at,
                        marketing=listing.marketing,
                        time_zone=listing.time_zone,
                        near=listing.near,
                    )
                    for member, listing in present
                ],
                valid_until=to_text(planned + MAIL_VALID),
                wave=page.wave_id,
                patient=True,
            )
