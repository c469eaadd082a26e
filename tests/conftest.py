"""What holds for all tests: their counts are told at the end."""

import pytest
from _pytest.terminal import TerminalReporter

from tests.support.counts import MARK


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """Tell what tests that passed have counted."""
    reports: list[pytest.TestReport] = terminalreporter.getreports("passed")
    lines = sorted(
        line.removeprefix(MARK) for report in reports for line in report.capstdout.splitlines() if line.startswith(MARK)
    )
    if lines:
        terminalreporter.section("counts")
        for line in lines:
            terminalreporter.line(line)
