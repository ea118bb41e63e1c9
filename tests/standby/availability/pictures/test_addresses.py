"""Only the public Internet may be asked, in whatever form another address is written."""

from ipaddress import ip_address

import pytest
from standby.availability.pictures.addresses import is_public, may_be_asked

PUBLIC = ["93.184.215.14", "8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "2a00:1450:4001:80b::200e"]
PRIVATE = [
    "0.0.0.0",  # noqa: S104 - nothing listens there
    *("0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "127.0.0.1", "127.255.0.1", "169.254.169.254"),
    *("169.254.170.2", "169.254.0.1", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.0.170", "192.0.2.1"),
    *("192.88.99.1", "192.168.1.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1"),
    *("239.255.255.250", "240.0.0.1", "255.255.255.255", "168.63.129.16"),
    *("::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:8.8.8.8", "::127.0.0.1"),
    *("64:ff9b::7f00:1", "64:ff9b::8.8.8.8", "64:ff9b:1::1", "100::1", "2001::1", "2001:0:4136:e378::1", "2001:db8::1"),
    *("2002:7f00:1::", "2002:a9fe:a9fe::", "2001:20::1", "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fd12::1"),
    *("fe80::1", "fe80::a9fe:a9fe", "fec0::1", "ff02::1", "ff0e::1"),
]


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_may_be_asked(address: str) -> None:
    assert may_be_asked(address, loopback=False)


@pytest.mark.parametrize("address", PRIVATE)
def test_what_is_not_public_may_not_be_asked(address: str) -> None:
    assert not may_be_asked(address, loopback=False)


@pytest.mark.parametrize("address", PUBLIC + PRIVATE)
def test_python_calls_nothing_private_that_is_public_here(address: str) -> None:
    """Python's own list may be newer than ours: what it takes for private is private."""
    known = ip_address(address)
    assert known.is_global or not is_public(known)


@pytest.mark.parametrize("text", ["fe80::1%eth0", "127.1", "0x7f.1", "2130706433", "0177.0.0.1", "localhost", ""])
def test_what_is_written_otherwise_is_no_address(text: str) -> None:
    assert not may_be_asked(text, loopback=True)


def test_the_local_stage_may_ask_this_machine_and_no_other_private_one() -> None:
    asked = {address for address in PRIVATE if may_be_asked(address, loopback=True)}
    assert asked == {"127.0.0.1", "127.255.0.1", "::1"}
