"""Compile the mails' MJML layouts into the HTML templates that are committed (``make schemas``).

No MJML tool runs in a function. The frame around every mail (``frame/frame.mjml``) and each block
(``blocks/<block>/block.mjml``, which stands in the frame while it is compiled and is cut out afterwards) are compiled
once per direction of writing, into ``ltr.html`` and ``rtl.html`` beside them. Jinja places pass through untouched. The
compiler accepts unknown tags and attributes silently, so this module lists those that a layout may use.
"""

import argparse
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import mjml
from standby.platform.counted import counted

MAIL = Path(__file__).parents[2] / "layers" / "core" / "python" / "standby" / "mail"
FRAME = MAIL / "frame" / "frame.mjml"
BODY = "<mj-raw>{{ body }}</mj-raw>"
START, END = "[block]", "[/block]"
SIDES = {"ltr": ("left", "right"), "rtl": ("right", "left")}
SPACING = {"padding", "css-class"}
TYPOGRAPHY = {"font-family", "font-size", "font-weight", "line-height", "letter-spacing", "color", "align"}
ALLOWED = {
    "mjml": {"lang", "dir"},
    "mj-head": set(),
    "mj-title": set(),
    "mj-preview": set(),
    "mj-raw": set(),
    "mj-attributes": set(),
    "mj-all": TYPOGRAPHY,
    "mj-style": {"inline"},
    "mj-body": {"background-color", "width", "css-class"},
    "mj-wrapper": SPACING | {"background-color", "direction"},
    "mj-section": SPACING | {"background-color", "border-radius", "direction"},
    "mj-column": SPACING | {"width", "background-color", "direction"},
    "mj-text": SPACING | TYPOGRAPHY,
    "mj-button": SPACING | TYPOGRAPHY | {"href", "background-color", "border", "border-radius", "inner-padding"},
    "mj-spacer": {"height"},
}
"""Tags and attributes of MJML 4 that the layouts use. Other tags than ``mj-…`` are HTML."""


def layouts() -> Iterator[tuple[Path, Path, str]]:
    """Yield each layout, the template made from it and the template's direction."""
    for source in [FRAME, *sorted((MAIL / "blocks").glob("*/block.mjml"))]:
        for direction in SIDES:
            yield source, source.with_name(f"{direction}.html"), direction


def template(source: Path, direction: str) -> str:
    """Return the template of the frame, or of a block. Raises ``ValueError`` when the layout is not sound."""
    if source == FRAME:
        return compiled(source.read_text("utf-8"), direction)
    block = f"<mj-raw>{START}</mj-raw>{source.read_text('utf-8')}<mj-raw>{END}</mj-raw>"
    made = compiled(FRAME.read_text("utf-8").replace(BODY, block), direction)
    return made.partition(START)[2].partition(END)[0].strip() + "\n"


def problems(text: str) -> list[str]:
    """List the MJML tags and attributes of a layout that the compiler does not know or that nobody checked."""
    root = ET.fromstring(text)  # noqa: S314 - our own file
    found: list[str] = []
    for element in root.iter():
        if not element.tag.startswith("mj"):
            continue
        if element.tag not in ALLOWED:
            found.append(f"unknown tag {element.tag}")
            continue
        kinds = ALLOWED["mj-text"] | ALLOWED["mj-button"] if element.tag == "mj-all" else ALLOWED[element.tag]
        found.extend(f"unknown attribute {name} of {element.tag}" for name in sorted(set(element.attrib) - kinds))
    return found


def compiled(text: str, direction: str) -> str:
    """Return the HTML template of a layout. Raises ``ValueError`` when the layout is not sound."""
    start, end = SIDES[direction]
    wrong = problems(text)
    if wrong:
        raise ValueError("; ".join(wrong))
    source = text.replace("@direction@", direction).replace("@start@", start).replace("@end@", end)
    html: str = mjml.mjml2html(source)
    return re.sub(r">\s+<", "> <", html).replace("} }", "}\n}") + "\n"


def main(arguments: list[str]) -> int:
    """Write the templates, or with ``--check`` only say which are stale."""
    parser = argparse.ArgumentParser(description="compile the mails' layouts")
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args(arguments).check
    stale = 0
    for source, committed, direction in layouts():
        made = template(source, direction)
        if committed.exists() and committed.read_text("utf-8") == made:
            continue
        stale += 1
        if check:
            print(f"{committed.relative_to(MAIL)}: stale, run make schemas", file=sys.stderr)
        else:
            committed.write_text(made, "utf-8")
    print(f"{counted(stale, 'template')} {'stale' if check else 'written anew'}")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
