"""A point on the Earth, as requests say it, and how far it is from another."""

import math
import re
from typing import NamedTuple

_DEGREES = r"[+-]?[0-9]{1,3}(\.[0-9]{1,15})?"
PATTERN = rf"^[ \t]*{_DEGREES}[ \t]*,[ \t]*{_DEGREES}[ \t]*$"
"""How a point is written, as JSON Schemas say it. `point` refuses what lies outside of the Earth, too."""
EXAMPLE = "32.08,34.78"
NO_POINT = f"must be latitude and longitude in degrees, such as {EXAMPLE}"
MOST_LATITUDE, MOST_LONGITUDE = 90, 180
"""The poles, and half around the Earth."""
COARSE_DIGITS = 2
"""Of a place that is kept: a hundredth of a degree is 1.1 km of latitude, and as much of longitude at the equator."""
EARTH_KM = 6371.0088
"""The mean radius of the Earth (IUGG)."""
_WRITTEN = re.compile(PATTERN.removesuffix("$"))


class PointError(ValueError):
    """It is no point. The text says why, for the answer of a request."""


class Point(NamedTuple):
    """A place on the Earth, in degrees."""

    latitude: float
    longitude: float


def point(said: str) -> Point:
    """Read a point, such as ``32.08,34.78``: plain decimal numbers with the digits 0 to 9. Raises `PointError`."""
    if not _WRITTEN.fullmatch(said):
        raise PointError(NO_POINT)
    found = Point(*map(float, said.split(",")))
    if abs(found.latitude) > MOST_LATITUDE:
        raise PointError(f"the latitude is not between -{MOST_LATITUDE} and {MOST_LATITUDE}")
    if abs(found.longitude) > MOST_LONGITUDE:
        raise PointError(f"the longitude is not between -{MOST_LONGITUDE} and {MOST_LONGITUDE}")
    return found


def coarse(exact: Point) -> str:
    """Write about where a point is, the same for all points around: no more of a person's place is kept.

    The two names of one line are one: 180° west is 180° east, and nothing is west or south of 0 by 0.
    """
    latitude, longitude = (round(each, COARSE_DIGITS) + 0.0 for each in exact)
    if longitude == -MOST_LONGITUDE:
        longitude = float(MOST_LONGITUDE)
    return f"{latitude:.{COARSE_DIGITS}f},{longitude:.{COARSE_DIGITS}f}"


def kept_place(said: str | None) -> str | None:
    """Return a place as it may be kept, ``None`` where nobody said one, or what was said is none."""
    try:
        return None if said is None else coarse(point(said))
    except PointError:
        return None


def great_circle_km(one: Point, other: Point) -> float:
    """Return the distance of two points by the haversine formula, which is exact for near ones, too."""
    first, second = math.radians(one.latitude), math.radians(other.latitude)
    across = math.sin(math.radians(other.longitude - one.longitude) / 2) ** 2
    chord = math.sin((second - first) / 2) ** 2 + math.cos(first) * math.cos(second) * across
    return 2 * EARTH_KM * math.asin(math.sqrt(min(1.0, chord)))
