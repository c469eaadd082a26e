"""Counts: what tests prove by numbers is told at the end of a run, whichever process counted."""

MARK = "counted: "


def counted(what: str) -> None:
    """Tell how much was tried, and what came of it; ``tests/conftest.py`` gathers it."""
    print(f"{MARK}{what}")  # noqa: T201 - kept with the test's report, and told in the summary
