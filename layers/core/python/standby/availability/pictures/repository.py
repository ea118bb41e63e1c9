"""What is known of products' pictures in the Shelf table, with the lists by which those that are alike are found."""

from standby.platform.dynamodb import ConditionFailedError
from standby.platform.frozen import frozen
from standby.platform.table import Delete, Put, Table
from standby.shelf import items
from standby.shelf.pictures import Picture


@frozen()
class PictureRepository:
    """Reads and writes one picture at a time."""

    table: Table

    def picture(self, product_id: str) -> Picture:
        """Return what is known of a product's picture; its edition is 0 where nothing is. Raises `BusyError`."""
        (*found,) = self.table.batch([items.picture_key(product_id)])
        return items.picture(found[0]) if found else Picture(product_id=product_id)

    def keep(self, before: Picture, after: Picture) -> bool:
        """Write a picture, and where others find it, if nobody wrote it since ``before`` was read; tell whether it was.

        Both at once, so that a picture that changed is nowhere found by its old looks. Raises `BusyError`.
        """
        values = items.picture_values(after) | {items.VERSION: before.version + 1}
        known = {items.VERSION: before.version}
        whole = Put(values, equal=known) if before.version else Put(values, absent=("pk",))
        lists: list[Delete | Put] = []
        if before.looks != after.looks:
            lists += [Delete(key) for key in items.band_keys(before.product_id, before.looks)]
            lists += [Put(key) for key in items.band_keys(after.product_id, after.looks)]
        try:
            if lists:
                self.table.transact([whole, *lists])
            else:
                self.table.write(whole)
        except ConditionFailedError:
            return False
        return True
