"""Counts: what tests prove by numbers is told at the end of a run, and summed up, whichever process counted."""

import json
from collections.abc import Iterable

MARK = "counted: "
TOTALS = {"kills": "kills -9", "refused": "damaged, swapped and older files and keys refused"}


def counted(what: str, *, kills: int = 0, refused: int = 0) -> None:
    """Tell how much was tried, and what came of it; ``tests/conftest.py`` gathers it.

    ``kills`` and ``refused`` are summed up over all tests.
    """
    print(f"{MARK}{json.dumps({'what': what, 'kills': kills, 'refused': refused})}")  # noqa: T201 - kept with the test's report


def summed_up(outputs: Iterable[str]) -> list[str]:
    """Return the lines to tell: each count in what tests printed, and the totals."""
    counts = [
        json.loads(line.removeprefix(MARK))
        for output in outputs
        for line in output.splitlines()
        if line.startswith(MARK)
    ]
    totals = [(name, sum(count[field] for count in counts)) for field, name in TOTALS.items()]
    told = "; ".join(f"{name}: {total:,}" for name, total in totals if total)
    return [*sorted(count["what"] for count in counts), *([f"in all: {told}"] if told else [])]
