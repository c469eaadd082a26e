"""The catalogue of the first-party plugins, loaded once."""

import pytest

from core.api import Catalogue
from core.host.host import PluginHost


@pytest.fixture(scope="session")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    return PluginHost.load(home=tmp_path_factory.mktemp("home")).catalogue()
