"""The table of all rounds: what was broken, and what came of it."""

from collections.abc import Sequence

from faults.rounds import Round

HEALED_WANTED_S = 5.0
HEAD = (
    "fault",
    "rounds",
    "commands",
    "acked",
    "unanswered",
    "duplicates",
    "lost",
    "phantom",
    "regressed",
    "other",
    "with token",
    "without",
    "healed s",
    "verdict",
)
_WITH_TOKEN = ("stale with a token", "session guarantee broken with a token")
_OTHER = ("twice", "disagree", "rebuilt differently")


def table(rounds: Sequence[Round]) -> str:
    """Return a line for each fault alone, one for all pairs, and one for everything."""
    alone = dict.fromkeys(it.faults[0] for it in rounds if len(it.faults) == 1)
    rows: list[tuple[str, ...]] = [HEAD]
    rows += [_row(fault, [it for it in rounds if tuple(it.faults) == (fault,)]) for fault in alone]
    if pairs := [it for it in rounds if len(it.faults) > 1]:
        rows.append(_row("pairs", pairs))
    rows.append(_row("all", rounds))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if number == 0 else cell.rjust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def summary(rounds: Sequence[Round]) -> str:
    """Say how many rounds were valid, and how many healed in the time that is wanted."""
    verdicts = [it.judgement.verdict for it in rounds]
    healed = [it.healed_s for it in rounds if it.healed_s is not None]
    within = sum(it <= HEALED_WANTED_S for it in healed)
    return (
        f"{verdicts.count('valid')} of {len(rounds)} rounds valid, "
        f"{verdicts.count('invalid')} invalid, {verdicts.count('unknown')} unknown. "
        f"{within} healed within {HEALED_WANTED_S:.0f} s, "
        f"the slowest in {max(healed, default=0):.1f} s."
    )


def _row(name: str, rounds: Sequence[Round]) -> tuple[str, ...]:
    def counted(*names: str) -> str:
        return str(sum(it.judgement.counts.get(each, 0) for it in rounds for each in names))

    def wrong(*kinds: str) -> str:
        return str(sum(len(it.judgement.wrong.get(kind, ())) for it in rounds for kind in kinds))

    slowest = max((it.healed_s or float("inf") for it in rounds), default=0.0)
    verdicts = {it.judgement.verdict for it in rounds}
    worst = next(it for it in ("invalid", "unknown", "valid") if it in verdicts)
    return (
        name,
        str(len(rounds)),
        counted("commands"),
        counted("acknowledged"),
        counted("unanswered"),
        counted("duplicates"),
        wrong("lost"),
        wrong("phantom"),
        wrong("regressed"),
        wrong(*_OTHER),
        wrong(*_WITH_TOKEN),
        counted("without a token"),
        f"{slowest:.1f}",
        worst,
    )
