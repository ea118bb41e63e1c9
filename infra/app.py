"""The CDK app: ``cdk synth -c stage=prod`` (cdk.json says how it is started)."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
os.environ.setdefault("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "20")  # Debian's Node works well enough
sys.path.insert(0, str(ROOT / "layers" / "core" / "python"))  # where the product's settings are

import cdk_nag  # noqa: E402
from aws_cdk import App, Validations  # noqa: E402

from infra.composition import compose  # noqa: E402
from infra.layers.build import LayerError, layers  # noqa: E402
from infra.stage import StageError, read  # noqa: E402


def main() -> None:
    """Synthesize the stage that the context names; findings of cdk-nag fail it."""
    app = App()
    try:
        stage = read(app.node.try_get_context)
        built = layers(stage.target)
    except (StageError, LayerError) as error:
        sys.exit(f"standby: {error}")
    compose(app, stage=stage, layers=built)
    Validations.of(app).add_plugins(cdk_nag.AwsSolutionsChecks())
    app.synth()


if __name__ == "__main__":
    main()
