"""Each guarantee names its test, and each test that is named exists."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GUARANTEES = ROOT / "docs" / "guarantees.md"
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def rows() -> list[str]:
    """Return the lines of the tables, without their heads."""
    lines = GUARANTEES.read_text(encoding="utf-8").splitlines()
    return [it for it in lines if it.startswith("| ") and not it.startswith("| what |")]


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.split("|")[1].strip()[:50])
def test_each_sentence_names_a_test_that_exists(row: str) -> None:
    named = NAMED.findall(row)
    assert named
    for path, name in named:
        assert re.search(rf"^def {name}\(", (ROOT / path).read_text(), flags=re.MULTILINE), name


def test_there_is_both_what_is_guaranteed_and_what_is_not() -> None:
    assert len(rows()) >= 15
    assert "docs/guarantees.md" in (ROOT / "README.md").read_text(encoding="utf-8")
