"""The addresses under which the page is served, and its own origins."""

import pytest

from web.addresses import Addresses, origin_of

PLAIN = Addresses(5003)
NAMED = Addresses(5003, public_url="https://room.example")
TRUSTING = Addresses(5003, trusted_proxies=1)


@pytest.mark.parametrize(
    "host",
    [
        "localhost:5003", "127.0.0.1:5003", "192.168.1.5:5003", "[::1]:5003", "[fe80::1]",
        "teacher:5003", "Teachers-MacBook.local:5003", "laptop.home.arpa", "web.internal.",
    ],
)  # fmt: skip
def test_addresses_and_local_names_are_served(host: str) -> None:
    assert PLAIN.serves("http", host)
    assert f"http://{host.lower()}" in PLAIN.own("http", host)


@pytest.mark.parametrize(
    "host", ["room.example", "1.2.3.4.example:5003", "", "a b", "[::1", "a..b"]
)
def test_names_that_may_be_anybodys_are_not_served(host: str) -> None:
    for scheme in ("http", "https"):
        assert not PLAIN.serves(scheme, host)
        assert PLAIN.own(scheme, host) == set()


def test_the_name_in_public_url_is_served_and_its_origin_is_the_pages_own() -> None:
    assert NAMED.serves("http", "room.example")
    assert not NAMED.serves("http", "other.example")
    for host in ("room.example", "localhost:5003"):
        assert "https://room.example" in NAMED.own("http", host)


def test_a_trusted_proxy_may_say_any_name_with_https_and_none_without() -> None:
    for scheme in ("https", "wss"):
        assert TRUSTING.serves(scheme, "room.example")
        assert "https://room.example" in TRUSTING.own(scheme, "room.example")
    assert not TRUSTING.serves("http", "rebound.example:5003")
    assert "http://rebound.example:5003" not in TRUSTING.own("http", "rebound.example:5003")


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://room.example", "https://room.example"),
        ("HTTPS://Room.Example:443/", "https://room.example"),
        ("http://10.0.0.7:80", "http://10.0.0.7"),
        ("https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        ("room.example", None),
        ("wss://room.example", None),
        ("https://", None),
        ("https://room.example/eventually", None),
        ("https://room.example?a", None),
        ("https://user@room.example", None),
        ("https://room.example:port", None),
        ("https://a b", None),
        ("https://a..b", None),
    ],
)
def test_a_public_url_is_an_origin_or_cannot_be_used(url: str, origin: str | None) -> None:
    assert origin_of(url) == origin
