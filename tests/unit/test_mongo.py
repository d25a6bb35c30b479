"""How long MongoDB may take."""

import pytest

from chassis import mongo


@pytest.mark.parametrize(
    ("url", "timeout_s"),
    [
        ("mongodb://127.0.0.1:1/eventually", 2.0),
        ("mongodb://127.0.0.1:1/eventually?timeoutMS=500", 0.5),
        ("mongodb://127.0.0.1:1/eventually?w=1&TIMEOUTMS=500", 0.5),
    ],
)
def test_what_the_url_says_of_timeouts_goes(url: str, timeout_s: float) -> None:
    with mongo.database(url, timeout_ms=2000).client as client:
        assert client.options.timeout == timeout_s
