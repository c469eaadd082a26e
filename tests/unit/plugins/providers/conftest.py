"""The services that providers ask, running on loopback for all tests of this room."""

from collections.abc import Iterator

import pytest

from tests.support.services import Services, serving_services


@pytest.fixture(scope="module")
def running_services() -> Iterator[Services]:
    with serving_services() as services:
        yield services


@pytest.fixture
def services(running_services: Services) -> Services:
    running_services.asked.clear()
    running_services.bodies.clear()
    running_services.mishaps.clear()
    return running_services
