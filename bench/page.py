"""What a room sees: frames in one browser, and hops in a hundred."""

from bench import browsers, frames
from bench.neighbours import Neighbours
from bench.report import Row, at_least, at_most, compare
from bench.rig import Rig
from bench.turns import Tell
from stack import browser

BROWSERS = 100
PER_S = 200
SECONDS = 10


def measure(rig: Rig, tell: Tell, neighbours: Neighbours) -> list[Row]:
    """Measure the page that the running stack serves."""
    tell("waiting for web to have nothing more to do")
    rig.wait_until_idle("web")
    rows = neighbours.calm(lambda: _frames(rig, tell), times=2)
    return rows + neighbours.calm(lambda: _hops(rig, tell), times=2)


def _frames(rig: Rig, tell: Tell) -> list[Row]:
    executable = browser.executable()
    if executable is None:
        tell("no Chromium starts here, so frames are left out; `make test` gets one")
        return []
    tell("frames while 60 marks move")
    played = frames.play(rig.stack.urls.web, executable)
    what = f"frames within {frames.GOAL_MS:.0f} ms of the last, 60 marks, of {played['frames']:,}"
    share = [played["within_20_ms"]]
    return [compare(what, share, "of all", "wanted", [frames.SHARE], at_least(1))]


def _hops(rig: Rig, tell: Tell) -> list[Row]:
    tell(f"{BROWSERS} browsers, {PER_S} commands a second")
    figures = browsers.measure(rig.stack, BROWSERS, PER_S, SECONDS)
    within = f"within {browsers.WITHIN_MS} ms"
    return [
        compare(
            f"hops that 95 of {BROWSERS} browsers had {within}, {PER_S} a second",
            [figures.in_time],
            "of all",
            "wanted",
            [browsers.SHARE],
            at_least(1),
        ),
        compare(
            "web's memory meanwhile",
            [figures.memory_mb],
            "MB",
            "wanted",
            [browsers.MOST_MEMORY_MB],
            at_most(1),
        ),
    ]
