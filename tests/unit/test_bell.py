"""What ends a wait on sockets."""

import select
import signal

from chassis.bell import Bell


def rings(bell: Bell) -> bool:
    poller = select.poll()
    poller.register(bell.fileno(), select.POLLIN)
    return bool(poller.poll(0))


def test_it_rings_until_it_is_muted() -> None:
    with Bell() as bell:
        assert not rings(bell)
        for _ in range(100_000):
            bell.ring()
        assert rings(bell)
        bell.mute()
        assert not rings(bell)


def test_it_rings_at_a_signal_that_the_process_handles() -> None:
    before = signal.signal(signal.SIGUSR1, lambda *_: None)
    try:
        with Bell() as bell:
            bell.ring_on_signals()
            signal.raise_signal(signal.SIGUSR1)
            assert rings(bell)
        signal.raise_signal(signal.SIGUSR1)
    finally:
        signal.signal(signal.SIGUSR1, before)
