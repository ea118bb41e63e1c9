"""Product pictures, drawn: some shapes on white, the same for the same number, and what shops make of pictures."""

import random
from collections.abc import Callable, Mapping
from functools import cache
from io import BytesIO

from PIL import Image, ImageDraw, ImageFilter, ImageOps

SIZE = (400, 500)
Version = Callable[[Image.Image], Image.Image]


def draw(number: int) -> Image.Image:
    """Draw a picture of four to nine shapes."""
    chance, picture = random.Random(number), Image.new("RGB", SIZE, "white")
    pen = ImageDraw.Draw(picture)
    for _ in range(chance.randint(4, 9)):
        left, top = chance.randint(40, 300), chance.randint(40, 400)
        wide, high = chance.randint(30, 200), chance.randint(30, 250)
        colour = tuple(chance.randint(0, 230) for _ in range(3))
        corners = [(left + chance.randint(0, wide), top + chance.randint(0, high)) for _ in range(5)]
        match chance.randrange(4):
            case 0:
                pen.ellipse((left, top, left + wide, top + high), fill=colour)
            case 1:
                pen.rectangle((left, top, left + wide, top + high), fill=colour)
            case 2:
                pen.polygon(corners, fill=colour)
            case _:
                pen.line(corners, fill=colour, width=chance.randint(5, 30))
    return picture


def saved(picture: Image.Image, kind: str = "PNG", **options: int) -> bytes:
    """Return a picture as a file."""
    file = BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


@cache
def drawn(number: int) -> bytes:
    """Return a drawing as a small file."""
    return saved(draw(number).resize((100, 125)))


def cut(picture: Image.Image, part: float) -> Image.Image:
    """Cut a part off each side."""
    wide, high = picture.size
    return picture.crop((int(wide * part), int(high * part), int(wide * (1 - part)), int(high * (1 - part))))


def compressed(picture: Image.Image, kind: str, quality: int) -> Image.Image:
    return Image.open(BytesIO(saved(picture, kind, quality=quality)))


VERSIONS: Mapping[str, Version] = {
    "half as large": lambda picture: picture.resize((200, 250)),
    "a thumbnail": lambda picture: picture.resize((96, 120)),
    "JPEG of quality 30": lambda picture: compressed(picture, "JPEG", 30),
    "WebP of quality 40, a third as large": lambda picture: compressed(picture.resize((133, 166)), "WEBP", 40),
    "16 colours": lambda picture: picture.quantize(16),
    "2 % cut off each side": lambda picture: cut(picture, 0.02),
    "4 % cut off each side": lambda picture: cut(picture, 0.04),
    "more white around": lambda picture: ImageOps.expand(picture, 60, "white"),
    "blurred": lambda picture: picture.filter(ImageFilter.GaussianBlur(2)),
    "lighter": lambda picture: picture.point(lambda shade: min(255, int(shade * 1.1))),
}
