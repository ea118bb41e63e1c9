"""The same picture is alike however a shop saves it, other pictures are not, and no file is too wicked."""

import struct
import zlib
from itertools import combinations
from statistics import median

import pytest
from PIL import Image, ImageDraw, features
from standby.availability.pictures.hashing import FORMATS, MOST_PIXELS, looks
from standby.availability.pictures.model import UnseenError
from standby.shelf.pictures import BANDS, BITS, MOST_BITS, bands, difference

from tests.standby.availability.pictures.drawing import VERSIONS, draw, saved

DRAWINGS = 16
ALIKE = {"4 % cut off each side": 0.75}
"""The least part that is found to be alike; of all other versions all but one in 16 are."""
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'


@pytest.fixture(scope="module")
def known() -> list[int]:
    return [looks(saved(draw(number))) for number in range(DRAWINGS)]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_version_of_a_picture_is_alike(version: str, known: list[int], capsys: pytest.CaptureFixture[str]) -> None:
    made = [looks(saved(VERSIONS[version](draw(number)))) for number in range(DRAWINGS)]
    bits = [difference(one, other) for one, other in zip(known, made, strict=True)]
    met = [any(map(int.__eq__, bands(one), bands(other))) for one, other in zip(known, made, strict=True)]
    found = sum(each <= MOST_BITS and shared for each, shared in zip(bits, met, strict=True))
    with capsys.disabled():
        print(f"\n  {version}: {found} of {DRAWINGS} found, {median(bits):.0f} bits differ, at most {max(bits)}")  # noqa: T201
    assert found >= ALIKE.get(version, 1 - 1 / DRAWINGS) * DRAWINGS


def test_other_pictures_are_not_alike(known: list[int], capsys: pytest.CaptureFixture[str]) -> None:
    bits = sorted(difference(one, other) for one, other in combinations(known, 2))
    with capsys.disabled():
        print(f"\n  {len(bits)} pairs of others: {bits[0]} bits differ at least, {median(bits):.0f} mostly")  # noqa: T201
    assert [each for each in bits if each <= MOST_BITS] == []


def test_half_of_the_bits_are_set_so_no_list_grows_by_itself(known: list[int]) -> None:
    assert {each.bit_count() for each in known} == {BITS // 2}
    values = [value for each in known for value in bands(each)]
    assert max(map(values.count, values)) <= len(known) * BANDS / 8


@pytest.mark.parametrize("kind", FORMATS)
def test_a_picture_looks_the_same_in_each_format(kind: str) -> None:
    assert difference(looks(saved(draw(3), kind)), looks(saved(draw(3)))) <= MOST_BITS


def test_what_is_transparent_is_white() -> None:
    opaque, mask = draw(5), Image.new("L", draw(5).size, 255)
    ImageDraw.Draw(mask).rectangle((0, 0, 400, 39), fill=0)
    clear = opaque.copy()
    clear.paste((0, 0, 0), (0, 0, 400, 40))
    clear.putalpha(mask)
    assert looks(saved(clear)) == looks(saved(opaque))
    assert difference(looks(saved(clear.quantize(64))), looks(saved(opaque))) <= MOST_BITS


def test_a_picture_is_seen_as_it_is_shown() -> None:
    turned = Image.Exif()
    turned[0x0112] = 6  # the camera was held upright
    lying = draw(7).rotate(90, expand=True)
    assert difference(looks(saved(lying, "JPEG", exif=turned)), looks(saved(draw(7)))) <= MOST_BITS  # type: ignore[arg-type]


def test_of_what_moves_the_first_picture_counts() -> None:
    first, second = draw(1).quantize(64), draw(2).quantize(64)
    assert looks(saved(first, "GIF", save_all=True, append_images=[second])) == looks(saved(first, "GIF"))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "plain",
    [
        Image.new("RGB", (300, 300), "grey"),
        Image.linear_gradient("L"),
        Image.radial_gradient("L"),
        Image.new("1", (1, 1)),
    ],
    ids=["one colour", "gradient", "a ball", "one pixel"],
)
def test_what_is_too_plain_says_nothing(plain: Image.Image) -> None:
    with pytest.raises(UnseenError, match="too plain"):
        looks(saved(plain))


def header_of(wide: int, high: int) -> bytes:
    """Return a PNG that says that it is as large as this, and holds next to nothing."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    head = struct.pack(">IIBBBBB", wide, high, 8, 2, 0, 0, 0)
    packed = zlib.compress(bytes(1_000_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(6_001, 5_000), (20_000, 20_000), (2**31 - 1, 2**31 - 1)])
def test_a_bomb_is_refused_before_it_is_unpacked(size: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", lambda _picture: pytest.fail("unpacked"))
    with pytest.raises(UnseenError, match=f"more than {MOST_PIXELS:,} pixels"):
        looks(header_of(*size))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not a picture in JPEG, PNG, WEBP, GIF"),
        (SVG, "not a picture"),
        (b"<!doctype html><title>Not found</title>", "not a picture"),
        (saved(draw(1), "BMP"), "not a picture"),
        (saved(draw(1), "TIFF"), "not a picture"),
        (saved(draw(1))[:2_000], "a broken picture"),
        (saved(draw(1), "JPEG")[:2_000], "a broken picture"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "a broken picture|not a picture"),
        (header_of(5_000, 5_000), "a broken picture"),
    ],
    ids=["nothing", "SVG", "HTML", "BMP", "TIFF", "half a PNG", "half a JPEG", "PNG without a head", "a PNG that lies"],
)
def test_what_is_no_picture_is_told_so_for_good(content: bytes, reason: str) -> None:
    with pytest.raises(UnseenError, match=reason) as raised:
        looks(content)
    assert not raised.value.again


def test_the_formats_are_there() -> None:
    assert all(map(features.check, ("jpg", "webp", "zlib")))
