"""Configuring: what a tenant may set of a plugin, and what is told where it does not fit."""

from pathlib import Path

import pytest

from core.api import JsonValue
from tenants.plugin_sets.configuring import ConfigForm
from tenants.plugin_sets.failures import PluginConfigInvalid
from tests.unit.host.conftest import MakeHost
from tests.unit.tenants.plugin_sets.stock import write_stock


@pytest.fixture
def form(site: Path, make_host: MakeHost) -> ConfigForm:
    write_stock(site)
    return ConfigForm.of(make_host().plugin("acme.stock"))


def test_a_form_has_what_a_tenant_may_set_in_the_open_and_the_names_of_secrets(form: ConfigForm) -> None:
    assert [parameter.name for parameter in form.parameters] == ["style", "pages"]
    assert form.secrets == ("key", "token")
    assert form.operators == ("house",)
    schema = form.json_schema()
    assert schema["required"] == ["style"]
    assert list(schema["properties"]) == ["style", "pages"]


def test_what_fits_passes_whole_or_in_part(form: ConfigForm) -> None:
    form.check({"style": "noir", "pages": 3}, {"key": "k", "token": "t"})
    form.check({}, {})


@pytest.mark.parametrize(
    ("config", "secrets", "complaint"),
    [
        ({"style": 7}, {}, "config.style must be a text, not 7"),
        ({"pages": 10}, {}, "config.pages must be at most 9, not 10"),
        ({"stile": "noir"}, {}, 'config.stile is an unknown key, did you mean "style"?'),
        ({"house": "Eve"}, {}, "config.house is set by who runs the installation, in plugins.toml"),
        ({"key": "s3cret"}, {}, "config.key is a secret: give it among the secrets"),
        ({}, {"tokn": "s3cret"}, 'secrets.tokn is no secret of this plugin, did you mean "token"?'),
        ({}, {"token": ""}, "secrets.token must be a text of 1 to 8192 characters"),
        ({}, {"token": "s" * 8193}, "secrets.token must be a text of 1 to 8192 characters"),
        ({}, {"token": 7}, "secrets.token must be a text of 1 to 8192 characters"),
    ],
)
def test_what_does_not_fit_is_told_with_its_path_and_without_the_secret(
    form: ConfigForm, config: dict[str, JsonValue], secrets: dict[str, str], complaint: str
) -> None:
    with pytest.raises(PluginConfigInvalid) as caught:
        form.check(config, secrets)
    assert str(caught.value) == complaint
    assert "s3cret" not in repr(caught.value.complaints)


def test_everything_that_does_not_fit_is_told_at_once(form: ConfigForm) -> None:
    with pytest.raises(PluginConfigInvalid) as caught:
        form.check({"style": 7, "pages": 0}, {"spy": "x"})
    assert [complaint.path for complaint in caught.value.complaints] == ["config.style", "config.pages", "secrets.spy"]
