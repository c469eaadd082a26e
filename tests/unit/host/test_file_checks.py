"""A plugin looks at the files that are given to it: what it refuses is told, and what goes wrong is its fault."""

from pathlib import Path

import pytest

from core.api import InvalidInput, Parameter, PluginFailed
from core.host.deadlines import Deadlines
from core.host.host import PluginHost
from core.host.settings import PluginSettings, Settings
from core.host.state import PluginStatus
from tests.support.distributions import write_plugin
from tests.unit.host.conftest import MakeHost

CHECKER = """
import threading
from pathlib import Path
from core.api import *

def check(path):
    match path.read_text():
        case "wrong":
            raise InvalidInput("line 1 is no look", path="params.file")
        case "broken":
            raise ZeroDivisionError("oops")
        case "slow":
            threading.Event().wait()

def parameter(name, check):
    return Parameter(name=name, title=name, type=ParameterType.ASSET, check=check)

@hookimpl
def reelhouse_effects():
    params = (parameter("look", check), parameter("other", None))
    yield Effect(id="acme.look.up", title="Look", kernel=RgbKernel(lambda rgb, values, moment: rgb), params=params)
"""


@pytest.fixture
def plugin(site: Path) -> str:
    return write_plugin(site, "acme-look", CHECKER, contributes={"effects": ["acme.look.up"]})


@pytest.fixture
def host(make_host: MakeHost, plugin: str) -> PluginHost:
    return make_host()


def parameters(host: PluginHost) -> tuple[Parameter, ...]:
    return host.catalogue().effects["acme.look.up"].params


def file(folder: Path, content: str) -> Path:
    path = folder / "look.txt"
    path.write_text(content)
    return path


def test_a_file_that_can_be_used_passes(host: PluginHost, tmp_path: Path) -> None:
    host.check_file(parameters(host)[0], file(tmp_path, "good"))
    assert host.plugin("acme.look").faults == ()


def test_a_file_that_cannot_be_used_is_refused_in_the_plugins_words(host: PluginHost, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="line 1 is no look"):
        host.check_file(parameters(host)[0], file(tmp_path, "wrong"))
    assert host.plugin("acme.look").faults == ()


def test_a_check_that_fails_is_the_plugins_fault(host: PluginHost, tmp_path: Path) -> None:
    with pytest.raises(PluginFailed, match="ZeroDivisionError: oops"):
        host.check_file(parameters(host)[0], file(tmp_path, "broken"))
    [fault] = host.plugin("acme.look").faults
    assert (fault.contribution, fault.call) == ("acme.look.up", "check")


def test_a_check_that_hangs_is_left_behind(make_host: MakeHost, plugin: str, tmp_path: Path) -> None:
    host = make_host(Settings(plugins={plugin: PluginSettings(deadlines=Deadlines(check=0.05))}))
    with pytest.raises(PluginFailed, match=r"check: it did not end within 0.05 s"):
        host.check_file(parameters(host)[0], file(tmp_path, "slow"))


def test_a_parameter_without_a_check_takes_any_file(host: PluginHost, tmp_path: Path) -> None:
    host.check_file(parameters(host)[1], file(tmp_path, "broken"))
    assert host.plugin("acme.look").faults == ()


@pytest.mark.parametrize("check", ["'yes'", "7"])
def test_a_check_that_is_no_function_is_refused_when_the_plugin_is_loaded(
    site: Path, make_host: MakeHost, check: str
) -> None:
    code = CHECKER.replace('parameter("look", check)', f'parameter("look", {check})')
    plugin = write_plugin(site, "acme-look", code, contributes={"effects": ["acme.look.up"]})
    state = make_host().plugin(plugin)
    assert state.status is PluginStatus.FAULTED
    assert 'the check of the parameter "look" must be a function' in state.cause
