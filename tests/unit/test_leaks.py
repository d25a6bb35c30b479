"""What the lint says of the packages, as the tool told it."""

import pytest

from tests.leaks import judged

KNOWN = {"name": "flask", "version": "3.1.3", "vulns": []}
UNKNOWN = {"name": "flask", "skip_reason": "Dependency not found"}
ADVISORY = {"id": "PYSEC-2026-1", "fix_versions": ["3.1.4"]}


def test_a_known_vulnerability_fails_and_says_where_it_is_mended(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert judged([KNOWN, {**KNOWN, "vulns": [ADVISORY]}, UNKNOWN]) == 1
    assert "flask 3.1.3: PYSEC-2026-1, mended in 3.1.4" in capsys.readouterr().out


def test_what_could_not_be_looked_up_fails_nothing_and_is_never_called_well(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert judged([UNKNOWN]) == 0
    said = capsys.readouterr().out
    assert "1 of 1 packages could not be looked up" in said
    assert "No vulnerability" not in said


def test_packages_without_a_known_vulnerability_pass(capsys: pytest.CaptureFixture[str]) -> None:
    assert judged([KNOWN]) == 0
    assert capsys.readouterr().out == "No vulnerability is known of 1 packages.\n"
