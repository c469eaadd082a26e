"""Standing: the house's defaults, plus and minus a tenant's own choices, under the administrator's word."""

from itertools import product

import pytest

from core.host.state import PluginState, PluginStatus
from tenants.plugin_sets.standing import Install, Standing, plugins_of

ENABLED = PluginState(id="acme.one", status=PluginStatus.ENABLED, is_listed=True)


def standing(state: PluginState, install: Install | None, choice: bool | None) -> Standing:
    installs = {} if install is None else {"acme.one": install}
    choices = {} if choice is None else {"acme.one": choice}
    [each] = plugins_of([state], installs, choices)
    return each.standing


@pytest.mark.parametrize(
    ("install", "choice", "expected"),
    [
        (None, None, Standing.DEFAULT),
        (None, True, Standing.CHOSEN),
        (None, False, Standing.REFUSED),
        (Install(is_default=True), None, Standing.DEFAULT),
        (Install(is_default=True), False, Standing.REFUSED),
        (Install(is_default=False), None, Standing.OFFERED),
        (Install(is_default=False), True, Standing.CHOSEN),
        (Install(is_default=False), False, Standing.REFUSED),
    ],
)
def test_a_set_is_the_defaults_plus_and_minus_the_tenants_own(
    install: Install | None, choice: bool | None, expected: Standing
) -> None:
    assert standing(ENABLED, install, choice) is expected
    assert expected.is_enabled == (expected in ("default", "chosen"))


@pytest.mark.parametrize(("is_default", "choice"), [*product((True, False), (None, True, False))])
def test_what_the_administrator_switched_off_is_off_for_everybody(is_default: bool, choice: bool | None) -> None:
    assert standing(ENABLED, Install(is_offered=False, is_default=is_default), choice) is Standing.WITHDRAWN


@pytest.mark.parametrize("status", ["disabled", "missing", "invalid", "incompatible"])
def test_what_the_installation_does_not_offer_no_choice_can_bring(status: str) -> None:
    state = PluginState(id="acme.one", status=PluginStatus(status), is_listed=True)
    assert standing(state, Install(), True) is Standing.UNUSABLE


@pytest.mark.parametrize("status", ["active", "faulted", "paused"])
def test_one_that_fails_stays_in_the_set(status: str) -> None:
    state = PluginState(id="acme.one", status=PluginStatus(status), is_listed=True)
    assert standing(state, None, None) is Standing.DEFAULT


def test_a_choice_of_a_plugin_that_is_not_there_counts_for_nothing() -> None:
    [each] = plugins_of([ENABLED], {}, {"acme.gone": True})
    assert each.plugin_id == "acme.one"


def test_of_two_distributions_with_one_plugin_that_counts_which_the_host_uses() -> None:
    shadowed = PluginState(id="acme.one", status=PluginStatus.INVALID, is_listed=True, distribution="other")
    for states in ([ENABLED, shadowed], [shadowed, ENABLED]):
        [each] = plugins_of(states, {}, {})
        assert each.standing is Standing.DEFAULT


def test_each_refusal_says_why_and_whose_it_is() -> None:
    told = {
        each.standing: each.why_not
        for install, choice in product((Install(is_default=False), Install(is_offered=False)), (None, True, False))
        for each in plugins_of([ENABLED], {"acme.one": install}, {} if choice is None else {"acme.one": choice})
    }
    assert told == {
        Standing.OFFERED: "the plugin acme.one is not enabled in this workspace",
        Standing.REFUSED: "the plugin acme.one is not enabled in this workspace",
        Standing.CHOSEN: "",
        Standing.WITHDRAWN: "the plugin acme.one is switched off by the administrator",
    }
