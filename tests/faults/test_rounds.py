"""A short, seeded share of `make faults`: commands and reads while something breaks, judged."""

from pathlib import Path

import pytest

from faults.judge import words
from faults.rounds import play
from stack.local import LocalStack

# The seeds are as good as any, and stay the same, so that what fails can be played again.
ROUNDS = {
    1: ("crash after publish, before the row is removed",),
    2: ("crash after the write, before the ack", "rabbitmq closes its connections"),
    3: ("kill -9 mongodb", "crash after commit"),
    4: ("reset link", "two relays race"),
}


@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", ROUNDS, ids=lambda seed: " + ".join(ROUNDS[seed]))
def test_nothing_is_lost(stack: LocalStack, tmp_path: Path, seed: int) -> None:
    stack.start_program("links")
    played = play(stack, ROUNDS[seed], seed, tmp_path, {})
    assert played.judgement.verdict == "valid", words(played.judgement)
    assert played.healed_s is not None
