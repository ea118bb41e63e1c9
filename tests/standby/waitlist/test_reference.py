"""References: everything that recording an outcome needs, in 300 characters."""

from hypothesis import given
from hypothesis import strategies as st
from standby.waitlist.reference import Reference, read

skus = st.text("Aa0~@#/,\u05d0 |", min_size=1, max_size=100)
keys = st.text("ABCXYZabcxyz0189_-", min_size=12, max_size=12)
PLACE = "2026-05-03T10:00:00.000Z"


@given(skus, keys, keys, st.integers(1, 999), st.booleans(), st.integers(0, 10**12 - 1), st.integers(0, 10**6 - 1))
def test_a_reference_is_read_as_it_was_written_and_fits(  # noqa: PLR0917 - drawn by hypothesis
    sku: str,
    entry: str,
    last: str,
    quantity: int,
    any_of: bool,  # noqa: FBT001 - drawn by hypothesis
    revision: int,
    wave: int,
) -> None:
    made = Reference(
        sku=sku,
        place=PLACE,
        entry_id=entry,
        quantity=quantity,
        any_of=any_of,
        revision=revision,
        wave=wave,
        page=f"{PLACE}#{last}",
        chunk=39,
        size=50,
    )

    assert len(made.text()) <= 300
    assert read(made.text()) == made


def test_other_features_references_are_left_alone() -> None:
    for text in ("confirm~e1", "", "order-7", "w2~" + "~" * 9):
        assert read(text) is None
