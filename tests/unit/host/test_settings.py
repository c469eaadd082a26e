"""``plugins.toml``: what may stand there, and where it is looked for."""

from ipaddress import ip_network
from pathlib import Path

import pytest

from core.api import InvalidInput
from core.host.deadlines import Deadlines
from core.host.settings import NetworkSettings, PluginSettings, Settings, find_settings, read_settings


def read(tmp_path: Path, text: str) -> Settings:
    path = tmp_path / "plugins.toml"
    path.write_text(text, encoding="utf-8")
    return read_settings(path)


def test_everything_is_read(tmp_path: Path) -> None:
    text = """
    [defaults]
    unlisted = "disabled"
    [network]
    allowed = ["192.168.1.0/24", "fd00::/8"]
    plain = ["192.168.1.20:11434"]
    [plugins]
    "acme.one" = { enabled = false, net = true, secrets = { api_key = "k" } }
    "acme.two" = { config = { folder = "/srv" }, deadline = { fetch = 900, load = 2.5 } }
    """
    assert read(tmp_path, text) == Settings(
        loads_unlisted=False,
        network=NetworkSettings(
            allowed=(ip_network("192.168.1.0/24"), ip_network("fd00::/8")), plain=frozenset({"192.168.1.20:11434"})
        ),
        plugins={
            "acme.one": PluginSettings(is_enabled=False, net=True, secrets={"api_key": "k"}),
            "acme.two": PluginSettings(config={"folder": "/srv"}, deadlines=Deadlines(fetch=900.0, load=2.5)),
        },
    )


def test_what_is_not_listed_is_loaded_unless_told_otherwise() -> None:
    assert Settings().of("acme.one").is_enabled
    assert not Settings(loads_unlisted=False).of("acme.one").is_enabled
    assert Settings(loads_unlisted=False, plugins={"acme.one": PluginSettings()}).of("acme.one").is_enabled


@pytest.mark.parametrize(
    ("text", "path", "message"),
    [
        ("[plugin]", "plugin", 'plugin is an unknown key, did you mean "plugins"?'),
        ("[defaults]\nunlist = 1", "defaults.unlist", 'unknown key, did you mean "unlisted"?'),
        ("[defaults]\nunlisted = true", "defaults.unlisted", 'must be "enabled" or "disabled", not True'),
        ("plugins = 7", "plugins", "plugins must be a table, not 7"),
        ("[network]\nallow = []", "network.allow", 'unknown key, did you mean "allowed"?'),
        ('[network]\nallowed = ["home"]', "network.allowed", "'home' does not appear to be an IPv4 or IPv6 network"),
        ("[network]\nplain = [1]", "network.plain", "must be a list of texts"),
        ('[plugins]\n"acme.one" = { net = 1 }', 'plugins."acme.one".net', "must be true or false, not 1"),
        ('[plugins]\n"a.b" = { secrets = { key = 1 } }', 'plugins."a.b".secrets.key', "must be a text"),
        ('[plugins]\n"acme.one" = true', 'plugins."acme.one"', "must be a table like { enabled = true }, not True"),
        (
            '[plugins]\n"acme.one" = { enable = true }',
            'plugins."acme.one".enable',
            'is an unknown key, did you mean "enabled"?',
        ),
        (
            '[plugins]\n"acme.one" = { enabled = "yes" }',
            'plugins."acme.one".enabled',
            "must be true or false, not 'yes'",
        ),
        (
            '[plugins]\n"acme.one" = { deadline = { fetsh = 1 } }',
            'plugins."acme.one".deadline.fetsh',
            'is an unknown key, did you mean "fetch"?',
        ),
        (
            '[plugins]\n"acme.one" = { deadline = { fetch = 0 } }',
            'plugins."acme.one".deadline.fetch',
            "must be a number of seconds above 0, not 0",
        ),
        (
            '[plugins]\n"acme.one" = { deadline = { fetch = inf } }',
            'plugins."acme.one".deadline.fetch',
            "must be a number of seconds above 0, not inf",
        ),
        ('[plugins]\n"acme.one" = { config = 3 }', 'plugins."acme.one".config', "must be a table, not 3"),
    ],
)
def test_what_is_wrong_is_told_with_its_key(tmp_path: Path, text: str, path: str, message: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read(tmp_path, text)
    assert caught.value.path == path
    assert message in str(caught.value)


def test_what_is_not_toml_or_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"plugins.toml is not TOML"):
        read(tmp_path, "=")
    with pytest.raises(InvalidInput, match="No such file"):
        read_settings(tmp_path / "nowhere.toml")


def test_the_file_is_named_by_the_environment_else_lies_in_the_home_else_in_the_source_tree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = Path(__file__).parents[3] / "plugins.toml"
    monkeypatch.delenv("REELHOUSE_PLUGINS", raising=False)
    assert find_settings(tmp_path) == source
    (tmp_path / "plugins.toml").touch()
    assert find_settings(tmp_path) == tmp_path / "plugins.toml"
    monkeypatch.setenv("REELHOUSE_PLUGINS", "/srv/house.toml")
    assert find_settings(tmp_path) == Path("/srv/house.toml")
