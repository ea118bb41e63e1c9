"""What the functions may do is what they do: every call of a broad day in the shop beside the template's grants."""

from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from standby.platform.clock import to_text

from tests.promises.killing import days
from tests.promises.netting import orders_are_netted
from tests.promises.shop import OPS, Shop, customers
from tests.wiring import DEAD_LETTERS, FUNCTIONS, WIRING
from tests.world import ENVIRONMENT, World

Used = dict[str, dict[str, set[str]]]
Fault = Callable[[str, Callable[[], Any]], Any]

POLLING = {"sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"}
"""Lambda itself asks these of a queue, in the function's name."""
READING_THE_STREAM = {
    "dynamodb:DescribeStream",
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "dynamodb:ListStreams",
}
"""And these of a stream."""
FAILURES_OF_STREAMS = {
    (stream["feeds"], stream["dead_letters"], "sqs:SendMessage") for stream in WIRING["streams"].values()
}
"""In the function's name, Lambda sets aside the records of a stream that the function refused."""
OTHER_NAME_OF_BULK = "ses:SendBulkTemplatedEmail"
"""SES checks this action of its older API beneath ``SendBulkEmail``, and names it in its refusals."""
LINK_KEYS = "Base/LinkKeys"
"""Whoever needs a key first makes it; in the shop of the tests it is there (`tests.standby.platform.test_secrets`)."""

DYNAMODB_WRITES = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}
QUEUE_OPERATIONS = {"SendMessage": "SendMessage", "SendMessageBatch": "SendMessage"}


@dataclass
class Recorder:
    """Notes for every call of a function which actions on which resources AWS would ask its role for."""

    world: World
    used: Used = field(default_factory=lambda: defaultdict(lambda: defaultdict(set)))
    fault: Fault | None = None

    def tap(self, service: str, operation: str, parameters: Mapping[str, Any], make: Callable[[], Any]) -> Any:
        """See one call."""
        function = self.world._function
        for name, action in getattr(self, f"_{service}")(operation, parameters):
            self.used[function][self._resource(function, name)].add(action)
        return self.fault(operation, make) if self.fault else make()

    def _resource(self, function: str, name: str) -> str:
        """Return the place in the templates that a name leads to, which the function knows from its environment.

        The world gives every function all variables. Only those count that the templates give to this function.
        """
        value, _, rest = name.partition("/")
        for variable, place in FUNCTIONS[function]["knows"].items():
            if ENVIRONMENT[variable] == value:
                return f"{place}/{rest}" if rest else str(place)
        return name

    def _dynamodb(self, operation: str, parameters: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        if operation == "TransactWriteItems":
            for entry in parameters["TransactItems"]:
                ((kind, body),) = entry.items()
                yield body["TableName"], f"dynamodb:{DYNAMODB_WRITES[kind]}"
        elif "RequestItems" in parameters:
            for table in parameters["RequestItems"]:
                yield table, f"dynamodb:{operation}"
        else:
            index = parameters.get("IndexName")
            table = parameters["TableName"]
            yield f"{table}/index/{index}" if index else table, f"dynamodb:{operation}"

    def _sqs(self, operation: str, parameters: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        yield parameters["QueueUrl"], f"sqs:{QUEUE_OPERATIONS.get(operation, operation)}"

    def _events(self, operation: str, parameters: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        for entry in parameters["Entries"]:
            yield entry["EventBusName"], f"events:{operation}"

    def _s3(self, operation: str, parameters: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Name the folder, because nobody knows a file's name beforehand."""
        folder = parameters["Key"].partition("/")[0]
        yield f"{parameters['Bucket']}/{folder}/*", f"s3:{operation}"

    def _sesv2(self, operation: str, parameters: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        if operation == "GetAccount":
            yield "*", "ses:GetAccount"
            return
        prefix = "arn:<Partition>:ses:<Region>:<AccountId>"
        address = parameters["FromEmailAddress"].partition("<")[2].rstrip(">")
        for identity in (address, address.partition("@")[2]):  # SES looks at one of them, and does not say at which
            yield f"{prefix}:identity/{identity}", f"ses:{operation}"
        assert "TemplateContent" in parameters["DefaultContent"]["Template"]
        yield f"{prefix}:template/*", f"ses:{operation}"
        assert parameters["ConfigurationSetName"] == ENVIRONMENT["CONFIGURATION_SET"]
        place = FUNCTIONS[self.world._function]["knows"]["CONFIGURATION_SET"]
        yield f"{prefix}:configuration-set/{place}", f"ses:{operation}"


def acknowledged(function: str, resource: str, action: str) -> bool:
    """Tell whether a grant is right although no function makes such a call."""
    return (
        action in POLLING | READING_THE_STREAM
        or (function, resource, action) in FAILURES_OF_STREAMS
        or (function, action) == ("mail_sender", OTHER_NAME_OF_BULK)
        or (resource, action) == (LINK_KEYS, "dynamodb:PutItem")
    )


@pytest.fixture
def shop(world: World, monkeypatch: pytest.MonkeyPatch) -> Shop:
    return furnished(world, monkeypatch)


def furnished(world: World, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """Return a shop whose pages are short and that asks SES for its rate, as prod does."""
    monkeypatch.setenv("MAX_SEND_RATE", "0")
    sizes = {"stock.repository.SKUS_PAGE": 3, "stock.repository.LEVELS_PAGE": 3, "imports.passes.PASS_BYTES": 100}
    twos = ("stock.repository.DUE", "waitlist.repository.DUE", "preorder.repository.DUE", "preorder.repository.LINE")
    for name, size in {**sizes, **{f"{name}_PAGE": 2 for name in twos}}.items():
        monkeypatch.setattr(f"standby.{name}", size)
    return Shop(world)


def test_every_call_is_granted_and_every_grant_is_used(shop: Shop) -> None:
    recorder = Recorder(shop.world)
    shop.world.tap = recorder.tap

    everything_happens(shop, recorder)

    allowed = {
        name: {place: set(actions) for place, actions in wired["may"].items()} for name, wired in FUNCTIONS.items()
    }
    without_grant = set(_apart(recorder.used, allowed))
    never_called = {grant for grant in _apart(allowed, recorder.used) if not acknowledged(*grant)}
    assert without_grant == set(), f"called without a grant: {sorted(without_grant)}"
    assert never_called == set(), f"granted and never called: {sorted(never_called)}"


def test_a_call_without_a_grant_and_a_grant_without_a_call_are_told_apart() -> None:
    called = {"mail_sender": {"Mail/Jobs": {"dynamodb:UpdateItem", "dynamodb:Scan"}, "Events": {"events:PutEvents"}}}
    allowed = {"mail_sender": {"Mail/Jobs": {"dynamodb:UpdateItem", "dynamodb:GetItem"}, "*": {"ses:GetAccount"}}}

    assert set(_apart(called, allowed)) == {
        ("mail_sender", "Mail/Jobs", "dynamodb:Scan"),
        ("mail_sender", "Events", "events:PutEvents"),
    }
    assert set(_apart(allowed, called)) == {
        ("mail_sender", "Mail/Jobs", "dynamodb:GetItem"),
        ("mail_sender", "*", "ses:GetAccount"),
    }


def _apart(these: Mapping[str, Any], those: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield each function, resource and action of ``these`` that is not among ``those``."""
    for function, resources in these.items():
        for resource, actions in resources.items():
            for action in actions - those.get(function, {}).get(resource, set()):
                yield function, resource, action


# ---- a day in the shop ----


def everything_happens(shop: Shop, recorder: Recorder) -> None:
    """Let a broad day go by, in which every function makes every call that it ever makes."""
    an_erp_tells_all_that_it_can(shop)
    settings_change_and_levels_flap(shop)
    operators_look_and_sweep(shop)
    orders_are_netted(shop)
    files_come(shop)
    people_sign_up_and_edit(shop)
    any_of_several(shop)
    hundreds_are_told_in_waves(shop)
    wishes_end(shop, recorder)
    mail_comes_back(shop)
    ses_hesitates(shop, recorder)
    messages_are_poison(shop)
    for day in days():
        day(shop)


def an_erp_tells_all_that_it_can(shop: Shop) -> None:
    """Levels alone, in batches and by HTTP, purchase orders, and a store that begins to ship orders."""
    world = shop.world
    for number in range(4):
        shop.counts(f"SHELF-{number}", number)
    store = Shop(world, location="store-1")
    for number in range(4):
        store.counts(f"SHELF-{number}", 3)
    world.send("StockUpdates", {"type": "batch", "messages": [shop.level(f"BATCH-{n}", n) for n in range(60)]})
    world.settle()
    about_store = {"type": "location.upserted", "location_id": "store-1", "kind": "store"}
    for ships in (False, True):
        world.clock.advance(seconds=1)
        as_of = to_text(world.clock.now())
        world.send("StockUpdates", {**about_store, "sells_online": False, "ships_orders": ships, "as_of": as_of})
        world.wait(minutes=3)
    line = {"purchase_order_id": "PO-1", "sku": "SHELF-1"}
    world.send(
        "StockUpdates",
        {**line, "type": "stock.incoming", "quantity": 40, "eta": "2026-06-01", "as_of": to_text(world.clock.now())},
    )
    world.settle()
    told = {**line, "type": "stock.received", "quantity": 15, "occurred_at": to_text(world.clock.now())}
    assert world.request("stock_api", "POST", "/v1/messages/stock", body=told, scopes="erp")[0] == 202
    world.settle()
    assert shop.stock("SHELF-1")["incoming"] == 25
    shop.counts("SHELF-1", 2, netted_until=to_text(world.clock.now()))


def settings_change_and_levels_flap(shop: Shop) -> None:
    """Settings of one SKU and of all, after which SKUs are counted anew; levels that flap and settle soon or late."""
    world = shop.world
    shop.settings("sku:SHELF-3", safety_stock=1)
    shop.settings("sku:SHELF-2", minimum_restock=2)
    shop.settings(safety_stock=1)
    shop.settings(safety_stock=None)
    assert world.request("stock_api", "GET", "/v1/settings/shop", scopes=OPS)[0] == 200
    world.wait(minutes=3)
    for sku, seconds in {"FLAP-1": 60, "FLAP-2": 3_600, "FLAP-3": 3_600, "FLAP-4": 3_600}.items():
        shop.settings(f"sku:{sku}", settle_seconds=seconds)
        for on_hand in (0, 5, 0, 5):
            shop.counts(sku, on_hand)
    world.wait(minutes=61)
    world.wait(minutes=5)
    assert {detail["sku"] for name, detail in world.events if name == "Restocked"} > {"FLAP-1", "FLAP-4"}


def operators_look_and_sweep(shop: Shop) -> None:
    """Steps of a SKU, and the sweeps for what was never announced."""
    world = shop.world
    for path in ("/v1/stock/FLAP-1", "/v1/stock/FLAP-1/why"):
        assert world.request("stock_api", "GET", path, scopes=OPS)[0] == 200
    assert world.request("stock_api", "GET", "/v1/stock/snapshots", scopes=OPS)[0] == 200
    world.send("StockUpdates", shop.level("SILENT", 7))
    world.deliver("StockUpdates")
    world.read["Stock"] = len(world.memory.tables["Stock"].stream)
    world.wait(hours=1)
    for sweep in ({"sweep": "unannounced"}, {"sweep": "sku", "sku": "SHELF-1"}, {"DDBStreamBatchInfo": {}}):
        world.send("StockSweeps", sweep)
        world.settle()
    assert "SILENT" in {detail["sku"] for name, detail in world.events if name == "Restocked"}


def files_come(shop: Shop) -> None:
    """Files put there directly and uploaded: levels and full counts, in earnest and as dry runs; a picture as well."""
    world = shop.world
    mapping = {"columns": {"sku": "SKU", "on_hand": "QTY"}, "location_id": "warehouse-1"}
    for name, full_count in {"daily": False, "weekly": True}.items():
        path = f"/v1/imports/mappings/{name}"
        said = world.request("stock_api", "PUT", path, body=mapping | {"full_count": full_count}, scopes=OPS)
        assert said[0] == 200, said
        assert world.request("stock_api", "GET", path, scopes=OPS)[0] == 200
    told = "SKU;QTY\n" + "".join(f"FILE-{number};{number}\n" for number in range(20))
    world.put("inbox/daily/today.csv", f"{told}FILE-20;many\n".encode())
    world.put("inbox/daily/picture.csv", b"PNG")
    for name, dry_run in (("daily", False), ("weekly", True)):
        wish = {"mapping": name, "dry_run": dry_run}
        status, leave = world.request("stock_api", "POST", "/v1/imports/uploads", body=wish, scopes="erp")
        assert status == 201, leave
        world.upload(leave, told.encode())
        world.settle()
        shown = f"/v1/imports/{leave['import_id']}"
        assert world.request("stock_api", "GET", shown, scopes=OPS)[1]["state"] == "done"
        for findings in ("bad-lines", "differences"):
            assert world.request("stock_api", "GET", f"{shown}/{findings}", scopes=OPS)[0] == 200
    assert len(world.request("stock_api", "GET", "/v1/imports", scopes=OPS)[1]["items"]) == 4
    assert shop.stock("FILE-19")["on_hand"] == 19


def people_sign_up_and_edit(shop: Shop) -> None:
    """Joining, confirming before and after the restock, looking, editing, leaving one wish and all."""
    world = shop.world
    for sku in ("KETTLE", "LAMP", "CHAIR"):
        shop.counts(sku, 0)
    shop.joins("ana@example.org", "KETTLE")
    shop.confirms("ana@example.org")
    for sku in ("LAMP", "CHAIR", "TABLE"):
        shop.waits("ana@example.org", sku)
    for email in ("ben@example.org", "cleo@example.org"):
        shop.joins(email, "KETTLE")
    about: Any = {"query": {"token": world.mails[-1].link("confirm")}, "headers": {"accept": "text/html"}}
    world.request("waitlist_api", "GET", "/v1/waitlist/confirm", **about)
    shop.confirms("cleo@example.org")
    shop.leaves("cleo@example.org")
    shop.counts("KETTLE", 5)
    shop.confirms("ben@example.org")
    world.wait(hours=1)
    assert shop.told().keys() >= {"ana@example.org", "ben@example.org"}

    told = next(mail for mail in world.mails if mail.email == "ana@example.org" and "/mine?" in mail.text)
    query = {"token": told.link("mine")}
    status, mine = world.request("waitlist_api", "GET", "/v1/waitlist/mine", query=query)
    assert (status, len(mine["items"])) == (200, 3)
    own = {item["skus"][0]: f"/v1/waitlist/mine/{item['id']}" for item in mine["items"]}
    change = {"quantity": 2, "skus": ["LAMP", "SHELF-1"], "until": "2026-12-24"}
    assert world.request("waitlist_api", "PATCH", own["LAMP"], query=query, body=change)[0] == 200
    assert world.request("waitlist_api", "PATCH", own["LAMP"], query=query, body={"skus": ["LAMP"]})[0] == 200
    # Somebody whose mail is on its way leaves.
    world.send("StockUpdates", shop.level("CHAIR", 4))
    runs_until_the_mail_waits(world)
    assert world.request("waitlist_api", "DELETE", own["CHAIR"], query=query)[0] == 204
    world.settle()
    form = {"content-type": "application/x-www-form-urlencoded"}
    ended = world.request("waitlist_api", "POST", own["TABLE"], query=query, body="action=leave", headers=form)
    assert ended[0] == 303
    for path in ("/v1/waitlist/KETTLE", "/v1/waitlist/KETTLE/why"):
        assert world.request("waitlist_api", "GET", path, scopes=OPS)[0] == 200
    world.settle()


def runs_until_the_mail_waits(world: World) -> None:
    """Let a restock run until its mail lies in the queue."""
    while not world.queues["MailBulk"]:
        moved = [world.deliver(queue) for queue in ("StockUpdates", "StockSettle", "WaitlistPlans")]
        assert world._stream() or any(moved)


def any_of_several(shop: Shop) -> None:
    """Waiting for any of two SKUs: one sells out again before its mail went, then the other one comes back."""
    world = shop.world
    for sku in ("RED", "BLUE"):
        shop.counts(sku, 0)
    shop.waits("dan@example.org", "RED", "BLUE")
    shop.waits("eva@example.org", "RED", "BLUE")
    world.send("StockUpdates", shop.level("RED", 1))
    runs_until_the_mail_waits(world)
    held, world.queues["MailBulk"] = world.queues["MailBulk"], deque()
    world.clock.advance(seconds=1)
    shop.counts("RED", 0)
    world.queues["MailBulk"] = held
    world.settle()
    assert "dan@example.org" not in shop.told()
    shop.counts("BLUE", 2)
    world.wait(hours=1)
    assert shop.told()["dan@example.org"] == 1


def hundreds_are_told_in_waves(shop: Shop) -> None:
    """Waves of several pages, some refused, the next wave an hour later, and everybody at once."""
    world = shop.world
    shop.counts("CROWD", 0)
    everybody = customers(320)
    for email in everybody:
        shop.waits(email, "CROWD")
    world.refused = {everybody[3], everybody[280]}
    shop.counts("CROWD", 270)
    for _ in range(3):
        world.wait(minutes=61)
    assert shop.figures("CROWD")["refused"] == 2
    assert shop.figures("CROWD")["waiting"] == 0
    freed = {"sku": "CROWD", "id": "f", "at": to_text(world.clock.now()), "revision": 9}
    world.send("WaitlistPlans", {"source": "standby", "detail-type": "UnitsFreed", "detail": freed})
    world.settle()


def wishes_end(shop: Shop, recorder: Recorder) -> None:
    """Last days that pass with a last notice, with one that goes out late or never; confirmations that never come."""
    world = shop.world
    shop.counts("GONE", 0)
    today = shop.today()
    for number in range(5):
        shop.waits(f"last-{number}@example.org", "GONE", until=str(today + timedelta(days=1)))
        shop.joins(f"silent-{number}@example.org", "GONE")
    shop.waits("both@example.org", "GONE", "NEVER", until=str(today + timedelta(days=1)))
    shop.waits("passed@example.org", "GONE", quantity=9, until=str(today + timedelta(days=20)))
    shop.waits("unheard@example.org", "GONE", quantity=9, until=str(today + timedelta(days=1)))
    world.refused = {"unheard@example.org"}
    shop.counts("GONE", 2)
    for _ in range(12):
        world.wait(days=1)
    recorder.fault = refused("SendBulkEmail", times=100)
    for _ in range(15):
        world.wait(days=1)
    recorder.fault = None
    assert shop.figures("GONE")["waiting"] == 1
    for _ in range(2):
        world.wait(days=1)
    assert shop.figures("GONE")["waiting"] == 0
    world.refused = set()
    assert len(world.queues["MailDeadLetters"]) == 1
    world.queues["MailDeadLetters"].clear()  # AWS keeps them for 14 days


def mail_comes_back(shop: Shop) -> None:
    """Bounces, complaints, mails that SES could not write, and somebody who is erased while waiting."""
    world = shop.world
    shop.counts("BACK", 0)
    people = [f"{who}@example.org" for who in ("bounced", "complained", "full", "virus", "erased")]
    for email in people:
        shop.waits(email, "BACK", quantity=2)
    shop.counts("BACK", 1)
    at = to_text(world.clock.now())
    bounced, complained, full, virus, erased = people
    about = {"timestamp": at, "feedbackId": "f-1"}
    permanent = {**about, "bounceType": "Permanent", "bouncedRecipients": [{"emailAddress": bounced}]}
    passing = {
        **about,
        "bounceType": "Transient",
        "bounceSubType": "MailboxFull",
        "bouncedRecipients": [{"emailAddress": full}],
    }
    complaint = {**about, "complainedRecipients": [{"emailAddress": complained}]}
    for kind, detail in (
        ("Email Bounced", {"bounce": permanent}),
        ("Email Bounced", {"bounce": passing}),
        ("Email Complaint Received", {"complaint": complaint}),
        ("Email Rejected", {"mail": {"destination": [virus], "messageId": "ses-9"}}),
    ):
        world.send("MailFeedback", {"source": "aws.ses", "detail-type": kind, "detail": detail})
    world.settle()
    shop.waits("infected@example.org", "BACK", quantity=99)
    shop.gives_up("infected@example.org")
    shop.world.clock.advance(seconds=1)
    shop.waits("infected@example.org", "BACK")
    world.wait(minutes=61)
    (infected,) = [mail for mail in world.mails if mail.email == "infected@example.org"]
    world.send("MailFeedback", infected.not_sent)
    world.settle()
    assert shop.figures("BACK")["waiting"] == 4
    world.wait(minutes=61)
    assert shop.told()["infected@example.org"] == 2
    address = next(
        item["address"]["S"]
        for item in world.memory.tables["Waitlist"].every()
        if item.get("email", {}).get("S") == erased and "address" in item
    )
    gone = {"source": "standby", "detail-type": "CustomerErased", "detail": {"address": address, "at": at, "id": "e"}}
    for queue in ("MailFeedback", "WaitlistRecords"):
        world.send(queue, gone)
    world.settle()
    assert shop.figures("BACK")["waiting"] == 2


def ses_hesitates(shop: Shop, recorder: Recorder) -> None:
    """A rate that is used up puts jobs of both kinds back; an answer lost twice sets one aside."""
    world = shop.world
    shop.counts("SLOW", 0)
    recorder.fault = refused("SendBulkEmail", times=1)
    shop.joins("fay@example.org", "SLOW")
    world.wait(minutes=2)
    shop.confirms("fay@example.org")
    recorder.fault = refused("SendBulkEmail", times=1)
    shop.counts("SLOW", 1)
    world.wait(minutes=2)
    assert shop.told()["fay@example.org"] == 1

    shop.waits("gil@example.org", "SLOW")
    recorder.fault = lambda operation, make: lost(make) if operation == "SendBulkEmail" else make()
    for _ in range(4):
        world.wait(minutes=40)
    recorder.fault = None
    assert len(world.queues["MailDeadLetters"]) == 1


def refused(operation: str, *, times: int) -> Fault:
    """Return a fault that refuses the first such calls for their rate."""
    left = iter(range(times))

    def refuse(called: str, make: Callable[[], Any]) -> Any:
        if called == operation and next(left, None) is not None:
            raise ClientError({"Error": {"Code": "TooManyRequestsException"}}, operation)
        return make()

    return refuse


def lost(make: Callable[[], Any]) -> Any:
    """Make a call whose answer never comes."""
    make()
    raise ReadTimeoutError(endpoint_url="https://aws.example")


def messages_are_poison(shop: Shop) -> None:
    """Messages that no function can read, on the queues whose functions set such messages aside themselves."""
    before = {name: len(shop.world.bodies(name)) for name in set(DEAD_LETTERS.values())}
    for queue in DEAD_LETTERS:
        shop.world.send(queue, "{not json")
    shop.world.settle()
    for name in set(DEAD_LETTERS.values()):
        set_aside = [DEAD_LETTERS[queue] for queue in DEAD_LETTERS].count(name)
        assert shop.world.bodies(name)[before[name] :] == ["{not json"] * set_aside
        assert all("reason" in letter.attributes for letter in list(shop.world.queues[name])[before[name] :])
