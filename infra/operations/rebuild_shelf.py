"""``make rebuild-shelf``: look at every SKU of the ledger anew and write what the storefront shows of it.

It is needed where the shelf knows less than the ledger: after `availability` was deployed beside stock that was there,
or after the Shelf table was restored. The projector does it beside the running system, page by page; badges go on being
answered. The catalogue tells all its products anew meanwhile; so the ledger too hears again which product a SKU has.
Pre-orders tell all their campaigns anew.
"""

import argparse
import sys

from standby.availability.rebuilding import REBUILD
from standby.catalog.retelling import RETELL
from standby.platform.json_text import to_json

from infra.operations.place import PlaceError, arguments, chosen

BEGINNINGS = {
    "AvailabilityChangesQueueUrl": {REBUILD: "skus"},
    "CatalogUpdatesQueueUrl": {RETELL: "products"},
    "PreorderRecordsQueueUrl": {RETELL: "campaigns"},
}
"""The messages that begin it, by their queues."""


def main() -> int:
    """Send the message that begins it."""
    parser = arguments(argparse.ArgumentParser(description=__doc__))
    try:
        place = chosen(parser.parse_args())
        begin = {place.outputs[queue]: message for queue, message in BEGINNINGS.items()}
    except PlaceError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyError as error:
        print(f"this deployment has no {error}: deploy availability, catalog and preorder first", file=sys.stderr)
        return 1
    for url, message in begin.items():
        place.sqs.send_message(QueueUrl=url, MessageBody=to_json(message))
    print("the shelf is being rebuilt; SKUs and products that fail will be in make dead-letters")
    return 0


if __name__ == "__main__":
    sys.exit(main())
