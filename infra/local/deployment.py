"""Run a real ``cdk bootstrap`` and ``cdk deploy`` into the emulator, and mend what it drops on the way."""

import json
import os
import subprocess
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from infra.local.emulator import ACCOUNT, HOST, REGION, ROOT, Emulator
from infra.local.pages import PRODUCT_PAGES
from infra.operations import key
from infra.operations.place import TABLES, Place

CDK = ROOT / "node_modules" / ".bin" / "cdk"
TOOLKIT = "CDKToolkit"
API = "AWS::ApiGatewayV2::Api"
SCOPES = ["erp", "storefront", "ops"]
SHOWN_LINES = 40
CLIENT_PORT = 4590
"""Where a shop that is tried beside the demo shop has its pages (`make oscar`), so that browsers let them ask."""


class DeployError(Exception):
    """The cdk command failed; the message is the end of what it said."""


def quiet(_step: str) -> None:
    """Say nothing on the way."""


@dataclass(frozen=True)
class Deployment:
    """The stage ``local`` on one emulator. ``say`` is told each step before it begins.

    ``source`` is the tree that is deployed. On ``client_port`` another shop may be tried (``ClientUrl``).
    """

    emulator: Emulator
    outputs_file: Path
    say: Callable[[str], None] = quiet
    source: Path = ROOT
    client_port: int = CLIENT_PORT

    @property
    def place(self) -> Place:
        """Where the operators' commands find the stage."""
        return Place(self.emulator.session(), endpoint=self.emulator.address)

    def deploy(self) -> dict[str, str]:
        """Deploy, or redeploy in place, and write the outputs file. Raises `DeployError`."""
        if not self._bootstrapped():
            self.say("bootstrap (cdk bootstrap)")
            # Runs in another folder, because cdk.json would have the whole app synthesized first.
            self._cdk("bootstrap", f"aws://{ACCOUNT}/{REGION}", folder=self.emulator.folder)
        self.say("deploy (cdk deploy --all -c stage=local)")
        self._cdk("deploy", "--all", "--require-approval", "never", "--ci", folder=self.source)
        self.say("mend what the emulator drops (CORS, time to live)")
        place = self.place
        api_id = _mend_cors(place)
        _mend_time_to_live(place)
        return self._write_outputs(place, api_id)

    def _bootstrapped(self) -> bool:
        cloudformation = self.place.cloudformation
        try:
            return bool(cloudformation.describe_stacks(StackName=TOOLKIT)["Stacks"])
        except cloudformation.exceptions.ClientError:
            return False

    def _cdk(self, *words: str, folder: Path) -> None:
        emulator = self.emulator
        own = [emulator.address, f"http://localhost:{emulator.port}"]
        shop = [emulator.shop_address, f"http://localhost:{emulator.shop_port}"] if emulator.shop_port else []
        context = {
            "stage": "local",
            "public_url": self.emulator.address,
            "cors_origins": ",".join([*shop, *own, f"http://{HOST}:{self.client_port}"]),
            "shop_product_url": f"{self.emulator.shop_address}{PRODUCT_PAGES}{{sku}}",
        }
        command = [str(CDK), *words, "--output", str(self.emulator.folder / "cdk.out"), "--no-color"]
        command += [word for name, value in context.items() for word in ("-c", f"{name}={value}")]
        # The user's own AWS settings must not lead the command to another account.
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "CDK_"))}
        nowhere = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull, "CI": "true"}
        environment = {**inherited, **nowhere, **self.emulator.environment()}
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
        )
        if done.returncode:
            lines = (done.stdout + done.stderr).splitlines()
            raise DeployError("\n".join([f"cdk {words[0]} failed:", *lines[-SHOWN_LINES:]]))

    def _write_outputs(self, place: Place, api_id: str) -> dict[str, str]:
        outputs = {name: self._local(value) for name, value in place.outputs.items()}
        outputs["ApiUrl"] = f"{self.emulator.address}/_aws/execute-api/{api_id}/$default"
        outputs["ApiKey"] = self._kept_key() or key.issue(place, "make up", SCOPES)
        outputs["MailboxUrl"] = f"{self.emulator.address}/mailbox"
        outputs["ShopUrl"] = self.emulator.shop_address
        outputs["ClientUrl"] = f"http://{HOST}:{self.client_port}"
        self.outputs_file.parent.mkdir(parents=True, exist_ok=True)
        self.outputs_file.write_text(json.dumps(outputs, indent=2) + "\n", "utf-8")
        return outputs

    def _kept_key(self) -> str | None:
        """Return the key that an earlier deployment into the same emulator made."""
        try:
            said: dict[str, str] = json.loads(self.outputs_file.read_text("utf-8"))
        except (FileNotFoundError, ValueError):
            return None
        return said.get("ApiKey") if said.get("MailboxUrl", "").startswith(f"{self.emulator.address}/") else None

    def _local(self, value: str) -> str:
        """Return an output, moved from ``localhost`` to the emulator's loopback address if it is an address there."""
        parts = urllib.parse.urlsplit(value)
        if parts.hostname != "localhost":
            return value
        return urllib.parse.urlunsplit(parts._replace(netloc=f"127.0.0.1:{self.emulator.port}"))


def _mend_cors(place: Place) -> str:
    """Set the HTTP API's CORS as the template says; the emulator drops it. Return the API's id."""
    (api_id,) = place.resources(API).values()
    (properties,) = place.properties(API).values()
    if cors := properties.get("CorsConfiguration"):
        gateway = place.session.client("apigatewayv2", endpoint_url=place.endpoint)
        gateway.update_api(ApiId=api_id, CorsConfiguration=cors)
    return api_id


def _mend_time_to_live(place: Place) -> None:
    """Switch time to live on where the template says so; the emulator drops it."""
    dynamodb = place.session.client("dynamodb", endpoint_url=place.endpoint)
    tables = place.resources(*TABLES)
    attributes = {
        name: specification["AttributeName"]
        for name, properties in place.properties(*TABLES).items()
        if (specification := properties.get("TimeToLiveSpecification"))
    }
    for name, attribute in attributes.items():
        found = dynamodb.describe_time_to_live(TableName=tables[name])["TimeToLiveDescription"]
        if found.get("TimeToLiveStatus") != "ENABLED":
            dynamodb.update_time_to_live(
                TableName=tables[name], TimeToLiveSpecification={"Enabled": True, "AttributeName": attribute}
            )
