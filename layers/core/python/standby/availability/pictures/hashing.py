"""A picture as 64 bits that stay the same when it is scaled, compressed anew or cut a little: a perceptual hash.

The plain border is cut off, what is left becomes 32 x 32 greys, and the lowest frequencies of their cosine transform
(DCT-II) are compared with their median (Zauner, "Implementation and benchmarking of perceptual image hash functions",
2010). Half of the bits are set in any picture, so none of the lists by which pictures are found becomes very long.
"""

import warnings
from functools import cache
from io import BytesIO
from math import cos, pi
from statistics import median
from typing import TYPE_CHECKING

from standby.availability.pictures.model import UnseenError
from standby.shelf.pictures import BITS

if TYPE_CHECKING:
    from PIL.Image import Image

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
MOST_PIXELS = 30_000_000
"""Of a picture that is looked at: with transparency it takes 260 MB while it is made small, as WebP 480."""
PREVIEW = 256
"""Pixels of the longer side at which the border is sought. A JPEG is unpacked no larger than needed for it."""
SIDE = 32
FREQUENCIES = 12
PLAIN = 24
"""By so much a pixel may differ from the corners, of 255, and still be border."""
LEAST_PART = 16
"""What is left without the border is at least this part of the whole; or the border is the picture."""
LEAST_WAVE = 60.0
"""Three of four frequencies stand out from their median by so much, or a picture is too plain: noise would decide on
its bits. Drawings have some hundred, a disc or a gradient has ten or less."""
FEW_COLOURS = frozenset({"1", "P", "PA"})
"""Pillow's modes of pictures that have a list of colours, or two."""
WHITE = (255, 255, 255, 255)


def looks(content: bytes) -> int:
    """Return a picture's 64 bits, those of the lowest frequencies first. Raises `UnseenError`."""
    preview = _grey(content)
    grey = _without_border(preview).resize((SIDE, SIDE), resample=_resampling())
    waves = _lowest(grey.tobytes())
    middle = median(waves)
    if sorted(abs(wave - middle) for wave in waves)[BITS // 4] < LEAST_WAVE:
        raise UnseenError("too plain to be told from others")
    return sum(1 << place for place, wave in enumerate(reversed(waves)) if wave > middle)


def _grey(content: bytes) -> "Image":
    """Unpack a picture, its first frame, as greys on white, at most 256 pixels long. Raises `UnseenError`."""
    from PIL import Image, ImageOps, UnidentifiedImageError  # noqa: PLC0415 - only when a picture is there

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # what is too large is refused below
            picture: Image.Image = Image.open(BytesIO(content), formats=FORMATS)
        _refuse_the_largest(picture)
        picture.draft("RGB", (PREVIEW, PREVIEW))
        picture.load()
        if picture.mode in FEW_COLOURS:
            picture = picture.convert("RGBA")  # or nothing between two colours could be made
        picture.thumbnail((PREVIEW, PREVIEW), reducing_gap=3.0)
        upright = ImageOps.exif_transpose(picture).convert("RGBA")
    except UnseenError:
        raise
    except UnidentifiedImageError as error:
        raise UnseenError(f"not a picture in {', '.join(FORMATS)}") from error
    except Image.DecompressionBombError as error:
        raise UnseenError(f"more than {MOST_PIXELS:,} pixels") from error
    except Exception as error:  # Pillow raises many kinds at broken files
        raise UnseenError(f"a broken picture: {type(error).__name__}") from error
    paper = Image.new("RGBA", upright.size, WHITE)
    paper.alpha_composite(upright)
    return paper.convert("L")


def _refuse_the_largest(picture: "Image") -> None:
    """Refuse by what the file says of its size, before anything is unpacked. Raises `UnseenError`."""
    width, height = picture.size
    if width * height > MOST_PIXELS:
        raise UnseenError(f"{width} x {height} are more than {MOST_PIXELS:,} pixels")


def _without_border(grey: "Image") -> "Image":
    """Cut off what is as plain as the corners: shops show one product with more or less white around it."""
    width, height = grey.size
    values = grey.tobytes()
    corners = values[0], values[width - 1], values[-width], values[-1]
    plain = median(corners)
    box = grey.point([0 if abs(shade - plain) <= PLAIN else 255 for shade in range(256)]).getbbox()
    if box is None or (box[2] - box[0]) * (box[3] - box[1]) * LEAST_PART < width * height:
        return grey
    return grey.crop(box)


def _resampling() -> "Image.Resampling":  # type: ignore[name-defined]
    from PIL.Image import Resampling  # noqa: PLC0415 - as above

    return Resampling.LANCZOS


def _lowest(values: bytes) -> list[float]:
    """Return the 64 lowest frequencies of 32 x 32 values but for their mean, in the order of their height."""
    waves = _waves()
    rows = [
        [sum(map(float.__mul__, line, wave)) for wave in waves]
        for line in (list(map(float, values[start : start + SIDE])) for start in range(0, SIDE * SIDE, SIDE))
    ]
    columns = [[row[across] for row in rows] for across in range(FREQUENCIES)]
    return [sum(map(float.__mul__, columns[across], waves[down])) for across, down in _order()]


@cache
def _waves() -> list[list[float]]:
    return [[cos(pi * wave * (2 * place + 1) / (2 * SIDE)) for place in range(SIDE)] for wave in range(FREQUENCIES)]


@cache
def _order() -> list[tuple[int, int]]:
    pairs = [(across, down) for across in range(FREQUENCIES) for down in range(FREQUENCIES) if across or down]
    return sorted(pairs, key=lambda pair: (sum(pair), pair))[:BITS]
