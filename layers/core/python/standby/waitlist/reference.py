"""What travels with a mail and comes back with its outcome, so that recording it needs no read.

Mail treats a reference as opaque text of at most 300 characters. The SKU stands last, because it may hold the separator
``~``; the other fields are ours and do not.
"""

from standby.platform.frozen import frozen
from standby.waitlist.model import Listing, Place
from standby.waitlist.wave import Chunk, Member, Page

FORM = "w1"
SEPARATOR = "~"
FIELDS = 11
DIGESTED = "digest"
IN_STORE = "store"
ENTRY = "entry"


@frozen(kw_only=True)
class Reference:
    """One recipient of a wave or of a last notice.

    ``revision`` 0 means that no wave sent the mail. ``page`` is the page's last key, ``chunk`` the job within it,
    ``size`` the number of recipients that the job was made for.
    """

    sku: str
    place: str
    entry_id: str
    quantity: int
    any_of: bool
    revision: int = 0
    wave: int = 0
    page: str = ""
    chunk: int = 0
    size: int = 0

    @property
    def listing(self) -> Place:
        """The listing that the mail was about."""
        return Place(self.sku, self.place, self.entry_id)

    @property
    def of_wave(self) -> bool:
        """Tell whether a wave sent it (not a last notice)."""
        return self.revision > 0 or self.wave > 0

    def text(self) -> str:
        """Write the reference."""
        flags = "a" if self.any_of else "s"
        wave = (str(self.revision), str(self.wave), self.page, str(self.chunk), str(self.size))
        return SEPARATOR.join((FORM, self.place, self.entry_id, str(self.quantity), flags, *wave, self.sku))


def wave_reference(page: Page, chunk: Chunk, member: Member) -> Reference:
    """Return what travels with the mail of a wave's member."""
    return Reference(
        sku=page.sku,
        place=member.place,
        entry_id=member.entry_id,
        quantity=member.quantity,
        any_of=member.any_of,
        revision=page.revision,
        wave=page.wave,
        page=page.end,
        chunk=chunk.number,
        size=len(chunk.members),
    )


def reference(about: Listing) -> Reference:
    """Return a reference to a listing outside any wave."""
    return Reference(
        sku=about.sku, place=about.place, entry_id=about.entry_id, quantity=about.quantity, any_of=about.any_of
    )


def confirmation(entry_id: str) -> str:
    """Return what travels with an entry's confirmation mail. Nothing is recorded about it."""
    return f"confirm{SEPARATOR}{entry_id}"


def dated(entry_id: str) -> str:
    """Return what travels with a mail about the day on which something is back. Nothing is recorded about it."""
    return f"dated{SEPARATOR}{entry_id}"


def digested(address: str) -> str:
    """Return what travels with a weekly list: the key of the address that gets it."""
    return f"{DIGESTED}{SEPARATOR}{address}"


def digest_of(text: str) -> str | None:
    """Return the key of the address that a weekly list went to; ``None`` where it is no reference of one."""
    form, _, address = text.partition(SEPARATOR)
    return address if form == DIGESTED and address else None


def in_store(address: str) -> str:
    """Return what every store offer tells of: whoever wants none takes it back."""
    return f"{IN_STORE}{SEPARATOR}{address}"


def offered(address: str, offer_id: str) -> str:
    """Return what travels with a store offer: the key of the address that gets it, and which it is."""
    return f"{IN_STORE}{SEPARATOR}{address}{SEPARATOR}{offer_id}"


def waits_in_store(entry_id: str) -> str:
    """Return what a store offer tells of besides: the entry that waits. Who ends that takes it back."""
    return f"{IN_STORE}{SEPARATOR}{ENTRY}{SEPARATOR}{entry_id}"


def offer_of(text: str) -> tuple[str, str] | None:
    """Return the key of the address and the id of the store offer that it got; ``None`` where it is no reference so."""
    form, _, rest = text.partition(SEPARATOR)
    address, _, offer_id = rest.partition(SEPARATOR)
    return (address, offer_id) if form == IN_STORE and address and offer_id else None


def read(text: str) -> Reference | None:
    """Read a reference; ``None`` where it is not one of a listing (a confirmation's, another feature's)."""
    parts = text.split(SEPARATOR, FIELDS - 1)
    if len(parts) != FIELDS or parts[0] != FORM:
        return None
    _, place, entry_id, quantity, flags, revision, wave, page, chunk, size, sku = parts
    return Reference(
        sku=sku,
        place=place,
        entry_id=entry_id,
        quantity=int(quantity),
        any_of=flags == "a",
        revision=int(revision),
        wave=int(wave),
        page=page,
        chunk=int(chunk),
        size=int(size),
    )
