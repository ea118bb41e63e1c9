"""A picture comes from the public web within bounds, and nothing in the catalogue leads this function anywhere else."""

import socket
import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import repeat
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from standby.availability.pictures import fetching
from standby.availability.pictures.fetching import (
    MOST_BYTES,
    MOST_REDIRECTIONS,
    MOST_SECONDS,
    Fetcher,
    Target,
    read_target,
)
from standby.availability.pictures.model import UnseenError

from tests.standby.availability.pictures.site import PICTURE, PUBLIC, Site, answer, header, moved
from tests.standby.availability.pictures.test_addresses import PRIVATE

METADATA = "http://169.254.169.254/latest/meta-data/iam/security-credentials/"


def refused(site: Site, address: str = "http://shop.example/i/mug.png", *, loopback: bool = False) -> UnseenError:
    with pytest.raises(UnseenError) as raised:
        site.fetch(address, loopback=loopback)
    return raised.value


def test_a_picture_is_asked_for_plainly() -> None:
    site = Site.of(answer())
    assert site.fetch("http://shop.example/i/spül mug.png".replace(" ", "%20") + "?w=9") == PICTURE
    assert site.connected == [(PUBLIC, 80)]
    told = header(site.asked[0])
    assert told[""] == "GET /i/sp%C3%BCl%20mug.png?w=9 HTTP/1.1"
    assert (told["Host"], told["Accept-Encoding"], told["Connection"]) == ("shop.example", "identity", "close")
    assert told["User-Agent"].startswith("Standby")
    assert {"Cookie", "Authorization", "Referer"} & told.keys() == set()


def test_an_answer_in_pieces_is_put_together() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert Site.of([head, b"2\r\na \r\n", b"7\r\npicture\r\n0\r\n\r\n"]).fetch() == PICTURE


# ---- where it may be led ----


@pytest.mark.parametrize("address", PRIVATE)
def test_a_name_that_leads_to_no_public_address_is_not_asked(address: str) -> None:
    for found in ([address], [PUBLIC, address], [address, PUBLIC]):
        site = Site({"shop.example": found})
        error = refused(site)
        assert (str(error), error.again) == ("shop.example is not on the public Internet", False)
        assert site.connected == []


@pytest.mark.parametrize(
    ("address", "status"),
    [
        *((address, "302 Found") for address in PRIVATE),
        *(("127.0.0.1", status) for status in ("301 Moved", "303 See Other", "307 Temporary", "308 Permanent")),
    ],
)
def test_a_redirection_to_no_public_address_is_not_followed(address: str, status: str) -> None:
    site = Site.of(moved("http://inner.example/secret", status))
    site.names["inner.example"] = [address]
    assert str(refused(site)) == "inner.example is not on the public Internet"
    assert site.connected == [(PUBLIC, 80)]


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1/",
        METADATA,
        "http://[::1]/",
        "http://[::ffff:169.254.169.254]/",
        "http://0x7f000001/",
        "http://127.1/",
    ],
)
def test_an_address_in_numbers_is_looked_at_like_a_name(address: str) -> None:
    """The resolver reads numbers in all their forms, so what it returns is what counts."""
    for begin in (address, "http://shop.example/"):
        site = Site.of(moved(address))
        host = read_target(address).host
        site.names[host] = [{"0x7f000001": "127.0.0.1", "127.1": "127.0.0.1"}.get(host, host)]
        assert "is not on the public Internet" in str(refused(site, begin))
        assert site.connected == ([] if begin == address else [(PUBLIC, 80)])


def test_a_name_is_looked_up_once_so_that_nothing_can_change_between() -> None:
    """DNS rebinding: the second answer of a name would be another one."""
    site = Site.of(answer())
    answers: Iterator[list[str]] = iter([[PUBLIC], ["127.0.0.1"]])
    looked_up = site._resolve

    def rebound(host: str, port: int, **how: object) -> object:
        site.names[host] = next(answers)
        return looked_up(host, port, **how)

    site._resolve = rebound  # type: ignore[method-assign, assignment]
    assert site.fetch() == PICTURE
    assert (site.looked_up, site.connected) == (["shop.example"], [(PUBLIC, 80)])
    assert "is not on the public Internet" in str(refused(site)), "the next picture is looked up anew"


def test_the_next_address_of_a_name_is_tried_where_one_does_not_answer() -> None:
    site = Site.of(answer(), refused={PUBLIC})
    site.names["shop.example"] = ["2606:4700:4700::1111", PUBLIC, "8.8.8.8", "1.1.1.1"]
    assert site.fetch() == PICTURE
    assert site.connected == [(PUBLIC, 80), ("8.8.8.8", 80)]
    site.refused.add("8.8.8.8")
    error = refused(site)
    assert (str(error)[:23], error.again) == ("ConnectionRefusedError:", True)
    assert site.connected[2:] == [(PUBLIC, 80), ("8.8.8.8", 80)]


def test_redirections_are_followed_a_few_times() -> None:
    steps = [moved("/a"), moved("http://cdn.example/b?c=1"), moved("d")]
    site = Site.of(steps[0], steps[1])
    site.names["cdn.example"], site.answers["cdn.example"] = ["8.8.8.8"], iter([steps[2], answer()])
    assert site.fetch() == PICTURE
    assert [header(asked)[""].split()[1] for asked in site.asked] == ["/i/mug.png", "/a", "/b?c=1", "/d"]
    assert [header(asked)["Host"] for asked in site.asked] == ["shop.example"] * 2 + ["cdn.example"] * 2

    endless = Site.of(*repeat(moved("/again"), 99))
    assert str(refused(endless)) == f"redirected more than {MOST_REDIRECTIONS} times"
    assert len(endless.asked) == MOST_REDIRECTIONS + 1


LED_AWAY = [
    *("file:///etc/passwd", "ftp://shop.example/a.png", "gopher://shop.example/", "data:image/png;base64,AA"),
    *("http://user@shop.example/", "http://user:word@shop.example/", "http://shop.example:22/", "http://a_b!/"),
    *("https://shop.example:6379/", "http://shop.example:99999/", "http://shop.example:x/", "http://[fe80::1%25e]/"),
    *("http://shop.example\\@inner.example/", "http://shop.example/" + "a" * 2_000),
]


@pytest.mark.parametrize(
    "address",
    [
        *LED_AWAY,
        "",
        "x",
        "//a/b",
        "http://",
        "http://shop.example/a b",
        "http://a/\r\nHost: b",
        f"http://{'ü' * 70}.x/",
    ],
)
def test_what_is_no_plain_web_address_leads_nowhere(address: str) -> None:
    error = refused(Site(), address)
    assert ("web" in str(error), error.again) == (True, False)
    with pytest.raises((UnseenError, ValueError)):
        read_target(address)


@pytest.mark.parametrize("address", LED_AWAY)
def test_a_redirection_to_no_plain_web_address_is_not_followed(address: str) -> None:
    site = Site.of(moved(address))
    assert not refused(site).again
    assert site.connected == [(PUBLIC, 80)]


@pytest.mark.parametrize("address", ["http://[::1", "http://[x]/", f"//{'a' * 64}.example/"])
def test_a_redirection_that_cannot_be_read_is_left_alone(address: str) -> None:
    """Python's resolver refuses some names before it asks anybody, by an error of its own kind."""
    site = Site.of(moved(address))

    def resolve(host: str, port: int, **how: object) -> object:
        host.encode("idna")
        return type(site)._resolve(site, host, port, **how)

    site._resolve = resolve  # type: ignore[method-assign, assignment]
    assert str(refused(site)).startswith("not a ")


def test_a_redirection_is_read_as_the_site_wrote_it() -> None:
    site = Site.of(moved("/SPÜL"), answer())
    assert site.fetch() == PICTURE
    assert header(site.asked[1])[""].split()[1] == "/SP%C3%9CL"


def test_addresses_are_read_as_browsers_read_them() -> None:
    assert read_target("https://Shop.Example") == Target("https", "shop.example", 443, "/")
    assert read_target("https://bücher.example/ü?q=ä#part") == Target(
        "https", "xn--bcher-kva.example", 443, "/%C3%BC?q=%C3%A4"
    )
    assert read_target("http://shop.example:443/%41?a=%2F") == Target("http", "shop.example", 443, "/%41?a=%2F")
    assert read_target("http://127.0.0.1:8080/a", any_port=True) == Target("http", "127.0.0.1", 8080, "/a")


def test_the_local_stage_may_ask_this_machine_on_any_port() -> None:
    site = Site({"localhost": ["::1", "127.0.0.1"]}, {"localhost": iter([answer()])})
    assert site.fetch("http://localhost:8123/a.png", loopback=True) == PICTURE
    assert site.connected == [("127.0.0.1", 8123)]
    assert header(site.asked[0])["Host"] == "localhost:8123"
    site.names["localhost"] = ["10.0.0.1"]
    assert "is not on the public Internet" in str(refused(site, "http://localhost:8123/a.png", loopback=True))


# ---- what it may take ----


def test_an_answer_that_comes_slowly_ends_with_the_time() -> None:
    head = answer(bytes(1_000), length=1_000)
    drops = [bytes([byte]) for byte in b"".join(head)]
    for parts in (drops, [head[0], *drops[-1_000:]], repeat(b"HTTP/1.1 100 Continue\r\n\r\n" * 5_000, 100)):
        site = Site.of(parts, a_read_takes=0.5)
        error = refused(site)
        assert (str(error), error.again) == (f"TimeoutError: took more than {MOST_SECONDS:.0f} seconds", True)
        assert site.now <= MOST_SECONDS + 1


def test_redirections_share_the_time() -> None:
    site = Site.of(moved("/a"), moved("/b"), answer(), a_read_takes=1.5)
    assert refused(site).again
    assert len(site.asked) < 3


@pytest.mark.parametrize("length", [MOST_BYTES + 1, None])
def test_an_answer_that_is_too_long_is_not_read(length: int | None) -> None:
    def endless() -> Iterator[bytes]:
        yield answer(b"", Content_Length=None if length is None else str(length))[0]
        yield from repeat(bytes(1_000_000), 200)

    error = refused(Site.of(endless()))
    assert (str(error), error.again) == (f"more than {MOST_BYTES:,} bytes", False)


def test_an_answer_that_says_that_it_is_too_long_is_not_waited_for() -> None:
    assert str(refused(Site.of(answer(length=MOST_BYTES + 1)))) == f"more than {MOST_BYTES:,} bytes"


def test_an_answer_that_is_cut_off_is_asked_for_again() -> None:
    assert refused(Site.of(answer(length=99))).again
    head = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"
    assert refused(Site.of([head])).again
    assert refused(Site.of([])).again
    assert refused(Site.of([b"SSH-2.0-OpenSSH_9.6\r\n"])).again


@pytest.mark.parametrize(
    ("status", "again"),
    [
        *(("404 Not Found", True), ("429 Too Many Requests", True), ("503 Unavailable", True), ("500 Oops", True)),
        *(("403 Forbidden", False), ("410 Gone", False), ("204 Nothing", False), ("206 A part", False)),
        *(("401 Who", False), ("304 As before", False)),
    ],
)
def test_a_refusal_is_told_and_some_pass(status: str, again: bool) -> None:  # noqa: FBT001 - pytest passes it by name
    error = refused(Site.of(answer(status=status)))
    assert (str(error), error.again) == (f"the shop's site answered {status[:3]}", again)


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"Content_Type": "text/html; charset=utf-8"}, "answered with text/html"),
        ({"Content_Type": "application/json"}, "answered with application/json"),
        ({"Content_Encoding": "gzip"}, "packed a picture"),
        ({"Content_Encoding": "br"}, "packed a picture"),
    ],
)
def test_what_is_no_picture_is_left_alone(headers: dict[str, str], reason: str) -> None:
    error = refused(Site.of(answer(**headers)))
    assert reason in str(error)
    assert not error.again


@pytest.mark.parametrize("kind", ["IMAGE/JPEG", "image/svg+xml", "application/octet-stream", None])
def test_what_may_be_a_picture_is_looked_at(kind: str | None) -> None:
    assert Site.of(answer(Content_Type=kind)).fetch() == PICTURE


def test_a_name_that_is_none_is_left_alone_and_one_that_cannot_be_looked_up_is_not() -> None:
    error = refused(Site())
    assert (str(error), error.again) == ("shop.example leads nowhere", False)
    assert refused(Site(unknown=socket.EAI_AGAIN)).again


def test_each_request_waits_a_little_and_what_is_not_asked_does_not() -> None:
    site = Site.of(moved("/a"), answer())
    site.fetch()
    assert site.pauses == [0, 1]
    for inner in (Site(), Site({"shop.example": ["10.0.0.1"]})):
        refused(inner)
        assert inner.pauses == []


def test_the_pause_is_a_quarter_of_a_second() -> None:
    pause = Fetcher().pause
    assert isinstance(pause, partial)
    assert (pause.func, pause.args) == (time.sleep, (0.25,))


# ---- over TLS ----


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a certificate of ``shop.example`` with its key, which signs itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "shop.example")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("shop.example")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, format_, plain = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    path = tmp_path_factory.mktemp("tls") / "shop.pem"
    path.write_bytes(key.private_bytes(pem, format_, plain) + signed.public_bytes(pem))
    return path


@pytest.mark.parametrize(
    ("trusted", "host"), [(True, "shop.example"), (True, "other.example"), (False, "shop.example")]
)
def test_a_certificate_must_be_the_host_s_and_trusted(
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
    trusted: bool,  # noqa: FBT001 - pytest passes it by name
    host: str,
) -> None:
    there = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    there.load_cert_chain(certificate)
    site = Site.of(answer(), secured=partial(there.wrap_socket, server_side=True))
    site.names["other.example"], site.answers["other.example"] = [PUBLIC], iter([answer()])
    if trusted:
        monkeypatch.setattr(fetching, "_trust", partial(ssl.create_default_context, cafile=certificate))
    if trusted and host == "shop.example":
        assert site.fetch(f"https://{host}/a.png") == PICTURE
        assert site.connected == [(PUBLIC, 443)]
    else:
        error = refused(site, f"https://{host}/a.png")
        assert (str(error)[:24], error.again) == ("SSLCertVerificationError", True)
        assert site.asked == []
