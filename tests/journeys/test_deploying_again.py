"""One command deploys again and again, in place: every function runs the new code, and nothing is lost.

The tree is deployed three times. The first time it is as it stands. The second time the core layer has changed, and one
stack begins to read a name of another. The third time the layer has changed again, and that reference is gone. This
takes a local AWS of its own, so only `make proof` runs it (``STANDBY_PROOF=1``).
"""

import json
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from standby.platform.secrets import KeyStore
from standby.platform.table import Table

from infra.local.client import Client, awaited
from infra.local.deployment import Deployment
from infra.local.emulator import ROOT, Emulator, free_port, start
from infra.local.replay import in_parallel
from infra.operations.place import FUNCTION

pytestmark = [
    pytest.mark.local_aws,
    pytest.mark.skipif(os.environ.get("STANDBY_PROOF") != "1", reason="deploys three times: make proof"),
]

DEPLOYED = ("cdk.json", "openapi.json", "infra", "functions", "layers", "requirements")
SHARED = (".venv", "node_modules")
MARK = """

from os import environ as _environ
from pathlib import Path as _Path

if "AWS_LAMBDA_FUNCTION_NAME" in _environ:  # the synthesis loads it too
    _Path({folder!r}, _environ["AWS_LAMBDA_FUNCTION_NAME"]).write_text({version!r}, "utf-8")
"""
"""What a version of the core layer does when a function loads it: it signs."""
READING = """        super().__init__(base)
        self.say("SeenFromAfar", stock.updates.seen_from(self).url)
"""
PARAMETER = "/standby/local/Stock/StockUpdates/url"


@dataclass(frozen=True)
class Tree:
    """A copy of what is deployed, to be changed between deployments."""

    folder: Path
    signed: Path

    def change_layer(self, version: str) -> None:
        """Let every function that loads the core layer from now on sign with this version."""
        core = "layers/core/python/standby/__init__.py"
        mark = MARK.format(folder=str(self.signed), version=version)
        (self.folder / core).write_text((ROOT / core).read_text("utf-8") + mark, "utf-8")

    def let_waitlist_read_from_stock(self, *, more: bool) -> None:
        """Give the waitlist's stack one reference more, or take it away again."""
        feature = "infra/features/waitlist.py"
        text = (ROOT / feature).read_text("utf-8")
        changed = text.replace("        super().__init__(base)\n", READING)
        assert changed != text
        (self.folder / feature).write_text(changed if more else text, "utf-8")

    def signatures(self) -> dict[str, str]:
        """Return the version that each function loaded last."""
        return {path.name: path.read_text("utf-8") for path in self.signed.iterdir()}


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    folder, signed = tmp_path / "tree", tmp_path / "signed"
    for name in DEPLOYED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            folder.mkdir(exist_ok=True)
            shutil.copy(source, folder / name)
    for name in SHARED:
        (folder / name).symlink_to((ROOT / name).resolve())
    for built in (ROOT / "build" / "layers").glob("dependencies-host-*"):  # it takes pip a while
        shutil.copytree(built, folder / "build" / "layers" / built.name)
    signed.mkdir()
    return Tree(folder, signed)


@pytest.fixture
def own_emulator(tmp_path: Path) -> Iterator[Emulator]:
    auth = os.environ.get("STANDBY_AUTH", "true") == "true"
    running = start(tmp_path / "run", port=free_port(0), outputs=tmp_path / "outputs.json", auth=auth)
    try:
        yield running
    finally:
        running.stop()


def wake_all(client: Client) -> set[str]:
    """Call every function once with nothing to do, and return their names."""
    functions = set(client.place.resources(FUNCTION).values())
    in_parallel(lambda name: client.place.functions.invoke(FunctionName=name, Payload=b'{"Records": []}'), functions)
    return functions


def parameters(client: Client) -> set[str]:
    """Return the names of everything that stacks tell one another."""
    ssm = client.place.session.client("ssm", endpoint_url=client.place.endpoint)
    pages = ssm.get_paginator("describe_parameters").paginate()
    return {found["Name"] for page in pages for found in page["Parameters"]}


def link_keys(client: Client) -> str:
    tables = client.place.session.client("dynamodb", endpoint_url=client.place.endpoint)
    return KeyStore(Table(client.outputs["LinkKeysTableName"], tables)).text()


def test_a_stage_is_updated_in_place(own_emulator: Emulator, tree: Tree, tmp_path: Path) -> None:
    deployment = Deployment(own_emulator, tmp_path / "outputs.json", source=tree.folder)

    def deployed(version: str, change: Callable[[], None] = lambda: None) -> Client:
        tree.change_layer(version)
        change()
        client = Client(deployment.place, deployment.deploy())
        functions = wake_all(client)
        assert tree.signatures() == dict.fromkeys(functions, version)
        return client

    first = deployed("first")
    sku, customer = f"KETTLE-{secrets.token_hex(4)}", f"dana.{secrets.token_hex(4)}@example.com"
    first.level(sku, 0)
    awaited(lambda: first.sellable(sku) == 0, what="sold out", seconds=60)
    first.enter(customer, sku)
    awaited(lambda: first.waiting(sku)["waiting"] == 1, what="one waiting", seconds=60)
    keys = link_keys(first)
    assert PARAMETER not in parameters(first)

    second = deployed("second", lambda: tree.let_waitlist_read_from_stock(more=True))
    seen = second.outputs["SeenFromAfar"]
    assert seen == second.outputs["StockUpdatesQueueUrl"]
    assert second.outputs == first.outputs | {"SeenFromAfar": seen}
    assert PARAMETER in parameters(second)

    third = deployed("third", lambda: tree.let_waitlist_read_from_stock(more=False))
    assert third.outputs == first.outputs
    assert PARAMETER not in parameters(third)
    assert link_keys(third) == keys
    assert (third.sellable(sku), third.waiting(sku)["waiting"]) == (0, 1)

    arrived = third.sent()
    third.level(sku, 5)
    awaited(lambda: third.mails(arrived, to=customer), what="the mail of who waited all the time", seconds=120)
    assert json.loads((tmp_path / "outputs.json").read_text("utf-8")) == third.outputs
