"""Members: the house's defaults, plus and minus a tenant's own choices, under the administrator's word."""

from itertools import product

import pytest

from core.host.state import PluginState, PluginStatus
from tenants.plugin_sets.members import Install, Membership, members_of

ENABLED = PluginState(id="acme.one", status=PluginStatus.ENABLED, is_listed=True)


def membership(state: PluginState, install: Install | None, choice: bool | None) -> Membership:
    installs = {} if install is None else {"acme.one": install}
    choices = {} if choice is None else {"acme.one": choice}
    [member] = members_of([state], installs, choices)
    return member.membership


@pytest.mark.parametrize(
    ("install", "choice", "expected"),
    [
        (None, None, Membership.DEFAULT),
        (None, True, Membership.CHOSEN),
        (None, False, Membership.REFUSED),
        (Install(is_default=True), None, Membership.DEFAULT),
        (Install(is_default=True), False, Membership.REFUSED),
        (Install(is_default=False), None, Membership.OFFERED),
        (Install(is_default=False), True, Membership.CHOSEN),
        (Install(is_default=False), False, Membership.REFUSED),
    ],
)
def test_a_set_is_the_defaults_plus_and_minus_the_tenants_own(
    install: Install | None, choice: bool | None, expected: Membership
) -> None:
    assert membership(ENABLED, install, choice) is expected
    assert expected.is_enabled == (expected in ("default", "chosen"))


@pytest.mark.parametrize(("is_default", "choice"), [*product((True, False), (None, True, False))])
def test_what_the_administrator_switched_off_is_off_for_everybody(is_default: bool, choice: bool | None) -> None:
    assert membership(ENABLED, Install(is_offered=False, is_default=is_default), choice) is Membership.WITHDRAWN


@pytest.mark.parametrize("status", ["disabled", "missing", "invalid", "incompatible"])
def test_what_the_installation_does_not_offer_no_choice_can_bring(status: str) -> None:
    state = PluginState(id="acme.one", status=PluginStatus(status), is_listed=True)
    assert membership(state, Install(), True) is Membership.UNUSABLE


@pytest.mark.parametrize("status", ["active", "faulted", "paused"])
def test_one_that_fails_stays_in_the_set(status: str) -> None:
    state = PluginState(id="acme.one", status=PluginStatus(status), is_listed=True)
    assert membership(state, None, None) is Membership.DEFAULT


def test_a_choice_of_a_plugin_that_is_not_there_counts_for_nothing() -> None:
    [member] = members_of([ENABLED], {}, {"acme.gone": True})
    assert member.plugin_id == "acme.one"


def test_of_two_distributions_with_one_plugin_that_counts_which_the_host_uses() -> None:
    shadowed = PluginState(id="acme.one", status=PluginStatus.INVALID, is_listed=True, distribution="other")
    for states in ([ENABLED, shadowed], [shadowed, ENABLED]):
        [member] = members_of(states, {}, {})
        assert member.membership is Membership.DEFAULT


def test_each_refusal_says_why_and_whose_it_is() -> None:
    told = {
        each.membership: each.why_not
        for install, choice in product((Install(is_default=False), Install(is_offered=False)), (None, True, False))
        for each in members_of([ENABLED], {"acme.one": install}, {} if choice is None else {"acme.one": choice})
    }
    assert told == {
        Membership.OFFERED: "the plugin acme.one is not enabled in this workspace",
        Membership.REFUSED: "the plugin acme.one is not enabled in this workspace",
        Membership.CHOSEN: "",
        Membership.WITHDRAWN: "the plugin acme.one is switched off by the administrator",
    }
