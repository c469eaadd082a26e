"""The encoders of the house, as the host finds them."""

from collections.abc import Mapping

import pytest

from core.api import Encoder
from core.host.host import PluginHost


@pytest.fixture(scope="session")
def encoders(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Encoder]:
    with PluginHost.load(home=tmp_path_factory.mktemp("home")) as host:
        return host.catalogue().encoders
