"""`python -m stack`, as a user types it in a second terminal."""

import subprocess
import sys
from pathlib import Path

from stack.programs import ROOT


def stack_command(folder: Path, *arguments: str) -> tuple[int, str]:
    """Run a command on the stack in this folder; return its exit code and its output."""
    done = subprocess.run(
        [sys.executable, "-m", "stack", *arguments, "--folder", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.stderr == ""
    return done.returncode, done.stdout.strip()
