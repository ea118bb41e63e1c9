"""The light that falls on all goods from the upper left, the shadow below them, and the paints.

A drawing is a string of SVG elements in a square of 600 units. Its fills name the paints: ``round`` shades what is
curved, ``cloth`` what lies flat, ``deep`` and ``pale`` are the colour in shadow and in light, ``wood``, ``steel`` and
``glass`` are what they are.
"""

from collections.abc import Mapping

SIDE = 600
WHITE, BLACK = "#ffffff", "#1a1613"
COLOURS: Mapping[str, str] = {
    "Blue": "#3a6aa8",
    "Chalk": "#ece6da",
    "Charcoal": "#46474b",
    "Clear": "#d3e4e4",
    "Copper": "#bb7145",
    "Green": "#5b8463",
    "Mustard": "#d6a036",
    "Natural": "#cfb184",
    "Navy": "#2f4160",
    "Oak": "#c09463",
    "Olive": "#82814f",
    "Paper": "#f5ecd9",
    "Red": "#b93f34",
    "Rose": "#d8a39d",
    "Sand": "#d8c3a0",
    "Sky": "#93b7cd",
    "Terracotta": "#c76f4b",
    "Walnut": "#74503a",
}
WOOD = COLOURS["Oak"]


def mixed(colour: str, other: str, part: float) -> str:
    """Return a colour with some of another in it; ``part`` is from 0 to 1."""
    pairs = zip(_parts(colour), _parts(other), strict=True)
    return "#" + "".join(f"{round(one + (two - one) * part):02x}" for one, two in pairs)


def picture(colour: str, drawing: str) -> str:
    """Return the SVG of a drawing in a colour."""
    back = mixed("#f3eee6", colour, 0.1)
    paints = (
        _gradient("back", (0, mixed(back, WHITE, 0.35)), (1, mixed(back, "#b9ab97", 0.28)), way="0 0 .3 1"),
        _gradient("round", *_rounded(colour), way="0 0 1 .12"),
        _gradient(
            "cloth", (0, mixed(colour, WHITE, 0.2)), (0.5, colour), (1, mixed(colour, BLACK, 0.16)), way="0 0 .8 1"
        ),
        _gradient("wood", *_rounded(WOOD), way="0 0 1 .2"),
        _gradient("steel", (0, "#f4f5f5"), (0.3, "#c3c7c9"), (0.7, "#8d9396"), (1, "#b9bec0"), way="0 0 1 .1"),
        _gradient("glass", (0, "#fff", 0.75), (0.4, colour, 0.4), (1, mixed(colour, BLACK, 0.35), 0.5), way="0 0 1 .1"),
    )
    glow = "".join(
        f'<stop offset="{at}" stop-color="#ffdf9c" stop-opacity="{strength}"/>'
        for at, strength in ((0, 0.95), (0.45, 0.6), (1, 0))
    )
    names = {"deep": mixed(colour, BLACK, 0.32), "pale": mixed(colour, WHITE, 0.38), "self": colour}
    for name, paint in names.items():
        drawing = drawing.replace(f"@{name}", paint)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIDE} {SIDE}" width="{SIDE}" height="{SIDE}">\n<defs>\n'
        + "\n".join(paints)
        + f'\n<radialGradient id="glow">{glow}</radialGradient>'
        + '\n<filter id="soft" x="-50%" y="-200%" width="200%" height="500%"><feGaussianBlur stdDeviation="14"/></filter>'
        + '\n<filter id="haze" x="-30%" y="-30%" width="160%" height="160%"><feGaussianBlur stdDeviation="5"/></filter>'
        + f'\n</defs>\n<rect width="{SIDE}" height="{SIDE}" fill="url(#back)"/>\n{drawing}\n</svg>\n'
    )


def shadow(x: float, y: float, width: float, height: float = 18) -> str:
    """Return the shadow of what stands on the ground; its middle and half its width and height."""
    return (
        f'<ellipse cx="{x + 16}" cy="{y}" rx="{width}" ry="{height}" fill="{BLACK}" opacity=".34" filter="url(#soft)"/>'
        f'<ellipse cx="{x + 4}" cy="{y}" rx="{width * 0.86:.0f}" ry="{height * 0.4:.0f}" fill="{BLACK}" opacity=".3"'
        ' filter="url(#haze)"/>'
    )


def lying(path: str) -> str:
    """Return the shadow of what lies flat, seen from above."""
    return f'<path d="{path}" transform="translate(10 16)" fill="{BLACK}" opacity=".3" filter="url(#soft)"/>'


def shape(path: str, paint: str = "url(#round)", **more: object) -> str:
    """Return an area."""
    return f'<path d="{path}" fill="{paint}"{_attributes(more)}/>'


def line(path: str, paint: str = "@deep", width: float = 4, **more: object) -> str:
    """Return a line with round ends."""
    return (
        f'<path d="{path}" fill="none" stroke="{paint}" stroke-width="{width}" stroke-linecap="round"'
        f' stroke-linejoin="round"{_attributes(more)}/>'
    )


def oval(x: float, y: float, width: float, height: float, paint: str = "url(#round)", **more: object) -> str:
    """Return an ellipse by its middle and half its width and height."""
    return f'<ellipse cx="{x}" cy="{y}" rx="{width}" ry="{height}" fill="{paint}"{_attributes(more)}/>'


def box(
    x: float, y: float, width: float, height: float, corner: float = 8, paint: str = "url(#round)", **more: object
) -> str:
    """Return a rectangle with round corners."""
    return f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="{corner}" fill="{paint}"{_attributes(more)}/>'


def moved(drawing: str, x: float, y: float, scale: float = 1) -> str:
    """Return a drawing elsewhere and smaller."""
    return f'<g transform="translate({x} {y}) scale({scale})">{drawing}</g>'


def shine(path: str, width: float = 10, strength: float = 0.5) -> str:
    """Return light on a glaze."""
    return line(path, WHITE, width, opacity=strength, filter="url(#haze)")


def fold(path: str, width: float = 7) -> str:
    """Return a fold of cloth: a soft dark line and a soft light one beside it."""
    return line(path, "@deep", width, opacity=0.32, filter="url(#haze)") + line(
        path, "@pale", width * 0.6, opacity=0.5, filter="url(#haze)", transform="translate(-7 -3)"
    )


def seam(path: str) -> str:
    """Return a stitched line."""
    return line(path, "@deep", 2.5, opacity=0.5, stroke_dasharray="7 6")


def _rounded(colour: str) -> tuple[tuple[float, str], ...]:
    light, dark = mixed(colour, WHITE, 0.34), mixed(colour, BLACK, 0.3)
    return (0, mixed(colour, WHITE, 0.08)), (0.22, light), (0.55, colour), (1, dark)


def _gradient(name: str, *stops: tuple[float, str] | tuple[float, str, float], way: str) -> str:
    x1, y1, x2, y2 = way.split()
    inner = "".join(
        f'<stop offset="{at}" stop-color="{rest[0]}"' + (f' stop-opacity="{rest[1]}"' if len(rest) > 1 else "") + "/>"
        for at, *rest in stops
    )
    return f'<linearGradient id="{name}" x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}">{inner}</linearGradient>'


def _attributes(more: Mapping[str, object]) -> str:
    return "".join(f' {name.replace("_", "-")}="{value}"' for name, value in more.items())


def _parts(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5))
