"""Who calls the public routes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standby.platform.caller import MOST_PROXIES, Proxies, household, read

pytestmark = pytest.mark.promise("P11")

CDN, INNER, CLIENT, LIE = "130.176.0.7", "10.1.2.3", "203.0.113.7", "198.51.100.66"
CDN_NETWORKS = ("130.176.0.0/16", "2600:9000::/28", "10.0.0.0/8")
ADDRESSES = st.ip_addresses().map(str)
WORDS = st.sampled_from([LIE, CLIENT, CDN, "unknown", "", "_hidden", "999.1.1.1", f"{LIE}:443", f"[{LIE}]"])


def caller(proxies: Proxies, forwarded: str | None, peer: str) -> str:
    return proxies.caller({} if forwarded is None else {"x-forwarded-for": forwarded}, peer)


@pytest.mark.parametrize("forwarded", [None, "", LIE, f"{LIE}, {CLIENT}", f"{LIE}, {CLIENT}, {CDN}"])
def test_without_trusted_proxies_only_the_gateway_is_believed(forwarded: str | None) -> None:
    assert caller(Proxies(), forwarded, CDN) == CDN


@pytest.mark.parametrize(
    ("count", "forwarded", "peer"),
    [
        (1, CLIENT, CDN),
        (1, f"{CLIENT}, {CDN}", CDN),
        (1, f"{LIE}, {CLIENT}", CDN),
        (1, f"{LIE},{CLIENT} , {CDN}", CDN),
        (1, f"{LIE}, {CLIENT}:50123, {CDN}", CDN),
        (2, f"{LIE}, {CLIENT}, {CDN}", INNER),
        (2, f"{LIE}, {CLIENT}, {CDN}, {INNER}", INNER),
    ],
)
def test_the_caller_is_whom_the_last_proxy_names_whether_the_gateway_adds_itself_or_not(
    count: int, forwarded: str, peer: str
) -> None:
    assert caller(Proxies(count), forwarded, peer) == CLIENT


@pytest.mark.parametrize("forwarded", [None, "", CDN, "unknown", f"{LIE}, unknown", f"{LIE}, unknown, {CDN}", ",,"])
def test_a_header_that_does_not_fit_is_ignored(forwarded: str | None) -> None:
    assert caller(Proxies(1), forwarded, CDN) == CDN


def test_more_proxies_than_there_are_believe_nobody_where_the_client_says_nothing() -> None:
    assert caller(Proxies(3), f"{CLIENT}, {CDN}", CDN) == CDN


@given(st.integers(0, MOST_PROXIES), st.lists(WORDS, max_size=6), st.booleans(), st.booleans())
def test_with_their_networks_known_no_number_lets_a_client_say_who_calls(
    count: int,
    lies: list[str],
    around: bool,  # noqa: FBT001
    adds_itself: bool,  # noqa: FBT001
) -> None:
    """Whatever the setting, the caller is the client or a proxy: never what the client wrote."""
    peer = CLIENT if around else CDN
    said = [*lies, *([] if around else [CLIENT]), *([peer] if adds_itself else [])]
    trusted = Proxies(count, CDN_NETWORKS)
    assert caller(trusted, ", ".join(said), peer) in {CLIENT, CDN}


@given(ADDRESSES, st.integers(0, 2**64 - 1))
def test_nobody_gets_another_count_by_another_address_of_the_same_64(address: str, rest: int) -> None:
    found = read(address)
    assert found is not None
    if found.version == 6:
        first = (int(found) >> 64 << 64) | rest
        neighbour = type(found)(first)
        if read(str(neighbour)) == neighbour:  # not one that carries an IPv4 address
            assert household(str(neighbour)) == household(address)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", True),
        ("2001:DB8:1:2::1", "2001:db8:1:2::2", True),
        ("[2001:db8:1:2::1]:443", "2001:db8:1:2::2", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:203.0.113.7", "203.0.113.7", True),
        ("::ffff:cb00:7107", "203.0.113.7", True),
        ("::ffff:203.0.113.7", "::ffff:203.0.113.8", False),
        ("2002:cb00:7107::1", "2002:cb00:7107:ffff::9", True),
        ("203.0.113.7", "203.0.113.8", False),
        ("", "unknown", False),
    ],
)
def test_a_connection_is_counted_as_one_caller(one: str, other: str, same: bool) -> None:  # noqa: FBT001
    assert (household(one) == household(other)) is same
