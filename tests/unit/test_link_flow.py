"""What the links do to the bytes of one way: a rule, tried with any bytes, times and settings."""

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from links.flow import PIECE_S, PLAIN, Flow, Shape

CHUNKS = st.lists(st.binary(min_size=1, max_size=3000), max_size=12)
SHAPES = st.builds(
    Shape,
    latency_ms=st.integers(0, 2000),
    jitter_ms=st.integers(0, 3000),
    rate_kb_s=st.integers(0, 50),
    close_delay_ms=st.integers(0, 500),
)


@dataclass
class Passed:
    """What has gone on, when, and how it ended."""

    pieces: list[tuple[float, bytes]] = field(default_factory=list)
    ended_at: float | None = None
    was_cut: bool = False

    @property
    def data(self) -> bytes:
        return b"".join(piece for _at, piece in self.pieces)


def drain(flow: Flow, passed: Passed, now: float, until: float = float("inf")) -> None:
    """Pull from a flow at the times that it names, as the proxy does, until it names none."""
    while not passed.was_cut and passed.ended_at is None:
        pulled = flow.pull(now)
        if pulled.data:
            passed.pieces.append((now, pulled.data))
        if pulled.is_cut:
            passed.was_cut = True
        elif pulled.is_end:
            passed.ended_at = now
        elif not pulled.data:
            if pulled.again_at is None or pulled.again_at > until:
                return
            now = pulled.again_at


@given(CHUNKS, SHAPES, st.lists(st.floats(0, 1), min_size=12, max_size=12), st.randoms())
def test_bytes_come_out_unchanged_and_in_order_and_the_end_comes_last(
    chunks: list[bytes], shape: Shape, pauses: list[float], random: "object"
) -> None:
    flow, passed, now = Flow(random.uniform), Passed(), 0.0  # type: ignore[attr-defined]
    flow.reshape(shape, now)
    for chunk, pause in zip(chunks, pauses, strict=False):
        flow.push(chunk, now)
        drain(flow, passed, now, until=now + pause)
        now += pause
    flow.end(now)
    drain(flow, passed, now)
    assert passed.data == b"".join(chunks)
    assert flow.waiting_bytes == 0
    assert passed.ended_at is not None
    assert all(at <= passed.ended_at for at, _piece in passed.pieces)
    if shape.close_delay_ms:
        assert passed.ended_at >= now + shape.close_delay_ms / 1000


@given(CHUNKS.filter(bool), st.integers(0, 2000), st.integers(0, 500), st.randoms())
def test_nothing_is_sooner_than_the_latency_less_its_jitter(
    chunks: list[bytes], latency_ms: int, jitter_ms: int, random: "object"
) -> None:
    flow, passed = Flow(random.uniform), Passed()  # type: ignore[attr-defined]
    flow.reshape(Shape(latency_ms=latency_ms, jitter_ms=jitter_ms), 0.0)
    for chunk in chunks:
        flow.push(chunk, 10.0)
    drain(flow, passed, 10.0)
    for at, _piece in passed.pieces:
        assert 10.0 + (latency_ms - jitter_ms) / 1000 <= at
        assert at <= 10.0 + (latency_ms + jitter_ms) / 1000 + 1e-9


@given(CHUNKS.filter(bool), st.integers(1, 50))
def test_no_more_bytes_go_on_than_the_rate_allows(chunks: list[bytes], rate_kb_s: int) -> None:
    flow, passed = Flow(max), Passed()
    flow.reshape(Shape(rate_kb_s=rate_kb_s), 0.0)
    for chunk in chunks:
        flow.push(chunk, 0.0)
    drain(flow, passed, 0.0)
    sent = 0
    for at, piece in passed.pieces:
        sent += len(piece)
        assert sent <= rate_kb_s * 1000 * (at + PIECE_S) + 1e-6
    assert passed.data == b"".join(chunks)


@given(CHUNKS, st.integers(0, 8000))
def test_a_limit_lets_exactly_so_many_bytes_through(chunks: list[bytes], limit: int) -> None:
    flow, passed = Flow(max), Passed()
    flow.reshape(Shape(limit_bytes=limit), 0.0)
    for chunk in chunks:
        flow.push(chunk, 0.0)
    flow.end(0.0)
    drain(flow, passed, 0.0)
    sent = b"".join(chunks)
    assert passed.data == sent[:limit]
    # Whoever sends less ends by himself.
    assert passed.was_cut == (len(sent) >= limit and sent != b"")


def test_a_black_hole_lets_nothing_through_and_all_of_it_once_it_is_gone() -> None:
    flow, passed = Flow(max), Passed()
    flow.push(b"before", 0.0)
    flow.reshape(Shape(is_held=True), 0.0)
    flow.push(b", meanwhile", 1.0)
    flow.end(2.0)
    drain(flow, passed, 100.0)
    assert passed == Passed()
    flow.reshape(PLAIN, 101.0)
    drain(flow, passed, 101.0)
    assert (passed.data, passed.ended_at) == (b"before, meanwhile", 101.0)


def test_what_waits_for_a_delay_goes_on_at_once_when_that_is_taken_off() -> None:
    flow, passed = Flow(max), Passed()
    flow.reshape(Shape(latency_ms=60_000), 0.0)
    flow.push(b"late", 0.0)
    drain(flow, passed, 1.0, until=1.0)
    assert passed.data == b""
    flow.reshape(PLAIN, 1.0)
    assert not flow.is_open
    drain(flow, passed, 1.0)
    assert passed.pieces == [(1.0, b"late")]
    assert flow.is_open
