"""How much of what is proved by numbers is proved in which run of the tests."""

import os

FULL_VARIABLE = "REELHOUSE_TEST_FULL"


def amount(full: int) -> int:
    """Return ``full`` under ``make test-full``, a tenth of it, at least one, under ``make test``."""
    return full if os.environ.get(FULL_VARIABLE) else max(1, full // 10)
