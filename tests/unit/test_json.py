"""JSON in answers: the same bytes as Python's own JSON, whatever the driver returns."""

import json
from typing import Any

import pytest
from bson import Int64
from hypothesis import given
from hypothesis import strategies as some

from chassis.problems import json_body

whole = some.integers(min_value=-(2**63), max_value=2**63 - 1)
plain = some.recursive(
    some.none() | some.booleans() | whole | some.text(),
    lambda inner: some.lists(inner) | some.dictionaries(some.text(), inner),
)


@given(plain)
def test_json_is_written_as_python_writes_it(value: Any) -> None:
    written = json.dumps(value, ensure_ascii=False).encode()
    assert json_body(value) == written + b"\n"


class Title(str):
    """A subclass of str."""


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ([{"id": Int64(2**40)}], b'[{"id": 1099511627776}]\n'),
        ({"title": Title("Learn CQRS")}, b'{"title": "Learn CQRS"}\n'),
        ({"detail": "\ud800"}, b'{"detail": "\\ud800"}\n'),
    ],
)
def test_a_subclass_is_written_as_the_plain_value_it_is(value: Any, written: bytes) -> None:
    assert json_body(value) == written
