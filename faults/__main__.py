"""`make faults`: rounds of commands under way while something breaks, and a table of them."""

import argparse
import os
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

from chassis.lifecycle import allow_files
from faults.judge import words
from faults.nemesis.catalogue import CATALOGUE
from faults.plan import rounds
from faults.rig import rig
from faults.rounds import Round, play
from faults.table import summary, table
from stack import foreign
from stack.local import LocalStack

RED = Path("faults-red")


def tell(text: str) -> None:
    """Show on standard error what is going on."""
    sys.stderr.write(f"{time.strftime('%H:%M:%S')}  {text}\n")


def keep(played: Round, folder: Path, stack: LocalStack) -> Path:
    """Keep all that a round left, in a folder that is returned."""
    kept = RED / time.strftime("%Y%m%d-%H%M%S")
    kept.mkdir(parents=True)
    for file in folder.iterdir():
        shutil.copy(file, kept)
    shutil.copytree(stack.log_folder, kept / "log")
    again = f"python -m faults --round {played.seed} " + " ".join(
        f"--fault '{it}'" for it in played.faults
    )
    (kept / "verdict.txt").write_text(f"{again}\n{words(played.judgement)}\n", encoding="utf-8")
    return kept


def main() -> int:
    """Play the rounds, and print the table. Returns the exit status: 1 if one is not valid."""
    parser = argparse.ArgumentParser(prog="python -m faults", description=__doc__)
    parser.add_argument("--rounds", type=int, default=100, help="how many (100)")
    parser.add_argument("--seed", type=int, help="decides what happens; made up if none is given")
    parser.add_argument(
        "--fault", action="append", choices=CATALOGUE, help="only this one, or these"
    )
    parser.add_argument("--round", type=int, help="play one round again, by its own seed")
    asked = parser.parse_args()
    foreign.leave_out(os.environ, proxies=True)
    allow_files(4096)
    seed = asked.seed if asked.seed is not None else random.SystemRandom().getrandbits(32)
    if asked.round is not None:
        planned = [(asked.round, tuple(asked.fault))]
    else:
        chance = random.Random(seed)
        faults = rounds(asked.fault or list(CATALOGUE), seed, asked.rounds)
        planned = [(chance.getrandbits(32), it) for it in faults]
        tell(f"{len(planned)} rounds, SEED={seed}.")
    played = _play(planned)
    print(table(played))
    print(summary(played))
    return int(any(it.judgement.verdict != "valid" for it in played))


def _play(planned: list[tuple[int, tuple[str, ...]]]) -> list[Round]:
    played: list[Round] = []
    with (
        tempfile.TemporaryDirectory(prefix="eventually-faults-") as scratch,
        rig(Path(scratch)) as (stack, clocks),
    ):
        for number, (seed, faults) in enumerate(planned, start=1):
            folder = Path(scratch) / f"round-{number}"
            folder.mkdir()
            one = play(stack, faults, seed, folder, clocks)
            played.append(one)
            counts = one.judgement.counts
            healed = "not healed" if one.healed_s is None else f"healed in {one.healed_s:.1f} s"
            tell(
                f"{number}/{len(planned)}  {' + '.join(faults)}: {one.judgement.verdict}, "
                f"{counts.get('commands', 0)} commands, {healed}"
            )
            if one.judgement.verdict != "valid":
                tell(f"kept in {keep(one, folder, stack)}")
                tell(words(one.judgement))
            shutil.rmtree(folder)
    return played


if __name__ == "__main__":
    sys.exit(main())
