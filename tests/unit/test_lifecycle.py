"""How a process ends that has not finished in time."""

import subprocess
import sys

from stack.programs import ROOT

# It waits for what never comes, as for a server that is frozen.
STUCK = """
import threading, logging
from functools import partial
from chassis.lifecycle import give_up_after
logging.basicConfig()
threading.Thread(target=partial(give_up_after, 0.05), daemon=True).start()
threading.Lock().acquire() and threading.Event().wait()
"""


def test_a_process_that_does_not_finish_in_time_gives_up_and_says_so() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", STUCK], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 1
    assert "not everything in hand was finished within 0.05 s; it ends now" in ended.stderr
