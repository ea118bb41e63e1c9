"""``make dead-letters``: what was set aside from which queue, why, and since when; nothing is moved."""

import argparse
import sys
import time
from collections import defaultdict

from infra.operations.command import run
from infra.operations.letters import Letter, WorkQueue, count, peek, work_queues
from infra.operations.place import Place, PlaceError, arguments, chosen

SHOWN = 20
BODY_LENGTH = 400
MINUTE, HOUR, DAY = 60, 3_600, 86_400


def main() -> int:
    """Print every queue with its dead letters."""
    parser = arguments(argparse.ArgumentParser(description=__doc__))
    parser.add_argument("--most", type=int, default=SHOWN, help="letters shown of each feature")
    said = parser.parse_args()
    try:
        report(chosen(said), most=said.most)
    except PlaceError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def report(place: Place, *, most: int) -> None:
    """Print the queues that have dead letters with each letter, and one line for the rest."""
    sharing: dict[str, list[WorkQueue]] = defaultdict(list)
    for queue in work_queues(place):
        sharing[queue.dead_letters_url].append(queue)
    empty = []
    for url, queues in sharing.items():
        waiting, letters = count(place.sqs, url), peek(place.sqs, url, most=most)
        for queue in queues:
            own = [letter for letter in letters if queue.sent(letter)]
            if not own:
                empty.append(queue.name)
                continue
            print(f"{queue.name}: {len(own)}")
            for letter in own:
                print(described(letter, time.time()))
            print(f"  send back: make redrive queue={queue.name} message=ID [body=repaired.json]")
        for letter in letters:
            if not any(queue.sent(letter) for queue in queues):
                print(f"from nowhere known:\n{described(letter, time.time())}")
        if waiting > len(letters):
            names = ", ".join(queue.name for queue in queues)
            print(f"about {waiting - len(letters)} more of {names}: make dead-letters most={waiting}")
    if empty:
        print(f"none seen of {', '.join(empty)}")


def described(letter: Letter, now: float) -> str:
    """Return a letter as an operator reads it."""
    body = (
        letter.body
        if len(letter.body) <= BODY_LENGTH
        else f"{letter.body[:BODY_LENGTH]}… ({len(letter.body)} characters)"
    )
    return (
        f"  {letter.message_id}  {_age(letter.age_seconds(now))} old\n    reason: {letter.reason}\n    body:   {body}"
    )


def _age(seconds: int) -> str:
    for length, unit in ((DAY, "days"), (HOUR, "h"), (MINUTE, "min")):
        if seconds >= length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"


if __name__ == "__main__":
    run(main)
