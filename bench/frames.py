"""Frames: how evenly the page draws while 60 marks move, in headless Chromium on the real stack.

`python -m bench.frames` starts the stack in a folder of its own, sends a burst of commands, and
times the frames with requestAnimationFrame while the page plays the journeys. With `--url` it
measures a page that is served already, and sends the commands there.
"""

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import requests
from playwright.sync_api import Page, sync_playwright

from stack import browser
from stack.local import LocalStack
from stack.ports import Ports

COMMANDS = 150
SENDERS = 8
FRAMES = 600
MOST_MS = 60_000
# At the page's slowest speed the marks stay longest.
FACTOR = "1000"
GOAL_MS = 20.0
SHARE = 0.95
WITHIN_MS = 120_000
ARGUMENTS = ["--no-sandbox", "--disable-background-networking"]

# The gaps between frames while at least 60 marks are there, and how many of the marks move.
MEASURE = """
([frames, most_ms]) => new Promise((resolve) => {
  const end = performance.now() + most_ms;
  const gaps = [], moving = [];
  let last = null;
  const tick = (now) => {
    const marks = document.querySelectorAll("[data-mark]").length;
    if (marks >= 60 && last !== null) {
      gaps.push(now - last);
      moving.push(document.querySelectorAll("[data-mark][data-state=moving]").length);
    }
    last = marks >= 60 ? now : null;
    const isOver = now > end || (gaps.length > 100 && marks < 60);
    if (gaps.length >= frames || isOver) resolve({ gaps, moving });
    else requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
})
"""


def percentile(values: list[float], share: float) -> float:
    """Return the nearest-rank percentile; `share` is from 0 to 1."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, max(0, round(share * len(ranked) + 0.5) - 1))]


def send(base: str, count: int) -> None:
    """Send commands through web, as the page does."""

    def post(number: int) -> None:
        title = {"title": f"Frame {number}"}
        requests.post(f"{base}/commands/todos", json=title, timeout=30).raise_for_status()

    with ThreadPoolExecutor(SENDERS) as pool:
        list(pool.map(post, range(count)))


def measure(page: Page, base: str) -> dict[str, float]:
    """Return the median and the 95th percentile of the gaps between frames, in ms."""
    page.goto(base)
    page.wait_for_selector("[data-live=live]", timeout=WITHIN_MS)
    page.locator("[data-factor]").select_option(FACTOR)
    send(base, COMMANDS)
    got = page.evaluate(MEASURE, [FRAMES, MOST_MS])
    gaps = got["gaps"]
    if not gaps:
        raise RuntimeError("There were never 60 marks: the commands came too slowly.")
    return {
        "frames": len(gaps),
        "marks_moving": round(statistics.mean(got["moving"]), 1),
        "p50_ms": round(statistics.median(gaps), 1),
        "p95_ms": round(percentile(gaps, 0.95), 1),
        "within_20_ms": round(sum(gap <= GOAL_MS for gap in gaps) / len(gaps), 3),
    }


def play(base: str, executable: Path) -> dict[str, float]:
    """Open the page in a browser, and return how evenly it drew.

    Args:
        base: the page's address.
        executable: a Chromium.
    """
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        page = chromium.new_page(viewport={"width": 1280, "height": 720})
        # The tour of a first visit is no part of what is measured.
        page.add_init_script("try { localStorage.setItem('tour', 'done') } catch {}")
        result = measure(page, base)
        chromium.close()
    return result


@contextmanager
def served(url: str | None) -> Iterator[str]:
    """The page's address: the one given, or that of a stack started for the measurement."""
    if url:
        yield url.rstrip("/")
        return
    with tempfile.TemporaryDirectory() as folder:
        with LocalStack(Path(folder), Ports.free()) as stack:
            yield stack.urls.web
        stack.remove()


def main() -> int:
    """Measure and print; return 1 if the goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", help="a page that is served already")
    executable = browser.executable()
    if executable is None:
        print("No Chromium starts here: make test gets one.", file=sys.stderr)
        return 1
    with served(parser.parse_args().url) as base:
        result = play(base, executable)
    print(json.dumps(result))
    return 0 if result["within_20_ms"] >= SHARE else 1


if __name__ == "__main__":
    sys.exit(main())
