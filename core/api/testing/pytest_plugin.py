"""The option ``--update-golden`` of pytest, present wherever Reelhouse is installed."""

import os

import pytest

from core.api.testing.golden import UPDATE_VARIABLE


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    parser.getgroup("reelhouse").addoption(
        "--update-golden", action="store_true", help="write golden pictures anew instead of comparing with them"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Pass the option on to ``assert_golden``, which also works without pytest."""
    if config.getoption("--update-golden"):
        os.environ[UPDATE_VARIABLE] = "1"
