"""Discovery: where manifests may lie, and that nothing is imported to find them."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from core.host.discovery import FoundPlugin, locate
from tests.support.distributions import negative, write_plugin

type Found = Callable[[], tuple[FoundPlugin, ...]]

RAISES = "raise AssertionError('imported')\n"


def test_a_plugin_is_found_and_its_package_is_not_imported(site: Path, found: Found) -> None:
    write_plugin(site, "acme-negative", RAISES)
    [plugin] = found()
    assert (plugin.id, plugin.distribution, plugin.distribution_version) == ("acme.negative", "acme-negative", "1.0")
    assert plugin.path == site / "acme_negative" / "plugin.toml"
    assert plugin.problem == ""
    assert plugin.manifest is not None
    assert plugin.manifest.ids == {"acme.negative.invert"}
    assert "acme_negative" not in sys.modules


def test_a_manifest_in_a_sub_package_is_found_without_importing_the_parents(site: Path) -> None:
    inner = site / "acme_suite" / "effects" / "glow"
    inner.mkdir(parents=True)
    for folder in (site / "acme_suite", inner.parent, inner):
        (folder / "__init__.py").write_text(RAISES, encoding="utf-8")
    (inner / "plugin.toml").write_text("", encoding="utf-8")
    assert locate("acme_suite.effects.glow:plugin.toml") == inner / "plugin.toml"
    assert locate("acme_suite.effects:glow/plugin.toml") == inner / "plugin.toml"
    assert not [name for name in sys.modules if name.startswith("acme_suite")]


def test_a_namespace_package_of_two_folders_is_searched_in_both(site: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    for folder in (site / "acme_space" / "one", other / "acme_space" / "two"):
        folder.mkdir(parents=True)
        (folder / "plugin.toml").write_text("", encoding="utf-8")
    sys.path.append(str(other))
    assert locate("acme_space.one:plugin.toml") == site / "acme_space" / "one" / "plugin.toml"
    assert locate("acme_space.two:plugin.toml") == other / "acme_space" / "two" / "plugin.toml"


@pytest.mark.parametrize(
    ("value", "error"),
    [
        ("acme_negative", "write it as package:plugin.toml"),
        ("acme_negative:", "write it as package:plugin.toml"),
        ("acme-negative:plugin.toml", "write it as package:plugin.toml"),
        ("../acme:plugin.toml", "write it as package:plugin.toml"),
        ("acme_negative:../secret.toml", "the manifest must lie inside the package"),
        ("acme_negative:/etc/passwd", "the manifest must lie inside the package"),
        ("acme_nowhere:plugin.toml", "there is no plugin.toml in the package acme_nowhere"),
        ("json.decoder:plugin.toml", "there is no plugin.toml in the package json.decoder"),
        ("__main__:plugin.toml", "there is no plugin.toml in the package __main__"),
    ],
)
def test_an_entry_point_that_leads_nowhere_is_refused(site: Path, value: str, error: str) -> None:
    write_plugin(site, "acme-negative", RAISES)
    with pytest.raises((ValueError, ImportError), match=error):
        locate(value)


def test_a_broken_manifest_is_a_shown_problem(site: Path, found: Found) -> None:
    write_plugin(site, "acme-bad", RAISES, manifest="schema = 1\nid = 'acme.bad'\n")
    write_plugin(site, "acme-good", negative("acme.good"))
    bad, good = found()
    assert bad.manifest is None
    assert bad.problem.startswith("plugin.toml: name: is missing; version: is missing")
    assert good.problem == ""


def test_an_entry_point_without_a_file_is_a_shown_problem(site: Path, found: Found) -> None:
    write_plugin(site, "acme-bad", RAISES)
    (site / "acme_bad" / "plugin.toml").unlink()
    [plugin] = found()
    assert plugin.id == "acme.bad"
    assert plugin.problem == (
        'the entry point "acme.bad = acme_bad:plugin.toml" leads to no manifest: '
        "there is no plugin.toml in the package acme_bad"
    )


def test_the_id_must_be_the_entry_points_name(site: Path, found: Found) -> None:
    write_plugin(site, "acme-bad", RAISES)
    manifest = site / "acme_bad" / "plugin.toml"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace('id = "acme.bad"', 'id = "acme.worse"'))
    [plugin] = found()
    assert plugin.problem == 'the entry point is named "acme.bad" and the manifest "acme.worse": they must be equal'


def test_the_id_must_be_the_distributions_name(site: Path, found: Found) -> None:
    write_plugin(site, "acme-bad", RAISES, plugin_id="other.good")
    [plugin] = found()
    assert plugin.problem == (
        'the id "other.good" must be "acme.bad", or begin with "acme.bad.", after the distribution acme-bad'
    )


def test_one_distribution_may_hold_several_plugins_under_its_name(site: Path, found: Found) -> None:
    write_plugin(site, "Acme_Suite", negative("acme.suite.glow"), plugin_id="acme.suite.glow")
    [plugin] = found()
    assert (plugin.id, plugin.problem) == ("acme.suite.glow", "")
