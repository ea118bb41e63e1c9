"""``make rebuild-shelf``: look at every SKU of the ledger anew and write what the storefront shows of it.

It is needed where the shelf knows less than the ledger: after `availability` was deployed beside stock that was there,
or after the Shelf table was restored. The projector does it beside the running system, page by page; badges go on being
answered. What the catalogue says comes again when products are sent again.
"""

import argparse
import sys

from standby.availability.rebuilding import REBUILD
from standby.platform.json_text import to_json

from infra.operations.place import PlaceError, arguments, chosen

QUEUE = "AvailabilityChangesQueueUrl"


def main() -> int:
    """Send the message that begins it."""
    parser = arguments(argparse.ArgumentParser(description=__doc__))
    try:
        place = chosen(parser.parse_args())
        url = place.outputs[QUEUE]
    except PlaceError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyError:
        print(f"this deployment has no {QUEUE}: deploy availability first", file=sys.stderr)
        return 1
    place.sqs.send_message(QueueUrl=url, MessageBody=to_json({REBUILD: "skus"}))
    print("the shelf is being rebuilt; SKUs that fail will be in make dead-letters")
    return 0


if __name__ == "__main__":
    sys.exit(main())
