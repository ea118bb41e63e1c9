"""The examples for pages that a shop's server writes, each run by its interpreter, where that is at hand."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
EXAMPLES = ROOT / "layers" / "storefront" / "examples"
LANGUAGES = ("node", "php")
RUN_SECONDS = 30
Variants = Sequence[Mapping[str, str]]

NODE = """const { standby } = await import(process.argv[1]);
process.stdout.write(await standby(JSON.parse(process.argv[2])));"""
PHP = """require $argv[1]; $said = json_decode($argv[2], true);
echo standby($said['id'], $said['locale'], $said['variants']);"""
LIQUID = """const { Liquid } = await import("liquidjs"); const { readFileSync } = await import("node:fs");
const engine = new Liquid({ strictFilters: true });
const source = readFileSync(process.argv[1], "utf8");
process.stdout.write(await engine.parseAndRender(source, JSON.parse(process.argv[2])));"""


def included(language: str, api: str, product: str, locale: str, variants: Variants, *, patience: int = 500) -> str:
    """Return what a page includes of a product, as an example writes it. Skips the test without its interpreter.

    ``patience`` is for how many milliseconds it waits for the API; a busy machine needs more than a shop gives.
    """
    program, file, words = {"node": ("node", "include.mjs", NODE), "php": ("php", "include.php", PHP)}[language]
    said = {"id": product, "locale": locale, "variants": list(variants)}
    flags = ["--input-type=module", "-e"] if language == "node" else ["-n", "-r"]
    return _run([interpreter(program), *flags, words, "--", str(EXAMPLES / file), json.dumps(said)], api, patience)


def rendered(**said: object) -> str:
    """Return what the Liquid snippet makes of these variables."""
    flags = ["--input-type=module", "-e", LIQUID, "--"]
    return _run([interpreter("node"), *flags, str(EXAMPLES / "standby.liquid"), json.dumps(said)], "")


def interpreter(program: str) -> str:
    """Find an interpreter, else skip, which pytest prints with its reason."""
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not installed, so its example of the guide is not run")
    return found


def _run(command: Sequence[str], api: str, patience: int = 500) -> str:
    told = {**os.environ, "STANDBY_API": api, "STANDBY_PATIENCE_MILLISECONDS": str(patience)}
    done = subprocess.run(  # noqa: S603 - our own examples
        command, cwd=ROOT, env=told, capture_output=True, text=True, check=False, timeout=RUN_SECONDS
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout
