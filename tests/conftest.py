"""What holds for all tests: their counts are told at the end."""

import pytest
from _pytest.terminal import TerminalReporter

from tests.support.counts import summed_up


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """Tell what tests that passed have counted."""
    reports: list[pytest.TestReport] = terminalreporter.getreports("passed")
    if lines := summed_up(report.capstdout for report in reports):
        terminalreporter.section("counts")
        for line in lines:
            terminalreporter.line(line)
