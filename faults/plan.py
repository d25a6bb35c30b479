"""What is broken in which round: each fault alone first, and then pairs by chance."""

import random
from collections.abc import Iterator, Sequence
from itertools import islice


def rounds(faults: Sequence[str], seed: int, count: int) -> list[tuple[str, ...]]:
    """Return what each round breaks; the same seed gives the same.

    Args:
        faults: what there is.
        seed: decides the order of those alone, and who makes a pair.
        count: how many rounds.
    """
    return list(islice(_endless(faults, random.Random(seed)), count))


def _endless(faults: Sequence[str], chance: random.Random) -> Iterator[tuple[str, ...]]:
    alone = [*faults]
    chance.shuffle(alone)
    for fault in alone:
        yield (fault,)
    while True:
        yield tuple(chance.sample([*faults], 2))
