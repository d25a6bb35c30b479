"""Open files: where a process may open few, it accepts fewer connections and says so."""

import subprocess
import sys

import pytest

from stack.programs import ROOT

ASK = """
import logging
logging.basicConfig()
from web.http.open_files import most_connections
print(most_connections(4000, 600))
"""


@pytest.mark.parametrize(
    ("limits", "most", "said"),
    [
        ("ulimit -n 6000", "4000", ""),
        ("ulimit -Sn 300", "4000", ""),
        ("ulimit -n 500", "250", "at most 250 connections instead of 4000"),
    ],
    ids=["enough", "raised", "too few"],
)
def test_the_limit_of_open_files_is_raised_or_kept_to(limits: str, most: str, said: str) -> None:
    command = [*("sh", "-c", f'{limits} && exec "$0" "$@"'), sys.executable, "-c", ASK]
    asked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert asked.stdout.strip() == most
    assert said in asked.stderr
