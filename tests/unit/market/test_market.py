"""The market: planned, consented to, resolved beside the host, tried, and only then used; else nothing changes."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import pytest

from core.api import NotFound
from core.host.blocking import Blocked
from core.host.shelf import Shelf
from core.market import trial
from core.market.failures import Conflicting, NotConsented, Unhealthy, Untrusted
from core.market.market import Consent, Market
from core.market.publishers import make_key, sign, trust
from tests.support.distributions import negative
from tests.support.wheels import write_wheel

NOW = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    trust(tmp_path / "market", "Acme", make_key(tmp_path / "key"))
    return tmp_path


@pytest.fixture
def market(home: Path) -> Market:
    return Market(home)


def signed(home: Path, name: str = "acme-invert", number: str = "1.0", **options: object) -> Path:
    path = write_wheel(home / "wheels", name, number, **options)  # type: ignore[arg-type]
    sign(path, "Acme", home / "key")
    return path


def install(market: Market, path: Path) -> str:
    plan = market.plan(path)
    manifest = plan.wheel.manifest
    consent = Consent(sha256=plan.wheel.sha256, hosts=manifest.net, secrets=manifest.secrets)
    return market.install(path, consent, now=NOW)[0].version


def on_shelf(home: Path) -> dict[str, str]:
    return {each.id: each.version for each in Shelf(home).installed()}


def left(home: Path) -> list[str]:
    """Return what lies on the shelf besides the plugins' folders."""
    return [each.name for each in (home / "market" / "plugins").glob(".*")]


_SEEN = """
import json, sys
from pathlib import Path
from core.host.host import PluginHost
with PluginHost.load(home=Path(sys.argv[1])) as host:
    host.catalogue()
    print(json.dumps({each.id: each.status for each in host.plugins() if not each.is_first_party}))
"""


def seen_by_a_host(home: Path, **environment: str) -> dict[str, str]:
    """Return the states of the plugins that were installed, as a new process sees them."""
    told = subprocess.run(
        [sys.executable, "-c", _SEEN, str(home)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[3],
        env={**os.environ, **environment},
    )
    return dict(json.loads(told.stdout))


def test_a_plugin_is_planned_installed_and_used(home: Path, market: Market) -> None:
    write_wheel(home / "wheels", "acme-tools", is_plugin=False, code="VALUE = 255\n")
    code = negative("acme.invert").replace("255 - rgb", "VALUE - rgb").replace("import Effect", "import Effect")
    path = signed(home, requires=("acme-tools>=1", "numpy"), code=f"from acme_tools import VALUE\n{code}")
    plan = market.plan(path)
    assert (plan.publisher, plan.brings, plan.replaces) == ("Acme", {"acme-invert": "1.0", "acme-tools": "1.0"}, "")
    assert on_shelf(home) == {}
    placed, findings = market.install(path, Consent(sha256=plan.wheel.sha256), now=NOW)
    assert [each.what for each in findings] == ["manifest", "import", "effect acme.invert.invert"]
    assert (placed.publisher, placed.packages, placed.previous) == ("Acme", plan.brings, "")
    assert seen_by_a_host(home) == {"acme.invert": "active"}
    assert seen_by_a_host(home, REELHOUSE_SAFE_MODE="1") == {}
    assert left(home) == []


def test_nothing_of_the_host_is_brought_again_or_replaced(home: Path, market: Market) -> None:
    path = signed(home, requires=("numpy", "pluggy"))
    assert market.plan(path).brings == {"acme-invert": "1.0"}
    for requirement in ("numpy<2", f"pluggy!={version('pluggy')}", "NumPy==1.0"):
        with pytest.raises(Conflicting, match="beside the host's"):
            market.plan(signed(home, requires=(requirement,)))


def test_what_poses_as_a_package_of_the_host_is_refused(home: Path, market: Market) -> None:
    with pytest.raises(Conflicting, match="comes with the host"):
        market.plan(signed(home, "pluggy"))
    write_wheel(home / "wheels", "numpy", "99.0", is_plugin=False, code="raise SystemExit")
    assert market.plan(signed(home, requires=("numpy",))).brings == {"acme-invert": "1.0"}


def test_what_can_not_be_had_is_told(home: Path, market: Market) -> None:
    with pytest.raises(Conflicting, match="nowhere-to-be-had"):
        market.plan(signed(home, requires=("nowhere-to-be-had",)))
    with pytest.raises(Conflicting, match="asks for api"):
        market.plan(signed(home, api=">=9"))


def test_unsigned_and_tampered_wheels_are_refused(home: Path, market: Market) -> None:
    path = write_wheel(home / "wheels", "acme-invert")
    with pytest.raises(Untrusted, match="is not signed"):
        market.plan(path)
    sign(path, "Acme", home / "key")
    write_wheel(home / "wheels", "acme-invert", code=negative("acme.invert") + "# evil\n")
    for attempt in (market.plan, lambda wheel: market.install(wheel, Consent(sha256="0" * 64), now=NOW)):
        with pytest.raises(Untrusted, match="is not what Acme has signed"):
            attempt(path)
    assert on_shelf(home) == {}
    plan = Market(home, unsigned=frozenset({"acme.invert"})).plan(path)
    assert plan.publisher == ""


def test_only_what_was_consented_to_is_installed(home: Path, market: Market) -> None:
    path = signed(home, manifest='[capabilities]\nnet = ["a.example:443"]\nsecrets = ["api_key"]\n')
    plan = market.plan(path)
    hosts = plan.wheel.manifest.net
    right = Consent(sha256=plan.wheel.sha256, hosts=hosts, secrets=("api_key",))
    for wrong in (
        Consent(sha256=plan.wheel.sha256),
        Consent(sha256=plan.wheel.sha256, hosts=hosts),
        Consent(sha256="0" * 64, hosts=hosts, secrets=("api_key",)),
        Consent(sha256=plan.wheel.sha256, hosts=(*hosts, "b.example:443"), secrets=("api_key",)),
    ):
        with pytest.raises(NotConsented):
            market.install(path, wrong, now=NOW)
    assert on_shelf(home) == {}
    assert market.install(path, right, now=NOW)[0].hosts == hosts


def test_the_block_list_holds_by_any_spelling(home: Path, market: Market) -> None:
    path = signed(home)
    install(market, path)
    (home / "market" / "blocked.toml").write_text('"ACME_Invert" = "<2"\n')
    with pytest.raises(Blocked):
        market.plan(path)
    assert seen_by_a_host(home) == {"acme.invert": "disabled"}
    assert install(market, signed(home, number="2.0")) == "2.0"
    assert seen_by_a_host(home) == {"acme.invert": "active"}


def test_a_package_that_a_plugin_needs_may_be_blocked(home: Path, market: Market) -> None:
    write_wheel(home / "wheels", "acme-tools", is_plugin=False, code="")
    (home / "market" / "blocked.toml").write_text('acme-tools = "*"\n')
    with pytest.raises(Blocked, match="acme-tools"):
        market.plan(signed(home, requires=("acme-tools",)))


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("raise RuntimeError('no')", "import: RuntimeError: no"),
        ("import os; os._exit(3)", "ended its trial"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "ended its trial"),
        ("x = bytearray(8 * 2**30)", "MemoryError"),
        (negative("acme.invert").replace("255 - rgb", "'nonsense'"), "effect acme.invert.invert"),
        (negative("acme.invert").replace("yield", "return 7; yield"), "acme.invert"),
    ],
)
def test_what_fails_its_trial_is_not_used(home: Path, market: Market, code: str, words: str) -> None:
    assert install(market, signed(home)) == "1.0"
    with pytest.raises(Unhealthy) as refused:
        install(market, signed(home, number="2.0", code=code))
    assert words in str(refused.value)
    assert on_shelf(home) == {"acme.invert": "1.0"}
    assert seen_by_a_host(home) == {"acme.invert": "active"}
    assert left(home) == []


def test_what_hangs_in_its_trial_is_ended(home: Path, market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "TIMEOUT_S", 3)
    with pytest.raises(Unhealthy, match="did not come to an end"):
        install(market, signed(home, code="import time; time.sleep(600)"))
    assert on_shelf(home) == {}


def test_an_upgrade_that_turns_out_bad_is_rolled_back(home: Path, market: Market) -> None:
    install(market, signed(home))
    install(market, signed(home, number="2.0"))
    assert on_shelf(home) == {"acme.invert": "2.0"}
    assert [each.is_good for each in market.check("acme.invert")] == [True, True, True]
    used = Shelf(home).current("acme.invert").folder
    (used / "acme_invert" / "__init__.py").write_text("raise RuntimeError('gone bad')")
    with pytest.raises(Unhealthy, match=r"Version 1\.0 is in use again"):
        market.check("acme.invert")
    assert on_shelf(home) == {"acme.invert": "1.0"}
    assert seen_by_a_host(home) == {"acme.invert": "active"}
    with pytest.raises(NotFound, match="before this one"):
        Shelf(home).roll_back("acme.invert")


def test_two_plugins_that_need_different_versions_of_a_package_conflict(home: Path, market: Market) -> None:
    for number in ("1.0", "2.0"):
        write_wheel(home / "wheels", "acme-tools", number, is_plugin=False, code="")
    install(market, signed(home, requires=("acme-tools<2",)))
    with pytest.raises(Conflicting, match=r"needs acme-tools 2\.0, and acme\.invert brought 1\.0"):
        market.plan(signed(home, "acme-other", requires=("acme-tools>=2",)))
    assert install(market, signed(home, "acme-other", requires=("acme-tools<2",))) == "1.0"
    assert seen_by_a_host(home) == {"acme.invert": "active", "acme.other": "active"}


def test_a_plugin_is_removed_with_all_its_versions(home: Path, market: Market) -> None:
    install(market, signed(home))
    install(market, signed(home, number="2.0"))
    Shelf(home).remove("acme.invert")
    assert on_shelf(home) == {}
    assert list((home / "market" / "plugins").iterdir()) == []
    with pytest.raises(NotFound):
        Shelf(home).remove("acme.invert")


def test_the_same_version_again_is_put_in_place_of_itself(home: Path, market: Market) -> None:
    path = signed(home)
    install(market, path)
    install(market, path)
    assert left(home) == []
    assert on_shelf(home) == {"acme.invert": "1.0"}
    assert seen_by_a_host(home) == {"acme.invert": "active"}
