"""The network as plugins have it: declared, granted, and no more open for a tenant than for anybody."""

from pathlib import Path
from typing import Any

import pytest

from core.api import AuthFailed, CapabilityDenied
from core.host.owner import Given, Owner
from core.host.settings import PluginSettings, Settings, read_settings
from tests.support.distributions import write_plugin
from tests.support.services import Services, serving_services
from tests.unit.host.conftest import MakeHost

CODE = """\
from core.api import AssetKind, AssetProvider, Parameter, ParameterType, hookimpl

@hookimpl
def reelhouse_asset_providers():
    yield AssetProvider(
        id="acme.web",
        title="Web",
        kinds=frozenset({AssetKind.IMAGE}),
        params=(
            Parameter(name="base", title="Base", type=ParameterType.TEXT, default=""),
            Parameter(name="mirror", title="Mirror", type=ParameterType.TEXT, default="", is_operator_only=True),
        ),
        open=lambda context: context,
    )
"""
CAPABILITIES = """
[capabilities]
net = ["api.acme.example:443", "config:base", "config:mirror"]
secrets = ["api_key"]
"""
WEB = "acme.web"


def install(site: Path, capabilities: str = CAPABILITIES) -> None:
    write_plugin(site, "acme-web", CODE, contributes={"asset_providers": [WEB]}, extra=capabilities)


def settings(tmp_path: Path, line: str, network: str = "") -> Settings:
    path = tmp_path / "plugins.toml"
    path.write_text(f'{network}\n[plugins]\n"{WEB}" = {line}\n', "utf-8")
    return read_settings(path)


async def test_others_plugins_have_no_network_until_it_is_granted(site: Path, make_host: MakeHost) -> None:
    install(site)
    with pytest.raises(CapabilityDenied, match="may not use the network"):
        _ = make_host().context(WEB).http
    granted = make_host(Settings(plugins={WEB: PluginSettings(net=True)})).context(WEB).http
    with pytest.raises(CapabilityDenied, match=r"other\.example:443 is not among the hosts"):
        await granted.request("GET", "https://other.example/")


async def test_a_plugin_that_declares_no_host_has_none(site: Path, make_host: MakeHost) -> None:
    install(site, "")
    with pytest.raises(CapabilityDenied):
        _ = make_host(Settings(plugins={WEB: PluginSettings(net=True)})).context(WEB).http


async def test_an_operators_address_inside_is_reached_and_a_tenants_is_not(
    site: Path, make_host: MakeHost, tmp_path: Path
) -> None:
    install(site, CAPABILITIES.replace('"config:base", ', ""))
    with serving_services() as services:
        network = _network(services)
        line = f'{{ net = true, config = {{ mirror = "{services.address}" }} }}'
        host = make_host(settings(tmp_path, line, network))
        tenant = Owner(name="ada", given={WEB: Given(config={"base": services.address})})
        for owner in (Owner(), Owner(name="bob"), tenant):
            answer = await host.context(WEB, owner=owner).http.request("GET", f"{services.address}/files/a.jpg")
            assert answer.status == 200


async def test_what_a_tenant_names_is_reached_on_the_public_internet_alone(
    site: Path, make_host: MakeHost, tmp_path: Path
) -> None:
    install(site)
    with serving_services() as services:
        host = make_host(settings(tmp_path, "{ net = true }", _network(services)))
        tenant = Owner(name="ada", given={WEB: Given(config={"base": services.address})})
        with pytest.raises(CapabilityDenied):
            await host.context(WEB, owner=tenant).http.request("GET", f"{services.address}/files/a.jpg")
        assert services.asked == []


def _network(services: Services) -> str:
    return f'[network]\nallowed = ["127.0.0.0/8"]\nplain = ["{services.host}"]\n'


@pytest.mark.parametrize("base", ["", "not an address", "http://", "//x", 7])
def test_what_is_no_address_opens_nothing(site: Path, make_host: MakeHost, base: Any) -> None:
    install(site)
    host = make_host(Settings(plugins={WEB: PluginSettings(net=True, config={"base": str(base)})}))
    assert host.context(WEB).granted_http is not None


def test_secrets_come_from_the_owner_else_from_the_installation(
    site: Path, make_host: MakeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(site)
    host = make_host()
    with pytest.raises(AuthFailed, match="no api_key"):
        host.context(WEB).secret("api_key")
    with pytest.raises(CapabilityDenied):
        host.context(WEB).secret("password")
    monkeypatch.setenv("REELHOUSE_SECRET_ACME_WEB_API_KEY", "from-the-environment")
    assert host.context(WEB).secret("api_key") == "from-the-environment"
    assert host.context(WEB, owner=Owner(name="ada")).secret("api_key") == "from-the-environment"
    own = Owner(name="ada", given={WEB: Given(secrets={"api_key": "adas"})})
    assert host.context(WEB, owner=own).secret("api_key") == "adas"
    bare = Owner(name="ada", given={WEB: Given(config={"base": "https://x.example"})})
    with pytest.raises(AuthFailed):
        host.context(WEB, owner=bare).secret("api_key")
    in_file = make_host(Settings(plugins={WEB: PluginSettings(secrets={"api_key": "from-the-file"})}))
    assert in_file.context(WEB).secret("api_key") == "from-the-file"
