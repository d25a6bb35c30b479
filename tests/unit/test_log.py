"""A line of the log arrives, whatever the encoding of standard error."""

import json
import os
import subprocess
import sys

from stack.programs import ROOT

PROGRAM = (
    "import logging, sys; from chassis.log import set_up_logging;"
    "set_up_logging('relay', sys.argv[1]); logging.info('Learn caf\\xe9 \\U0001f642')"
)


def logged(log_format: str) -> bytes:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, log_format],
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": "latin-1"},
        capture_output=True,
        check=True,
    )
    return done.stderr


def test_text_is_escaped_where_it_cannot_be_shown() -> None:
    assert logged("text").endswith(b"Learn caf\xe9 \\U0001f642\n")


def test_json_is_utf_8() -> None:
    assert json.loads(logged("json"))["message"] == "Learn café 🙂"
