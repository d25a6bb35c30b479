"""Bodies that were compressed: read, or refused with what can be read."""

import gzip
import zlib

import pytest
from flask import Flask, request
from werkzeug.exceptions import RequestEntityTooLarge

from chassis.encodings import decoded
from chassis.problems import Problem

PLAIN = b'{"title": "Learn CQRS"}'
RAW = zlib.compressobj(wbits=-zlib.MAX_WBITS)
BARE_DEFLATE = RAW.compress(PLAIN) + RAW.flush()


def read(body: bytes, coding: str, most_bytes: int = 1000) -> bytes:
    with Flask(__name__).test_request_context(data=body, headers={"Content-Encoding": coding}):
        return decoded(request, most_bytes)


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("", PLAIN),
        ("identity", PLAIN),
        ("gzip", gzip.compress(PLAIN)),
        ("GZip", gzip.compress(PLAIN)),
        ("x-gzip", gzip.compress(PLAIN)),
        ("deflate", zlib.compress(PLAIN)),
        ("deflate", BARE_DEFLATE),
        ("deflate, gzip,, identity,", gzip.compress(zlib.compress(PLAIN))),
    ],
)
def test_a_body_is_read_without_its_codings(coding: str, body: bytes) -> None:
    assert read(body, coding) == PLAIN


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip, br", "nonsense", "identity," * 5])
def test_an_unknown_coding_is_refused_with_the_known_ones(coding: str) -> None:
    with pytest.raises(Problem) as refused:
        read(PLAIN, coding)
    assert (refused.value.status, refused.value.name) == (415, "unknown-coding")
    assert refused.value.headers["Accept-Encoding"] == "gzip, deflate"


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
@pytest.mark.parametrize(
    "body", [b"", b"plain", gzip.compress(PLAIN)[:-4], zlib.compress(PLAIN)[:9]]
)
def test_a_body_that_is_not_what_its_coding_says_is_refused(coding: str, body: bytes) -> None:
    with pytest.raises(Problem) as refused:
        read(body, coding)
    assert (refused.value.status, refused.value.name) == (400, "bad-coding")


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("", b"\0" * 1001),
        ("gzip", gzip.compress(b"\0" * 100_000)),
        ("deflate", zlib.compress(b"\0" * 1001)),
    ],
)
def test_a_body_that_is_too_large_before_or_after_is_refused(coding: str, body: bytes) -> None:
    with pytest.raises(RequestEntityTooLarge):
        read(body, coding)


def test_a_body_of_the_limit_is_read() -> None:
    assert len(read(gzip.compress(b"\0" * 1000), "gzip")) == 1000
