"""What a plugin may do wrong: each is shown with its cause, and the plugin beside it works on."""

import sys
from pathlib import Path

import pytest

from core.host.deadlines import Deadlines
from core.host.settings import PluginSettings, Settings
from core.host.state import PluginState, PluginStatus
from tests.support.distributions import negative, write_plugin
from tests.unit.host.conftest import MakeHost

HASTY = Deadlines(load=0.2, collect=0.2, open=0.2, search=0.2, fetch=0.2, store=0.2, transfer=0.2, event=0.2)


@pytest.fixture
def good(site: Path) -> str:
    """A plugin that does all right."""
    return write_plugin(site, "acme-good", negative("acme.good"))


def load_both(make_host: MakeHost, good: str, bad: str) -> PluginState:
    """Load everything; assert that the good one works; return the state of the bad one."""
    host = make_host(Settings(plugins={bad: PluginSettings(deadlines=HASTY)}))
    catalogue = host.catalogue()
    assert set(catalogue.effects) == {f"{good}.invert"}
    assert catalogue.versions == {f"{good}.invert": f"{good} 1.0"}
    states = {state.id: state for state in host.plugins()}
    assert states[good].status is PluginStatus.ACTIVE
    assert states[good].faults == ()
    assert states[bad].declared == {}
    return states[bad]


def test_one_that_raises_at_import_is_shown_with_cause_and_line(site: Path, make_host: MakeHost, good: str) -> None:
    bad = write_plugin(site, "acme-bad", "import os\n\nraise RuntimeError('no licence file')\n")
    state = load_both(make_host, good, bad)
    assert state.status is PluginStatus.FAULTED
    assert state.cause == "RuntimeError: no licence file (__init__.py:3)"
    [fault] = state.faults
    assert (fault.call, fault.count) == ("import", 1)
    assert fault.trace.splitlines()[0] == "Traceback (most recent call last):"
    assert "core/host" not in fault.trace
    assert "raise RuntimeError('no licence file')" in fault.trace


def test_one_that_exits_at_import_does_not_end_the_host(site: Path, make_host: MakeHost, good: str) -> None:
    bad = write_plugin(site, "acme-bad", "import sys\nsys.exit(3)\n")
    assert load_both(make_host, good, bad).cause == "SystemExit: 3 (__init__.py:2)"


def test_one_whose_dependency_is_missing_names_it(site: Path, make_host: MakeHost, good: str) -> None:
    bad = write_plugin(site, "acme-bad", "import acme_nowhere\n")
    state = load_both(make_host, good, bad)
    assert state.cause == "ModuleNotFoundError: No module named 'acme_nowhere' (__init__.py:1)"


def test_one_with_a_syntax_error_is_shown(site: Path, make_host: MakeHost, good: str) -> None:
    bad = write_plugin(site, "acme-bad", "def broken(:\n")
    assert load_both(make_host, good, bad).cause.startswith("SyntaxError: invalid syntax")


def test_one_that_hangs_at_import_is_left_behind(site: Path, make_host: MakeHost, good: str) -> None:
    code = "import acme_bad.gate\nacme_bad.gate.gate.wait()\n"
    bad = write_plugin(site, "acme-bad", code)
    (site / "acme_bad" / "gate.py").write_text("import threading\ngate = threading.Event()\n", encoding="utf-8")
    state = load_both(make_host, good, bad)
    assert state.status is PluginStatus.FAULTED
    assert state.cause == "import: it did not end within 0.2 s"
    sys.modules["acme_bad.gate"].gate.set()


def test_one_that_raises_in_a_hook_is_shown(site: Path, make_host: MakeHost, good: str) -> None:
    code = "from core.api import hookimpl\n\n@hookimpl\ndef reelhouse_effects():\n    return {}['colour']\n"
    bad = write_plugin(site, "acme-bad", code)
    state = load_both(make_host, good, bad)
    assert state.cause == "KeyError: 'colour' (__init__.py:5)"
    assert [fault.call for fault in state.faults] == ["reelhouse_effects"]


def test_one_whose_hook_hangs_is_left_behind(site: Path, make_host: MakeHost, good: str) -> None:
    code = (
        "import threading\nfrom core.api import hookimpl\ngate = threading.Event()\n\n"
        "@hookimpl\ndef reelhouse_effects():\n    gate.wait()\n    return ()\n"
    )
    bad = write_plugin(site, "acme-bad", code)
    assert load_both(make_host, good, bad).cause == "reelhouse_effects: it did not end within 0.2 s"
    sys.modules["acme_bad"].gate.set()


def test_one_that_yields_without_end_is_stopped(site: Path, make_host: MakeHost, good: str) -> None:
    code = negative("acme.bad") + "    while True:\n        yield " + negative("acme.bad").split("yield ")[1]
    bad = write_plugin(site, "acme-bad", code)
    state = load_both(make_host, good, bad)
    assert state.cause.startswith("TypeError: reelhouse_effects gave more than 1000 declarations")


@pytest.mark.parametrize(
    ("returned", "cause"),
    [
        ("None", "TypeError: reelhouse_effects returned None instead of an iterable of Effect"),
        ("7", "TypeError: reelhouse_effects returned int instead of an iterable of Effect"),
        ("['negative']", "TypeError: reelhouse_effects gave str instead of Effect"),
        ("[Pose()]", "TypeError: reelhouse_effects gave Pose instead of Effect"),
    ],
)
def test_one_that_returns_a_wrong_type_is_shown(
    site: Path, make_host: MakeHost, good: str, returned: str, cause: str
) -> None:
    code = f"from core.api import Pose, hookimpl\n\n@hookimpl\ndef reelhouse_effects():\n    return {returned}\n"
    bad = write_plugin(site, "acme-bad", code)
    assert load_both(make_host, good, bad).cause == cause


@pytest.mark.parametrize(
    ("fields", "cause"),
    [
        ("title=''", "has no title"),
        ("kernel=7", "kernel must be an RgbKernel, RgbaKernel, YuvKernel or FilterKernel, not int"),
        ("kernel=RgbKernel(None)", "kernel must be a function, not NoneType"),
        ("params=[P]", "params must be a tuple of Parameter"),
        ("params=(P, P)", 'the parameter "amount" is declared twice'),
        (
            "params=(Parameter(name='key', title='Key', type=ParameterType.SECRET),)",
            'the parameter "key" is a secret: only providers and stores are configured with one',
        ),
        (
            "params=(Parameter(name='a', title='A', visible_if={'b': 1}),)",
            'the parameter "a" is visible_if "b", which is not declared',
        ),
    ],
)
def test_one_whose_declaration_is_malformed_is_shown(
    site: Path, make_host: MakeHost, good: str, fields: str, cause: str
) -> None:
    code = (
        "from core.api import Effect, Parameter, ParameterType, RgbKernel, hookimpl\n"
        "P = Parameter(name='amount', title='Amount')\n"
        "KERNEL = RgbKernel(lambda rgb, values, moment: rgb)\n"
        "FIELDS = {'id': 'acme.bad.invert', 'title': 'Invert', 'kernel': KERNEL}\n\n"
        f"@hookimpl\ndef reelhouse_effects():\n    yield Effect(**(FIELDS | dict({fields})))\n"
    )
    bad = write_plugin(site, "acme-bad", code)
    assert load_both(make_host, good, bad).cause == f"the effect 'acme.bad.invert' {cause}"


def test_one_that_asks_for_an_api_we_do_not_offer_is_not_imported(site: Path, make_host: MakeHost, good: str) -> None:
    bad = write_plugin(site, "acme-bad", "raise AssertionError('imported')\n", api=">=2.0,<3")
    state = load_both(make_host, good, bad)
    assert state.status is PluginStatus.INCOMPATIBLE
    assert state.cause == "it asks for api >=2.0,<3 and this installation offers 1.0"
    assert state.load_seconds is None
    assert "acme_bad" not in sys.modules


def test_one_with_a_misspelt_hook_is_told_the_right_name(site: Path, make_host: MakeHost, good: str) -> None:
    code = negative("acme.bad").replace("reelhouse_effects", "reelhouse_efects")
    bad = write_plugin(site, "acme-bad", code)
    state = load_both(make_host, good, bad)
    assert state.cause == 'implements reelhouse_efects, which is no hook, did you mean "reelhouse_effects"?'


def test_one_whose_hook_takes_a_wrong_argument_is_shown(site: Path, make_host: MakeHost, good: str) -> None:
    code = negative("acme.bad").replace("reelhouse_effects()", "reelhouse_effects(request)")
    bad = write_plugin(site, "acme-bad", code)
    assert "request" in load_both(make_host, good, bad).cause


def test_one_that_forgot_hookimpl_is_told(site: Path, make_host: MakeHost, good: str) -> None:
    bad = write_plugin(site, "acme-bad", negative("acme.bad").replace("@hookimpl\n", ""))
    assert load_both(make_host, good, bad).cause == "reelhouse_effects is not marked with @hookimpl"


def test_one_that_wraps_a_hook_is_refused(site: Path, make_host: MakeHost, good: str) -> None:
    bad = write_plugin(site, "acme-bad", negative("acme.bad").replace("@hookimpl\n", "@hookimpl(wrapper=True)\n"))
    assert load_both(make_host, good, bad).cause.startswith("implements a hook as a wrapper")


def test_one_that_declares_what_its_manifest_does_not_list_is_shown(site: Path, make_host: MakeHost, good: str) -> None:
    bad = write_plugin(site, "acme-bad", negative("acme.bad", "glow"), contributes={})
    state = load_both(make_host, good, bad)
    assert state.cause == "reelhouse_effects declares acme.bad.glow, which plugin.toml does not list"


def test_one_that_does_not_declare_what_its_manifest_lists_is_shown(site: Path, make_host: MakeHost, good: str) -> None:
    listed = {"effects": ["acme.bad.invert", "acme.bad.glow"]}
    bad = write_plugin(site, "acme-bad", negative("acme.bad"), contributes=listed)
    state = load_both(make_host, good, bad)
    assert state.cause == "plugin.toml lists the effects acme.bad.glow, which reelhouse_effects does not declare"


def test_one_that_declares_an_id_twice_is_shown(site: Path, make_host: MakeHost, good: str) -> None:
    code = negative("acme.bad") + "    yield " + negative("acme.bad").split("yield ")[1]
    bad = write_plugin(site, "acme-bad", code)
    assert load_both(make_host, good, bad).cause == "declares the effect acme.bad.invert twice"


def test_one_that_takes_another_plugins_contribution_loses_it_and_both_are_named(
    site: Path, make_host: MakeHost
) -> None:
    # "acme" may use every id that begins with "acme.", those of acme.good too; the first by id keeps it.
    write_plugin(site, "acme", negative("acme.good"), contributes={"effects": ["acme.good.invert"]})
    second = write_plugin(site, "acme-good", negative("acme.good"))
    host = make_host()
    assert host.catalogue().versions == {"acme.good.invert": "acme 1.0"}
    state = host.plugin(second)
    assert state.status is PluginStatus.FAULTED
    assert state.cause == "acme.good and acme both declare the effect acme.good.invert; acme's is used"


def test_two_distributions_with_one_plugin_id_are_both_shown_and_the_first_is_used(
    site: Path, make_host: MakeHost
) -> None:
    write_plugin(site, "acme", negative("acme.good"), plugin_id="acme.good")
    write_plugin(site, "acme-good", "raise AssertionError('imported')\n")
    host = make_host()
    assert set(host.catalogue().effects) == {"acme.good.invert"}
    first, second = host.plugins()
    assert (first.distribution, first.status) == ("acme", PluginStatus.ACTIVE)
    assert (second.distribution, second.status) == ("acme-good", PluginStatus.INVALID)
    assert second.cause == "acme-good and acme both provide a plugin acme.good; acme's is used"
    assert "acme_good" not in sys.modules


def test_a_third_party_cannot_pose_as_reelhouse(site: Path, make_host: MakeHost, good: str) -> None:
    bad = write_plugin(site, "reelhouse-color", "raise AssertionError('imported')\n")
    state = load_both(make_host, good, bad)
    assert state.status is PluginStatus.INVALID
    assert state.cause == 'ids that begin with "reelhouse." are kept for Reelhouse itself'


def test_a_third_party_cannot_take_a_short_id(site: Path, make_host: MakeHost, good: str) -> None:
    bad = write_plugin(site, "acme-bad", "raise AssertionError('imported')\n", contributes={"effects": ["fade"]})
    state = load_both(make_host, good, bad)
    assert state.status is PluginStatus.INVALID
    assert state.cause == 'contributes fade: ids must begin with "acme.bad."'
