"""The browser of the end-to-end tests: Playwright's own Chromium, or the system's."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from stack import packages
from stack.errors import StackError
from stack.packages import Tell

SYSTEM_NAMES = ("chromium", "chromium-browser", "google-chrome")


def executable() -> Path | None:
    """A Chromium that starts on this machine, preferably Playwright's own."""
    for candidate in (_of_playwright(), *map(shutil.which, SYSTEM_NAMES)):
        if candidate and _starts(Path(candidate)):
            return Path(candidate)
    return None


def get_missing(tell: Tell) -> None:
    """Get a browser if there is none.

    Raises:
        StackError: none can be had.
    """
    if executable():
        return
    tell("Downloading Chromium for the end-to-end tests.")
    download = [sys.executable, "-m", "playwright", "install", "chromium"]
    subprocess.run(download, capture_output=True, check=False)
    if not executable():
        packages.install("chromium", tell)
    if not executable():
        raise StackError("No Chromium starts here. `sudo apt-get install chromium` gets one.")


def _of_playwright() -> str | None:
    # Only the development requirements install it, and this module serves only them.
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    with sync_playwright() as playwright:
        return playwright.chromium.executable_path


def _starts(browser: Path) -> bool:
    """Whether the browser finds the libraries that it needs."""
    try:
        done = subprocess.run([browser, "--version"], capture_output=True, check=False)
    except OSError:
        return False
    return done.returncode == 0
