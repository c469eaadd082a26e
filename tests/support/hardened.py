"""A hardened process that starts a job in the cage. Run as a program; its argument is the job's folder."""

import math
import sys
from pathlib import Path

from core.cage import PROBE, Cage
from tenants.keys import harden_process


def main() -> None:
    """Print what the job returns."""
    harden_process()
    with Cage("gc:collect") as cage:
        print(cage.start(math.factorial, 5, profile=PROBE, folder=Path(sys.argv[1])).result())  # noqa: T201


if __name__ == "__main__":
    main()
