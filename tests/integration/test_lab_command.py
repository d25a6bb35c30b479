"""`python -m web.lab`, against a running stack."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from stack.local import LocalStack
from stack.programs import ROOT
from tests.support import Client, until
from tests.support.switches import all_clear, holding, state_of
from tests.support.terminal import run_to_end


@pytest.fixture(autouse=True)
def cleared(stack: LocalStack) -> Iterator[None]:
    yield
    all_clear(stack, "relay", "projector")


def command(stack: LocalStack, key: str | None = None) -> tuple[list[str], dict[str, str]]:
    return [sys.executable, "-m", "web.lab", "--url", stack.urls.web], {
        **os.environ,
        "HOST_KEY": stack.host_key if key is None else key,
    }


def lab(stack: LocalStack, *words: str, key: str | None = None) -> tuple[int, str]:
    """Run the command to its end; return its exit status and what it says."""
    program, environment = command(stack, key)
    return run_to_end([*program, *words], environment)


def test_a_switch_is_found_described_set_and_cleared(stack: LocalStack) -> None:
    status, text = lab(stack, "list")
    assert status == 0
    assert text.index("\nrelay\n") < text.index("\nprojector\n")
    status, text = lab(stack, "show", "relay", "slow")
    assert status == 0
    assert "delay_ms" in text
    status, text = lab(stack, "set", "relay", "slow", "on", "delay_ms=5", "for_s=60")
    assert status == 0
    assert text.startswith("relay slow: armed, ")
    assert state_of(stack, "relay", "slow")["delay_ms"] == 5
    assert lab(stack, "set", "relay", "slow", "off")[0] == 0
    assert not state_of(stack, "relay", "slow")["on"]


def test_what_is_held_is_seen_and_released_and_watched(stack: LocalStack, client: Client) -> None:
    program, environment = command(stack)
    watch = subprocess.Popen(
        [*program, "watch"], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    )
    assert watch.stdout is not None
    try:
        assert lab(stack, "release") == (0, "Nothing is held.\n")
        assert lab(stack, "set", "projector", "hold", "on", "for_s=60")[0] == 0
        created = client.post("Held up")
        until(lambda: holding(stack, "projector"))
        assert f"holds Held up (#{created.json()['id']})" in lab(stack, "list")[1]
        status, text = lab(stack, "release", "projector")
        assert status == 0
        assert text.startswith("projector: released Held up")
        client.read_after(created)
        # It looks twice a second, so it may see several steps as one.
        for line in watch.stdout:
            if "projector hold: fired once, then cleared" in line:
                break
    finally:
        watch.terminate()
        watch.wait(timeout=60)
        watch.stdout.close()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("set relay pause on", "That needs the host key"),
        ("set relay paus on", "Perhaps pause?"),
        ("set relay slow on delay_ms=-1", "delay_ms is a whole number from 0 to 60000."),
        ("show nowhere pause", "There is no place 'nowhere'."),
    ],
)
def test_errors_are_said_in_words(stack: LocalStack, words: str, says: str) -> None:
    key = "" if "host key" in says else None
    status, text = lab(stack, *words.split(), key=key)
    assert status == 1
    assert says in text
    assert "Traceback" not in text
