"""Which writes are probed: few of many, and each with the number of writes that it stands for."""

import random

SURE_A_SECOND = 5


class Sampling:
    """Takes the first writes of each second, and of the later ones ever fewer.

    The first of a burst find the queue empty and are read soon; taken alone, they would speak for
    all. So no write is left out from the start: the nth is taken with a chance that falls as 1/n,
    and stands for as many writes as that chance is one in. A sum over the probes, each times its
    weight, is then on average that over all writes. 1,000 writes in a second give about 31 probes.

    Source: Horvitz, Thompson: "A Generalization of Sampling Without Replacement from a Finite
    Universe", JASA 47(260), 1952.

    Args:
        chance: gives the numbers from 0 to 1 by which it is decided.
    """

    def __init__(self, chance: random.Random | None = None) -> None:
        self._chance = chance or random.Random()  # noqa: S311, no secret
        self._second = 0
        self._nth = 0

    def weight(self, now_s: float) -> float | None:
        """Decide about one more write.

        Args:
            now_s: when it was acknowledged, on a clock that never goes back.

        Returns:
            How many writes it stands for; None if it is not to be probed.
        """
        second = int(now_s)
        if second != self._second:
            self._second, self._nth = second, 0
        self._nth += 1
        taken = min(1.0, SURE_A_SECOND / self._nth)
        return 1 / taken if self._chance.random() < taken else None
