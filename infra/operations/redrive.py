"""``make redrive``: send dead letters back to their queue, all of them, one, or one with a repaired body."""

import argparse
import sys
from pathlib import Path

from infra.operations.letters import Letter, SeveralLettersError, UnsentLettersError, named_queue, redrive
from infra.operations.place import PlaceError, arguments, chosen


def main() -> int:
    """Send back what was asked for and print it."""
    parser = arguments(argparse.ArgumentParser(description=__doc__))
    parser.add_argument("queue", help="the queue that the letters came from, e.g. StockUpdates")
    parser.add_argument("--message", help="only the letter with this id (make dead-letters shows them)")
    parser.add_argument("--body", type=Path, help="a file with the repaired body; needs --message unless there is one")
    said = parser.parse_args()
    try:
        place = chosen(said)
        queue = named_queue(place, said.queue)
        body = said.body.read_text("utf-8") if said.body else None
    except (PlaceError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    except UnicodeDecodeError as error:
        print(f"{said.body}: not UTF-8: {error}", file=sys.stderr)
        return 1
    if body is not None and not body.strip():
        print(f"{said.body}: empty; nothing is sent", file=sys.stderr)
        return 1

    def wanted(letter: Letter) -> bool:
        return said.message is None or letter.message_id == said.message

    try:
        sent = redrive(place.sqs, queue, chosen=wanted, body=body)
    except SeveralLettersError as error:
        print(f"the body is for one of several letters; say for which, message=ID: {error}", file=sys.stderr)
        return 1
    except UnsentLettersError as error:
        print(f"SQS does not take these, which stay in the dead letters: {error}", file=sys.stderr)
        sent, refused = error.sent, True
    else:
        refused = False
    for letter in sent:
        print(f"sent back to {queue.name}: {letter.message_id} ({letter.reason})")
    if not sent and not refused:
        print(f"no such letter in the dead letters of {queue.name}", file=sys.stderr)
    return 0 if sent and not refused else 1


if __name__ == "__main__":
    sys.exit(main())
